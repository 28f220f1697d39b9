//! An append-only directory: its manifest, what a server loads, in which order, and what it makes of it.

use snaptape_aof::{EntryKind, MAX_MANIFEST_LINE, Manifest, ManifestEntry, PartName, TapeScan};
use snaptape_report::{CheckTool, Finding, FindingKind, Holds, Load, Role, Severity, ToolFile};
use snaptape_sort::Sort as _;
use snaptape_wire::{Error, Limits, Product, Release};

use crate::{
    facts::{FileFacts, SetFacts, file_name, folder},
    layout::{is_old_style, layout_findings, old_style},
    meaning::meaning_findings,
    notes::{Place, blind_tool, tape_findings},
    outside::{is_outside, outside},
    rewritten::emptied,
    server::{Ending, Settings, load},
    tool::check_aof,
    words::{self, n_bytes, n_commands, offset},
};

/// What is to be said of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ManifestState {
    /// The server reads it.
    Good,
    /// There is none.
    Missing,
    /// It has no bytes.
    Empty,
    /// It has nothing but comments.
    NothingListed,
    /// The server refuses it.
    Invalid(Error),
}

/// A file that is to be loaded.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    pub(crate) entry: ManifestEntry,
    /// Nothing where it is not there.
    pub(crate) file: Option<&'a FileFacts>,
}

impl Part<'_> {
    pub(crate) fn name(&self) -> String {
        String::from_utf8_lossy(&self.entry.name).into_owned()
    }
}

/// The directory.
#[derive(Debug)]
pub(crate) struct Directory<'a> {
    pub(crate) set: &'a SetFacts,
    pub(crate) state: ManifestState,
    /// Path of the manifest; empty where there is none.
    pub(crate) manifest_path: &'a str,
    /// What the manifest lists, as far as it can be understood.
    pub(crate) manifest: Manifest,
    /// What is loaded, in order: by the manifest, or, where it is no good, as it must have been. The error says why that cannot
    /// be told.
    pub(crate) parts: Result<Vec<Part<'a>>, String>,
}

impl<'a> Directory<'a> {
    /// `None` where the set is no directory.
    pub(crate) fn new(set: &'a SetFacts) -> Option<Self> {
        let is_part =
            |file: &FileFacts| matches!(file.role, Role::Base | Role::Incr | Role::History | Role::Unlisted);
        if set.manifest.is_none() && !set.files.iter().any(is_part) {
            return None;
        }
        let mut lost = 0;
        let (state, manifest) = match &set.manifest {
            None => (ManifestState::Missing, Manifest::default()),
            Some(facts) => match Manifest::parse(&facts.text) {
                _ if facts.text.is_empty() => (ManifestState::Empty, Manifest::default()),
                Ok(manifest) if manifest.load_order().next().is_none() => {
                    (ManifestState::NothingListed, manifest)
                }
                Ok(manifest) => (ManifestState::Good, manifest),
                Err(error) => {
                    lost = Manifest::unreadable_lines(&facts.text);
                    (ManifestState::Invalid(error), Manifest::parse_leniently(&facts.text))
                }
            },
        };
        let manifest_path = set.manifest.as_ref().map_or("", |manifest| manifest.path.as_str());
        let mut directory = Self { set, state, manifest_path, manifest, parts: Ok(Vec::new()) };
        directory.parts = if directory.state == ManifestState::Good {
            Ok(directory.manifest.load_order().map(|entry| directory.part(entry.clone())).collect())
        } else {
            directory.rebuild(lost)
        };
        Some(directory)
    }

    pub(crate) fn home(&self) -> &str {
        if let Some(manifest) = &self.set.manifest {
            return folder(&manifest.path);
        }
        let part = self.set.files.iter().find(|file| matches!(file.role, Role::Base | Role::Incr));
        part.or(self.set.files.first()).map_or("", |file| folder(&file.path))
    }

