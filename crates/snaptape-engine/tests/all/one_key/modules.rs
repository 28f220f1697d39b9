//! Values of modules: what is made of their fields is what the modules' own commands answer of the same file.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use snaptape_engine::{KeyQuestion, Source};
use snaptape_report::{ElementRow, KeyAnswer, KeySurvey, ModuleFacts, Recreation};
use snaptape_testdata::{Reply, Server, cases, json, programs, read, roots};

use super::read::{Known, ask, known, page};

type Files = Vec<(String, Vec<u8>)>;

/// A file with its keys.
pub(crate) struct Opened {
    pub(crate) files: Files,
    pub(crate) source: Source,
    pub(crate) keys: BTreeMap<String, Known>,
}

impl Opened {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let files = vec![("dump.rdb".to_owned(), bytes)];
        let (outcome, keys) = known(&files);
        let keys =
            keys.into_iter().map(|key| (String::from_utf8_lossy(&key.name).into_owned(), key)).collect();
        Self { source: outcome.sources[0].clone(), files, keys }
    }

    fn survey(&self, name: &str) -> KeySurvey {
        let question = KeyQuestion::Survey { target: None, allocator: None, digest: false, now_ms: 0 };
        match ask(&self.files, &self.source, &self.keys[name], None, question) {
            Ok(KeyAnswer::Survey(survey)) => *survey,
            other => panic!("{name}: {other:?}"),
        }
    }

    pub(crate) fn facts(&self, name: &str) -> ModuleFacts {
        self.survey(name).module.unwrap_or_else(|| panic!("{name} is of no module"))
    }

    fn rows(&self, name: &str) -> Vec<ElementRow> {
        let page = page(&self.files, &self.source, &self.keys[name], None, 0, u64::MAX);
        page.unwrap_or_else(|why| panic!("{name}: {why}")).rows
    }

    /// Rows as text: the name, then the strings of the row.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        let text = |row: &ElementRow| {
            let label = row.label.iter().cloned();
            let texts = row.texts.iter().map(|text| text.bytes.escape_ascii().to_string());
            label.chain(texts).collect::<Vec<_>>().join(" | ")
        };
        self.rows(name).iter().map(text).collect()
    }

    /// The strings of the rows whose names begin like this.
    fn values(&self, name: &str, front: &str) -> Vec<Vec<String>> {
        let texts = |row: ElementRow| {
            row.texts.into_iter().map(|text| String::from_utf8(text.bytes).unwrap_or_default()).collect()
        };
        let rows = self.rows(name).into_iter();
        rows.filter(|row| row.label.as_ref().is_some_and(|label| label.starts_with(front)))
            .map(texts)
            .collect()
    }

    pub(crate) fn value(&self, name: &str, row: &str) -> String {
        let found = self.rows(name).into_iter().find(|found| found.label.as_deref() == Some(row));
        let found = found.unwrap_or_else(|| panic!("{name} has no {row}"));
        String::from_utf8_lossy(&found.texts[0].bytes).into_owned()
    }

    /// A number, without the words behind it.
    fn number(&self, name: &str, row: &str) -> u64 {
        let value = self.value(name, row);
        let number = value.split(' ').next().unwrap_or_default();
        number.parse().unwrap_or_else(|_| panic!("{name}: {row} is {value}"))
    }

    pub(crate) fn commands(&self, name: &str) -> Recreation {
        let question = KeyQuestion::Commands { held_bytes: u64::MAX };
        match ask(&self.files, &self.source, &self.keys[name], None, question) {
            Ok(KeyAnswer::Commands(made)) => made,
            other => panic!("{name}: {other:?}"),
        }
    }
}

fn answered(release: &str) -> (Opened, Value) {
    let folder = roots()[0].join("modules");
    let said = json(&folder.join(format!("{release}.json")));
    (Opened::new(read(&folder.join(format!("{release}.rdb")))), said["keys"].clone())
}

