//! Values of modules that do not fit their layout, lie, or are of an older version.

use snaptape_engine::{ElementsAsked, KeyQuestion};
use snaptape_report::KeyAnswer;
use snaptape_testdata::{handmade::Rdb, read, roots};

use super::modules::Opened;
use super::read::ask;

fn one(name: &str, version: u64, fill: impl Fn(Rdb) -> Rdb) -> Opened {
    let rdb = Rdb::new("REDIS0012").select(0).key(7, "k").module_id(name, version);
    Opened::new(fill(rdb).module_end().finish())
}

/// What a value without names comes to: a note, and the same fields with and without names asked for.
fn without_names(file: &Opened, fields: u64) -> String {
    let facts = file.facts("k");
    assert!(!facts.is_named && facts.sentence.is_none() && !facts.is_document, "{facts:?}");
    let asked = ElementsAsked { from: 0, limit: 1_000, text_bytes: 100, search: None, unnamed: true };
    let question = KeyQuestion::Elements(asked);
    let Ok(KeyAnswer::Page(page)) = ask(&file.files, &file.source, &file.keys["k"], None, question) else {
        panic!()
    };
    assert_eq!(page.rows.len() as u64, fields);
    let kinds = [None, Some("unsigned")];
    assert!(page.rows.iter().all(|row| kinds.contains(&row.label.as_deref())), "{:?}", page.rows);
    facts.note.unwrap()
}

#[test]
fn what_does_not_fit_has_no_names_and_a_sentence_why() {
    let count_min = |rdb: Rdb| rdb.uint(2).uint(1).uint(0).text([0; 8]);
    assert!(one("CMSk-TYPE", 0, count_min).facts("k").is_named);
    assert_eq!(
        without_names(&one("CMSk-TYPE", 1, count_min), 4),
        "Its fields have no names: they are known for version 0 of the encoding, and this is version 1."
    );
    assert_eq!(
        without_names(&one("MBbloom--", 5, |rdb| rdb.uint(1)), 1),
        "Its fields have no names: they are known for the versions 0 to 4 of the encoding, and this is version 5."
    );
    assert_eq!(
        without_names(&one("hellotype", 0, |rdb| rdb.uint(1).text("a").double(0.5)), 3),
        "Its fields have no names: the layout of the type hellotype is not known here."
    );
    assert_eq!(
        without_names(&one("CMSk-TYPE", 0, |rdb| rdb.uint(2).double(1.0).uint(0).text([0; 8])), 4),
        "Its fields have no names: field 2 is not what \"RedisBloom: count-min sketch\", version 0 of the encoding, has there."
    );
    assert_eq!(
        without_names(&one("CMSk-TYPE", 0, |rdb| rdb.uint(2).uint(1)), 2),
        "Its fields have no names: it ends after 2 fields, before \"RedisBloom: count-min sketch\", version 0 of the encoding, does."
    );
    // Fields behind the known ones do not take the names of those.
    let file = one("CMSk-TYPE", 0, |rdb| count_min(rdb).uint(7).text("x"));
    let facts = file.facts("k");
    assert!(facts.is_named);
    assert_eq!(
        facts.note.unwrap(),
        "The last 2 fields have no name: \"RedisBloom: count-min sketch\", version 0 of the encoding, ends before."
    );
    assert_eq!(file.lines("k")[4..], ["unsigned | 7", "x"]);
}

