//! The memory model beside what servers answered after loading: MEMORY USAGE of every key, and what `used_memory` grew by.
//!
//! With `SNAPTAPE_WRITE_TABLE` set, `docs/memory.md` gets the figures; `SNAPTAPE_RDBTOOLS` names a folder with what redis-rdb-tools
//! says of the same dumps. `cargo xtask memory-accuracy` does both.

#![expect(clippy::cast_precision_loss, reason = "shares")]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use snaptape_analysis::{DatasetFold, KeyFacts, SnapshotOptions, SnapshotScan};
use snaptape_memory::{RELEASES, nearest};
use snaptape_testdata::roots;
use snaptape_wire::{Product, Release};

/// About when the servers loaded the files: what had expired by then is not there.
const NOW_MS: i64 = 1_795_350_000_000;

/// A key as a model sees it and as the server did.
struct Pair {
    shown: String,
    model: u64,
    server: u64,
    /// Does chance play a part: levels of a skip list, places in a table that has no entry for each element?
    by_chance: bool,
}

/// One release over one data set.
struct Run {
    server: String,
    writer: String,
    dataset: String,
    pairs: Vec<Pair>,
    /// What `used_memory` grew by, and what the model says of it.
    growth: (u64, u64),
    rdbtools: Vec<Pair>,
}

fn release(server: &str) -> Release {
    let (product, version) = server.split_once('-').unwrap();
    let product = if product == "valkey" { Product::Valkey } else { Product::Redis };
    Release::parse_version(product, version).unwrap()
}

/// What depends on chance in the model's own words.
fn by_chance(release: Release, key: &KeyFacts<'_>) -> bool {
    let is_table = key.encoding == "hashtable" && release.product == Product::Valkey;
    key.encoding == "skiplist" || (is_table && key.elements.is_none_or(|n| n > 7))
}

fn run(root: &Path, server: &str, path: &Path) -> Run {
    let answers = snaptape_testdata::json(path);
    let name = path.file_name().unwrap().to_str().unwrap();
    let (writer, dataset) = name.trim_end_matches(".json.gz").split_once("--").unwrap();
    let mut known: BTreeMap<(u64, Vec<u8>), (String, u64)> = BTreeMap::new();
    for row in answers["keys"].as_array().unwrap() {
        let key = STANDARD.decode(row[1].as_str().unwrap()).unwrap();
        let encoding = row[2].as_str().unwrap().to_owned();
        known.insert((row[0].as_u64().unwrap(), key), (encoding, row[3].as_u64().unwrap()));
    }
    let theirs = rdbtools(writer, dataset)
        .into_iter()
        .filter_map(|((db, key), model)| {
            let shown = String::from_utf8_lossy(&key).into_owned();
            let server = known.get(&(db, key))?.1;
            Some(Pair { shown, model, server, by_chance: true })
        })
        .collect();
    let bytes = snaptape_testdata::read(&root.join(format!("rdb/{writer}/{dataset}.rdb")));
    let target = release(server);
    let i = nearest(target);
    assert_eq!(RELEASES[i].release, target, "{server} is described itself");
    let options = SnapshotOptions { target: Some(target), now_ms: NOW_MS, ..SnapshotOptions::default() };
    let mut scan = SnapshotScan::new(name, options);
    let mut fold = DatasetFold::default();
    let (mut pairs, mut wrong) = (Vec::new(), Vec::new());
    scan.feed(&bytes, true, &mut |key: &KeyFacts<'_>| {
        fold.add(key, None);
        let shown = String::from_utf8_lossy(&key.name[..key.name.len().min(40)]).into_owned();
        // Keys whose expiry had passed are dropped on load.
        let Some((encoding, server)) = known.remove(&(key.db, key.name.to_vec())) else { return };
        if encoding != key.encoding {
            wrong.push(format!("{shown}: {encoding}, read as {}", key.encoding));
        }
        let shown = format!("{dataset} {shown} ({} {encoding} {:?})", key.type_name, key.elements);
        let by_chance = by_chance(target, key);
        pairs.push(Pair { shown, model: key.memory_by_release.0[i], server, by_chance });
    });
    assert!(known.is_empty(), "{name}: {} keys were not found", known.len());
    assert!(wrong.is_empty(), "{server} {name}: encodings\n{}", wrong.join("\n"));
    let used = |when: &str| {
        let figure = &answers[when]["used_memory"];
        figure.as_u64().or_else(|| figure.as_str()?.parse().ok()).expect("used_memory")
    };
    let model = fold.finish().instance.by_release.0[i];
    Run {
        server: server.into(),
        writer: writer.into(),
        dataset: dataset.into(),
        pairs,
        growth: (used("loaded") - used("empty"), model),
        rdbtools: theirs,
    }
}

