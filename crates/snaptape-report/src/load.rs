//! Which releases load the files, and what keeps the others from it.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// What one release makes of the files, started with its default configuration and no modules but its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ReleaseLoad {
    /// Which: `redis-7.4`.
    pub release: String,
    /// Does it start with them?
    pub loads: bool,
    /// The answer as a sentence.
    pub why: String,
    /// What keeps it from loading, worst first; empty where it loads.
    pub causes: Vec<LoadCause>,
}

impl ReleaseLoad {
    /// What it needs to load all the same, each thing once: a module, a setting. Nothing where it loads anyway, and where something
    /// keeps it from loading for which there is no way out.
    pub fn way_out(&self) -> Option<Vec<&str>> {
        let mut ways: Vec<&str> = Vec::new();
        for cause in &self.causes {
            let way = cause.way_out.as_deref()?;
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        (!ways.is_empty()).then_some(ways)
    }
}

/// One thing that keeps a release from loading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct LoadCause {
    /// What kind of thing it is.
    pub kind: LoadCauseKind,
    /// In words, the same for all releases it concerns: `37 hashes use field TTL`.
    pub what: String,
    /// How many keys it concerns; 0 where it is the file as a whole.
    pub keys: u64,
    /// The first few of them, as text.
    pub examples: Vec<String>,
    /// The first few of the files it stands in, where not all have it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub files: Vec<String>,
    /// What would make the release load it all the same: a module, a setting.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub way_out: Option<String>,
}

impl LoadCause {
    /// How many examples are given.
    pub const MAX_EXAMPLES: usize = 5;

    /// The examples in one line: `a, b, ...`.
    pub fn examples(&self) -> String {
        let more = if self.keys > self.examples.len() as u64 { ", ..." } else { "" };
        let names: Vec<&str> = self
            .examples
            .iter()
            .map(|name| if name.is_empty() { "(empty name)" } else { name.as_str() })
            .collect();
        format!("{}{more}", names.join(", "))
    }
}

/// What kind of thing keeps a release from loading. The words are stable: scripts match on them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    BorshSerialize,
    BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LoadCauseKind {
    /// It starts, but EMPTY: it looks at none of the files.
    StartsEmpty,
    /// The release does not know the first bytes (`VALKEY`), or they are nobody's.
    Magic,
    /// The RDB version is newer than it reads, or another product's.
    Version,
    /// The file ends early, or holds bytes that cannot be there.
    Damage,
    /// The stored checksum is wrong.
    Checksum,
    /// Values stored in a way it does not know.
    ObjectType,
    /// Records beside the keys that it does not know.
    Opcode,
    /// Data of a module it does not bring along.
    Module,
    /// A key stands in the same database twice.
    DuplicateKey,
    /// Values that contradict themselves, where it notices.
    BadValue,
    /// More databases than its default configuration has.
    Databases,
    /// An append-only file or directory it cannot load.
    Tape,
}

/// Releases of one product that follow each other and answer alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseGroup {
    /// `Redis 7.4 - 8.4`.
    pub name: String,
    /// Do they load it?
    pub loads: bool,
    /// What keeps all of them from it, at most [`ReleaseGroup::MAX_CAUSES`], joined by semicolons; empty where they load it.
    pub why: String,
    /// What they need to load it all the same, where that is known: `rdb-version-check relaxed`.
    pub way_out: Option<String>,
    /// The answers, oldest release first.
    pub releases: Vec<ReleaseLoad>,
}

impl ReleaseGroup {
    /// How many causes are told for a group.
    pub const MAX_CAUSES: usize = 4;

    /// Groups the answers, which come product by product and oldest first: those that load, and those with the same worst cause
    /// and the same way out.
    pub fn of(releases: &[ReleaseLoad]) -> Vec<Self> {
        let mut groups: Vec<Vec<&ReleaseLoad>> = Vec::new();
        for release in releases {
            match groups.last_mut().filter(|group| group.first().is_some_and(|first| alike(first, release))) {
                Some(group) => group.push(release),
                None => groups.push(vec![release]),
            }
        }
        groups.into_iter().filter_map(|group| Self::new(&group)).collect()
    }