/// Type, version, fields, and what writes them.
type Lie = (&'static str, u64, u64, fn(Rdb) -> Rdb);

#[test]
fn counts_that_lie_end_with_the_file() {
    const MANY: u64 = u64::MAX;
    let lies: [Lie; 16] = [
        ("MBbloom--", 4, 4, |rdb| rdb.uint(1).uint(MANY).uint(5).uint(2)),
        ("MBbloomCF", 4, 7, |rdb| rdb.uint(MANY).uint(MANY).uint(1).uint(0).uint(MANY).uint(1).uint(1)),
        // As many fingerprints as buckets times their size have no number.
        ("MBbloomCF", 4, 9, |rdb| {
            rdb.uint(1).uint(MANY).uint(1).uint(0).uint(MANY).uint(1).uint(1).uint(MANY).text("x")
        }),
        ("bloomfltr", 1, 5, |rdb| rdb.uint(MANY).uint(2).double(0.1).double(0.5).uint(0)),
        ("CMSk-TYPE", 0, 4, |rdb| rdb.uint(MANY).uint(MANY).uint(0).text("x")),
        ("TopK-TYPE", 0, 5, |rdb| rdb.uint(MANY).uint(1).uint(1).double(0.9).text([0; 8])),
        ("TopK-TYPE", 0, 7, |rdb| {
            rdb.uint(1).uint(1).uint(1).double(0.9).text([0; 8]).text([0; 24]).text("")
        }),
        ("TDIS-TYPE", 0, 11, |rdb| {
            let rdb = rdb.double(1.0).double(0.0).double(0.0).uint(1).uint(MANY).uint(0).uint(0);
            rdb.double(1.0).double(0.0).double(5.0).double(6.0)
        }),
        ("TSDB-TYPE", 8, 12, |rdb| {
            let rdb = rdb.text("k").uint(0).uint(1).uint(2).uint(0).double(0.0).uint(0).uint(0).uint(0);
            rdb.uint(0).double(0.0).uint(MANY)
        }),
        ("TSDB-TYPE", 8, 13, |rdb| {
            let rdb = rdb.text("k").uint(0).uint(1).uint(2).uint(0).double(0.0).uint(0).uint(0).uint(0);
            rdb.uint(0).double(0.0).uint(0).uint(MANY)
        }),
        // Rules of an old version.
        ("TSDB-TYPE", 6, 11, |rdb| {
            let rdb = rdb.text("k").uint(0).uint(1).uint(2).uint(0).double(0.0).uint(0).uint(0).uint(0);
            rdb.uint(0).uint(1)
        }),
        ("ReJSON-RL", 0, 2, |rdb| rdb.uint(0x40).uint(MANY)),
        ("ReJSON-RL", 0, 4, |rdb| rdb.uint(0x20).uint(1).uint(0x02).text("no member")),
        ("vectorset", 0, 4, |rdb| rdb.uint(2).uint(MANY).uint(0).uint(0)),
        // More links than there are numbers, and a vector that is too short.
        ("vectorset", 0, 11, |rdb| {
            rdb.uint(1)
                .uint(1)
                .uint(0)
                .uint(0)
                .text("e")
                .text([0; 4])
                .uint(4)
                .uint(1)
                .uint(0)
                .uint(MANY)
                .uint(MANY)
        }),
        ("vectorset", 0, 6, |rdb| rdb.uint(MANY).uint(1).uint(0).uint(0).text("e").text("short")),
    ];
    for (name, version, fields, fill) in lies {
        let note = without_names(&one(name, version, fill), fields);
        assert!(note.starts_with("Its fields have no names: "), "{name}: {note}");
    }
}

#[test]
fn damage_anywhere_in_a_value_ends_in_rows_or_in_a_sentence() {
    let (mut named, mut unnamed, mut stopped) = (0, 0, 0);
    for release in ["redis-7.2.4", "redis-7.4.1", "redis-8.2.3"] {
        let bytes = read(&roots()[0].join(format!("modules/{release}.rdb")));
        let sound = Opened::new(bytes.clone());
        for key in sound.keys.values() {
            let (start, len) =
                (usize::try_from(key.offset).unwrap(), usize::try_from(key.file_bytes).unwrap());
            // Behind the entry's name and the type of the module.
            for at in (start + key.name.len() + 11..start + len).step_by(3) {
                let mut bytes = bytes.clone();
                bytes[at] ^= [1, 0x10, 0x80, 0xff][at % 4];
                let files = vec![("dump.rdb".to_owned(), bytes)];
                let question =
                    KeyQuestion::Survey { target: None, allocator: None, digest: false, now_ms: 0 };
                let Ok(KeyAnswer::Survey(survey)) = ask(&files, &sound.source, key, None, question) else {
                    panic!("its entry is whole")
                };
                if survey.stopped.is_some() {
                    stopped += 1;
                    continue;
                }
                let facts = survey.module.unwrap();
                let asked = ElementsAsked {
                    from: 0,
                    limit: 10_000,
                    text_bytes: 100,
                    search: None,
                    unnamed: !facts.is_named,
                };
                let question = KeyQuestion::Elements(asked);
                let Ok(KeyAnswer::Page(page)) = ask(&files, &sound.source, key, None, question) else {
                    panic!()
                };
                assert!(page.at_end && !page.rows.is_empty());
                if facts.is_named {
                    assert_eq!((page.rows.len() as u64, facts.sentence.is_some()), (facts.rows, true));
                    named += 1;
                } else {
                    assert!(facts.note.is_some() && facts.sentence.is_none());
                    unnamed += 1;
                }
            }
        }
    }
    println!("{named} with names, {unnamed} without, {stopped} that end early");
    assert!(named > 1_000 && unnamed > 50 && stopped > 100, "{named} {unnamed} {stopped}");
}

#[test]
fn types_of_tair_have_names() {
    let file = one("exstrtype", 0, |rdb| rdb.uint(4).uint(1).text("value"));
    assert_eq!(file.lines("k"), ["version | 4", "flags | 1", "value | value"]);
    assert_eq!(file.facts("k").sentence.unwrap(), "String of 5 B, version 4.");
    let file = one("tairzset_", 0, |rdb| rdb.uint(1).uint(2).text("m").double(1.0).double(2.5));
    assert_eq!(
        file.lines("k"),
        ["members | 1", "scores of each | 2", "member 1 | name | m | score | 1 | score | 2.5"]
    );
    let endless = one("tairzset_", 0, |rdb| rdb.uint(1).uint(u64::MAX).text("m").double(1.0));
    without_names(&endless, 4);
}

#[test]
fn older_encodings_have_their_own_fields() {
    let file = one("MBbloom--", 0, |rdb| {
        rdb.uint(1).uint(1).uint(100).double(0.01).uint(7).double(9.6).text([0; 120]).uint(1)
    });
    assert!(
        file.facts("k")
            .sentence
            .unwrap()
            .starts_with("RedisBloom filter: 100 items expected at 1 % error and 7")
    );
    let file = one("MBbloomCF", 3, |rdb| rdb.uint(1).uint(4).uint(2).text([0; 8]));
    assert!(
        file.facts("k")
            .sentence
            .unwrap()
            .starts_with("Cuckoo filter: room for 8 fingerprints, 2 items added")
    );
    let file = one("bloomfltr", 1, |rdb| {
        let rdb = rdb.uint(2).uint(2).double(0.01).double(0.5).uint(1);
        rdb.text([0; 9]).uint(100).text([0; 20]).uint(200).uint(30)
    });
    assert_eq!(
        file.facts("k").sentence.unwrap(),
        "Valkey Bloom filter: 300 items expected at 1 % error, 130 items added, 2 sub-filters, the next 2 times as large, 29 B."
    );
    // Samples one by one, and what said how they are compressed.
    for version in [0, 1] {
        let file = one("TSDB-TYPE", version, |rdb| {
            let rdb = rdb.text("k").uint(0).uint(360);
            let rdb = if version == 0 { rdb } else { rdb.uint(2) };
            rdb.uint(1).text("a").text("b").uint(0).uint(2).uint(1000).double(1.5).uint(2000).double(2.5)
        });
        let facts = file.facts("k");
        assert!(facts.is_named, "{facts:?}");
        assert_eq!(file.lines("k").last().unwrap(), "2000 (1970-01-01 00:00:02 UTC) | 2.5");
        assert!(
            facts.sentence.unwrap().starts_with(
                "Time series: 2 samples from 1970-01-01 00:00:01 UTC to 1970-01-01 00:00:02 UTC"
            )
        );
    }
    let file = one("ReJSON-RL", 2, |rdb| rdb.text("[1]").uint(1).text("idx").text("$"));
    assert_eq!(file.lines("k"), ["document | [1]", "has an index | 1", "index | idx", "index path | $"]);
    assert_eq!(file.commands("k").bytes, b"SELECT 0\nJSON.SET \"k\" $ \"[1]\"\n");
}

#[test]
fn a_document_is_put_together_from_its_nodes() {
    let file = one("ReJSON-RL", 0, |rdb| {
        let rdb = rdb.uint(0x20).uint(3);
        let rdb = rdb.uint(0x80).text("a\"\n").uint(0x40).uint(5);
        let rdb = rdb.uint(0x01).uint(0x10).text("1").uint(0x08).uint((-5_i64).cast_unsigned());
        let rdb = rdb.uint(0x04).double(2.0).uint(0x02).text("é\u{1}");
        rdb.uint(0x80).text("o").uint(0x20).uint(0).uint(0x80).text("b").uint(0x10).text("0")
    });
    let text = r#"{"a\"\n":[null,true,-5,2.0,"é\u0001"],"o":{},"b":false}"#;
    assert_eq!(file.value("k", "document"), text);
    assert_eq!(
        file.facts("k").sentence.unwrap(),
        "JSON document of 9 nodes, saved node by node; as text 56 B."
    );
    let made = file.commands("k");
    assert_eq!(made.commands, 2);
    // Infinity is in no JSON.
    let file = one("ReJSON-RL", 0, |rdb| rdb.uint(0x04).double(f64::INFINITY));
    without_names(&file, 2);
    assert!(file.commands("k").refused.is_some());
    // Of a version that is not known, nobody knows whether it is the document.
    assert!(one("ReJSON-RL", 4, |rdb| rdb.text("{}")).commands("k").refused.is_some());
}

#[test]
fn a_chunk_that_cannot_be_read_for_certain_is_left_as_it_is() {
    let file = one("TSDB-TYPE", 7, |rdb| {
        let rdb = rdb.text("k").uint(0).uint(4096).uint(2).uint(9).double(0.0).uint(3).uint(0).uint(0);
        let rdb = rdb.uint(0).uint(0).uint(1);
        // Three samples in 8 bytes, which end elsewhere than the chunk says.
        rdb.uint(8).uint(3).uint(63).uint(0).uint(5).uint(9).uint(1).uint(0).uint(32).uint(32).text([0; 8])
    });
    let facts = file.facts("k");
    assert!(facts.is_named);
    assert_eq!(
        facts.note.unwrap(),
        "The samples of 1 chunk cannot be decoded for certain and are left as they are."
    );
    assert!(file.lines("k").last().unwrap().starts_with("chunk 1: data | "));
}