fn uint(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn float(value: &Value) -> f64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value} is no number"))
}

fn pair(row: &[String], name: &str) -> String {
    let at = row.iter().step_by(2).position(|known| known.starts_with(name));
    row[2 * at.unwrap_or_else(|| panic!("no {name} in {row:?}")) + 1].clone()
}

#[test]
fn filters_and_sketches_say_what_their_modules_say() {
    for release in ["redis-7.2.4", "redis-7.4.1"] {
        let (file, said) = answered(release);
        for name in ["bloom:one", "bloom:many", "bloom:fixed"] {
            let info = &said[name]["info"];
            let facts = file.facts(name);
            assert!(facts.is_named && facts.note.is_none(), "{facts:?}");
            assert_eq!(file.number(name, "items"), uint(&info["Number of items inserted"]), "{name}");
            assert_eq!(file.number(name, "sub-filters"), uint(&info["Number of filters"]), "{name}");
            let filters = 1..=uint(&info["Number of filters"]);
            let sum = |row: &str| -> u64 {
                filters.clone().map(|n| file.number(name, &format!("sub-filter {n}: {row}"))).sum()
            };
            assert_eq!(sum("capacity"), uint(&info["Capacity"]), "{name}");
            assert_eq!(sum("items"), uint(&info["Number of items inserted"]), "{name}");
            // It does not say when a filter does not grow.
            if let Some(rate) = info["Expansion rate"].as_u64() {
                assert_eq!(file.number(name, "expansion rate"), rate, "{name}");
            } else {
                assert!(facts.sentence.unwrap().contains("does not grow"));
            }
        }
        assert_eq!(
            file.facts("bloom:one").sentence.unwrap(),
            "RedisBloom filter: 100 items expected at 0.25 % error and 9 hash functions, 1 item added, 1 sub-filter, the next 2 times as large, 160 B."
        );
        for name in ["cuckoo:one", "cuckoo:many"] {
            let info = &said[name]["info"];
            for (row, field) in [
                ("sub-filters", "Number of filters"),
                ("buckets", "Number of buckets"),
                ("items", "Number of items inserted"),
                ("items deleted", "Number of items deleted"),
                ("bucket size", "Bucket size"),
                ("max iterations", "Max iterations"),
                ("expansion rate", "Expansion rate"),
            ] {
                assert_eq!(file.number(name, row), uint(&info[field]), "{name} {row}");
            }
        }
        assert_eq!(
            file.facts("cuckoo:many").sentence.unwrap(),
            "Cuckoo filter: room for 120 fingerprints, 60 items added, 0 deleted, buckets of 1, 4 sub-filters, 120 B."
        );
        for field in ["width", "depth", "count"] {
            assert_eq!(file.number("cms", field), uint(&said["cms"]["info"][field]));
        }
        for name in ["topk", "topk:half"] {
            for field in ["k", "width", "depth"] {
                assert_eq!(file.number(name, field), uint(&said[name]["info"][field]));
            }
            assert_eq!(
                file.value(name, "decay"),
                said[name]["info"]["decay"].as_str().unwrap()[..file.value(name, "decay").len()]
            );
            let list = said[name]["list"].as_array().unwrap();
            let mut expected: Vec<(String, u64)> =
                list.chunks(2).map(|pair| (pair[0].as_str().unwrap().to_owned(), uint(&pair[1]))).collect();
            let mut found: Vec<(String, u64)> = file
                .values(name, "item ")
                .iter()
                .map(|row| (pair(row, "item"), pair(row, "count").parse().unwrap()))
                .collect();
            expected.sort();
            found.sort();
            assert_eq!(found, expected, "{name}");
        }
        for name in ["tdigest", "tdigest:empty"] {
            let info = &said[name]["info"];
            for (row, field) in [("compression", "Compression"), ("capacity", "Capacity")] {
                assert_eq!(file.number(name, row), uint(&info[field]), "{name} {row}");
            }
            let centroids = file.values(name, "centroid ");
            // TDIGEST.INFO came before SAVE, which merges.
            assert_eq!(centroids.len() as u64, file.number(name, "merged nodes"));
            let weight: u64 = centroids.iter().map(|row| pair(row, "weight").parse::<u64>().unwrap()).sum();
            assert_eq!(weight, uint(&info["Observations"]), "{name}");
        }
        for (row, field) in [("min", "min"), ("max", "max")] {
            let value: f64 = file.value("tdigest", row).parse().unwrap();
            assert!((value - float(&said["tdigest"][field])).abs() < 1e-9);
        }
    }
}

