//! Words for the values of the report types.

pub use snaptape_report::units::offset;
use snaptape_report::{
    Checksum, ContainerInfo, DatabaseKeys, OutputFile, Plan, Role, Severity, Verdict, units,
};

/// What is around the contents of a file, the innermost first.
pub fn containers(container: &ContainerInfo) -> String {
    let word = |layer: &String| match layer.as_str() {
        "lz4" => "LZ4".to_owned(),
        "replication_capture" => "captured replication".to_owned(),
        "valkey_compressed" => "Valkey's envelope".to_owned(),
        other => other.to_owned(),
    };
    let around: Vec<String> = container.layers.iter().rev().map(word).collect();
    format!("{}, {} inside", around.join(" in "), units::bytes(container.bytes_inside))
}

/// What a file is for.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Rdb => "snapshot",
        Role::Aof => "append-only file",
        Role::Manifest => "manifest",
        Role::Base => "base",
        Role::Incr => "increment",
        Role::History => "history, not loaded",
        Role::Unlisted => "not in the manifest",
        Role::Other => "not read",
    }
}

/// The word of a verdict, as scripts know it.
pub fn verdict_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sound => "sound",
        Verdict::Recoverable => "recoverable",
        Verdict::Damaged => "damaged",
        Verdict::Unusable => "unusable",
    }
}

/// How serious something is, for the eye: word, sign and colour always go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Fine.
    Ok,
    /// Worth knowing.
    Note,
    /// Likely to surprise.
    Warn,
    /// Broken or lost.
    Bad,
}

impl Tone {
    /// Of a verdict.
    pub fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Sound => Self::Ok,
            Verdict::Recoverable => Self::Warn,
            Verdict::Damaged | Verdict::Unusable => Self::Bad,
        }
    }

    /// Of a finding.
    pub fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Note,
            Severity::Warning => Self::Warn,
            Severity::Error => Self::Bad,
        }
    }

    /// Its class, as the styles know it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "toneOk",
            Self::Note => "toneNote",
            Self::Warn => "toneWarn",
            Self::Bad => "toneBad",
        }
    }
}

/// The word of a severity.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// What is known of a checksum, and how serious that is.
pub fn checksum(checksum: &Checksum) -> (Tone, String) {
    match checksum {
        Checksum::Verified => (Tone::Ok, "verified, CRC-64 agrees with the bytes".into()),
        Checksum::Mismatch { stored, computed } => {
            (Tone::Bad, format!("does not match: {stored} is stored, the bytes give {computed}"))
        }
        Checksum::NotComputed => (
            Tone::Warn,
            "switched off by the writer (rdbchecksum no): silent damage cannot be excluded".into(),
        ),
        Checksum::Absent => (Tone::Note, "none, RDB versions below 5 do not have one".into()),
        Checksum::NotReached => (Tone::Bad, "not reached, the file ends or breaks before it".into()),
    }
}

/// `redis-7.4` as people say it: `Redis 7.4`.
pub fn target(target: &str) -> String {
    let (product, release) = target.split_once('-').unwrap_or((target, ""));
    let product = match product {
        "redis" => "Redis",
        "valkey" => "Valkey",
        "keydb" => "KeyDB",
        other => other,
    };
    // Builds of a development branch call themselves 255.255.255, and tests 999.999.999.
    let number = release.split('.').next().and_then(|major| major.parse::<u16>().ok());
    if number.is_some_and(|major| major >= NO_RELEASE) {
        return format!("{product} (unknown release)");
    }
    format!("{product} {release}").trim_end().to_owned()
}

/// From this number on a version is no release, but a build in between.
const NO_RELEASE: u16 = 100;

/// A distance in its largest unit: `40 s`, `12 min`, `23 h`, `5 days`.
fn coarse(ms: u64) -> String {
    let s = ms / 1_000;
    match s {
        0..60 => format!("{s} s"),
        60..3_600 => format!("{} min", s / 60),
        3_600..172_800 => format!("{} h", s / 3_600),
        _ => format!("{} days", units::count(s / 86_400)),
    }
}

/// When something expires, seen from `now_ms`: `in 3 days`, `2 h ago`.
pub fn expires(at_ms: i64, now_ms: i64) -> String {
    let distance = coarse(at_ms.abs_diff(now_ms));
    if at_ms >= now_ms { format!("in {distance}") } else { format!("{distance} ago") }
}

/// When a set of keys expires: `in 3 days`, `in 3 to 9 days`, `2 to 40 h ago`, `2 h ago to 6 days ahead`.
pub fn expiry_range(range: Option<(i64, i64)>, now_ms: i64) -> String {
    match range {
        None => "never".into(),
        Some((first, last)) => {
            let (a, b) = (coarse(first.abs_diff(now_ms)), coarse(last.abs_diff(now_ms)));
            match (first >= now_ms, last >= now_ms) {
                (true, true) => format!("in {}", distances(&a, &b)),
                (false, false) => format!("{} ago", distances(&b, &a)),
                _ => format!("{a} ago to {b} ahead"),
            }
        }
    }
}

/// `3 days`, `3 to 9 days`, `47 h to 3 days`.
fn distances(near: &str, far: &str) -> String {
    if near == far {
        return far.to_owned();
    }
    match (near.split_once(' '), far.split_once(' ')) {
        (Some((n, unit)), Some((_, same))) if unit == same => format!("{n} to {far}"),
        _ => format!("{near} to {far}"),
    }
}

