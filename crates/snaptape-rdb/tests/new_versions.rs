//! Versions and forks for which there is no real file: built by hand from the grammar, see `snaptape_testdata::handmade`.

use snaptape_rdb::{Event, ObjectType, Part, Reader};
use snaptape_testdata::handmade::{self, Rdb};
use snaptape_wire::{Error, ErrorKind, Limits};

/// Everything found, as text, and how reading ended.
fn read_with(bytes: &[u8], limits: Limits) -> (Vec<String>, Result<(), Error>) {
    let mut reader = Reader::new(limits);
    let mut lines = Vec::new();
    let result = reader.feed(bytes, true, |_, event| match event {
        Event::Key(key) => lines.push(format!(
            "key {}/{} {:?} {:?} {:?}",
            key.db,
            String::from_utf8_lossy(key.name.decode(&mut Vec::new()).unwrap()),
            key.object,
            key.expires_at_ms,
            key.freq,
        )),
        Event::Part(Part::Text(role, text)) => {
            lines.push(format!("{role:?} {}", text.decode(&mut Vec::new()).unwrap().escape_ascii()));
        }
        event => lines.push(format!("{event:?}")),
    });
    assert!(result.is_err() || reader.ended(), "neither an error nor the end");
    (lines, result)
}

fn read(bytes: &[u8]) -> (Vec<String>, Result<(), Error>) {
    read_with(bytes, Limits::default())
}

#[track_caller]
fn check(bytes: &[u8], expected: &[&str]) {
    let (lines, result) = read(bytes);
    result.unwrap();
    let mut rest = lines.iter();
    for wanted in expected {
        assert!(
            rest.any(|line| line.contains(wanted)),
            "missing, or not in this order: {wanted}\n{}",
            lines.join("\n")
        );
    }
}

#[test]
fn metadata_belongs_to_the_next_key() {
    check(
        &handmade::redis13(),
        &[
            "Expiry { at_ms: 1900000000000 }",
            "KeyMeta { classes: 2 }",
            "MetaClass(MetaClass(",
            "ModuleNumber { tag: 2, bits: 7 }",
            "ModuleString tag",
            "MetaClass(MetaClass(",
            "KeyMetaEnd",
            "key 0/with-meta String Some(1900000000000) None",
        ],
    );
    let (_, metas) = {
        let mut reader = Reader::new(Limits::default());
        let (mut keys, mut metas) = (Vec::new(), Vec::new());
        reader
            .feed(&handmade::redis13(), true, |span, event| match event {
                Event::Key(key) => keys.push((key.offset, span.start)),
                Event::Part(Part::MetaClass(class)) => metas.push((class.name(), class.may_be_ignored())),
                _ => {}
            })
            .unwrap();
        assert!(keys[0].0 < keys[0].1, "the entry begins with its first attribute");
        (keys, metas)
    };
    assert_eq!(metas, [(*b"ABCd", false), (*b"ABCd", true)]);
}

#[test]
fn streams_tell_of_producers_and_of_entries_nobody_holds() {
    let producers = [
        "StreamIdempotence { duration_s: 3600, max_entries: 100 }",
        "Count(2)",
        "StreamProducer { name: Raw([112, 114, 111, 100",
        "Count(2)",
        "StreamProduced",
        "StreamProduced",
        "StreamProducer",
        "Count(0)",
        "StreamIdempotenceTotals { added: 4, duplicates: 1 }",
        "KeyEnd",
        "key 0/last",
    ];
    check(&handmade::redis13(), &[&["StreamListpacks4", "StreamOwned"], &producers[..10]].concat());
    let held = ["StreamListpacks5", "StreamOwned", "StreamUnowned(StreamId { ms: 1005, seq: 0 })"];
    check(&handmade::redis14(), &[&held[..], &producers[..10]].concat());
}

#[test]
fn arrays_have_places_and_four_kinds_of_elements() {
    check(
        &handmade::redis14(),
        &[
            "key 0/array Array",
            "Array { count: 4, cursor: Some(70000) }",
            "ArrayIndex(0)",
            "Item a long string",
            "ArrayIndex(5)",
            "ArrayInt(-42)",
            "ArrayIndex(6)",
            "ArrayDouble(1.5)",
            "ArrayIndex(70000)",
            "Item short",
            "KeyEnd",
            "Array { count: 1, cursor: None }",
            "ArrayIndex(18446744073709551614)",
            "key 0/limiter Gcra",
            "ArrivalTime { at_us: 1700000000000000 }",
        ],
    );
}

