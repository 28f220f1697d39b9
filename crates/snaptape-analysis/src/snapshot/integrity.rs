//! What is wrong with keys and databases, beside what cannot be read at all: gathered while reading, told at the end.

use std::{collections::BTreeMap, ops::Range};

use snaptape_rdb::{Event, Key, Part};
use snaptape_report::{Finding, FindingKind, Severity, units};
use snaptape_wire::Error;

use super::{
    SnapshotOptions,
    deep::{Deep, Harm, REFUSED, Violation},
    duplicates::{Duplicate, Duplicates, Named},
    features::Sightings,
    hints::Hints,
    unfit::{MAX_UNFIT, Unfit, UnfitList, UnfitReason},
};

/// Most findings of one kind that are listed one by one.
pub(super) const MAX_FINDINGS_PER_KIND: u64 = 20;
/// Most findings about one value.
const MAX_FINDINGS_PER_VALUE: usize = 4;

/// Gathers it.
#[derive(Debug)]
pub(super) struct Integrity {
    file: String,
    deep: Option<Box<Deep>>,
    duplicates: Duplicates,
    hints: Hints,
    unfit: UnfitList,
    findings: Vec<Finding>,
    harms: BTreeMap<Harm, Sightings>,
    twice: Sightings,
    /// Violations of severity error, and the others.
    bad_values: Tally,
    odd_values: Tally,
    duplicate_keys: u64,
    /// Those of them that may have been copied, and whether they have an expiry.
    copied_duplicates: Vec<(Range<u64>, bool)>,
    droppable_duplicates: u64,
    empty_keys: u64,
    expired_at_save: u64,
    expired_since: u64,
}

/// How many findings were made, and how many more were not.
#[derive(Debug, Default)]
struct Tally {
    listed: u64,
    more: u64,
}

/// A key at its end.
#[derive(Debug)]
pub(super) struct Ended<'a> {
    pub(super) db: u64,
    pub(super) name: &'a [u8],
    pub(super) type_name: &'a str,
    /// The entry with its attributes.
    pub(super) span: Range<u64>,
    /// What reading it has shown to be wrong.
    pub(super) problem: Option<Violation>,
    pub(super) is_empty: bool,
    pub(super) has_expiry: bool,
    pub(super) expired_at_save: bool,
    pub(super) expired_now: bool,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Verdicts {
    pub(super) findings: Vec<Finding>,
    /// Keys by what their damaged values do to servers; a key counts once, for the worst.
    pub(super) harms: BTreeMap<Harm, Sightings>,
    /// Keys that stand in their database twice.
    pub(super) twice: Sightings,
    /// Entries that stood there before, and whether they have an expiry.
    pub(super) duplicates: Vec<(Range<u64>, bool)>,
    pub(super) unfit: Vec<Unfit>,
    pub(super) unfit_truncated: bool,
}

impl Integrity {
    pub(super) fn new(file: &str, options: &SnapshotOptions) -> Self {
        Self {
            file: file.into(),
            deep: options.deep.then(Box::default),
            duplicates: Duplicates::new(),
            hints: Hints::default(),
            unfit: UnfitList::default(),
            findings: Vec::new(),
            harms: BTreeMap::new(),
            twice: Sightings::default(),
            bad_values: Tally::default(),
            odd_values: Tally::default(),
            duplicate_keys: 0,
            copied_duplicates: Vec::new(),
            droppable_duplicates: 0,
            empty_keys: 0,
            expired_at_save: 0,
            expired_since: 0,
        }
    }

    /// A key begins.
    #[inline]
    pub(super) fn begin(&mut self, key: &Key<'_>) {
        if let Some(deep) = &mut self.deep {
            deep.begin(key.object);
        }
    }

    /// A piece of its value.
    #[inline]
    pub(super) fn part(&mut self, span: &Range<u64>, part: &Part<'_>) {
        if let Some(deep) = &mut self.deep {
            deep.part(span, part);
        }
    }

    /// Something between the keys. Is it fit to be copied?
    pub(super) fn item(&mut self, span: &Range<u64>, event: &Event<'_>) -> bool {
        let mut is_fit = true;
        self.hints.item(span, event);
        if let Some(deep) = &mut self.deep {
            deep.item(event);
            if matches!(event, Event::ModuleAuxEnd | Event::Function { .. } | Event::Aux { .. }) {
                let violations = deep.end();
                is_fit = !violations.iter().any(|violation| violation.harm.is_unfit());
                self.bad_values(&violations, span, "Data outside the keys", || {
                    "(data outside the keys)".into()
                });
            }
        }
        is_fit
    }

