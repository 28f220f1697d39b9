//! Will it load? One answer for each release everybody asks about.

use snaptape_report::{LoadCause, LoadCauseKind as Kind, ReleaseLoad, Role, enumerate, units};
use snaptape_sort::Sort as _;
use snaptape_wire::Release;

use crate::{
    compat::{Cause, RELEASES, causes, sentence, unnoticed},
    directory::Directory,
    facts::{FileFacts, SetFacts},
    meaning::{refusal_of, refusal_words},
    server::{Ending, Settings, load},
};

/// A cause, and the files that have it.
struct Gathered<'a> {
    cause: Cause,
    files: Vec<&'a str>,
}

/// The answers for a set with a snapshot in it, [`RELEASES`] in their order; nothing for one without.
pub(crate) fn releases(set: &SetFacts, directory: Option<&Directory<'_>>) -> Vec<ReleaseLoad> {
    let files = loaded(set, directory);
    if files.iter().all(|file| file.snapshot.is_none()) {
        return Vec::new();
    }
    let tape = tape_damage(set, directory, &files);
    let empty = |release| directory.and_then(|directory| directory.starts_empty(release));
    answers(&files, empty, tape.as_ref())
}

/// The answers for the files a server loads, and what is wrong with a tape for all of them; `empty` says why a release does not look at
/// them at all.
pub(crate) fn answers(
    files: &[&FileFacts],
    empty: impl Fn(Release) -> Option<&'static str>,
    tape: Option<&Cause>,
) -> Vec<ReleaseLoad> {
    RELEASES.into_iter().map(|release| one(release, files, empty(release), tape)).collect()
}

/// The files a server loads.
fn loaded<'a>(set: &'a SetFacts, directory: Option<&Directory<'a>>) -> Vec<&'a FileFacts> {
    match directory {
        Some(directory) => directory.parts.iter().flatten().filter_map(|part| part.file).collect(),
        None => set.files.iter().collect(),
    }
}

/// What is wrong with a tape is wrong for all releases that read tapes of its kind: their loaders do not differ in it.
fn tape_damage(set: &SetFacts, directory: Option<&Directory<'_>>, files: &[&FileFacts]) -> Option<Cause> {
    if files.iter().any(|file| !causes(file, set.release).is_empty()) {
        return None;
    }
    let why = match directory {
        Some(directory) => {
            let load = directory.load(Settings::FRAMING);
            (!load.starts || !load.holds.is_this()).then_some(load.why)
        }
        None => files
            .iter()
            .map(|file| load(file, set.release, Settings::FRAMING))
            .find(|outcome| outcome.ending == Ending::Refused)
            .map(|outcome| outcome.why),
    };
    why.map(|why| Cause::new(Kind::Tape, why))
}

fn one(
    release: Release,
    files: &[&FileFacts],
    empty: Option<&'static str>,
    tape: Option<&Cause>,
) -> ReleaseLoad {
    if let Some(why) = empty {
        let what = format!("{why}: it starts with 0 keys");
        return ReleaseLoad {
            release: release.to_string(),
            loads: false,
            why: format!("It starts EMPTY: {why}."),
            causes: vec![Cause::new(Kind::StartsEmpty, what).into_report(Vec::new())],
        };
    }
    let mut gathered: Vec<Gathered<'_>> = Vec::new();
    for file in files {
        let mut of_file = causes(file, release);
        let is_preamble = file.snapshot.is_some() && file.role != Role::Rdb;
        if is_preamble && !release.at_least_redis(4, 0) {
            of_file.push(Cause::new(Kind::Tape, "it does not know tapes that begin with a snapshot"));
        }
        if let Some(refusal) = refusal_of(file, release) {
            of_file.push(Cause::new(Kind::Tape, refusal_words(&refusal, file)));
        }
        for cause in of_file {
            match gathered.iter_mut().find(|known| known.cause.is_like(&cause)) {
                Some(known) => {
                    known.cause.keys.merge(&cause.keys);
                    known.files.push(&file.path);
                }
                None => gathered.push(Gathered { cause, files: vec![&file.path] }),
            }
        }
    }
    gathered.extend(tape.map(|cause| Gathered { cause: cause.clone(), files: Vec::new() }));
    gathered.order_by_key(|gathered| gathered.cause.kind);
    let all: Vec<Cause> = gathered.iter().map(|gathered| gathered.cause.clone()).collect();
    let causes: Vec<LoadCause> = gathered
        .into_iter()
        .map(|Gathered { cause, files: having }| {
            let some = having.len() < files.len();
            let named = having.into_iter().take(LoadCause::MAX_EXAMPLES).map(Into::into);
            cause.into_report(if some { named.collect() } else { Vec::new() })
        })
        .collect();
    let mut answer =
        ReleaseLoad { release: release.to_string(), loads: causes.is_empty(), why: String::new(), causes };
    answer.why = match (answer.loads, answer.way_out()) {
        (true, _) => match files.iter().map(|file| unnoticed(file, release)).sum() {
            0 => "It loads.".into(),
            n => format!(
                "It loads, and does not notice {}.",
                units::plural(n, "damaged value", "damaged values")
            ),
        },
        (false, Some(ways)) => {
            format!("It loads only with {}: {}.", enumerate(&ways), sentence(&all))
        }
        (false, None) => format!("It does not load: {}.", sentence(&all)),
    };
    answer
}