/// What redis-rdb-tools says of a dump, where it could read it. Its CSV does not quote.
fn rdbtools(writer: &str, dataset: &str) -> BTreeMap<(u64, Vec<u8>), u64> {
    let Some(folder) = std::env::var_os("SNAPTAPE_RDBTOOLS").map(PathBuf::from) else {
        return BTreeMap::new();
    };
    let text = fs::read(folder.join(format!("{writer}--{dataset}.csv"))).unwrap_or_default();
    let row = |line: &str| {
        let (db, rest) = line.split_once(',')?;
        let (_type, rest) = rest.split_once(',')?;
        let mut fields = rest.rsplitn(6, ',');
        let bytes = fields.by_ref().nth(4)?.parse().ok()?;
        Some(((db.parse().ok()?, fields.next()?.as_bytes().to_vec()), bytes))
    };
    String::from_utf8_lossy(&text).lines().filter_map(row).collect()
}

fn runs() -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for root in roots() {
        let mut files: Vec<PathBuf> = fs::read_dir(root.join("memory"))
            .expect("answers to compare with")
            .flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for path in files {
            let server = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
            let run = run(&root, server, &path);
            // The corpus has what the repository has, too.
            let is_same = |known: &Run| {
                (&known.server, &known.writer, &known.dataset) == (&run.server, &run.writer, &run.dataset)
            };
            if !runs.iter().any(is_same) {
                runs.push(run);
            }
        }
    }
    runs
}

/// Errors of one release, in per cent.
struct Errors {
    keys: usize,
    median: f64,
    p99: f64,
    max: f64,
    sum: f64,
}

impl Errors {
    fn of<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Option<Self> {
        let (mut model, mut server, mut errors) = (0, 0, Vec::new());
        for pair in pairs {
            model += pair.model;
            server += pair.server;
            errors.push(off(pair.model, pair.server).abs());
        }
        errors.sort_by(f64::total_cmp);
        // The smallest error that so many per cent of the keys do not exceed.
        let at = |percent: usize| errors.get((errors.len() * percent).div_ceil(100).max(1) - 1).copied();
        Some(Self {
            keys: errors.len(),
            median: at(50)?,
            p99: at(99)?,
            max: at(100)?,
            sum: off(model, server),
        })
    }
}

/// How far off a figure is, in per cent.
fn off(model: u64, server: u64) -> f64 {
    (model as f64 / server as f64 - 1.0) * 100.0
}