#[test]
fn templates_hold_the_names_of_fields() {
    for file in [handmade::redis15(), handmade::redis16()] {
        check(
            &file,
            &[
                "HashTemplate { id: 0, fields: 2 }",
                "Field id",
                "Field name",
                "HashTemplateEnd",
                "HashTemplate { id: 1, fields: 3 }",
                "HashTemplateEnd",
                "key 0/reference-listpack-2 HashTmplLpRef",
                "Packed(Listpack)",
                "key 0/reference-array-3 HashTmplArrayRef",
                "Template { id: 1, fields: 3 }",
                "FieldValue 1",
                "FieldValue 2",
                "FieldValue 3",
                "KeyEnd",
                "key 0/own-listpack-names-2 HashTmplLp",
                "TemplateFormat(0)",
                "FieldNames",
                "Packed(Listpack)",
                "key 0/own-names-listpack-3 HashTmplLp",
                "TemplateFormat(1)",
                "Count(3)",
                "Field a",
                "key 0/own-names-array-2 HashTmplArray",
                "Field name",
                "FieldValue 7",
                "own-listpack-names-array-3 HashTmplArray Some(1900000000000)",
                "FieldNames",
                "FieldValue 3",
                "key 0/plain-2 Hash ",
                "key 0/limiter Gcra",
                "Eof",
            ],
        );
    }
}

#[test]
fn fields_between_attributes_and_key_reset_nothing() {
    check(
        &handmade::keydb(),
        &[
            "key 2/expires String Some(1900000000000) Some(200)",
            "key 2/set Set None None",
            "KeyEnd",
            "Aux { name: Raw([107, 101, 121, 100, 98",
            "key 2/cron KeydbCron",
            "Script return 1",
            "CronTimes { start_ms: 1700000000000, interval_ms: 60000 }",
            "Count(1)",
            "Argument key",
            "Count(2)",
            "Argument one",
            "Argument two",
            "key 2/last",
        ],
    );
    check(
        &handmade::enterprise(),
        &[
            "SlotNum { slot: 7 }",
            "RamLru { value: 300 }",
            "key 0/first",
            "key 0/last String Some(1900000000000)",
        ],
    );
}

#[test]
fn numbers_that_mean_two_things_are_told_apart() {
    check(
        &handmade::dragonfly(),
        &[
            "KeyFlags { bits: 1 }",
            "key 1/sticky",
            "key 1/json DragonflyJson",
            "key 1/old-json DragonflyJson",
            "Value \\\"text\\\"",
            "key 1/set SetListpack",
            "FullSyncEnd",
            "key 1/last",
        ],
    );
    // The same bytes where Redis writes sets as listpacks: a damaged set, not a document.
    let file = |header| Rdb::new(header).key(20, "k").str("{\"a\":[1,2]}").finish();
    check(&file("REDIS0010"), &["key 0/k DragonflyJson"]);
    check(&file("REDIS0011"), &["key 0/k SetListpack"]);
    // Type 22: expiry first in Redis, last in Valkey.
    check(
        &handmade::valkey81(),
        &["SlotImport", "key 3/hash Hash2", "at_ms: Some(1900000000000), before_field: false"],
    );
    let redis = Rdb::new("REDIS0012").key(22, "k").lens(&[1, 5]).str("f").str("v").finish();
    check(
        &redis,
        &["key 0/k HashMetadataPreGa", "FieldExpiry { at_ms: Some(5), before_field: true }", "Field f"],
    );
    // Type 29: a rate limiter up to version 14, then a hash.
    let limiter = |header| Rdb::new(header).key(29, "k").len(5).finish();
    check(&limiter("REDIS0014"), &["key 0/k Gcra"]);
    let (_, result) = read(&limiter("REDIS0015"));
    assert_eq!(
        result.unwrap_err().to_string(),
        "invalid format of field names, at offset 12 (0xc), in key 1 \"k\" / hash / field names"
    );
    // Opcode 243 and the numbers behind 25 belong to Redis from some version on.
    for (header, number) in
        [("REDIS0012", 243), ("REDIS0014", 242), ("REDIS0012", 28), ("REDIS0011", 26), ("REDIS0012", 29)]
    {
        let (_, result) = read(&Rdb::new(header).raw(&[number, 1, 1, 1]).finish());
        let error = result.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::UnknownOpcode { opcode: number }, "{header} {number}");
        assert_eq!(error.offset(), 9);
    }
    // Forks of Redis mean nothing to Valkey.
    for number in [24, 26, 28, 29, 30, 33, 64, 107, 121, 200, 201, 220] {
        let (_, result) = read(&Rdb::new("VALKEY080").raw(&[number, 1, 1, 1]).finish());
        assert_eq!(result.unwrap_err().kind(), &ErrorKind::UnknownOpcode { opcode: number }, "{number}");
    }
    assert_eq!(ObjectType::in_file(30, snaptape_rdb::Magic::Redis, 15), Some(ObjectType::HashTmplLpRef));
}

