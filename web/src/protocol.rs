//! What page and worker say to each other. Each message travels as JSON text, so that 64-bit offsets survive; what
//! JSON cannot carry (`File`s, the finished `Blob`) goes beside it in the same object, see [`FILES`] and [`BLOB`].

use serde::{Deserialize, Serialize};
use snaptape_engine::Source;
use snaptape_report::{
    CheckReport, Choice, CommandPage, CommandRow, ListFrom, PatternOptions, Plan, Receipt, Report, Tape,
    Verdict,
};

use crate::filter::FilterWords;

/// Property of a posted object that holds the message as JSON.
pub const MESSAGE: &str = "message";
/// Property that holds the array of `{ path, file }` beside a [`Request`].
pub const FILES: &str = "files";
/// Property that holds the finished copy beside [`Reply::Exported`].
pub const BLOB: &str = "blob";
/// Property that holds the folder to write into beside [`Request::Export`], where there is one.
pub const FOLDER: &str = "folder";

/// What the user chose before the files are read, once more or for the first time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// How key names are put into groups.
    pub patterns: PatternOptions,
    /// The release to answer for; the one that wrote the files where there is none.
    pub target: Option<String>,
    /// The allocator to assume; the one each release was checked with where there is none.
    pub allocator: Option<String>,
    /// What is to be taken back of a tape; the last accident where nothing was chosen.
    pub choice: Option<Choice>,
}

/// Which commands of a tape are to be listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandsAsked {
    /// Where the list begins.
    pub from: ListFrom,
    /// What they have to be like.
    pub filter: FilterWords,
    /// How many at most.
    pub limit: u64,
    /// Is the whole tape to be looked through, and are matches to be told as they are found?
    pub search: bool,
}

/// From the page to the worker. Like [`Reply`], tagged from outside: a tag within would have serde buffer every message before it reads
/// it, and bring the code to read each type a second time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Read the files and say what they are.
    Open {
        /// The time now, Unix milliseconds.
        now_ms: i64,
        /// What to answer for.
        asked: Asked,
    },
    /// List commands.
    Commands {
        /// Which.
        asked: Box<CommandsAsked>,
        /// [`crate::listing::tape_for`] of the tape.
        tape: Box<Tape>,
        /// [`Answers::sources`].
        sources: Vec<Source>,
    },
    /// Carry out a plan, read the result again, hand it over if it is sound.
    Export {
        /// The plan.
        plan: Box<Plan>,
        /// Verdict on the input, for the receipt.
        verdict: Verdict,
        /// Those of [`Answers::sources`] that are packed.
        packed: Vec<Source>,
        /// File name of the copy.
        file_name: String,
        /// The time now, Unix milliseconds.
        now_ms: i64,
    },
}

/// All that a job found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// What the files are and what is in them.
    pub report: Report,
    /// Are they sound, and what do the programs make of them?
    pub check: CheckReport,
    /// What could be done about it, best first.
    pub plans: Vec<Plan>,
    /// Where the contents of the files are: for carrying out a plan over packed ones, and for listing commands.
    pub sources: Vec<Source>,
}

/// From the worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The worker is up and listens. Messages posted earlier may be lost.
    Ready,
    /// How far the work is.
    Progress {
        /// Bytes behind us.
        done_bytes: u64,
        /// Bytes of the whole work.
        total_bytes: u64,
    },
    /// The answer to [`Request::Open`].
    Opened(Box<Answers>),
    /// Matches of a search under way, since this was said last.
    Found {
        /// The rows.
        rows: Vec<CommandRow>,
        /// Matches so far, also those that are not listed.
        matches: u64,
        /// Bytes looked through.
        done_bytes: u64,
        /// Bytes to look through.
        total_bytes: u64,
    },
    /// The answer to [`Request::Commands`]; without the rows that were told before.
    Commands(Box<CommandPage>),
    /// The answer to [`Request::Export`]; the copy is beside it, unless it was written into a folder.
    Exported {
        /// What was read, what was written, and the verdict on it.
        receipt: Receipt,
        /// The name of the folder it was written into.
        folder: Option<String>,
    },
    /// The work could not be done; one sentence.
    Failed {
        /// Why.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_beyond_doubles_survive() {
        let reply = Reply::Progress { done_bytes: (1 << 53) + 1, total_bytes: u64::MAX };
        let text = serde_json::to_string(&reply).expect("plain data");
        assert_eq!(serde_json::from_str::<Reply>(&text).expect("what was written"), reply);
    }

    #[test]
    fn answers_survive_the_way_back() {
        let answers = crate::testing::answers();
        let reply = Reply::Opened(Box::new(answers));
        let text = serde_json::to_string(&reply).expect("plain data");
        assert_eq!(serde_json::from_str::<Reply>(&text).expect("what was written"), reply);
    }

    #[test]
    fn receipts_survive_the_way_back() {
        let reply = Reply::Exported {
            receipt: Receipt { inputs: vec![], outputs: vec![], verdict: Verdict::Recoverable },
            folder: None,
        };
        let text = serde_json::to_string(&reply).expect("plain data");
        assert_eq!(serde_json::from_str::<Reply>(&text).expect("what was written"), reply);
    }
}