#[test]
fn samples_of_time_series_are_those_the_module_answers() {
    let mut samples = 0;
    for release in ["redis-7.2.4", "redis-7.4.1"] {
        let (file, said) = answered(release);
        for name in ["ts:plain", "ts:chunks", "ts:uncompressed", "ts:empty", "ts:raw", "ts:avg"] {
            let (info, facts) = (&said[name]["info"], file.facts(name));
            assert!(facts.is_named && facts.note.is_none(), "{name}: {facts:?}");
            assert_eq!(file.value(name, "key"), name);
            for (row, field) in [
                ("retention", "retentionTime"),
                ("chunk size", "chunkSize"),
                ("total samples", "totalSamples"),
                ("last timestamp", "lastTimestamp"),
                ("chunks", "chunkCount"),
            ] {
                assert_eq!(file.number(name, row), uint(&info[field]), "{name} {row}");
            }
            let expected: Vec<(u64, f64)> = said[name]["samples"]
                .as_array()
                .unwrap()
                .iter()
                .map(|sample| (uint(&sample[0]), float(&sample[1])))
                .collect();
            let is_sample =
                |row: &ElementRow| row.label.as_ref().is_some_and(|label| label.contains(" UTC)"));
            let found: Vec<(u64, f64)> = file
                .rows(name)
                .iter()
                .filter(|row| is_sample(row))
                .map(|row| {
                    let at = row.label.as_ref().unwrap().split(' ').next().unwrap().parse().unwrap();
                    (at, String::from_utf8_lossy(&row.texts[0].bytes).parse().unwrap())
                })
                .collect();
            assert_eq!(found.len(), expected.len(), "{name}");
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.0, expected.0, "{name}");
                // The module answers with 15 digits.
                assert!(
                    (found.1 - expected.1).abs() <= expected.1.abs() * 1e-14,
                    "{name}: {found:?} {expected:?}"
                );
            }
            samples += found.len();
            // The server averages, the source keeps the rule.
            let rules = info["rules"].as_array().unwrap();
            let found = file.values(name, "compaction rule ");
            assert_eq!(found.len(), rules.len(), "{name}");
            for rule in rules {
                let row = found.iter().find(|row| pair(row, "into") == rule[0]).expect("the rule");
                assert_eq!(pair(row, "bucket").split(' ').next(), Some(rule[1].to_string().as_str()));
                assert_eq!(Value::from(pair(row, "aggregation").to_uppercase()), rule[2]);
                assert_eq!(pair(row, "alignment"), rule[3].to_string());
            }
            let labels: Vec<Vec<String>> = info["labels"]
                .as_array()
                .unwrap()
                .iter()
                .map(|pair| vec![pair[0].as_str().unwrap().into(), pair[1].as_str().unwrap().into()])
                .collect();
            assert_eq!(file.values(name, "label "), labels, "{name}");
        }
        assert_eq!(
            file.facts("ts:plain").sentence.unwrap(),
            "Time series: 300 samples from 2023-11-14 22:13:21 UTC to 2024-01-12 23:13:46 UTC, kept 3,650 days, 1 chunk of 4.1 KB, compressed, labels room=kitchen, unit=°C."
        );
        assert!(file.facts("ts:avg").sentence.unwrap().ends_with("compacted from another one."));
        assert!(file.facts("ts:raw").sentence.unwrap().ends_with("13 compaction rules."));
    }
    assert_eq!(samples, 2 * (300 + 200 + 11 + 25 + 4));
}

