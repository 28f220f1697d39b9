//! Keys in containers, in the fronts of tapes, and before, inside and behind damage.

use std::path::Path;

use snaptape_engine::{ElementsAsked, KeyQuestion};
use snaptape_report::KeyAnswer;
use snaptape_testdata::{cases, files, read, roots};

use super::read::{Known, NOW_MS, ask, known, page};
use crate::set::Set;

/// Every key's digest, from the key alone; how many there were.
fn check(name: &str, files: &Set) -> u64 {
    let (outcome, keys) = known(files);
    let mut n = 0;
    for key in keys.iter().filter(|key| key.digest.is_some()) {
        let question = KeyQuestion::Survey { target: None, allocator: None, digest: true, now_ms: NOW_MS };
        // Offsets are those of one file; of several, the one whose key it is.
        let found = outcome.sources.iter().any(|source| {
            matches!(ask(files, source, key, None, question.clone()),
                Ok(KeyAnswer::Survey(survey)) if survey.value_sha256 == key.digest && survey.memory_bytes == key.memory_bytes)
        });
        assert!(found, "{name} {}", key.name.escape_ascii());
        n += 1;
    }
    n
}

#[test]
fn keys_inside_containers_are_read_through_them() {
    let folder = Path::new(&roots()[0]).join("containers");
    let mut n = 0;
    for name in ["dump.rdb.gz", "dump.rdb.lz4", "dump.rdb.zst", "dump.zip", "gz-in.zip", "disk.capture"] {
        let keys = check(name, &vec![(name.into(), read(&folder.join(name)))]);
        assert!(keys > 0, "{name}");
        n += keys;
    }
    println!("{n} keys");
}

#[test]
fn what_is_packed_and_too_long_to_be_looked_into_is_told() {
    use snaptape_testdata::handmade::Rdb;
    // A hash as one listpack of 17 MB: nothing of it is read, so nothing of it has to be right.
    let file = Rdb::new("REDIS0011").key(16, "huge").str(vec![0; 17 << 20]).string("small", "v").finish();
    let files = vec![("x".into(), file)];
    let (outcome, keys) = known(&files);
    let question = KeyQuestion::Elements(ElementsAsked {
        from: 0,
        limit: 100,
        text_bytes: 100,
        search: None,
        unnamed: false,
    });
    let KeyAnswer::Page(page) = ask(&files, &outcome.sources[0], &keys[0], None, question).unwrap() else {
        panic!("no page")
    };
    let said = page.stopped.unwrap();
    assert!(page.rows.is_empty());
    assert!(said.starts_with("Elements that stand packed in 17.8 MB are not listed"), "{said}");
    assert!(said.contains("up to 16.8 MB") && said.contains("RESTORE"), "{said}");
    // Its payload comes whole all the same.
    let question = KeyQuestion::Payload { held_bytes: KeyQuestion::MOST_HELD_BYTES };
    let KeyAnswer::Payload(made) = ask(&files, &outcome.sources[0], &keys[0], None, question).unwrap() else {
        panic!("no payload")
    };
    assert!(made.refused.is_none() && made.len_bytes > 17 << 20, "{:?}", made.refused);
}

#[test]
fn keys_in_front_of_tapes_are_keys_too() {
    let mut n = 0;
    for case in cases(&roots()[0], "aof") {
        n += check(&case.name, &files(&case.path));
    }
    println!("{n} keys");
    assert!(n > 50, "{n}");
}

#[test]
fn damage_is_told_with_its_place_and_what_stands_before_it_is_shown() {
    let (mut n_keys, mut n_stopped) = (0, 0);
    for root in roots() {
        for case in cases(&root, "rdb-damaged") {
            let files = files(&case.path);
            let (outcome, keys) = known(&files);
            let Some(source) = outcome.sources.first() else { continue };
            for key in keys.iter().take(200) {
                n_keys += 1;
                let all = page(&files, source, key, None, 0, 1_000).unwrap();
                assert_eq!(all.head.start, key.offset, "{}", case.name);
            }
            // Where reading had to stop, and anywhere else.
            let report = &outcome.report.files[0];
            let len = files[0].1.len() as u64;
            let holes = report.holes.iter().map(|hole| hole.start);
            for offset in
                holes.chain([report.sound_up_to, len / 2, len.saturating_sub(1), len, len + 7, u64::MAX / 2])
            {
                let key = Known { offset, ..nobody() };
                let asked =
                    ElementsAsked { from: 0, limit: 10, text_bytes: 10, search: None, unnamed: false };
                match ask(&files, source, &key, None, KeyQuestion::Elements(asked)) {
                    Ok(KeyAnswer::Page(page)) => n_stopped += u64::from(page.stopped.is_some()),
                    Ok(other) => panic!("{other:?}"),
                    Err(why) => assert!(why.len() > 20, "{why}"),
                }
            }
        }
    }
    println!("{n_keys} keys, {n_stopped} values that stop in the middle");
    assert!(n_keys > 100 && n_stopped > 0, "{n_keys} {n_stopped}");
}

fn nobody() -> Known {
    Known {
        db: 0,
        name: Vec::new(),
        type_name: String::new(),
        encoding: String::new(),
        elements: None,
        offset: 0,
        file_bytes: 0,
        payload_bytes: 0,
        memory_bytes: 0,
        expires_at_ms: None,
        digest: None,
    }
}
