//! The memory model beside what servers answered after loading: MEMORY USAGE of every key.

use std::{collections::BTreeMap, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use snaptape_analysis::{DatasetFold, SnapshotOptions, SnapshotScan};
use snaptape_memory::{RELEASES, nearest};
use snaptape_testdata::roots;
use snaptape_wire::{Product, Release};

/// About when the servers loaded the files: what had expired by then is not there.
const NOW_MS: i64 = 1_795_350_000_000;

/// A key as the model sees it and as the server did.
struct Pair {
    shown: String,
    model: u64,
    server: u64,
}

/// One release over one data set.
struct Run {
    server: String,
    dataset: String,
    pairs: Vec<Pair>,
    /// What `used_memory` grew by, and what the model says of it.
    growth: (u64, u64),
}

fn release(server: &str) -> Release {
    let (product, version) = server.split_once('-').unwrap();
    let product = if product == "valkey" { Product::Valkey } else { Product::Redis };
    Release::parse_version(product, version).unwrap()
}

fn run(root: &Path, server: &str, path: &Path) -> Run {
    let answers: Value = snaptape_testdata::json(path);
    let name = path.file_name().unwrap().to_str().unwrap();
    let (writer, dataset) = name.trim_end_matches(".json.gz").split_once("--").unwrap();
    let mut known: BTreeMap<(u64, Vec<u8>), (String, u64)> = BTreeMap::new();
    for row in answers["keys"].as_array().unwrap() {
        let key = STANDARD.decode(row[1].as_str().unwrap()).unwrap();
        let encoding = row[2].as_str().unwrap().to_owned();
        known.insert((row[0].as_u64().unwrap(), key), (encoding, row[3].as_u64().unwrap()));
    }
    let bytes = snaptape_testdata::read(&root.join(format!("rdb/{writer}/{dataset}.rdb")));
    let target = release(server);
    let i = nearest(target);
    assert_eq!(RELEASES[i].release, target, "{server} is described itself");
    // When the servers were asked: 22 November 2026.
    let options = SnapshotOptions { target: Some(target), now_ms: NOW_MS, ..SnapshotOptions::default() };
    let mut scan = SnapshotScan::new(name, options);
    let mut fold = DatasetFold::default();
    let mut pairs = Vec::new();
    let mut wrong = Vec::new();
    scan.feed(&bytes, true, &mut |key: &snaptape_analysis::KeyFacts<'_>| {
        fold.add(key, None);
        let shown = String::from_utf8_lossy(&key.name[..key.name.len().min(40)]).into_owned();
        // Keys whose expiry had passed are dropped on load.
        let Some((encoding, server)) = known.remove(&(key.db, key.name.to_vec())) else { return };
        if encoding != key.encoding {
            wrong.push(format!("{shown}: {encoding}, read as {}", key.encoding));
        }
        let shown = format!("{shown} ({} {encoding} {:?})", key.type_name, key.elements);
        pairs.push(Pair { shown, model: key.memory_by_release.0[i], server });
    });
    assert!(known.is_empty(), "{name}: {} keys were not found", known.len());
    if !wrong.is_empty() {
        println!("{server} {name}: encodings\n{}", wrong.join("\n"));
    }
    let used = |when: &str| {
        answers[when]["used_memory"].as_u64().or_else(|| answers[when]["used_memory"].as_str()?.parse().ok())
    };
    let growth = used("loaded").unwrap() - used("empty").unwrap();
    let model = fold.finish().instance.by_release.0[i];
    Run { server: server.into(), dataset: dataset.into(), pairs, growth: (growth, model) }
}

#[test]
fn memory_is_what_the_servers_say() {
    let mut runs = Vec::new();
    for root in roots() {
        let Ok(servers) = std::fs::read_dir(root.join("memory")) else { continue };
        let mut servers: Vec<_> = servers.map(|entry| entry.unwrap().path()).collect();
        servers.sort();
        for folder in servers {
            let server = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let mut files: Vec<_> =
                std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            for file in files {
                runs.push(run(&root, &server, &file));
            }
        }
    }
    for run in &runs {
        let (mut model, mut server, mut errors, mut off) = (0, 0, Vec::new(), Vec::new());
        for pair in &run.pairs {
            model += pair.model;
            server += pair.server;
            let error = pair.model.abs_diff(pair.server) as f64 / pair.server as f64 * 100.0;
            errors.push(error);
            if pair.model != pair.server {
                off.push((error, pair));
            }
        }
        errors.sort_by(f64::total_cmp);
        off.sort_by(|a, b| b.0.total_cmp(&a.0));
        let at = |share: f64| errors[((errors.len() - 1) as f64 * share) as usize];
        println!(
            "{:14} {:12} growth {} model {} {:+.2} % keys {:6} median {:.2} p99 {:.2} max {:.2} sum {:+.3} %  off {}",
            run.server,
            run.dataset,
            run.growth.0,
            run.growth.1,
            (run.growth.1 as f64 / run.growth.0 as f64 - 1.0) * 100.0,
            errors.len(),
            at(0.5),
            at(0.99),
            at(1.0),
            (model as f64 / server as f64 - 1.0) * 100.0,
            off.len()
        );
        for (error, pair) in off.iter().take(6) {
            println!("    {:50} model {} server {} {error:.2} %", pair.shown, pair.model, pair.server);
        }
    }
}
