//! What the page and its workers say to each other.
//!
//! A message is an object. Its [`MESSAGE`] is an `ArrayBuffer` in Borsh, handed over and not copied: of the page a request of the
//! program, of a worker a [`Notice`] and, where the notice says so, an answer of the program behind it. What bytes cannot carry
//! (`File`s, a finished `Blob`) goes beside it in the same object.

mod export;
mod keys;
mod look;
mod open;
mod paste;
mod report;

use borsh::{BorshDeserialize, BorshSerialize};

pub use export::{Export, ExportAnswer, ExportRequest};
pub use keys::{Beside, KeyLine, KeysAnswer, KeysQuery, KeysRequest, KeysStage, KeysStatus, Sums};
pub use look::{BytesAsked, CommandsAsked, Look, LookAnswer, LookRequest, RegionAsked};
pub use open::{Answers, Asked, Open, OpenRequest};
pub use paste::{Paste, PastedFile};
pub use report::{NamesAsked, Report, ReportAnswer, ReportRequest};

/// Property of a posted object that holds the message.
pub const MESSAGE: &str = "message";
/// Property that holds the array of `{ path, file }` beside a request.
pub const FILES: &str = "files";
/// Property that holds the finished copy beside an [`ExportAnswer`].
pub const BLOB: &str = "blob";
/// Property that holds the folder to write into beside an [`ExportRequest`], where there is one.
pub const FOLDER: &str = "folder";

/// A program that runs in a worker: what it is asked, and what it answers.
pub trait Program: 'static {
    /// Its name, and that of the workers it runs in.
    const NAME: &'static str;
    /// What the page asks.
    type Request: BorshSerialize + BorshDeserialize + 'static;
    /// What the worker answers.
    type Answer: BorshSerialize + BorshDeserialize + 'static;
}

/// What every message of a worker begins with, whichever program it runs.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Notice {
    /// It is up and listens. Messages posted earlier may be lost.
    Ready,
    /// How far the work is.
    Progress {
        /// Bytes behind us.
        done_bytes: u64,
        /// Bytes of the whole work.
        total_bytes: u64,
    },
    /// A part of the answer follows, and more will come.
    Part,
    /// The answer follows, or what is left of it.
    Answer,
    /// The work could not be done; one sentence.
    Failed {
        /// Why.
        message: String,
    },
}

/// A message in bytes.
pub fn encode(message: &impl BorshSerialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    append(&mut bytes, message);
    bytes
}

/// Appends a message in bytes.
pub fn append(bytes: &mut Vec<u8>, message: &impl BorshSerialize) {
    // Fails for collections of more than 2^32 entries alone.
    let _ = message.serialize(bytes);
}

/// Takes a message from the front of `bytes`; nothing where it is not one.
pub fn take<T: BorshDeserialize>(bytes: &mut &[u8]) -> Option<T> {
    T::deserialize(bytes).ok()
}

#[cfg(test)]
mod tests {
    use core::fmt::Debug;

    use snaptape_report::{Receipt, Verdict};

    use super::*;

    fn survives<T: BorshSerialize + BorshDeserialize + PartialEq + Debug>(message: &T) {
        let bytes = encode(message);
        let mut rest = bytes.as_slice();
        assert_eq!(take::<T>(&mut rest).as_ref(), Some(message));
        assert!(rest.is_empty(), "{} bytes are left", rest.len());
        assert_eq!(take::<T>(&mut &bytes[..bytes.len() - 1]), None, "cut short");
    }

    #[test]
    fn offsets_beyond_doubles_survive() {
        survives(&Notice::Progress { done_bytes: (1 << 53) + 1, total_bytes: u64::MAX });
    }

    #[test]
    fn answers_survive_the_way_back() {
        survives(&crate::testing::answers());
    }

    #[test]
    fn receipts_survive_the_way_back() {
        survives(&ExportAnswer {
            receipt: Receipt { inputs: vec![], outputs: vec![], verdict: Verdict::Recoverable, keys: vec![] },
            folder: None,
        });
    }

    #[test]
    fn an_answer_follows_its_notice() {
        let mut bytes = encode(&Notice::Answer);
        append(&mut bytes, &7_u64);
        let mut rest = bytes.as_slice();
        assert_eq!(take(&mut rest), Some(Notice::Answer));
        assert_eq!(take(&mut rest), Some(7_u64));
    }
}