    /// A key ends. Is its value fit to be copied? Whether it stood there before turns out later.
    #[inline]
    pub(super) fn end(&mut self, key: Ended<'_>) -> bool {
        let mut is_fit = true;
        self.hints.key(key.db, key.has_expiry);
        self.empty_keys += u64::from(key.is_empty);
        if key.has_expiry {
            self.expired_at_save += u64::from(key.expired_at_save);
            self.expired_since += u64::from(key.expired_now && !key.expired_at_save);
        }
        if self.deep.is_some() || key.problem.is_some() {
            is_fit = self.judge_value(&key);
        }
        let named = Named {
            db: key.db,
            name: key.name,
            span: key.span,
            has_expiry: key.has_expiry,
            droppable: key.expired_now || key.is_empty,
        };
        if self.duplicates.add(&named) || self.duplicates.is_full() {
            self.look_up_duplicates();
        }
        is_fit
    }

    /// Forgets what was said of the entries that begin at `start` or behind it: they were damage.
    pub(super) fn take_back(&mut self, start: u64) {
        self.duplicates.take_back(start);
        self.unfit.take_back(start);
        self.findings.retain(|finding| finding.start < start);
        if let Some(deep) = &mut self.deep {
            let _ = deep.end();
        }
    }

    fn judge_value(&mut self, key: &Ended<'_>) -> bool {
        let mut violations = self.deep.as_mut().map(|deep| deep.end()).unwrap_or_default();
        if violations.is_empty()
            && let Some(problem) = &key.problem
        {
            violations.push(problem.clone());
        }
        if violations.is_empty() {
            return true;
        }
        let what = format!(
            "The value of the {} key \"{}\" in database {}",
            key.type_name,
            excerpt(key.name),
            key.db
        );
        let is_fit = !violations.iter().any(|violation| violation.harm.is_unfit());
        if !is_fit {
            self.unfit.push(key.span.clone(), UnfitReason::BadValue);
        }
        self.bad_values(&violations, &key.span, &what, || excerpt(key.name));
        is_fit
    }

    #[cold]
    fn bad_values(
        &mut self,
        violations: &[Violation],
        span: &Range<u64>,
        what: &str,
        name: impl FnOnce() -> String,
    ) {
        if let Some(worst) = violations.iter().map(|violation| violation.harm).min() {
            self.harms.entry(worst).or_default().add(name);
        }
        for (i, Violation { at, rule, harm }) in violations.iter().enumerate() {
            let severity = harm.severity();
            let tally = if severity == Severity::Error { &mut self.bad_values } else { &mut self.odd_values };
            if i < MAX_FINDINGS_PER_VALUE && tally.listed < MAX_FINDINGS_PER_KIND {
                tally.listed += 1;
                let message = format!("{what} is damaged inside: {rule}. {}", harm.sentence());
                let span = if span.contains(at) { *at..span.end } else { *at..*at };
                self.push(severity, FindingKind::BadValue, span, message);
            } else {
                tally.more += 1;
            }
        }
    }

    #[cold]
    fn look_up_duplicates(&mut self) {
        let is_full = self.duplicates.is_full();
        self.tell_duplicates(is_full);
        if is_full {
            self.duplicates.halve();
        }
    }

    fn tell_duplicates(&mut self, all: bool) {
        for Duplicate { span, db, name, has_expiry, droppable } in self.duplicates.look_up(all) {
            if droppable {
                self.droppable_duplicates += 1;
                continue;
            }
            self.duplicate_keys += 1;
            self.twice.add(|| excerpt(&name));
            self.unfit.push(span.clone(), UnfitReason::DuplicateKey);
            if self.copied_duplicates.len() < MAX_UNFIT {
                self.copied_duplicates.push((span.clone(), has_expiry));
            }
            if self.duplicate_keys <= MAX_FINDINGS_PER_KIND {
                let message = format!(
                    "Key \"{}\" stands in database {db} a second time. Every server aborts over that when it loads the file; its \
                     check tool does not see it.",
                    excerpt(&name),
                );
                self.push(Severity::Error, FindingKind::DuplicateKey, span, message);
            }
        }
    }

