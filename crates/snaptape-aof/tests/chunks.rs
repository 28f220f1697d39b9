//! However a file is cut into windows, it reads the same: events, errors, offsets, facts. And no bytes make it panic.

use std::ops::Range;

use proptest::prelude::*;
use snaptape_aof::{
    Command, CommandSink, Dialect, EntryKind, Event, Feeder, Manifest, ManifestEntry, Reader, TapeFacts,
    TapeScan, quote_word, split_words,
};
use snaptape_testdata::{cases, files, roots};
use snaptape_wire::{Error, Limits, Release};

const DIALECTS: [Dialect; 4] =
    [Dialect::CheckTool, Dialect::CheckToolBefore7, Dialect::Loader, Dialect::LoaderBefore7];
const RELEASES: [Release; 3] = [Release::redis(6, 2), Release::redis(7, 4), Release::valkey(9, 1)];

fn limits() -> Limits {
    Limits { max_inline_bytes: 40, ..Limits::default() }
}

/// Everything told about a file, in words; pieces of one long argument are joined.
fn events(bytes: &[u8], cuts: &[usize], dialect: Dialect) -> (Vec<String>, Result<(), Error>) {
    let mut out: Vec<(Range<u64>, String)> = Vec::new();
    let mut feeder = Feeder::new(Reader::new(0, dialect, limits()));
    let mut at = 0;
    let mut result = Ok(());
    for (i, chunk) in pieces(bytes, cuts).enumerate() {
        assert_eq!(chunk.start, at, "piece {i}");
        at = chunk.end;
        result = feeder.feed(&bytes[chunk.clone()], chunk.end == bytes.len(), |span, event| {
            if let Some((last, _)) = out.last() {
                assert_eq!(last.end, span.start, "events tile the file");
            }
            match (event, out.last_mut()) {
                (Event::Rest { .. }, Some((last, text))) if text.starts_with("Rest") => last.end = span.end,
                (Event::Rest { .. }, _) => out.push((span, "Rest".into())),
                (event, _) => out.push((span, format!("{event:?}"))),
            }
        });
        assert!(feeder.held_bytes() <= 4096, "{} held", feeder.held_bytes());
        if result.is_err() {
            break;
        }
    }
    // How much of a long argument was told before it turned out to be cut short is not a fact about the file.
    if result.is_err() && out.last().is_some_and(|(_, text)| text == "Rest") {
        out.pop();
    }
    (out.into_iter().map(|(span, text)| format!("{span:?} {text}")).collect(), result)
}

/// The ranges between the cuts; one empty range for no bytes.
fn pieces(bytes: &[u8], cuts: &[usize]) -> impl Iterator<Item = Range<usize>> {
    let mut cuts: Vec<_> = cuts.iter().map(|&cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    if cuts.len() == 1 {
        cuts.push(0);
    }
    let ranges: Vec<_> = cuts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    ranges.into_iter()
}

#[derive(Default, PartialEq, Debug)]
struct Log(Vec<String>, u64);

impl CommandSink for Log {
    fn command(&mut self, command: &Command<'_>) {
        let Command { span, argc, in_multi, .. } = command;
        assert!(span.start >= self.1, "{span:?} was handed out before");
        self.1 = span.end;
        let arguments: Vec<_> = command.arguments().collect();
        assert_eq!(arguments.len() as u64, *argc);
        self.0.push(format!("{span:?} {argc} {in_multi} {arguments:?}"));
    }
    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        self.0.push(format!("{span:?} {line:?} {in_multi}"));
    }
    fn commit(&mut self) {
        self.0.push("commit".into());
    }
    fn rollback(&mut self) {
        self.0.push("rollback".into());
    }
    fn loaded(&mut self, command: &Command<'_>) {
        self.0.push("loaded".into());
        self.command(command);
    }
}

fn scan(bytes: &[u8], cuts: &[usize], release: Release) -> (TapeFacts, Log) {
    let mut log = Log::default();
    let mut scan = TapeScan::new(0, bytes.len() as u64, release, Limits::default());
    for piece in pieces(bytes, cuts) {
        scan.feed(&bytes[piece], &mut log);
        // At most what is tried as a command, or the window of an argument.
        assert!(scan.held_bytes() <= (1 << 20) + (64 << 10) + 4096, "{} held", scan.held_bytes());
    }
    (scan.finish(&mut log), log)
}

fn check(bytes: &[u8], cuts: &[usize]) {
    for dialect in DIALECTS {
        assert_eq!(
            events(bytes, cuts, dialect),
            events(bytes, &[], dialect),
            "{dialect:?} {}",
            bytes.escape_ascii()
        );
    }
    for release in RELEASES {
        assert_eq!(
            scan(bytes, cuts, release),
            scan(bytes, &[], release),
            "{release} {}",
            bytes.escape_ascii()
        );
    }
}

