//! Making a file of text that was pasted.

use borsh::{BorshDeserialize, BorshSerialize};

use super::Program;

/// The program that reads pasted text.
#[derive(Debug)]
pub enum Paste {}

impl Program for Paste {
    const NAME: &'static str = "paste";
    type Request = String;
    type Answer = PastedFile;
}

/// A file that was pasted.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct PastedFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What speaks against it; one sentence.
    pub doubt: Option<String>,
}