#[test]
fn what_is_known_by_name_alone_stops_with_its_place() {
    let stop = |bytes: &[u8], number: u8, at: usize, words: &str| {
        let (lines, result) = read(bytes);
        let error = result.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { number: n, .. } if *n == number), "{error}");
        assert_eq!(error.offset(), at as u64, "{error}");
        assert!(error.to_string().ends_with(words), "{error} should end in {words}");
        assert!(lines.iter().any(|line| line.starts_with("key ")), "what stands before it is read");
    };
    let (bytes, at) = handmade::valkey81_path_hash();
    stop(&bytes, 23, at, "in database 3 / key 3 \"path\"");
    let (bytes, at) = handmade::valkey81_update();
    stop(&bytes, 242, at, "in database 3 / what follows key 2");
    for (number, at, bytes) in handmade::dragonfly_unreadable() {
        let words = if number < 100 { "key 6 \"unknown\"" } else { "database 1 / what follows key 5" };
        stop(&bytes, number, at, words);
    }
    for (opcode, codec) in [(201, "zstd"), (202, "lz4")] {
        let (at, bytes) = handmade::dragonfly_block(opcode);
        stop(&bytes, opcode, at, "database 1 / what follows key 5");
        let (lines, _) = read(&bytes);
        assert_eq!(
            lines.last().unwrap(),
            &format!("CompressedBlock {{ codec: \"{codec}\", packed_bytes: 5 }}")
        );
    }
    let before = || Rdb::new("REDIS0008").string("k", "v");
    let at = before().unfinished().len();
    stop(&before().key(6, "module").finish(), 6, at, "database 0 / key 2 \"module\"");
    for number in [101, 102, 128] {
        stop(&before().raw(&[number, 1]).finish(), number, at, "database 0 / what follows key 1");
    }
}

#[test]
fn hostile_variants_are_refused_where_they_are_wrong() {
    let redis15 = |rest: fn(Rdb) -> Rdb| rest(Rdb::new("REDIS0015")).finish();
    let endless = |rest: fn(Rdb) -> Rdb| rest(Rdb::new("REDIS0015")).unfinished();
    let cases: &[(Vec<u8>, &str)] = &[
        (
            redis15(|r| r.raw(&[242]).lens(&[0, 0])),
            "invalid number of field names: there are none, at offset 11 (0xb)",
        ),
        (
            redis15(|r| r.key(32, "k").len(9)),
            "invalid hash template: no template has this ID, at offset 12 (0xc)",
        ),
        (redis15(|r| r.key(29, "k").len(2)), "invalid format of field names, at offset 12 (0xc)"),
        (
            redis15(|r| r.key(31, "k").lens(&[1, 0])),
            "invalid number of field names: there are none, at offset 13 (0xd)",
        ),
        (
            redis15(|r| r.key(31, "k").len(0).str("")),
            "invalid number of field names: there are none, at offset 13 (0xd)",
        ),
        (
            redis15(|r| r.key(28, "k").lens(&[0, 0])),
            "invalid number of array elements: there are none, at offset 12 (0xc)",
        ),
        (redis15(|r| r.key(28, "k").lens(&[1, 2])), "invalid array cursor, at offset 13 (0xd)"),
        (redis15(|r| r.key(28, "k").lens(&[1, 0, u64::MAX])), "invalid array index, at offset 14 (0xe)"),
        (redis15(|r| r.key(28, "k").lens(&[1, 0, 0, 4])), "invalid array element tag, at offset 15 (0xf)"),
        (
            redis15(|r| r.key(28, "k").lens(&[1, 0, 0, 3]).str("eight ch")),
            "invalid short array element: it is a long one, at offset 16 (0x10)",
        ),
        (redis15(|r| r.raw(&[243]).len(8)), "invalid number of metadata classes, at offset 10 (0xa)"),
        (
            redis15(|r| r.raw(&[243, 1, 0, 0, 0, 0, 9])),
            "invalid module field tag, at offset 15 (0xf), in metadata of key 1",
        ),
        (redis15(|r| r.raw(&[200]).i64(1)), "invalid end of a full synchronisation"),
        // Counts that no file could hold: the bytes run out, nothing is allocated for them.
        (endless(|r| r.raw(&[242]).lens(&[0, u64::MAX]).str("a")), "the file ends here"),
        (endless(|r| r.key(28, "k").lens(&[u64::MAX, 0, 0, 1]).i64(0)), "the file ends here"),
        (endless(|r| r.key(31, "k").lens(&[1, u64::MAX]).str("a")), "the file ends here"),
        (endless(|r| r.key(64, "k").str("s").i64(0).i64(0).len(u64::MAX).str("a")), "the file ends here"),
    ];
    for (bytes, expected) in cases {
        let (_, result) = read(bytes);
        let error = result.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected {expected}");
    }
    // A bad `when` of module data.
    let file = Rdb::new("REDIS0011").raw(&[247]).module_id("hellotype", 0).uint(3).module_end().finish();
    let error = read(&file).1.unwrap_err();
    assert_eq!(error.to_string(), "invalid module data outside the keys, at offset 19 (0x13)");
}