    /// The file of the directory with this name.
    pub(crate) fn file(&self, name: &[u8]) -> Option<&'a FileFacts> {
        let home = self.home();
        let is_it = |file: &&FileFacts| folder(&file.path) == home && file.name().as_bytes() == name;
        self.set.files.iter().find(is_it)
    }

    fn part(&self, entry: ManifestEntry) -> Part<'a> {
        Part { file: self.file(&entry.name), entry }
    }

    /// The files that look like parts, by their names.
    fn named(&self) -> Vec<(PartName, &'a FileFacts)> {
        let home = self.home();
        let here = self.set.files.iter().filter(|file| folder(&file.path) == home);
        here.filter_map(|file| Some((PartName::parse(file.name())?, file))).collect()
    }

    /// What must have been loaded, told from the lines that can be read and from the names of the files.
    fn rebuild(&self, lost_lines: usize) -> Result<Vec<Part<'a>>, String> {
        let named = self.named();
        let mut parts: Vec<Part<'a>> = Vec::new();
        let entry_of =
            |part: &PartName, file: &FileFacts| ManifestEntry::new(file.name(), part.seq, part.kind);
        if let Some(base) = self.manifest.base() {
            parts.push(self.part(base.clone()));
        } else {
            let bases: Vec<_> = named.iter().filter(|(part, _)| part.kind == EntryKind::Base).collect();
            match bases.as_slice() {
                [(part, file)] => parts.push(Part { entry: entry_of(part, file), file: Some(file) }),
                [] => return Err("there is no base file".into()),
                _ => {
                    return Err(format!(
                        "there are {} base files, and without a manifest it cannot be told which increments belong to which",
                        bases.len()
                    ));
                }
            }
        }
        let listed: Vec<_> = self.manifest.incrs().cloned().collect();
        let first_listed = listed.iter().map(|entry| entry.seq).min();
        let known = |name: &str| self.manifest.entries.iter().any(|entry| entry.name == name.as_bytes());
        let mut incrs: Vec<Part<'a>> = listed.into_iter().map(|entry| self.part(entry)).collect();
        for (part, file) in &named {
            let newer = first_listed.is_none_or(|first| part.seq > first);
            if part.kind != EntryKind::Incr || known(file.name()) {
                continue;
            }
            if newer {
                incrs.push(Part { entry: entry_of(part, file), file: Some(file) });
            } else if lost_lines > 0 {
                return Err(format!(
                    "{} is older than the increments that can be read off the manifest, and may or may not have been on a line that cannot",
                    file.name()
                ));
            }
        }
        incrs.order_by_key(|part| part.entry.seq);
        if self.manifest.entries.is_empty() {
            let stems = named.iter().map(|(part, _)| part.stem.as_str());
            if let Some(first) = stems.clone().next()
                && stems.clone().any(|stem| stem != first)
            {
                return Err("the files belong to more than one append-only set".into());
            }
            // A number that is not there may be a file that is lost: what follows it must not be loaded.
            let gap =
                incrs.windows(2).position(|pair| matches!(pair, [a, b] if b.entry.seq != a.entry.seq + 1));
            if let Some(gap) = gap {
                let seq = incrs.get(gap).map_or(0, |part| part.entry.seq) + 1;
                let stem = named.first().map_or("", |(part, _)| part.stem.as_str());
                let entry = ManifestEntry::new(format!("{stem}.{seq}.incr.aof"), seq, EntryKind::Incr);
                incrs.insert(gap + 1, Part { entry, file: None });
            }
        }
        incrs.dedup_by_key(|part| part.entry.seq);
        parts.extend(incrs);
        Ok(parts)
    }

    /// The server's start.
    pub(crate) fn load(&self, settings: Settings) -> Load {
        let release = self.set.release;
        let manifest = self.manifest_path.to_string();
        let answer = |starts, why: String, kept_up_to, file: String| Load {
            starts,
            holds: Holds::This,
            why,
            kept_up_to,
            file,
            keys: Vec::new(),
        };
        if let Some(reason) = self.starts_empty(release) {
            let why = format!("it starts EMPTY, with 0 keys and none of this data: {reason}");
            return Load { holds: Holds::Nothing, ..answer(true, why, 0, manifest) };
        }
        match &self.state {
            ManifestState::Missing if let Some(old) = old_style(self) => {
                let outcome = load(old, release, settings);
                let why =
                    format!("there is no manifest, and it loads the old-style file instead: {}", outcome.why);
                let starts = outcome.ending != Ending::Refused;
                return Load {
                    holds: if starts { Holds::OldStyleFile } else { Holds::This },
                    ..answer(starts, why, outcome.kept_up_to, old.path.clone())
                };
            }
            ManifestState::Good | ManifestState::Missing | ManifestState::NothingListed => {}
            ManifestState::Empty => return answer(false, "the manifest is empty".into(), 0, manifest),
            ManifestState::Invalid(error) => {
                let bytes = self.set.manifest.as_ref().map_or(0, |manifest| manifest.text.len() as u64);
                return answer(false, format!("the manifest is refused: {}", error.kind()), bytes, manifest);
            }
        }
        let parts = self.parts.as_deref().unwrap_or_default();
        if let Some(part) = parts.iter().find(|part| part.file.is_none()) {
            let home = self.home();
            return answer(
                false,
                format!("{} is listed and not there", part.name()),
                0,
                home.to_string() + &part.name(),
            );
        }
        let mut last = answer(true, "all files load".into(), 0, manifest);
        for (i, file) in parts.iter().filter_map(|part| part.file).enumerate() {
            let outcome = load(file, release, settings);
            let is_last = i + 1 == parts.len();
            let path = file.path.clone();
            match outcome.ending {
                Ending::Refused => return answer(false, outcome.why, outcome.kept_up_to, path),
                Ending::Cut if !is_last => {
                    let why = format!("{}, but only the last file may be cut", outcome.why);
                    return answer(false, why, outcome.kept_up_to, path);
                }
                Ending::Cut => last = answer(true, outcome.why, outcome.kept_up_to, path),
                Ending::Loaded => (last.kept_up_to, last.file) = (outcome.kept_up_to, path),
            }
        }
        last
    }

    /// Why a server that starts looks at none of the files, as a clause. Nothing where it does, or does not start.
    pub(crate) fn starts_empty(&self, release: Release) -> Option<&'static str> {
        match &self.state {
            _ if !release.at_least_redis(7, 0) => Some("it does not know append-only directories"),
            ManifestState::Missing if old_style(self).is_none() => {
                Some("there is no manifest, and it writes a new one")
            }
            ManifestState::NothingListed => Some("the manifest lists no file"),
            _ => None,
        }
    }

    /// Does a server that starts load what is there?
    pub(crate) fn is_loaded(&self) -> bool {
        self.state == ManifestState::Good && self.set.release.at_least_redis(7, 0)
    }

    /// The check tool over the manifest.
    pub(crate) fn tool(&self) -> CheckTool {
        let release = self.set.release;
        let mut files: Vec<ToolFile> = Vec::new();
        let exit = self.run_tool(release, &mut files);
        let ok_up_to = files.last().map_or(0, |file| file.ok_up_to);
        CheckTool { tool: words::check_aof(release).into(), exit, ok_up_to, files }
    }

    fn run_tool(&self, release: Release, files: &mut Vec<ToolFile>) -> i32 {
        let Some(manifest) = &self.set.manifest else { return 1 };
        if manifest.text.is_empty() {
            // "AOF ... is empty"; before 7.0 that was an error.
            return i32::from(!release.at_least_redis(7, 0));
        }
        if !release.at_least_redis(7, 0) || !tool_sees_manifest(&manifest.text, release) {
            // It takes the manifest for a tape.
            let mut scan = TapeScan::new(0, manifest.text.len() as u64, release, Limits::default());
            scan.feed(&manifest.text, &mut ());
            let facts = scan.finish(&mut ());
            files.push(ToolFile { file: manifest.path.clone(), ok_up_to: facts.check.ok_up_to });
            return i32::from(facts.check.stop.is_some());
        }
        if self.state != ManifestState::Good {
            return i32::from(self.state != ManifestState::NothingListed);
        }
        for part in self.parts.iter().flatten() {
            let Some(file) = part.file else { return 1 };
            let said = check_aof(file, release);
            files.extend(said.tool_file(file));
            if !said.valid {
                return 1;
            }
        }
        0
    }

    /// What a reader should know.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = self.manifest_findings();
        let release = self.set.release;
        let parts = self.parts.as_deref().unwrap_or_default();
        let mut damaged = None;
        let mut tool_gets_here = self.state == ManifestState::Good;
        for (i, part) in parts.iter().enumerate() {
            let Some(file) = part.file else {
                tool_gets_here = false;
                continue;
            };
            let place = Place { last: i + 1 == parts.len(), tool_gets_here };
            tool_gets_here &= check_aof(file, release).valid;
            findings.extend(tape_findings(file, release, place));
            findings.extend(meaning_findings(file, release));
            findings.extend(blind_tool(file, release));
            if !file.is_sound() && damaged.is_none() {
                damaged = Some((i, file));
            }
        }
        if let Some((i, file)) = damaged
            && i + 1 < parts.len()
        {
            let later = parts.get(i + 1..).unwrap_or_default().iter().filter_map(|part| part.file);
            let commands: u64 =
                later.clone().filter_map(|file| file.tape.as_ref()).map(|tape| tape.check.commands).sum();
            let message = format!(
                "{} is damaged and is not the last file: {} with {} come after it. No server loads past such damage, and a copy cut here \
                 must leave them out, or it would hold writes without those before them.",
                file.name(),
                snaptape_report::units::plural(later.count() as u64, "file", "files"),
                n_commands(commands)
            );
            findings.push(Finding {
                severity: Severity::Error,
                kind: FindingKind::NotLastFile,
                file: file.path.clone(),
                start: file.tape.as_ref().map_or(0, |tape| tape.check.ok_up_to),
                end: file.bytes,
                message,
            });
        }
        findings.extend(layout_findings(self));
        findings.extend(emptied(self, parts));
        findings.extend(self.bystanders(parts));
        findings
    }

    fn manifest_findings(&self) -> Vec<Finding> {
        let finding = |kind, start, end, message| Finding {
            severity: Severity::Error,
            kind,
            file: self.manifest_path.into(),
            start,
            end,
            message,
        };
        let tool = words::check_aof(self.set.release);
        let bytes = self.set.manifest.as_ref().map_or(0, |manifest| manifest.text.len() as u64);
        let mut findings = Vec::new();
        match &self.state {
            ManifestState::Good => {}
            ManifestState::Missing if let Some(old) = old_style(self) => findings.push(finding(
                FindingKind::ManifestMissing,
                0,
                0,
                format!(
                    "There is no manifest: the server does not look at these files, starts with {} instead, and writes a new manifest over \
                     the old numbers. {tool} cannot be run. Do not start a server on this directory.",
                    old.name()
                ),
            )),
            ManifestState::Missing => findings.push(finding(
                FindingKind::ManifestMissing,
                0,
                0,
                format!(
                    "There is no manifest: the server does not look at these files, starts with an EMPTY dataset and writes a new manifest \
                     over the old numbers. {tool} cannot be run. Do not start a server on this directory."
                ),
            )),
            ManifestState::Empty => findings.push(finding(
                FindingKind::ManifestEmpty,
                0,
                0,
                format!("The manifest is empty: the server refuses to start, while {tool} calls it an empty tape and reports success."),
            )),
            ManifestState::NothingListed => findings.push(finding(
                FindingKind::ManifestEmpty,
                0,
                bytes,
                "The manifest lists no file: the server starts with an EMPTY dataset and does not look at the files beside it.".into(),
            )),
            ManifestState::Invalid(error) => findings.push(finding(
                FindingKind::ManifestInvalid,
                error.offset(),
                bytes,
                format!(
                    "The manifest cannot be used: \"{}\"{}. The server refuses to start and {tool} stops, whatever the other files hold.",
                    error.kind(),
                    error.context().map(|context| format!(" in {context}")).unwrap_or_default()
                ),
            )),
        }
        for part in self.parts.iter().flatten().filter(|part| part.file.is_none()) {
            let what = match part.entry.kind {
                EntryKind::Base => "the base, the dataset that all other files only add to",
                _ => "an increment, the writes of some stretch of time",
            };
            let (name, lost) = (part.name(), "What it held is lost, and nothing tells how much that was.");
            let listed = self.manifest.entries.iter().any(|entry| entry.name == part.entry.name);
            let message = if listed {
                format!(
                    "{name} is listed and not there: {what}. The server refuses to start and {tool} stops at it. {lost}"
                )
            } else {
                format!("{name} is not there, although the files before and behind it are: {what}. {lost}")
            };
            let mut missing = finding(FindingKind::MissingFile, 0, 0, message);
            missing.file = self.home().to_string() + &part.name();
            findings.push(missing);
        }
        if let Err(why) = &self.parts {
            let message = format!("A manifest cannot be written anew: {why}.");
            findings.push(finding(FindingKind::ManifestInvalid, 0, bytes, message));
        }
        let parts = self.parts.as_deref().unwrap_or_default();
        if self.state == ManifestState::Good
            && parts.iter().filter_map(|part| part.file).all(|file| file.bytes == 0)
        {
            let message = "All listed files are empty: the server starts with an empty dataset.".into();
            findings.push(Finding {
                severity: Severity::Warning,
                ..finding(FindingKind::Empty, 0, bytes, message)
            });
        }
        findings
    }

    /// Files that are not loaded.
    fn bystanders(&self, parts: &[Part<'_>]) -> Vec<Finding> {
        let newest =
            |kind| parts.iter().filter(|part| part.entry.kind == kind).map(|part| part.entry.seq).max();
        let (newest_base, newest_incr) = (newest(EntryKind::Base), newest(EntryKind::Incr));
        let mut findings = outside(self);
        for file in &self.set.files {
            if file.path == self.manifest_path
                || is_outside(self, file)
                || is_old_style(self, file)
                || parts.iter().any(|part| part.file.is_some_and(|f| f.path == file.path))
            {
                continue;
            }
            let name = file.name();
            let size = n_bytes(file.bytes);
            let history = self.manifest.history().any(|entry| entry.name == name.as_bytes());
            let newer = PartName::parse(name).is_some_and(|part| match part.kind {
                EntryKind::Base => newest_base.is_none_or(|seq| part.seq > seq),
                _ => newest_incr.is_none_or(|seq| part.seq > seq),
            });
            let (severity, kind, message) = if history {
                let message = format!(
                    "{name} ({size}) is superseded: no server loads it, and the next one deletes it."
                );
                (Severity::Info, FindingKind::HistoryFile, message)
            } else if name.starts_with("temp-") {
                let message = format!(
                    "{name} ({size}) is left over from a rewrite that did not finish; no server loads it."
                );
                (Severity::Info, FindingKind::UnlistedFile, message)
            } else if newer && self.state == ManifestState::Good {
                let message = format!(
                    "{name} ({size}) is newer than everything the manifest lists, but not listed: the server does not load it, and {} \
                     does not look at it. Writes in it are not part of the dataset.",
                    words::check_aof(self.set.release)
                );
                (Severity::Warning, FindingKind::UnlistedFile, message)
            } else {
                let message = format!("{name} ({size}) is not listed: no server loads it.");
                (Severity::Info, FindingKind::UnlistedFile, message)
            };
            findings.push(Finding {
                severity,
                kind,
                file: file.path.clone(),
                start: 0,
                end: file.bytes,
                message,
            });
        }
        findings
    }

    /// What the manifest of a copy is called.
    pub(crate) fn manifest_name(&self) -> String {
        if !self.manifest_path.is_empty() {
            return file_name(self.manifest_path).into();
        }
        let stem =
            self.named().into_iter().next().map_or_else(|| "appendonly.aof".into(), |(part, _)| part.stem);
        format!("{stem}.manifest")
    }
}

/// Does the check tool recognise it as a manifest? A line must begin with `file`, in lower case: any line before Redis 7.4 and
/// Valkey 8.0, later the first one that is no comment. Source: fileIsManifest in redis-check-aof.c; seen with seven releases.
fn tool_sees_manifest(text: &[u8], release: Release) -> bool {
    // As its `fgets` cuts them: a longer line continues on the next.
    let pieces =
        text.split_inclusive(|&byte| byte == b'\n').flat_map(|line| line.chunks(MAX_MANIFEST_LINE + 1));
    let mut lines = pieces.filter(|line| line.first() != Some(&b'#'));
    let is_listed = |line: &[u8]| line.starts_with(b"file");
    let first_only = match release.product {
        Product::Valkey => release.major >= 8,
        _ => release.at_least_redis(7, 4),
    };
    if first_only { lines.next().is_some_and(is_listed) } else { lines.any(is_listed) }
}

/// The place of an offset, for sentences of plans.
pub(crate) fn place(file: &FileFacts, at: u64) -> String {
    format!("{} at {}", file.name(), offset(at))
}