    /// Yes, no, or something between.
    pub fn answer(&self) -> &'static str {
        match (self.loads, &self.way_out) {
            _ if self.starts_empty() => "starts empty",
            (true, _) => "yes",
            (false, Some(_)) => "not as it is",
            (false, None) => "no",
        }
    }

    /// Do they start, but with an empty dataset?
    pub fn starts_empty(&self) -> bool {
        let empty = |release: &ReleaseLoad| {
            release.causes.first().is_some_and(|cause| cause.kind == LoadCauseKind::StartsEmpty)
        };
        self.releases.iter().all(empty)
    }

    /// The causes with keys that some of the groups give as their reason, each once.
    pub fn telling(groups: &[Self]) -> Vec<&LoadCause> {
        let mut telling: Vec<&LoadCause> = Vec::new();
        for group in groups.iter().filter(|group| !group.loads) {
            for cause in group.releases.last().into_iter().flat_map(|release| &release.causes) {
                let is_told = group.why.split("; ").any(|what| what == cause.what);
                if is_told
                    && !cause.examples.is_empty()
                    && telling.iter().all(|known| known.what != cause.what)
                {
                    telling.push(cause);
                }
            }
        }
        telling
    }

    fn new(group: &[&ReleaseLoad]) -> Option<Self> {
        let (first, last) = (group.first()?, group.last()?);
        let (product, from) = split(&first.release);
        let (_, to) = split(&last.release);
        let name = if from == to { format!("{product} {from}") } else { format!("{product} {from} - {to}") };
        // What some of them do not mind is not why the others refuse it.
        let common = |cause: &&LoadCause| {
            group.iter().all(|release| release.causes.iter().any(|other| other.what == cause.what))
        };
        let why: Vec<&str> = last
            .causes
            .iter()
            .filter(common)
            .map(|cause| cause.what.as_str())
            .take(Self::MAX_CAUSES)
            .collect();
        Some(Self {
            name,
            loads: first.loads,
            why: why.join("; "),
            way_out: last.way_out().map(|ways| enumerate(&ways)),
            releases: group.iter().map(|release| (*release).clone()).collect(),
        })
    }
}

/// `a, b and c`.
pub fn enumerate(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).into(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn alike(a: &ReleaseLoad, b: &ReleaseLoad) -> bool {
    let worst = |release: &ReleaseLoad| release.causes.first().map(|cause| (cause.kind, cause.what.clone()));
    split(&a.release).0 == split(&b.release).0
        && a.loads == b.loads
        && a.way_out() == b.way_out()
        && worst(a) == worst(b)
}

/// `redis-7.4` as the product calls itself, and the number.
fn split(release: &str) -> (&str, &str) {
    let (product, version) = release.split_once('-').unwrap_or((release, ""));
    let product = match product {
        "redis" => "Redis",
        "valkey" => "Valkey",
        "keydb" => "KeyDB",
        other => other,
    };
    (product, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(name: &str, causes: &[(&str, Option<&str>)]) -> ReleaseLoad {
        let causes: Vec<LoadCause> = causes
            .iter()
            .map(|(what, way_out)| LoadCause {
                kind: LoadCauseKind::Version,
                what: (*what).into(),
                keys: 0,
                examples: Vec::new(),
                files: Vec::new(),
                way_out: way_out.map(Into::into),
            })
            .collect();
        ReleaseLoad { release: name.into(), loads: causes.is_empty(), why: String::new(), causes }
    }

    #[test]
    fn neighbours_with_the_same_answer_are_one_group() {
        let releases = [
            release("redis-7.0", &[("too new", None), ("sets", None), ("ttl", None)]),
            release("redis-7.2", &[("too new", None), ("ttl", None)]),
            release("redis-7.4", &[]),
            release("redis-8.0", &[]),
            release("valkey-7.2", &[("too new", None)]),
            release("valkey-9.0", &[("too new", Some("relaxed"))]),
            release("keydb-6.3", &[("too new", None)]),
        ];
        let groups: Vec<_> = ReleaseGroup::of(&releases)
            .into_iter()
            .map(|g| (g.name, g.loads, g.why, g.way_out, g.releases.len()))
            .collect();
        let expected = [
            ("Redis 7.0 - 7.2", false, "too new; ttl", None, 2),
            ("Redis 7.4 - 8.0", true, "", None, 2),
            ("Valkey 7.2", false, "too new", None, 1),
            ("Valkey 9.0", false, "too new", Some("relaxed"), 1),
            ("KeyDB 6.3", false, "too new", None, 1),
        ]
        .map(|(name, loads, why, way, n)| {
            (name.to_owned(), loads, why.to_owned(), way.map(str::to_owned), n)
        });
        assert_eq!(groups, expected);
    }
}