/// Text that may be a part of a sentence, ended as one.
pub fn full_stop(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How many keys these databases hold together: `76 keys`, `12 to 14 keys`, `about 90 keys`. Nothing where that is not known.
pub fn keys_held(databases: &[DatabaseKeys]) -> Option<String> {
    let sum = |part: fn(&DatabaseKeys) -> u64| databases.iter().map(part).fold(0, u64::saturating_add);
    let estimated = databases.iter().any(|database| database.estimated);
    (!databases.is_empty()).then(|| {
        keys_between(sum(|database| database.keys_min), sum(|database| database.keys_max), estimated)
    })
}

/// `76 keys`, `12 to 14 keys`, `about 90 keys`.
pub fn keys_between(min: u64, max: u64, estimated: bool) -> String {
    let about = if estimated { "about " } else { "" };
    if min == max {
        format!("{about}{}", units::plural(min, "key", "keys"))
    } else {
        format!("{about}{} to {}", units::count(min), units::plural(max, "key", "keys"))
    }
}

/// What a server holds after its start: `Then it holds 12 keys: 10 in database 0, 2 in database 3.` Nothing where that is not known.
pub fn keys_after_start(databases: &[DatabaseKeys]) -> String {
    const FEW: usize = 8;
    let Some(all) = keys_held(databases) else { return String::new() };
    let mut each: Vec<String> = databases
        .iter()
        .take(FEW)
        .map(|database| {
            let keys = keys_between(database.keys_min, database.keys_max, database.estimated);
            format!("{} in database {}", keys.trim_end_matches(" keys").trim_end_matches(" key"), database.db)
        })
        .collect();
    if databases.len() > FEW {
        each.push(format!("the rest in {} more", databases.len() - FEW));
    }
    match databases {
        [only] => format!("Then it holds {all}, in database {}.", only.db),
        _ => format!("Then it holds {all}: {}.", each.join(", ")),
    }
}

/// What a plan does, in a few words; empty for one this page has no words for: its summary says it.
pub fn in_short(plan: &Plan) -> &'static str {
    let is_new = |output: &OutputFile| output.source.is_empty();
    match plan.name.as_str() {
        // A manifest is written where the check tool refuses to begin, or cannot cut.
        "truncate" if plan.directory && plan.outputs.iter().any(is_new) => match plan.losses.bytes {
            0 => "write the manifest again",
            _ => "cut at the damage, write the manifest again",
        },
        "truncate" => "cut at the damage, as the check tool would",
        "salvage" => "cut out the damage, keep what follows",
        "mend" => "put the damaged bytes right",
        "close-multi" => "settle the transaction that was left open",
        "before" => "stop just before the chosen command",
        "without" => "take out the chosen command, keep the rest",
        _ => "",
    }
}

/// What a plan keeps: `20 keys`, `19 of about 20 keys`, `20 keys and 7 commands`.
pub fn kept(plan: &Plan) -> String {
    let commands = units::plural(plan.commands_kept, "command", "commands");
    let all = plan.keys_kept + plan.losses.keys;
    let keys = match plan.losses.keys {
        0 => units::plural(plan.keys_kept, "key", "keys"),
        _ => format!("{} of about {}", units::count(plan.keys_kept), units::plural(all, "key", "keys")),
    };
    match (plan.keys_kept, plan.commands_kept) {
        (0, _) => commands,
        (_, 0) => keys,
        _ => format!("{keys} and {commands}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_as_people_do() {
        assert_eq!(target("redis-7.4"), "Redis 7.4");
        assert_eq!(target("valkey-9.1"), "Valkey 9.1");
        assert_eq!(target("other"), "other");
    }

    #[test]
    fn expiry_before_and_after_now() {
        let day = 86_400_000;
        assert_eq!(expires(5 * day, 2 * day), "in 3 days");
        assert_eq!(expires(0, 7_500_000), "2 h ago");
        assert_eq!(expiry_range(None, 0), "never");
        assert_eq!(expiry_range(Some((3 * day, 3 * day + 1)), 0), "in 3 days");
        assert_eq!(expiry_range(Some((3 * day, 9 * day)), 0), "in 3 to 9 days");
        assert_eq!(expiry_range(Some((0, 2 * day)), day), "24 h ago to 24 h ahead");
        assert_eq!(expiry_range(Some((0, 3_600_000)), 2 * day), "47 h to 2 days ago");
        assert_eq!(expiry_range(Some((0, day)), 9 * day), "8 to 9 days ago");
    }

    #[test]
    fn keys_after_a_start() {
        let database =
            |db, keys_min, keys_max| DatabaseKeys { db, keys_min, keys_max, estimated: keys_max == 99 };
        assert_eq!(keys_after_start(&[]), "");
        assert_eq!(keys_after_start(&[database(0, 1, 1)]), "Then it holds 1 key, in database 0.");
        assert_eq!(
            keys_after_start(&[database(0, 10, 10), database(3, 1, 4)]),
            "Then it holds 11 to 14 keys: 10 in database 0, 1 to 4 in database 3."
        );
        assert_eq!(
            keys_after_start(&[database(2, 90, 99)]),
            "Then it holds about 90 to 99 keys, in database 2."
        );
        let many: Vec<_> = (0..10).map(|db| database(db, 1, 1)).collect();
        assert!(keys_after_start(&many).ends_with("1 in database 7, the rest in 2 more."));
    }

    #[test]
    fn a_mismatch_shows_both_sums() {
        let sum = Checksum::Mismatch { stored: "00ab".into(), computed: "00cd".into() };
        let (tone, text) = checksum(&sum);
        assert_eq!(tone, Tone::Bad);
        assert!(text.contains("00ab") && text.contains("00cd"), "{text}");
    }
}
