//! Findings about what commands mean: what each is, what the server and its check tool make of it, what it costs.

use snaptape_analysis::{MeaningFacts, Places, Shown, Used};
use snaptape_aof::{Refusal, RefusalKind, Unrepeatable, commands::counts_words};
use snaptape_report::{Finding, FindingKind, Role, Severity, units};
use snaptape_wire::Release;

use crate::{
    facts::FileFacts,
    notes::IMPLAUSIBLE_BLOCK,
    words::{check_aof, n_bytes, n_commands, offset},
};

/// Commands that stand there twice are told of up to so many times; a tape with more of them is written that way.
const FEW_DOUBLED: u64 = 3;

/// The command a server of this release does not get past, if it gets there.
///
/// The loader's own reading says which, as far as the release was known when it read; what was gathered of all commands says the
/// rest.
pub(crate) fn refusal(file: &FileFacts, release: Release) -> Option<Refusal> {
    let tape = file.tape.as_ref()?;
    let of_loader = tape.loader.refused.first().cloned();
    let unknown = file.meaning.iter().flat_map(|meaning| meaning.unknown_to(release)).map(|used| Refusal {
        kind: RefusalKind::UnknownCommand,
        offset: used.first,
        end: used.first,
        in_multi: false,
        argc: used.fewest.0,
        name: used.spec.name().into(),
    });
    unknown.chain(of_loader).min_by_key(|refusal| refusal.offset)
}

/// The same for a release that nobody thought of when the tape was read.
pub(crate) fn refusal_of(file: &FileFacts, release: Release) -> Option<Refusal> {
    let (tape, meaning) = (file.tape.as_ref()?, file.meaning.as_ref()?);
    let refusal = |kind, offset, argc, name: &[u8]| Refusal {
        kind,
        offset,
        end: offset,
        in_multi: false,
        argc,
        name: name.into(),
    };
    let unknown = meaning.unknown_to(release).map(|used| {
        refusal(RefusalKind::UnknownCommand, used.first, used.fewest.0, used.spec.name().as_bytes())
    });
    let strangers = meaning.strangers.iter().filter_map(|(name, places)| {
        Some(refusal(RefusalKind::UnknownCommand, places.first()?, 1, name.as_bytes()))
    });
    let counted = meaning.used.iter().filter(|used| counts_words(release) && used.spec.known_to(release));
    let counted = counted.filter_map(|used| {
        let (words, at) = used.wrong_words(release)?;
        Some(refusal(RefusalKind::WrongArity, at, words, used.spec.name().as_bytes()))
    });
    let crashes = |refusal: &&Refusal| match refusal.kind {
        RefusalKind::DiscardInBlock => true,
        RefusalKind::TooFewWords => !counts_words(release),
        _ => false,
    };
    let short = tape.loader.refused.iter().filter(crashes).cloned();
    unknown.chain(strangers).chain(counted).chain(short).min_by_key(|refusal| refusal.offset)
}

/// Why a server does not get past a command, as a part of a sentence.
pub(crate) fn refusal_words(refusal: &Refusal, file: &FileFacts) -> String {
    let (name, at) = (shown(&refusal.name), offset(refusal.offset));
    let place = format!("at {at} of {}", file.name());
    match refusal.kind {
        RefusalKind::DiscardInBlock => {
            format!("{name} {place} stands between MULTI and EXEC, over which it crashes")
        }
        RefusalKind::UnknownCommand => format!("it does not know the command {name} {place}"),
        RefusalKind::UnknownSubcommand => {
            format!("it does not know what {name} {place} is asked to do, its second word")
        }
        RefusalKind::WrongArity => {
            format!("{name} {place} has {} and takes another number", n_words(refusal.argc))
        }
        RefusalKind::TooFewWords => format!(
            "{name} {place} has only {}, which it does not notice: it crashes, or goes on with garbage, and that may differ from start \
             to start",
            n_words(refusal.argc)
        ),
    }
}

