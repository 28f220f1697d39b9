//! Findings about how the files of an append-only directory fit together: what its manifest gets past the server, and what that costs.
//! What keeps the server from starting is said where the manifest is judged (`directory.rs`).
//!
//! What servers do was tried with Redis 7.0.15 and 8.2.3 and Valkey 9.1.2.

use snaptape_aof::{EntryKind, ManifestEntry};
use snaptape_report::{Finding, FindingKind, Severity, units};

use crate::{
    directory::{Directory, ManifestState, Part},
    facts::{FileFacts, folder},
    words::{self, n_bytes, n_commands},
};

/// A base is saved by a child that starts together with the increment behind it; more seconds than this between the two are none of
/// its doing.
const TOLERANCE_S: i64 = 60;

/// An old-style file that a server of 7.0 or later looks for before there is a directory: it stands beside the directory and is called
/// like the manifest, without `.manifest`.
pub(crate) fn old_style<'a>(directory: &Directory<'a>) -> Option<&'a FileFacts> {
    let name = directory.manifest_name();
    let stem = name.strip_suffix(".manifest")?;
    let home = directory.home().strip_suffix('/')?;
    let parent = folder(home);
    directory.set.files.iter().find(|file| folder(&file.path) == parent && file.name() == stem)
}

/// All of them.
pub(crate) fn layout_findings(directory: &Directory<'_>) -> Vec<Finding> {
    let mut findings = Findings { directory, all: Vec::new() };
    let parts = directory.parts.as_deref().unwrap_or_default();
    findings.old_style();
    if directory.state == ManifestState::Good {
        findings.base(parts);
        findings.gaps();
        findings.twice();
        findings.offsets();
    }
    for part in parts {
        findings.contents(part);
    }
    findings.base_and_increments(parts);
    findings.times(parts);
    findings.all
}

struct Findings<'a, 'b> {
    directory: &'a Directory<'b>,
    all: Vec<Finding>,
}

fn name_of(entry: &ManifestEntry) -> String {
    String::from_utf8_lossy(&entry.name).into_owned()
}

impl Findings<'_, '_> {
    fn push(&mut self, severity: Severity, kind: FindingKind, file: &str, start: u64, message: String) {
        self.all.push(Finding { severity, kind, file: file.into(), start, end: start, message });
    }

    fn of_manifest(&mut self, severity: Severity, kind: FindingKind, message: String) {
        let path = self.directory.manifest_path;
        self.push(severity, kind, path, 0, message);
    }