#[test]
fn memory_is_what_the_servers_say() {
    let runs = runs();
    let mut wrong = Vec::new();
    for run in &runs {
        for pair in &run.pairs {
            let error = off(pair.model, pair.server).abs();
            // Of a radix tree of expiring fields only a bound is known.
            let bound = if pair.by_chance { 12.0 } else { 0.0 };
            if error > bound && !(pair.shown.starts_with("hfe hfe:large") && error < 5.0) {
                wrong.push(format!("{} {}: {}, server {}", run.server, pair.shown, pair.model, pair.server));
            }
        }
        if run.dataset == "medium" && off(run.growth.1, run.growth.0).abs() > 1.5 {
            wrong.push(format!("{} {}: used_memory {:?}", run.server, run.writer, run.growth));
        }
    }
    let mut servers: Vec<&str> = runs.iter().map(|run| run.server.as_str()).collect();
    servers.sort_unstable();
    servers.dedup();
    assert_eq!(servers.len(), 9, "nine builds were measured");
    let is_full = runs.iter().any(|run| run.dataset == "medium");
    for server in &servers {
        let errors = Errors::of(of(&runs, server)).unwrap();
        println!(
            "{server}: {} keys, median {:.2} %, p99 {:.2} %, worst {:.2} %, sum {:+.3} %",
            errors.keys, errors.median, errors.p99, errors.max, errors.sum
        );
        if errors.median > 0.0 || (is_full && errors.p99 > 2.0) || errors.sum.abs() > 0.5 {
            wrong.push(format!("{server}: out of bounds"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if is_full {
        document(&servers, &runs);
    } else {
        println!("the large data sets are not here: their part of docs/memory.md is not compared");
    }
}

fn of<'a>(runs: &'a [Run], server: &'a str) -> impl Iterator<Item = &'a Pair> {
    runs.iter().filter(move |run| run.server == server).flat_map(|run| &run.pairs)
}

/// Compares `docs/memory.md` with the figures, or writes it.
fn document(servers: &[&str], runs: &[Run]) {
    let mut ours = String::from(
        "| server | allocator | keys | median | p99 | worst | sum | `used_memory` |\n|---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    let mut theirs =
        String::from("| server | keys | median | p99 | worst | sum |\n|---|--:|--:|--:|--:|--:|\n");
    for server in servers {
        let errors = Errors::of(of(runs, server)).unwrap();
        let growth: Vec<String> = runs
            .iter()
            .filter(|run| run.server == *server && run.dataset == "medium")
            .map(|run| format!("{:+.2} %", off(run.growth.1, run.growth.0)))
            .collect();
        let allocator = RELEASES[nearest(release(server))].allocator.name();
        let _ = writeln!(
            ours,
            "| {server} | {allocator} | {} | {:.2} % | {:.2} % | {:.2} % | {:+.3} % | {} |",
            errors.keys,
            errors.median,
            errors.p99,
            errors.max,
            errors.sum,
            growth.join(", ")
        );
        let compared = runs.iter().filter(|run| run.server == *server).flat_map(|run| &run.rdbtools);
        if let Some(errors) = Errors::of(compared) {
            let _ = writeln!(
                theirs,
                "| {server} | {} | {:.2} % | {:.2} % | {:.2} % | {:+.2} % |",
                errors.keys, errors.median, errors.p99, errors.max, errors.sum
            );
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/memory.md");
    let mut text = fs::read_to_string(&path).expect("docs/memory.md");
    let before = text.clone();
    replace(&mut text, "accuracy", &ours);
    if std::env::var_os("SNAPTAPE_RDBTOOLS").is_some() {
        replace(&mut text, "rdbtools", &theirs);
    }
    if std::env::var_os("SNAPTAPE_WRITE_TABLE").is_some() {
        fs::write(&path, text).expect("docs/memory.md can be written");
    } else {
        assert_eq!(before, text, "docs/memory.md is out of date: cargo xtask memory-accuracy writes it");
    }
}

/// Puts `table` between the marks called `name`.
fn replace(text: &mut String, name: &str, table: &str) {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let from = text.find(&begin).expect("the mark") + begin.len();
    let to = text.find(&end).expect("the other mark");
    text.replace_range(from..to, &format!("\n{table}\n"));
}

/// A document that is not what it should be is no answer.
#[test]
fn answers_are_of_the_schema() {
    for root in roots() {
        for folder in fs::read_dir(root.join("memory")).unwrap() {
            for file in fs::read_dir(folder.unwrap().path()).unwrap() {
                let answers: Value = snaptape_testdata::json(&file.unwrap().path());
                assert_eq!(answers["schema"], "memory-after-load-1");
            }
        }
    }
}