    fn push(&mut self, severity: Severity, kind: FindingKind, span: Range<u64>, message: String) {
        let file = self.file.clone();
        self.findings.push(Finding { severity, kind, file, start: span.start, end: span.end, message });
    }

    /// Something that is no value is damaged inside: every loader looks at that.
    #[cold]
    pub(super) fn bad_name(&mut self, error: &Error, what: &str) {
        let at = error.offset();
        let violation = Violation { at, rule: error.kind().to_string(), harm: REFUSED };
        self.bad_values(&[violation], &(at..at), what, || format!("({what})"));
    }

    /// That was all. `complete` says that the end was reached; `old_version` that the writer left expired keys out.
    pub(super) fn finish(&mut self, complete: bool, rdb_version: Option<u16>) -> Verdicts {
        self.tell_duplicates(true);
        let hints = core::mem::take(&mut self.hints);
        for (severity, kind, span, message) in hints.finish(complete, rdb_version) {
            self.push(severity, kind, span, message);
        }
        self.judge_totals();
        let (unfit, unfit_truncated) = core::mem::take(&mut self.unfit).finish();
        Verdicts {
            findings: core::mem::take(&mut self.findings),
            harms: core::mem::take(&mut self.harms),
            twice: core::mem::take(&mut self.twice),
            duplicates: core::mem::take(&mut self.copied_duplicates),
            unfit,
            unfit_truncated,
        }
    }

    fn judge_totals(&mut self) {
        let more = [
            (Severity::Error, FindingKind::BadValue, self.bad_values.more, "more damages inside values are"),
            (
                Severity::Warning,
                FindingKind::BadValue,
                self.odd_values.more,
                "more oddities inside values are",
            ),
            (
                Severity::Error,
                FindingKind::DuplicateKey,
                self.duplicate_keys.saturating_sub(MAX_FINDINGS_PER_KIND),
                "more keys that stand in their database twice are",
            ),
        ];
        for (severity, kind, n, what) in more {
            if n > 0 {
                let message = format!("{} {what} not listed one by one.", units::count(n));
                self.push(severity, kind, 0..0, message);
            }
        }
        if self.droppable_duplicates > 0 {
            let message = format!(
                "{} in {} database twice, and at least one of the two has expired or is empty: a server that starts as a primary \
                 leaves that one out. A replica, and whoever loads this as the base of a tape, aborts.",
                units::plural(self.droppable_duplicates, "key stands", "keys stand"),
                if self.droppable_duplicates == 1 { "its" } else { "their" },
            );
            self.push(Severity::Warning, FindingKind::DuplicateKey, 0..0, message);
        }
        let one_in = self.duplicates.one_in();
        if one_in > 1 {
            let message = format!(
                "There are too many keys to compare all: one in {} was, chosen by its hash. A key that stands there twice may have \
                 been missed.",
                units::count(one_in)
            );
            self.push(Severity::Info, FindingKind::LimitReached, 0..0, message);
        }
        if let Some(message) = self.deep.as_ref().and_then(|deep| deep.not_looked_at()) {
            self.push(Severity::Info, FindingKind::LimitReached, 0..0, message);
        }
        if self.empty_keys > 0 {
            let message = format!(
                "{} without any element. Redis 6.2.7 and later and Valkey skip such keys when they load; earlier ones keep them.",
                units::plural(self.empty_keys, "key is", "keys are"),
            );
            self.push(Severity::Warning, FindingKind::EmptyKey, 0..0, message);
        }
        self.judge_expired();
    }

    fn judge_expired(&mut self) {
        let (at_save, since) = (self.expired_at_save, self.expired_since);
        if at_save + since == 0 {
            return;
        }
        let before = match at_save {
            0 => "No key had".to_owned(),
            n => units::plural(n, "key had", "keys had"),
        };
        let since = match since {
            0 => "none has".to_owned(),
            n => units::plural(n, "has", "have"),
        };
        let message = format!(
            "{before} expired when the snapshot was saved, and {since} since. A server that starts as a primary leaves them out; a replica, \
             and whoever loads this as the base of a tape, keeps them until the primary deletes them.",
        );
        self.push(Severity::Info, FindingKind::ExpiredKeys, 0..0, message);
    }
}

/// A key name short enough for a sentence.
pub(crate) fn excerpt(name: &[u8]) -> String {
    let text = units::printable(name.get(..name.len().min(80)).unwrap_or_default());
    if name.len() > 80 { format!("{text}...") } else { text }
}