/// All findings about the commands of one file.
pub(crate) fn meaning_findings(file: &FileFacts, release: Release) -> Vec<Finding> {
    let mut findings = Findings { file, release, all: Vec::new() };
    let refusal = refusal(file, release);
    if let Some(meaning) = &file.meaning {
        findings.unknown(meaning, refusal.as_ref());
        findings.words(meaning, refusal.as_ref());
        findings.databases(meaning);
        findings.unrepeatable(meaning);
        findings.blocks(meaning);
        findings.times(meaning);
        findings.doubled(meaning);
        findings.first_select(meaning);
    }
    // Where only the loader gets to: behind what stops the check tool, or inside a block without end.
    if let Some(refusal) = refusal
        && !findings.all.iter().any(|finding| tells_of(finding, &refusal))
    {
        findings.refused(&refusal);
    }
    findings.all
}

fn tells_of(finding: &Finding, refusal: &Refusal) -> bool {
    let kind = matches!(
        finding.kind,
        FindingKind::DiscardInBlock
            | FindingKind::UnknownCommand
            | FindingKind::WrongArity
            | FindingKind::ModuleNeeded
    );
    kind && finding.start == refusal.offset
}

fn shown(name: &[u8]) -> String {
    const SHOWN: usize = 64;
    let dots = if name.len() > SHOWN { "..." } else { "" };
    format!("{}{dots}", name.get(..SHOWN).unwrap_or(name).escape_ascii())
}

fn n_words(n: u64) -> String {
    units::plural(n, "word", "words")
}

/// `at 16 (0x10)`, `at 16 (0x10) and 11 more times`.
fn places(count: u64, first: u64) -> String {
    match count {
        0 | 1 => format!("at {}", offset(first)),
        2 => format!("at {} and once more", offset(first)),
        n => format!("at {} and {} more times", offset(first), units::count(n - 1)),
    }
}

fn at(shown: &Places) -> String {
    places(shown.count, shown.first().unwrap_or_default())
}

struct Findings<'a> {
    file: &'a FileFacts,
    release: Release,
    all: Vec<Finding>,
}

