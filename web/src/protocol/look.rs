//! What is looked for in opened files when somebody wants to see it.

use borsh::{BorshDeserialize, BorshSerialize};
use snaptape_engine::Source;
use snaptape_report::{CommandPage, CommandRow, ListFrom, Tape};

use super::Program;
use crate::filter::FilterWords;

/// The program that looks things up.
#[derive(Debug)]
pub enum Look {}

impl Program for Look {
    const NAME: &'static str = "look";
    type Request = LookRequest;
    type Answer = LookAnswer;
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum LookRequest {
    /// List commands.
    Commands {
        /// Which.
        asked: Box<CommandsAsked>,
        /// [`crate::listing::tape_for`] of the tape.
        tape: Box<Tape>,
        /// [`super::Answers::sources`].
        sources: Vec<Source>,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum LookAnswer {
    /// A part of the answer: matches of a search under way, since this was said last.
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
    /// The answer to [`LookRequest::Commands`]; without the rows that were told before.
    Commands(Box<CommandPage>),
}

/// Which commands of a tape are to be listed.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
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
