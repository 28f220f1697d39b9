//! What a value that contradicts itself does to servers.

use snaptape_report::Severity;
use snaptape_wire::{Product, Release};

/// Who notices, and when. Source: `rdbLoadObject` in rdb.c of each release, and what seven servers from Redis 6.2 to Valkey 9.1 did
/// with one minimal file for each rule. `sanitize-dump-payload` came with Redis 6.2; `redis-check-rdb` always has it on, and
/// Valkey 9.1 looks as closely whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harm {
    /// The loader refuses the file, or crashes, from this Redis release on, and in every Valkey. Earlier ones load it as it is.
    Refused {
        /// Its major version.
        major: u16,
        /// Its minor version.
        minor: u16,
    },
    /// As [`Self::Refused`] from Redis 7.0 on, which reads more when it loads (it rewrites every ziplist as a listpack); in 6.2 as
    /// [`Self::Sanitized`].
    Converted,
    /// The loader refuses the file with `sanitize-dump-payload yes`; with `no`, the default, it takes the value as it is, and may
    /// crash when the key is touched.
    Sanitized,
    /// Only the newest loaders look.
    Newest,
    /// No loader looks; commands on the key give wrong answers.
    Wrong,
}

impl Harm {
    /// Does this release refuse to start on it, with default settings?
    pub fn refused_by(self, release: Release) -> bool {
        match self {
            Self::Refused { major, minor } => {
                release.product == Product::Valkey || release.at_least_redis(major, minor)
            }
            Self::Converted => release.at_least_redis(7, 0),

            Self::Sanitized | Self::Newest => always_looks(release),
            Self::Wrong => false,
        }
    }

    /// Does this release's check tool call it wrong?
    pub fn seen_by_tool(self, release: Release) -> bool {
        match self {
            Self::Refused { .. } | Self::Newest => self.refused_by(release),
            Self::Converted | Self::Sanitized => release.at_least_redis(6, 2),
            Self::Wrong => false,
        }
    }

    /// Is the value one that should not be given to a server?
    pub(in crate::snapshot) fn is_unfit(self) -> bool {
        self != Self::Wrong
    }

    /// How much it matters.
    pub(in crate::snapshot) fn severity(self) -> Severity {
        if self.is_unfit() { Severity::Error } else { Severity::Warning }
    }

    /// What it means, in one sentence.
    pub(in crate::snapshot) fn sentence(self) -> String {
        match self {
            Self::Refused { major: ..=5, .. } => "Servers refuse to load the file.".into(),
            Self::Refused { major, minor } => format!(
                "Redis {major}.{minor} and later and Valkey refuse to load the file; earlier servers take it and may crash when \
                 the key is touched."
            ),
            Self::Converted => "Redis 7.0 and later and Valkey refuse to load the file, Redis 6.2 does with sanitize-dump-payload yes; \
                                earlier servers take it and may crash when the key is touched."
                .into(),
            Self::Sanitized => "Valkey 9.1 refuses to load the file, and so do others with sanitize-dump-payload yes, and their \
                                check tools; with no, the default, they load it and may crash when the key is touched."
                .into(),
            Self::Newest => "Valkey 9.1 refuses to load the file; other servers and check tools do not look, and may crash or \
                             answer wrong when the key is touched."
                .into(),
            Self::Wrong => "Servers and check tools do not look for this: they load it, and commands on the key may give wrong \
                            answers."
                .into(),
        }
    }
}

/// Seen with 9.1.2: it refuses with `sanitize-dump-payload no` what 8.1.1 refuses with `yes`.
fn always_looks(release: Release) -> bool {
    release.product == Product::Valkey && (release.major, release.minor) >= (9, 1)
}

/// A rule that a value breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::snapshot) struct Violation {
    /// The first byte that is wrong, from the start of the file (of a compressed value, its first byte).
    pub(in crate::snapshot) at: u64,
    /// What is wrong, as a clause.
    pub(in crate::snapshot) rule: String,
    pub(in crate::snapshot) harm: Harm,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_differ() {
        let [old, first, new, valkey] = ["redis-5.0", "redis-6.2", "redis-7.4", "valkey-9.1"]
            .map(|word| word.parse::<Release>().unwrap());
        let since_7 = Harm::Refused { major: 7, minor: 0 };
        for harm in [since_7, Harm::Converted] {
            assert!(!harm.refused_by(old) && !harm.refused_by(first));
            assert!(harm.refused_by(new) && harm.refused_by(valkey));
        }
        assert!(!since_7.seen_by_tool(first) && Harm::Converted.seen_by_tool(first));
        assert!(!Harm::Sanitized.refused_by(new) && Harm::Sanitized.refused_by(valkey));
        assert!(Harm::Sanitized.seen_by_tool(new) && !Harm::Sanitized.seen_by_tool(old));
        assert!(!Harm::Newest.seen_by_tool(new) && Harm::Newest.seen_by_tool(valkey));
        assert!(!Harm::Wrong.seen_by_tool(valkey));
    }
}
