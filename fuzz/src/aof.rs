//! Tapes and manifests.

use std::ops::Range;

use snaptape_aof::{
    Command, CommandSink, LoaderStop, Manifest, ManifestEntry, Reframer, Refusal, Salvage, Stretch,
    TapeFacts, TapeScan,
};
use snaptape_wire::{Limits, Release};

/// Each reads tapes in its own way: without and with annotations, and the other product.
const RELEASES: [Release; 3] = [Release::redis(6, 2), Release::redis(7, 4), Release::valkey(9, 1)];

/// A scan gives the same facts however the bytes are cut, and what it would keep is sound.
pub(crate) fn tape(input: &[u8]) {
    for release in RELEASES {
        let (facts, log) = scan(input, [input.len()], release);
        let (facts_of_cuts, log_of_cuts) = scan(input, crate::cuts(input), release);
        assert_eq!(facts_of_cuts, facts, "windows change what is found ({release})");
        assert_eq!(log_of_cuts, log, "windows change what is read ({release})");
        assert_eq!(facts.end, input.len() as u64);
        let cut = usize::try_from(facts.cut_at()).expect("an offset in the input");
        assert!(cut <= input.len(), "kept up to {cut} of {}", input.len());
        // Cut to nothing there is no tape left to judge.
        if cut > 0 {
            let (kept, _) = scan(&input[..cut], [cut], release);
            assert!(kept.is_sound(), "the repaired copy is not sound for {release}: {kept:?}");
        }
    }
}

/// What is salvaged tiles the tape, reads well for both programs, and has nothing in it that a salvage would change again.
pub(crate) fn salvage(input: &[u8]) {
    for release in RELEASES {
        let (facts, _) = scan(input, crate::cuts(input), release);
        let salvage = &facts.salvage;
        let copy = carry_out(input, &salvage.stretches);
        if let Some(open) = &salvage.open {
            completed(&salvage.stretches, &open.completed);
        }
        let kept = salvage.commands + salvage.lost;
        assert!(
            kept >= facts.commands_kept(),
            "{kept} commands were seen, {} by a cut",
            facts.commands_kept()
        );
        if copy.is_empty() {
            continue;
        }
        let (again, _) = scan(&copy, [copy.len()], release);
        let text = copy.escape_ascii();
        assert!(again.check.stop.is_none(), "{release}: the check tool stops: {:?}: {text}", again.check);
        assert_eq!(again.loader.stop, LoaderStop::CleanEof, "{release}: {text}");
        // Which modules a server has loaded a tape does not say: what is named like a command of one is kept.
        let is_of_a_module = |refusal: &&Refusal| refusal.name.contains(&b'.');
        let refusal = again.loader.refusal().filter(|refusal| !is_of_a_module(refusal));
        assert!(refusal.is_none(), "{release}: {refusal:?}: {text}");
        assert_eq!(again.check.commands, salvage.commands, "{release}: {text}");
        assert!(again.salvage.changes_nothing(), "{release}: {:?}: {text}", again.salvage);
    }
}

/// The copy; panics where the stretches do not tile the tape.
fn carry_out(input: &[u8], stretches: &[Stretch]) -> Vec<u8> {
    let mut copy = Vec::new();
    let mut at = 0;
    let slice = |span: &Range<u64>| {
        let offset = |offset| usize::try_from(offset).expect("an offset in the input");
        &input[offset(span.start)..offset(span.end)]
    };
    for stretch in stretches {
        let span = match stretch {
            Stretch::Keep(span) => {
                copy.extend_from_slice(slice(span));
                span
            }
            Stretch::Drop(span, _) => span,
            Stretch::Insert(bytes, _) => {
                copy.extend_from_slice(bytes);
                continue;
            }
            Stretch::Reframe { span, from, new_bytes } => {
                let before = copy.len();
                let mut reframer = Reframer::new(*from);
                reframer.push(slice(span), &mut copy).expect("as it was read");
                reframer.finish(&mut copy).expect("as it was read");
                assert_eq!((copy.len() - before) as u64, *new_bytes);
                span
            }
        };
        assert!(span.start == at && span.start < span.end, "{stretches:?}");
        at = span.end;
    }
    assert_eq!(at, input.len() as u64, "{stretches:?}");
    assert!(stretches.len() <= Salvage::MAX_STRETCHES + 100);
    copy
}

/// What completes a transaction at the end begins and ends where some stretch does.
fn completed(stretches: &[Stretch], completed: &[Stretch]) {
    let span = |stretch: &Stretch| match stretch {
        Stretch::Keep(span) | Stretch::Drop(span, _) | Stretch::Reframe { span, .. } => Some(span.clone()),
        Stretch::Insert(..) => None,
    };
    let spans: Vec<_> = completed.iter().filter_map(span).collect();
    assert!(spans.windows(2).all(|pair| pair[0].end == pair[1].start), "{completed:?}");
    let (first, last) = (spans.first().expect("a transaction"), spans.last().expect("a transaction"));
    let all: Vec<_> = stretches.iter().filter_map(span).collect();
    assert!(
        all.iter().any(|span| span.start <= first.start && last.end <= span.end),
        "{completed:?} in {stretches:?}"
    );
}

/// What a manifest was understood as can be written and read again.
pub(crate) fn manifest(input: &[u8]) {
    let lenient = Manifest::parse_leniently(input);
    drop(lenient.to_text());
    if let Ok(manifest) = Manifest::parse(input) {
        let text = manifest.to_text();
        assert!(text.is_ascii());
        // The server, too, writes what it cannot read for no entries, for a file without a name, and for one with a
        // single quote in it (sdsneedsrepr in sds.c does not know that splitting takes those).
        let unreadable = |entry: &ManifestEntry| entry.name.is_empty() || entry.name.contains(&b'\'');
        if manifest.entries.is_empty() || manifest.entries.iter().any(unreadable) {
            return;
        }
        let again = Manifest::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text:?}"));
        // Offsets are left out: like the server, it writes an end only behind a start.
        let files = |manifest: &Manifest| -> Vec<_> {
            manifest.load_order().map(|entry| (entry.name.clone(), entry.seq, entry.kind)).collect()
        };
        assert_eq!(files(&manifest), files(&again), "{text:?}");
        assert_eq!(again.to_text(), text);
    }
}

fn scan(input: &[u8], cuts: impl IntoIterator<Item = usize>, release: Release) -> (TapeFacts, Log) {
    let mut log = Log::default();
    let mut scan = TapeScan::new(0, input.len() as u64, release, Limits::default());
    let mut at = 0;
    for cut in cuts {
        let end = (at + cut).min(input.len());
        scan.feed(&input[at..end], &mut log);
        at = end;
    }
    (scan.finish(&mut log), log)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Log(Vec<String>);

impl CommandSink for Log {
    fn command(&mut self, command: &Command<'_>) {
        self.0.push(format!("{command:?}"));
    }
    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        self.0.push(format!("{span:?} {} {in_multi}", line.escape_ascii()));
    }
    fn commit(&mut self) {
        self.0.push("commit".into());
    }
    fn rollback(&mut self) {
        self.0.push("rollback".into());
    }
}