impl Findings<'_> {
    fn push(&mut self, severity: Severity, kind: FindingKind, start: u64, message: String) {
        let file = self.file.path.clone();
        self.all.push(Finding { severity, kind, file, start, end: start, message });
    }

    /// What stands behind a command no server gets past.
    fn costs(&self, from: u64) -> String {
        format!("Nothing from there on is loaded ({})", n_bytes(self.file.bytes.saturating_sub(from)))
    }

    fn unknown(&mut self, meaning: &MeaningFacts, refusal: Option<&Refusal>) {
        let (release, tool) = (self.release, check_aof(self.release));
        for used in meaning.unknown_to(release) {
            let (name, at) = (used.spec.name(), places(used.commands, used.first));
            let cost = self.costs(used.first);
            if let Some(module) = used.spec.module() {
                let message = format!(
                    "{name} ({at}) is a command of the module {module}: without it the server stops there and does not start, whatever \
                     aof-load-truncated says, while {tool} does not look at names. {cost} before the module is."
                );
                self.push(Severity::Warning, FindingKind::ModuleNeeded, used.first, message);
            } else {
                let message = format!(
                    "{name} ({at}) is known to {}, not to {}: that server stops there and does not start, whatever \
                     aof-load-truncated says, while {tool} does not look at names. {cost}; start a release that knows it.",
                    used.spec.since(),
                    crate::words::release_name(release)
                );
                self.push(Severity::Error, FindingKind::UnknownCommand, used.first, message);
            }
        }
        for (name, known) in &meaning.strangers {
            let first = known.first().unwrap_or_default();
            let message = format!(
                "{name} ({}) is a command no server and no module that is known here has: the server stops there and does not start, \
                 whatever aof-load-truncated says, while {tool} does not look at names and calls it valid. {} before the command is \
                 taken out or a module brings it.",
                at(known),
                self.costs(first)
            );
            self.push(Severity::Error, FindingKind::UnknownCommand, first, message);
        }
        let listed: u64 = meaning.strangers.iter().map(|(_, places)| places.count).sum();
        if meaning.strangers_total > listed {
            let more = n_commands(meaning.strangers_total - listed);
            let first = refusal.map_or(0, |refusal| refusal.offset);
            let message =
                format!("{more} with other names no server has follow; the server stops at the first one.");
            self.push(Severity::Error, FindingKind::UnknownCommand, first, message);
        }
    }

    fn words(&mut self, meaning: &MeaningFacts, refusal: Option<&Refusal>) {
        let release = self.release;
        let wrong: Vec<(&Used, (u64, u64))> = meaning
            .used
            .iter()
            .filter(|used| used.spec.known_to(release))
            .filter_map(|used| Some((used, used.wrong_words(release)?)))
            .take(Places::MAX)
            .collect();
        for (used, (words, first)) in wrong {
            if let Some(refusal) = refusal.filter(|refusal| refusal.offset == first) {
                self.refused(refusal);
                continue;
            }
            let arity = used.spec.arity(release);
            let takes = n_words(arity.unsigned_abs());
            let least = if arity < 0 { "at least " } else { "" };
            let then = if counts_words(release) {
                "stops there and does not start"
            } else if words > arity.unsigned_abs() {
                "does not count and runs it without the words that are too many, where Valkey 8.1 and later refuse to start"
            } else {
                "does not count: it runs it as it is, fails or crashes"
            };
            let message = format!(
                "{} at {} has {} and takes {least}{takes}: the server {then}; {} does not count either. A word was lost or added, \
                 and what was written with it is not what was meant.",
                used.spec.name(),
                offset(first),
                n_words(words),
                check_aof(release)
            );
            self.push(Severity::Warning, FindingKind::WrongArity, first, message);
        }
    }

    /// The one command that decides whether the server starts.
    fn refused(&mut self, refusal: &Refusal) {
        let kind = match refusal.kind {
            RefusalKind::DiscardInBlock => FindingKind::DiscardInBlock,
            RefusalKind::UnknownCommand | RefusalKind::UnknownSubcommand => FindingKind::UnknownCommand,
            RefusalKind::WrongArity | RefusalKind::TooFewWords => FindingKind::WrongArity,
        };
        let message = format!(
            "The server does not get past one command: {}. {} looks neither at names nor at numbers of words. {} before that command is \
             taken out.",
            refusal_words(refusal, self.file),
            check_aof(self.release),
            self.costs(refusal.offset)
        );
        self.push(Severity::Error, kind, refusal.offset, message);
    }

    fn databases(&mut self, meaning: &MeaningFacts) {
        let Shown { places, example } = &meaning.bad_selects;
        let Some(first) = places.first() else { return };
        let way = match example.parse::<u64>() {
            Ok(db) => format!(" Set databases to at least {}.", units::count(db.saturating_add(1))),
            Err(_) => String::new(),
        };
        let message = format!(
            "SELECT {example} ({}) asks for a database that a server with its default 16 does not have: it logs an error, starts all the \
             same, and puts the writes behind it into the database selected before; {} does not look.{way}",
            at(places),
            check_aof(self.release)
        );
        self.push(Severity::Warning, FindingKind::DatabaseOutOfRange, first, message);
    }

    fn unrepeatable(&mut self, meaning: &MeaningFacts) {
        for (why, Shown { places, example }) in &meaning.unrepeatable {
            let cost = match why {
                Unrepeatable::Clock => {
                    "takes a time or an ID from the clock: every start gives other entries than those clients saw"
                }
                Unrepeatable::Elsewhere => "moves keys to another server, which no start repeats",
                Unrepeatable::RelativeExpiry => {
                    "gives a key a time to live that is counted from when the command runs, so from every start anew: keys live longer than \
                     they were meant to"
                }
                Unrepeatable::Random => {
                    "picks at random: every start may remove other members than those clients got"
                }
                Unrepeatable::Script => {
                    "runs a script: the data depends on the script being there and doing the same again, and it cannot be read off the tape"
                }
                Unrepeatable::ServerOnly => continue,
            };
            let message = format!(
                "{example} ({}) {cost}. The server runs it without a word, and {} does not look; servers since Redis 5.0 write its effect \
                 instead.",
                at(places),
                check_aof(self.release)
            );
            let first = places.first().unwrap_or_default();
            self.push(Severity::Warning, FindingKind::UnrepeatableCommand, first, message);
        }
    }

    fn blocks(&mut self, meaning: &MeaningFacts) {
        let tool = check_aof(self.release);
        if let Some(block) = meaning.longest_block.filter(|block| block.commands > IMPLAUSIBLE_BLOCK) {
            let message = format!(
                "The MULTI at {} reaches to an EXEC at {}, with {} between them, more than anybody sends at once: it may have been left \
                 open by a server that cut its tape inside a block. Server and {tool} take it for one transaction; had the tape ended \
                 before that EXEC, all of these writes would be thrown away.",
                offset(block.start),
                offset(block.end),
                n_commands(block.commands)
            );
            self.push(Severity::Warning, FindingKind::LongTransaction, block.start, message);
        }
        if let Some(first) = meaning.empty_blocks.first() {
            let message = format!(
                "A MULTI is followed by its EXEC at once ({}): nothing happens, but no server writes that, so what stood between them may \
                 be lost. Neither the server nor {tool} minds.",
                at(&meaning.empty_blocks)
            );
            self.push(Severity::Info, FindingKind::EmptyTransaction, first, message);
        }
        if let Some(first) = meaning.discards.first() {
            let message = format!(
                "DISCARD stands in the tape ({}), which no server writes: outside a MULTI the server logs an error and goes on, inside \
                 one it takes it for one of its commands, and the block stays open; {tool} does not know it.",
                at(&meaning.discards)
            );
            self.push(Severity::Warning, FindingKind::EmptyTransaction, first, message);
        }
    }

    fn times(&mut self, meaning: &MeaningFacts) {
        let tool = check_aof(self.release);
        let times = &meaning.times;
        if let (Some(first), Some((from, to))) = (times.backwards.first(), times.step_back) {
            let message = format!(
                "Timestamps run backwards ({}), at most from {} to {}: a clock was set back, or parts of two tapes are mixed. The server \
                 does not look at them; {tool} --truncate-to-timestamp stops at the first later one, which may not be the right one.",
                at(&times.backwards),
                units::time_s(from),
                units::time_s(to)
            );
            self.push(Severity::Warning, FindingKind::TimeBackwards, first, message);
        }
        for (shown, what) in
            [(&times.malformed, "says no time"), (&times.foreign, "is none that any server writes")]
        {
            let Some(first) = shown.places.first() else { continue };
            let message = format!(
                "The line \"{}\" ({}) {what}: the server skips it, and {tool} minds it only with --truncate-to-timestamp, which stops there.",
                shown.example,
                at(&shown.places)
            );
            self.push(Severity::Warning, FindingKind::BadAnnotation, first, message);
        }
    }

    fn doubled(&mut self, meaning: &MeaningFacts) {
        let few = meaning.doubled_total <= FEW_DOUBLED;
        for doubled in meaning.doubled.iter().filter(|doubled| doubled.certain || few) {
            let what = if doubled.commands == 1 {
                "The same command stands".to_string()
            } else {
                format!("The same {} stand", n_commands(doubled.commands))
            };
            let copies =
                format!("{what} twice, at {} and again at {}", offset(doubled.first), offset(doubled.second));
            let tool = check_aof(self.release);
            let (severity, message) = if doubled.certain {
                let message = format!(
                    "{copies}, with something among them that is never sent twice: a part of the file was written again. The server runs \
                     both copies (counters count twice, lists get entries twice) and {tool} calls them valid."
                );
                (Severity::Warning, message)
            } else {
                let message = format!(
                    "{copies}: clients do that, and so does a part of a file that was written again. Server and {tool} take both; if it is a \
                     copy, counters count twice and lists get entries twice."
                );
                (Severity::Info, message)
            };
            self.push(severity, FindingKind::DoubledCommands, doubled.second, message);
        }
    }

    fn first_select(&mut self, meaning: &MeaningFacts) {
        let Some(first) = meaning.write_before_select else { return };
        let behind_snapshot = self.file.snapshot.is_some();
        if !matches!(self.file.role, Role::Aof | Role::Base | Role::Incr) {
            return;
        }
        let where_to =
            if behind_snapshot { "the database the snapshot ends with or 0" } else { "database 0" };
        let message = format!(
            "The first command writes, at {}, before any SELECT: the server puts it into {where_to} without a word, and {} does not look. \
             Servers begin every tape with SELECT, so the front of this one may be lost.",
            offset(first),
            check_aof(self.release)
        );
        self.push(Severity::Warning, FindingKind::SelectMissing, first, message);
    }
}