#[test]
fn templates_are_remembered_within_a_bound() {
    let mut rdb = Rdb::new("REDIS0015");
    for id in 0..1000 {
        rdb = rdb.raw(&[242]).lens(&[id, 1]).str("f");
    }
    let file = rdb.finish();
    assert!(read(&file).1.is_ok());
    let limits = Limits { max_name_bytes: 4800, ..Limits::default() };
    let error = read_with(&file, limits).1.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { max: 100, got: 101, .. }), "{error}");
}

#[test]
fn long_strings_come_in_chunks() {
    let file = handmade::long_strings();
    let limits = Limits { max_inline_bytes: 300, ..Limits::default() };
    let mut reader = Reader::new(limits);
    let (mut long, mut keys, mut begun) = (Vec::new(), 0, 0);
    for window in file.chunks(100) {
        reader
            .feed(window, false, |_, event| match event {
                Event::Part(Part::LongBegin(..)) => {
                    begun += 1;
                    long.clear();
                }
                Event::Part(Part::LongChunk(chunk)) => long.extend_from_slice(chunk),
                Event::Part(Part::LongEnd) => assert_eq!(long, "0123456789".repeat(100).as_bytes()),
                Event::KeyEnd => keys += 1,
                _ => {}
            })
            .unwrap();
        assert!(reader.held_bytes() <= 400, "{}", reader.held_bytes());
    }
    reader.feed(&[], true, |_, _| {}).unwrap();
    assert!(reader.ended());
    assert_eq!((begun, keys), (6, 4));
}

#[test]
fn a_cut_anywhere_is_an_end_with_a_place() {
    let mut cuts = 0;
    for (name, bytes) in handmade::all() {
        let whole = read(&bytes);
        let sound = match &whole.1 {
            Ok(()) => bytes.len(),
            Err(error) => usize::try_from(error.offset()).unwrap(),
        };
        for cut in 9..sound {
            let (lines, result) = read(&bytes[..cut]);
            let error = result.expect_err(&name);
            assert!(matches!(error.kind(), ErrorKind::UnexpectedEnd { .. }), "{name} cut at {cut}: {error}");
            assert_eq!(error.offset(), cut as u64, "{name} cut at {cut}: {error}");
            assert_eq!(lines, whole.0[..lines.len()], "{name} cut at {cut}");
            // Between two keys there is nothing to be inside of; within one it is named.
            let inside =
                lines.iter().rev().take_while(|line| *line != "KeyEnd").any(|line| line.starts_with("key "));
            if inside && !lines.last().unwrap().contains("Eof") {
                assert!(error.context().is_some_and(|c| c.contains("key ")), "{name} cut at {cut}: {error}");
            }
            cuts += 1;
        }
    }
    assert!(cuts > 3000, "only {cuts}");
}

#[test]
fn items_may_stand_anywhere() {
    let aux = |r: Rdb, when| r.raw(&[247]).module_id("hellotype", 0).uint(when).text("data").module_end();
    let rdb = Rdb::new("REDIS0012").select(1).string("a", "1").select(0).raw(&[251]).lens(&[2, 0]);
    let rdb = aux(rdb.string("b", "1").aux("any", "thing"), 1).select(1).string("c", "1");
    let rdb = aux(rdb.raw(&[251]).lens(&[9, 9]).raw(&[245]).str("#!lua name=l"), 2);
    // Attributes wait for their key whatever stands between.
    let rdb =
        rdb.expires(5).select(4).raw(&[251]).lens(&[1, 1]).raw(&[244]).lens(&[1, 2, 3]).string("d", "1");
    check(
        &rdb.raw(&[254, 9]).finish(),
        &[
            "key 1/a",
            "key 0/b",
            "ModuleAux { module: ModuleId(",
            "ModuleString data",
            "ModuleAuxEnd",
            "key 1/c String None",
            "Function",
            "when: 2",
            "SlotInfo { slot: 1, keys: 2, expires: 3 }",
            "key 4/d String Some(5)",
            "SelectDb { db: 9 }",
            "Eof",
        ],
    );
}