#[test]
fn vectors_are_those_the_server_answers() {
    let (file, said) = answered("redis-8.2.3");
    let mut vectors = 0;
    for (name, said) in said.as_object().unwrap() {
        let (info, facts) = (&said["info"], file.facts(name));
        assert!(facts.is_named && facts.note.is_none(), "{name}: {facts:?}");
        assert_eq!(file.value(name, "quantisation"), info["quant-type"].as_str().unwrap(), "{name}");
        for (row, field) in [("dimension", "vector-dim"), ("vectors", "size"), ("links (M)", "hnsw-m")] {
            assert_eq!(file.number(name, row), uint(&info[field]), "{name} {row}");
        }
        let members = said["members"].as_object().unwrap();
        let rows = file.values(name, "vector ");
        assert_eq!(rows.len(), members.len(), "{name}");
        // Links are IDs of nodes, which the server answers with names.
        let names: BTreeMap<String, String> =
            rows.iter().map(|row| (pair(row, "node"), pair(row, "element"))).collect();
        for row in &rows {
            vectors += 1;
            let member = &members[&pair(row, "element")];
            let found: Vec<f64> = serde_json::from_str(&pair(row, "vector of ")).unwrap();
            let expected: Vec<f64> = member["vector"].as_array().unwrap().iter().map(float).collect();
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-5, "{name}: {found} {expected}");
            }
            if let Some(attributes) = member["attributes"].as_str() {
                assert_eq!(pair(row, "attributes"), attributes);
            }
            let layers: Vec<Vec<String>> = pair(row, "links")
                .split("; ")
                .map(|layer| {
                    let ids = layer.split(": ").nth(1).unwrap().split(' ').filter(|id| *id != "none");
                    let mut names: Vec<String> = ids.map(|id| names[id].clone()).collect();
                    names.sort();
                    names
                })
                .collect();
            // The server begins with the highest layer.
            let expected: Vec<Vec<String>> = serde_json::from_value(member["links"].clone()).unwrap();
            assert_eq!(layers, expected.into_iter().rev().collect::<Vec<_>>(), "{name}");
        }
        assert!(file.commands(name).refused.unwrap().contains("VADD"));
    }
    assert_eq!(vectors, 34);
    assert_eq!(
        file.facts("vectors:int8").sentence.unwrap(),
        "Vector set: 6 vectors of 5 dimensions, int8, up to 16 links a layer."
    );
    assert_eq!(
        file.facts("vectors:attributes").sentence.unwrap(),
        "Vector set: 2 vectors of 2 dimensions, f32, up to 16 links a layer, 1 with attributes."
    );
}

/// The JSON modules that servers have with them.
fn json_servers() -> Vec<(String, std::path::PathBuf, String)> {
    let found = programs().into_iter().filter_map(|program| {
        let module = program.server.parent()?.parent()?.join("lib/rejson.so");
        module.is_file().then(|| (program.release, program.server, module.display().to_string()))
    });
    found.collect()
}