#[test]
fn damaged_fixtures_read_the_same_in_any_cut() {
    let root = &roots()[0];
    let mut seen = 0;
    for case in cases(root, "aof-damaged") {
        for (name, bytes) in files(&case.path) {
            if bytes.starts_with(b"file") || bytes.starts_with(b"REDIS") {
                continue;
            }
            let every: Vec<_> = (0..bytes.len()).collect();
            let some: Vec<_> = (0..bytes.len()).step_by(61).collect();
            for cuts in [every, some, vec![bytes.len() / 2]] {
                for release in [Release::redis(6, 2), Release::redis(7, 4)] {
                    assert_eq!(
                        scan(&bytes, &cuts, release),
                        scan(&bytes, &[], release),
                        "{} {name}",
                        case.name
                    );
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 60, "{seen}");
}

/// Something like a tape: good commands, odd ones, damage.
fn tapes() -> impl Strategy<Value = Vec<u8>> {
    let argument = prop::collection::vec(
        prop_oneof![Just(b'*'), Just(b'\r'), Just(b'\n'), Just(b'$'), Just(b'1'), any::<u8>()],
        0..60,
    );
    let word = prop_oneof![
        Just(&b"SET"[..]),
        Just(&b"multi"[..]),
        Just(&b"EXEC"[..]),
        Just(&b"SELECT"[..]),
        Just(&b"FLUSHALL"[..]),
        Just(&b"multi\0x"[..])
    ];
    let command = (word, prop::collection::vec(argument, 0..6)).prop_map(|(name, args)| {
        let mut out = format!("*{}\r\n${}\r\n", args.len() + 1, name.len()).into_bytes();
        out.extend_from_slice(name);
        out.extend_from_slice(b"\r\n");
        for arg in args {
            out.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
            out.extend_from_slice(&arg);
            out.extend_from_slice(b"\r\n");
        }
        out
    });
    let odd = prop_oneof![
        Just(b"#TS:1700000000\r\n".to_vec()),
        Just(b"*0\r\n".to_vec()),
        Just(b"*-1\r\n".to_vec()),
        Just(b"*01\r\n$ 4\r\nPING\r\n".to_vec()),
        Just(b"*1\r\n$-1\r\n".to_vec()),
        Just(b"*1\r\n$4\r\nPINGXX".to_vec()),
        Just(b"*1\n$4\nPING\r\n".to_vec()),
        Just(b"*1junk\r\n$4 \r\nPING\r\n".to_vec()),
        Just(b"*2\r\n$4\r\nPING\r\n$99999999\r\n".to_vec()),
        Just(b"*2\r\n$4\r\nPING\r\n$9999999999999999\r\n".to_vec()),
        Just(b"*\r\n".to_vec()),
        Just(b"PING\r\n".to_vec()),
        Just(b"\xef\xbb\xbf".to_vec()),
        (1..300_usize).prop_map(|n| vec![0; n]),
        prop::collection::vec(any::<u8>(), 0..80),
        (1..3000_usize).prop_map(|n| [b"#", vec![b'x'; n].as_slice()].concat()),
    ];
    let item = prop_oneof![6 => command, 1 => odd];
    (prop::collection::vec(item, 0..24), 0..12_usize).prop_map(|(items, cut)| {
        let mut tape = items.concat();
        tape.truncate(tape.len().saturating_sub(cut));
        tape
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tapes_read_the_same_in_any_cut(tape in tapes(), cuts in prop::collection::vec(0..4000_usize, 0..12)) {
        check(&tape, &cuts);
        check(&tape, &(0..tape.len()).collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), cuts in prop::collection::vec(0..400_usize, 0..6)) {
        check(&bytes, &cuts);
        let _ = Manifest::parse(&bytes);
        let _ = Manifest::parse_leniently(&bytes);
    }

    #[test]
    fn the_facts_fit_together(tape in tapes()) {
        for release in RELEASES {
            let (facts, _) = scan(&tape, &[], release);
            prop_assert!(facts.start <= facts.cut_at() && facts.cut_at() <= facts.check.ok_up_to);
            prop_assert!(facts.check.ok_up_to <= facts.end);
            prop_assert!(facts.behind.bytes <= facts.end - facts.check.ok_up_to);
            prop_assert_eq!(facts.check.stop.is_some(), facts.damage.is_some());
            // What a cut leaves pleases both programs.
            let cut = &tape[..usize::try_from(facts.cut_at()).unwrap()];
            let (again, _) = scan(cut, &[], release);
            prop_assert!(again.is_sound(), "{:?} {:?}", facts, again);
            prop_assert_eq!(again.check.commands, facts.commands_kept());
        }
    }

    #[test]
    fn words_come_back_from_their_quotes(word in prop::collection::vec(1..=u8::MAX, 1..40)) {
        let mut line = String::new();
        quote_word(&word, &mut line);
        prop_assert!(line.is_ascii());
        // The server never quotes a single quote on its own; nor does it write one that begins a quoted part.
        prop_assume!(!line.contains('\'') || line.starts_with('"'));
        prop_assert_eq!(split_words(line.as_bytes()), Some(vec![word]));
    }

    #[test]
    fn manifests_come_back(
        names in prop::collection::vec("[a-z0-9. é\"\t]{1,20}", 1..6),
        gaps in prop::collection::vec(1..1000_i64, 6),
        offsets in prop::collection::vec((any::<Option<i64>>(), any::<Option<i64>>()), 6),
        base in any::<bool>(),
    ) {
        let mut seq = 0;
        let mut manifest = Manifest::default();
        for (i, name) in names.into_iter().enumerate() {
            seq += gaps[i];
            let kind = match i { 0 if base => EntryKind::Base, 1 | 2 => EntryKind::History, _ => EntryKind::Incr };
            let mut entry = ManifestEntry::new(name, seq, kind);
            (entry.start_offset, entry.end_offset) = (offsets[i].0, offsets[i].0.and(offsets[i].1));
            manifest.entries.push(entry);
        }
        manifest.entries.sort_by_key(|entry| entry.kind);
        let text = manifest.to_text();
        prop_assert_eq!(Manifest::parse(text.as_bytes()).unwrap(), manifest);
    }
}
