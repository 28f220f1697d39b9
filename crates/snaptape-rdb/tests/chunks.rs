//! However a snapshot is cut into windows: the same events, the same spans, the same error at the same offset.

use std::{fs, path::Path};

use proptest::prelude::*;
use snaptape_rdb::{Event, Part, Reader};
use snaptape_wire::Limits;

/// All events as text, chunks of long strings joined, then the error or the end.
fn trace(bytes: &[u8], cuts: impl IntoIterator<Item = usize>, limits: Limits) -> Vec<String> {
    let mut reader = Reader::new(limits);
    let mut events: Vec<String> = Vec::new();
    let mut long = Vec::new();
    let mut next = 0;
    let mut sink = |span: core::ops::Range<u64>, event: Event<'_>| {
        assert_eq!(span.start, next, "spans cover the file without a gap");
        next = span.end;
        match event {
            Event::Part(Part::LongChunk(chunk)) => long.extend_from_slice(chunk),
            Event::Part(Part::LongEnd) => events.push(format!("long {:?}", core::mem::take(&mut long))),
            event => events.push(format!("{}: {event:?}", span.start)),
        }
    };
    let mut at = 0;
    let mut result = Ok(());
    for cut in cuts {
        let end = (at + cut).min(bytes.len());
        result = reader.feed(&bytes[at..end], false, &mut sink);
        at = end;
        if result.is_err() || reader.ended() {
            break;
        }
    }
    if result.is_ok() && !reader.ended() {
        result = reader.feed(&bytes[at..], true, &mut sink);
    }
    match result {
        Ok(()) => {
            events.push(format!("end {} {:016x} {}", reader.offset(), reader.checksum(), reader.ended()));
        }
        Err(error) => events.push(error.to_string()),
    }
    events
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let mut files = Vec::new();
    for folder in ["rdb", "rdb-damaged"] {
        for server in fs::read_dir(testdata.join(folder)).unwrap() {
            for entry in fs::read_dir(server.unwrap().path()).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|e| e == "rdb") {
                    files.push((path.display().to_string(), fs::read(path).unwrap()));
                }
            }
        }
    }
    assert!(files.len() > 150, "testdata is part of the repository");
    // Versions and forks no server at hand writes.
    files.extend(snaptape_testdata::handmade::all());
    files.sort();
    files
}

/// Small enough that strings of the corpus arrive in chunks.
const TIGHT: Limits = Limits { max_inline_bytes: 300, max_name_bytes: 1 << 20 };

#[test]
fn any_window_gives_the_same_events() {
    for (name, bytes) in corpus() {
        for limits in [Limits::default(), TIGHT] {
            let whole = trace(&bytes, [bytes.len()], limits);
            assert!(!whole.is_empty(), "{name}");
            for window in [1, 7, 61, 509, 4096] {
                // One byte at a time over the big ones would take minutes and teach nothing new.
                if window == 1 && bytes.len() > 30_000 {
                    continue;
                }
                let cut = trace(&bytes, std::iter::repeat_n(window, bytes.len() / window), limits);
                if cut != whole {
                    let at = cut.iter().zip(&whole).position(|(a, b)| a != b);
                    panic!("{name} in windows of {window}: {at:?} {:?}", at.map(|at| (&cut[at], &whole[at])));
                }
            }
        }
    }
}

#[test]
fn a_clone_is_a_checkpoint() {
    let (_, bytes) = corpus().into_iter().find(|(name, _)| name.ends_with("collections.rdb")).unwrap();
    let mut reader = Reader::new(Limits::default());
    reader.feed(&bytes[..bytes.len() / 2], false, |_, _| {}).unwrap();
    let mut again = reader.clone();
    let (mut a, mut b) = (0, 0);
    reader.feed(&bytes[bytes.len() / 2..], true, |_, _| a += 1).unwrap();
    again.feed(&bytes[bytes.len() / 2..], true, |_, _| b += 1).unwrap();
    assert_eq!((a, reader.checksum(), reader.offset()), (b, again.checksum(), again.offset()));
}

#[test]
fn what_is_held_stays_within_the_limits() {
    // A string that claims 2^40 bytes, in a file that has a few megabytes of it.
    let mut bytes = b"REDIS0011\x00\x01k\x81\x00\x00\x01\x00\x00\x00\x00\x00".to_vec();
    bytes.resize(8 << 20, b'x');
    let mut reader = Reader::new(Limits::default());
    for window in bytes.chunks(1 << 16) {
        reader.feed(window, false, |_, _| {}).unwrap();
        assert!(reader.held_bytes() <= 1 << 10, "holds {}", reader.held_bytes());
    }
    let error = reader.feed(&[], true, |_, _| {}).unwrap_err();
    assert_eq!(error.offset(), bytes.len() as u64);

    // A key name that claims the same is refused at once.
    let mut reader = Reader::new(Limits::default());
    let error =
        reader.feed(b"REDIS0011\x00\x81\x00\x00\x01\x00\x00\x00\x00\x00k", false, |_, _| {}).unwrap_err();
    assert_eq!(error.offset(), 10);
}

proptest! {
    #[test]
    fn any_cuts_of_any_damage_give_the_same(
        seed in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cuts in prop::collection::vec(1_usize..2000, 0..40),
        tight in any::<bool>(),
    ) {
        thread_local!(static CORPUS: Vec<(String, Vec<u8>)> = corpus());
        let mut bytes = CORPUS.with(|corpus| seed.get(corpus).1.clone());
        if !bytes.is_empty() {
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] ^= byte;
            }
        }
        let limits = if tight { TIGHT } else { Limits::default() };
        let whole = trace(&bytes, [bytes.len()], limits);
        prop_assert_eq!(trace(&bytes, cuts, limits), whole);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut file = b"REDIS0012".to_vec();
        file.extend(bytes);
        for header in [b"REDIS0009", b"REDIS0012", b"REDIS0014", b"REDIS0016", b"VALKEY081"] {
            file.splice(..9, *header);
            trace(&file, [file.len()], TIGHT);
        }
    }
}
