//! The program that makes a file of pasted text.

use snaptape_paste::Pasted;

use super::program::start as program;
use crate::protocol::{Paste, PastedFile};

/// Starts it.
pub fn start() {
    program::<Paste>(async |text, _, _| {
        let Pasted { name, bytes, doubt, .. } = snaptape_paste::read(&text)?;
        Ok((PastedFile { name: name.into(), bytes, doubt }, None))
    });
}