    fn tool(&self) -> &'static str {
        words::check_aof(self.directory.set.release)
    }

    fn old_style(&mut self) {
        let Some(old) = old_style(self.directory) else { return };
        let size = n_bytes(old.bytes);
        let message = match self.directory.state {
            ManifestState::Missing => format!(
                "{} ({size}) stands beside the directory, which has no manifest: a server from 7.0 on moves this old-style file into the \
                 directory, starts with what it holds, and does not look at the other files; the new increment it then opens may be one of \
                 them. Move the old file or the directory away first.",
                old.name()
            ),
            ManifestState::Good | ManifestState::NothingListed => format!(
                "{} ({size}) stands beside the directory: a server from 7.0 on loads by the manifest and never looks at it, one before 7.0 \
                 would load it alone. If it is newer than the directory, its writes are not part of the dataset.",
                old.name()
            ),
            ManifestState::Empty | ManifestState::Invalid(_) => format!(
                "{} ({size}) stands beside the directory: as long as the manifest is refused no server from 7.0 on starts; without the \
                 directory it would start with this old file.",
                old.name()
            ),
        };
        self.push(Severity::Warning, FindingKind::OldStyleFile, &old.path, 0, message);
    }

    fn base(&mut self, parts: &[Part<'_>]) {
        if parts.iter().all(|part| part.entry.kind != EntryKind::Base) {
            let tool = self.tool();
            let message = format!(
                "The manifest lists no base: the server starts with the increments alone, as if nothing had been before them, and {tool} \
                 does not mind. Servers always write a base; if one is lost, most of the data is."
            );
            self.of_manifest(Severity::Warning, FindingKind::BaseMismatch, message);
        }
    }

    fn gaps(&mut self) {
        let incrs: Vec<&ManifestEntry> = self.directory.manifest.incrs().collect();
        for pair in incrs.windows(2) {
            let [before, after] = pair else { continue };
            if after.seq == before.seq.saturating_add(1) {
                continue;
            }
            let message = format!(
                "Between {} and {} numbers are left out: neither the server nor {} minds, but servers count without gaps, so an increment \
                 may have been taken off the list, and its writes are then missing.",
                name_of(before),
                name_of(after),
                self.tool()
            );
            self.of_manifest(Severity::Info, FindingKind::IncrementGap, message);
        }
    }

    fn twice(&mut self) {
        let entries = &self.directory.manifest.entries;
        for (i, entry) in entries.iter().enumerate() {
            let same: Vec<&ManifestEntry> = entries.iter().filter(|other| other.name == entry.name).collect();
            let first = entries.iter().position(|other| other.name == entry.name);
            if same.len() < 2 || first != Some(i) {
                continue;
            }
            let name = name_of(entry);
            let loaded = same.iter().filter(|entry| entry.kind != EntryKind::History).count();
            if loaded < same.len() && loaded > 0 {
                let message = format!(
                    "{name} is listed as live and as superseded: the server loads it, and deletes it right after it has started; {} does not \
                     notice. Take the line with \"type h\" out before any start.",
                    self.tool()
                );
                self.of_manifest(Severity::Error, FindingKind::ListedTwice, message);
            } else if loaded > 1 {
                let message = format!(
                    "{name} is listed {loaded} times: the server runs its commands as often, so counters count and lists grow again; {} \
                     reads it as often and calls it valid.",
                    self.tool()
                );
                self.of_manifest(Severity::Warning, FindingKind::ListedTwice, message);
            }
        }
    }

    fn offsets(&mut self) {
        let incrs: Vec<&ManifestEntry> = self.directory.manifest.incrs().collect();
        for pair in incrs.windows(2) {
            let [before, after] = pair else { continue };
            let (Some(end), Some(start)) = (before.end_offset, after.start_offset) else { continue };
            if end == start {
                continue;
            }
            let what = if start > end { "between them writes are missing" } else { "they overlap" };
            let message = format!(
                "{} ends at replication offset {end} and {} begins at {start}: {what}, or they come from different runs. The server does not \
                 compare them, nor does {}.",
                name_of(before),
                name_of(after),
                self.tool()
            );
            self.of_manifest(Severity::Warning, FindingKind::OffsetGap, message);
        }
    }

    /// Names say nothing to a server: it looks at the first bytes.
    fn contents(&mut self, part: &Part<'_>) {
        let Some(file) = part.file.filter(|file| file.bytes > 0) else { return };
        let is_snapshot = file.snapshot.is_some();
        let name = file.name();
        let ends = |end: &str| name.len() > end.len() && name.ends_with(end);
        let (severity, message) = match part.entry.kind {
            EntryKind::Base if ends(".base.rdb") && !is_snapshot && file.tape.is_some() => {
                let message = format!(
                    "{name} is called a snapshot and holds commands: server and {} look at the first bytes and read it as what it is.",
                    self.tool()
                );
                (Severity::Info, message)
            }
            EntryKind::Base if ends(".base.aof") && is_snapshot => {
                let message = format!(
                    "{name} is called a tape and begins with a snapshot: server and {} look at the first bytes and read it as what it is.",
                    self.tool()
                );
                (Severity::Info, message)
            }
            EntryKind::Incr if is_snapshot => {
                let message = format!(
                    "{name} is an increment and begins with a snapshot: the server loads its keys into those that are there already, and dies \
                     where a key is there twice; {} takes it for a broken tape. No server writes that.",
                    self.tool()
                );
                (Severity::Warning, message)
            }
            _ => return,
        };
        self.push(severity, FindingKind::NotWhatItsNameSays, &file.path, 0, message);
    }

    fn base_and_increments(&mut self, parts: &[Part<'_>]) {
        let base = parts.iter().find(|part| part.entry.kind == EntryKind::Base).and_then(|part| part.file);
        let Some((base, snapshot)) = base.and_then(|base| Some((base, base.snapshot.as_ref()?))) else {
            return;
        };
        let incrs =
            parts.iter().filter(|part| part.entry.kind == EntryKind::Incr).filter_map(|part| part.file);
        let meanings = incrs.filter_map(|file| Some((file, file.meaning.as_ref()?)));
        let first = meanings.clone().find_map(|(file, meaning)| Some((file, meaning.times.first?)));
        if let (Some(saved), Some((file, (time, at)))) = (snapshot.saved_at_s, first)
            && saved > time.saturating_add(TOLERANCE_S)
        {
            let message = format!(
                "The base {} was saved at {}, but {} begins at {}, earlier: the base is from a later rewrite than this increment. The server \
                 runs the older commands over the newer data and does not notice, nor does {}; counters count twice and deleted keys come \
                 back.",
                base.name(),
                units::time_s(saved),
                file.name(),
                units::time_s(time),
                self.tool()
            );
            self.push(Severity::Warning, FindingKind::BaseMismatch, &file.path, at, message);
        }
        let Some(writer) = snapshot.writer else { return };
        for (file, meaning) in meanings {
            let unknown = meaning.unknown_to(writer).filter(|used| used.spec.module().is_none());
            if let Some(used) = unknown.min_by_key(|used| used.first) {
                let message = format!(
                    "{} holds {}, which {writer}, the writer of the base {}, does not know: another server has gone on with this directory. A \
                     server that knows it loads both.",
                    file.name(),
                    used.spec.name(),
                    base.name()
                );
                self.push(Severity::Info, FindingKind::BaseMismatch, &file.path, used.first, message);
            }
        }
    }

    fn times(&mut self, parts: &[Part<'_>]) {
        let files = parts.iter().filter_map(|part| part.file);
        let mut before: Option<(&FileFacts, i64)> = None;
        for (file, meaning) in files.filter_map(|file| Some((file, file.meaning.as_ref()?))) {
            let times = &meaning.times;
            if let (Some((earlier, last)), Some((first, at))) = (before, times.first)
                && first < last
            {
                let commands = file.tape.as_ref().map_or(0, |tape| tape.check.commands);
                let message = format!(
                    "{} begins at {}, before {} ends ({}): the files may be in the wrong order or from different runs. The server runs its {} \
                     in the order of the manifest and does not notice, nor does {}.",
                    file.name(),
                    units::time_s(first),
                    earlier.name(),
                    units::time_s(last),
                    n_commands(commands),
                    self.tool()
                );
                self.push(Severity::Warning, FindingKind::TimeBackwards, &file.path, at, message);
            }
            if let Some((last, _)) = times.last {
                before = Some((file, last));
            }
        }
    }
}

/// Is a file one the directory's findings already speak of?
pub(crate) fn is_old_style(directory: &Directory<'_>, file: &FileFacts) -> bool {
    old_style(directory).is_some_and(|old| old.path == file.path)
}