#[test]
fn documents_are_made_again_as_they_are() {
    let mut documents = 0;
    for release in ["redis-7.2.4", "redis-7.4.1"] {
        let (file, said) = answered(release);
        let mut lines = Vec::new();
        for (name, said) in said.as_object().unwrap().iter().filter(|(name, _)| name.starts_with("json:")) {
            let text = said["json"].as_str().unwrap();
            assert_eq!(file.value(name, "document"), text, "{name}");
            assert!(file.facts(name).is_document);
            let made = file.commands(name);
            assert_eq!((made.refused, made.commands), (None, 2), "{name}");
            lines.extend(made.bytes);
            documents += 1;
        }
        let expected = r#"JSON.SET "json:text" $ "\"plain\"""#;
        assert!(String::from_utf8_lossy(&lines).contains(expected));
        for (_, server, module) in json_servers().iter().filter(|(known, ..)| known == release) {
            let mut originals = Vec::new();
            for path in [Some(roots()[0].join(format!("modules/{release}.rdb"))), None] {
                let home = tempfile::tempdir().unwrap();
                let module = Path::new(module);
                let sibling = |name: &str| module.with_file_name(name).display().to_string();
                let modules = [sibling("rejson.so"), sibling("redisbloom.so"), sibling("redistimeseries.so")];
                if let Some(path) = &path {
                    std::fs::copy(path, home.path().join("dump.rdb")).unwrap();
                }
                let mut options = vec![("dbfilename", "dump.rdb")];
                options.extend(modules.iter().map(|module| ("loadmodule", module.as_str())));
                let mut server =
                    Server::start(server, home.path(), &options).map_err(|e| e.to_string()).unwrap();
                if path.is_none() {
                    let said = super::recreate::cli(&server, &lines);
                    assert!(!said.contains("ERR"), "{said}");
                }
                let dumps: Vec<Reply> = ["json:object", "json:array", "json:text", "json:number"]
                    .map(|name| server.command(&[b"DUMP", name.as_bytes()]))
                    .into();
                assert!(dumps.iter().all(|dump| matches!(dump, Reply::Bytes(_))), "{dumps:?}");
                originals.push(dumps);
            }
            assert_eq!(originals[0], originals[1], "{release}");
        }
    }
    assert_eq!(documents, 8);
}

#[test]
fn modules_of_the_corpus_have_names() {
    let (mut named, mut documents) = (0, 0);
    for root in roots() {
        for case in cases(&root, "rdb").into_iter().filter(|case| case.name.ends_with("/modules")) {
            let file = Opened::new(read(&case.path));
            let keys = case.sidecar["keys"].as_array().unwrap();
            for (name, key) in
                file.keys.iter().filter(|(_, key)| !["string", "hash"].contains(&key.type_name.as_str()))
            {
                let facts = file.facts(name);
                assert_eq!(facts.is_named, key.type_name != "graphdata", "{} {name}: {facts:?}", case.name);
                assert_eq!(facts.rows, file.rows(name).len() as u64, "{} {name}", case.name);
                named += u64::from(facts.is_named);
                if facts.is_document {
                    let said = keys.iter().filter_map(|key| key["json"].as_str());
                    let value = file.value(name, "document");
                    assert!(said.into_iter().any(|said| said == value), "{value}");
                    documents += 1;
                }
            }
            if case.server == "redis-7.4.1" {
                assert_eq!(
                    file.facts("bloom").sentence.unwrap(),
                    "RedisBloom filter: 100 items expected at 0.5 % error and 8 hash functions, 1 item added, 1 sub-filter, the next 2 times as large, 144 B."
                );
                let sentence = file.facts("ts").sentence.unwrap();
                assert!(
                    sentence.starts_with("Time series: 48 samples from 2023-11-14 22:13:20 UTC to"),
                    "{sentence}"
                );
                assert_eq!(file.number("ts", "total samples"), 48);
                assert_eq!(file.values("topk", "item ").len(), 0);
                assert_eq!((file.number("cms", "width"), file.number("cms", "depth")), (50, 4));
                assert_eq!(file.values("tdigest", "centroid ").len(), 3);
                assert_eq!(file.number("cuckoo", "buckets"), 512);
            }
            if let Some(facts) = case.name.starts_with("redis-8").then(|| file.facts("vec:q8")) {
                assert!(facts.sentence.unwrap().contains("int8"));
                let vectors = file.values("vec", "vector ").len() as u64;
                assert_eq!(Some(vectors), file.survey("vec").elements);
            }
        }
    }
    assert!(named >= 24 && documents >= 4, "{named} {documents}");
}
