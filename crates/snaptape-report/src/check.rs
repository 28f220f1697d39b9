//! The answer of `check`.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{Checksum, DatabaseKeys, FileReport, Finding, FindingKind, ReleaseLoad, Severity, Verdict};

/// What a server holds that started.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// What it loaded of these files.
    #[default]
    This,
    /// Nothing: it starts EMPTY, and looks at none of these files.
    Nothing,
    /// What stands in an old-style file beside them, and nothing of these files.
    OldStyleFile,
}

impl Holds {
    /// Is something of these files in it?
    pub fn is_this(&self) -> bool {
        *self == Self::This
    }
}

/// What the target's server does when it starts on these files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Load {
    /// Does it start?
    pub starts: bool,
    /// What it holds then; left out where that is what it loaded of these files.
    #[serde(default, skip_serializing_if = "Holds::is_this")]
    pub holds: Holds,
    /// Why (not), in one sentence.
    pub why: String,
    /// Where it would cut `file`: everything behind is gone. Equals the length where nothing is cut.
    pub kept_up_to: u64,
    /// The file `kept_up_to` speaks of: the one that is cut or refused, else the last one.
    pub file: String,
    /// The keys of each database when the tape is loaded, those included whose expiry has passed: a server removes these soon after.
    /// Empty where it does not start, where it starts empty, and for a snapshot without a tape.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<DatabaseKeys>,
}

/// [`Load`] for both settings of `aof-load-truncated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Loads {
    /// With `aof-load-truncated yes`, the default.
    pub default: Load,
    /// With `aof-load-truncated no`.
    pub strict: Load,
    /// Start options under which it starts although it does not with others, and what they cost.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub options: Vec<LoadOption>,
}

/// A setting that makes a server start on damaged files, by throwing something away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct LoadOption {
    /// `aof-load-truncated`, `aof-load-corrupt-tail-max-size`.
    pub setting: String,
    /// What it has to be set to; the smallest number that helps, in bytes.
    pub value: String,
    /// Where the setting exists, if the target does not have it: `Redis 8.4`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<String>,
    /// What happens then.
    pub load: Load,
    /// What silently disappears, in one sentence.
    pub loses: String,
}

/// What the check tool prints about one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ToolFile {
    /// Path of the file.
    pub file: String,
    /// Its `ok_up_to`.
    pub ok_up_to: u64,
}

/// What redis-check-aof or redis-check-rdb says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct CheckTool {
    /// `redis-check-aof` or `redis-check-rdb`.
    pub tool: String,
    /// Its exit status.
    pub exit: i32,
    /// `ok_up_to` of the last file it looked at.
    pub ok_up_to: u64,
    /// The same for each file it looked at, in its order.
    pub files: Vec<ToolFile>,
}

/// Is the input sound, and what do the programs make of it?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct CheckReport {
    /// [`crate::CHECK_SCHEMA`].
    pub schema: String,
    /// The release that is asked: `redis-7.4`.
    pub target: String,
    /// The answer.
    pub verdict: Verdict,
    /// The input files in the order a server would load them.
    pub files: Vec<FileReport>,
    /// What is wrong or worth knowing, worst first.
    pub findings: Vec<Finding>,
    /// What the server does on start.
    pub loads: Loads,
    /// What its check tool says.
    pub check_tool: CheckTool,
    /// Which releases load the files, product by product, oldest first; empty where there is no snapshot.
    #[serde(default)]
    pub releases: Vec<ReleaseLoad>,
}

impl CheckReport {
    /// Was everything read to its end, and is it whole? There may be things the target does not know: that is no damage.
    pub fn is_undamaged(&self) -> bool {
        let damage = |finding: &Finding| {
            finding.severity == Severity::Error && finding.kind != FindingKind::Unsupported
        };
        let ends =
            |file: &FileReport| file.snapshot.as_ref().is_none_or(|s| s.checksum != Checksum::NotReached);
        self.files.iter().all(ends) && !self.findings.iter().any(damage)
    }

    /// Does it hold something that the target does not know, and refuses for that?
    pub fn is_foreign(&self) -> bool {
        let foreign = |finding: &Finding| {
            (finding.kind, finding.severity) == (FindingKind::Unsupported, Severity::Error)
        };
        self.findings.iter().any(foreign)
    }

    /// Does the server start, but without any of this data?
    pub fn starts_without_it(&self) -> bool {
        self.loads.default.starts && !self.loads.default.holds.is_this()
    }

    /// Exit status of `snaptape check`: 0 sound and loaded by the target, 1 damaged or not loaded by it, 2 unusable.
    pub fn exit_status(&self) -> i32 {
        match self.verdict {
            Verdict::Sound => i32::from(!self.loads.default.starts || self.starts_without_it()),
            Verdict::Recoverable | Verdict::Damaged => 1,
            Verdict::Unusable => 2,
        }
    }
}
