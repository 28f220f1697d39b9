//! Advice about encoding limits, taken: a real server loads the same snapshot with the advised setting.

use std::path::Path;

use snaptape_testdata::{Server, debian};

use crate::run::{json, snaptape};

/// How far the promised saving may be off, in per cent.
const TOLERANCE_PERCENT: f64 = 5.0;

/// Numbers by a fixed rule: the same data set every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    fn text(&mut self, len: u64) -> String {
        (0..len).map(|_| char::from(b'a' + u8::try_from(self.below(26)).unwrap())).collect()
    }
}

fn words<'a>(command: &'a str, key: &'a str) -> Vec<String> {
    vec![command.into(), key.into()]
}

/// What an application with limits a little too low has: hashes, sorted sets and sets just above them, and others.
fn data_set() -> Vec<Vec<String>> {
    let mut numbers = Numbers(7);
    let mut commands = Vec::new();
    let mut hash = |name: String, fields: u64, longest: u64, numbers: &mut Numbers| {
        let mut hset = words("HSET", &name);
        for field in 0..fields {
            let len = if field == fields / 2 { longest } else { numbers.between(4, 20) };
            // Names of their own: with the same ones everywhere, one hash seed would decide for all tables at once.
            hset.extend([format!("{}:{field}", numbers.below(10_000)), numbers.text(len)]);
        }
        commands.push(hset);
    };
    for n in 0..240 {
        let fields = numbers.between(513, 640);
        hash(format!("profile:{n}"), fields, 20, &mut numbers);
    }
    for n in 0..40 {
        let fields = numbers.between(641, 1_100);
        hash(format!("archive:{n}"), fields, 20, &mut numbers);
    }
    for n in 0..9_000 {
        let longest = numbers.between(65, 96);
        hash(format!("address:{n}"), 8, longest, &mut numbers);
    }
    // Near no limit, or above two of them.
    for n in 0..500 {
        hash(format!("small:{n}"), 10, 30, &mut numbers);
        hash(format!("long:{n}"), 10, 300, &mut numbers);
    }
    for n in 0..20 {
        hash(format!("both:{n}"), 600, 70, &mut numbers);
    }
    for n in 0..700 {
        let mut zadd = words("ZADD", &format!("board:{n}"));
        for member in 0..numbers.between(129, 160) {
            zadd.extend([
                format!("{}.{}", numbers.below(9_000), numbers.between(1, 99)),
                format!("player:{member}"),
            ]);
        }
        commands.push(zadd);
    }
    for n in 0..3_000 {
        let mut zadd = words("ZADD", &format!("urls:{n}"));
        for member in 0..12 {
            let len = if member == 5 { numbers.between(65, 96) } else { 30 };
            zadd.extend([member.to_string(), numbers.text(len)]);
        }
        commands.push(zadd);
    }
    for n in 0..1_200 {
        let mut sadd = words("SADD", &format!("tags:{n}"));
        sadd.extend((0..numbers.between(129, 160)).map(|tag| format!("tag-{tag}")));
        commands.push(sadd);
    }
    for n in 0..4_000 {
        let mut sadd = words("SADD", &format!("links:{n}"));
        sadd.extend((0..12).map(|link| numbers.text(if link == 3 { 80 } else { 24 })));
        commands.push(sadd);
    }
    for n in 0..300 {
        let mut sadd = words("SADD", &format!("ids:{n}"));
        let ids = numbers.between(513, 640);
        sadd.extend((0..ids).map(|id| (1_000_000 + id * 7).to_string()));
        commands.push(sadd);
    }
    for n in 0..2_000 {
        let mut set = words("SET", &format!("page:{n}"));
        set.push(numbers.text(100));
        commands.push(set);
    }
    commands
}

/// What a server takes that has loaded the folder with these settings: the sum of MEMORY USAGE over all keys, and `used_memory_dataset`.
fn measure(dir: &Path, keys: &[String], settings: &[(&str, &str)]) -> (u64, u64) {
    let mut server = Server::start(&debian().server, dir, settings).unwrap();
    let used = server.info("used_memory_dataset").parse().unwrap();
    let commands: Vec<Vec<&str>> =
        keys.iter().map(|key| vec!["MEMORY", "USAGE", key.as_str(), "SAMPLES", "0"]).collect();
    let usage = server.ask(&commands).iter().map(|bytes| bytes.parse::<u64>().unwrap()).sum();
    (usage, used)
}

#[test]
fn a_real_server_saves_what_was_promised() {
    let dir = tempfile::tempdir().unwrap();
    let commands = data_set();
    let keys: Vec<String> = commands.iter().map(|command| command[1].clone()).collect();
    let version = {
        let mut server = Server::start(&debian().server, dir.path(), &[]).unwrap();
        server.ask(&commands);
        server.ask(&[vec!["SAVE"]]);
        server.info("redis_version")
    };
    let release: Vec<&str> = version.split('.').take(2).collect();
    let target = format!("redis-{}", release.join("."));
    let dump = dir.path().join("dump.rdb");
    let report = json(&snaptape(&["inspect", &dump.to_string_lossy(), "--target", &target, "--json"]));
    let advice = report["dataset"]["advice"].as_array().expect("advice");
    let settings: Vec<(&str, u64, [u64; 2])> = advice
        .iter()
        .filter(|advice| advice["kind"] == "above_limit")
        .map(|advice| {
            let setting = &advice["setting"];
            let name = setting["name"].as_str().unwrap();
            let saved =
                ["saved_memory_usage_bytes", "saved_bytes"].map(|saved| advice[saved].as_u64().unwrap());
            (name, setting["value"].as_u64().unwrap(), saved)
        })
        .collect();
    assert!(settings.len() >= 5, "only {settings:?}");
    let before = measure(dir.path(), &keys, &[]);
    for (name, value, promised) in settings {
        let after = measure(dir.path(), &keys, &[(name, &value.to_string())]);
        for (what, before, after, promised) in [
            ("MEMORY USAGE", before.0, after.0, promised[0]),
            ("used_memory_dataset", before.1, after.1, promised[1]),
        ] {
            let saved = before.saturating_sub(after);
            #[expect(clippy::cast_precision_loss, reason = "a share")]
            let off = (promised as f64 / saved.max(1) as f64 - 1.0) * 100.0;
            println!("{version}: {name} {value}: promised {promised}, {what} saved {saved}: {off:+.2} %");
            assert!(off.abs() <= TOLERANCE_PERCENT, "{name} {value}: {what} {off:+.2} %");
        }
    }
}
