//! The program that reads files and says what they are.

use super::program::start as program;
use super::{inspect, post};
use crate::protocol::{Open, OpenRequest};

/// Starts it.
pub fn start() {
    program::<Open>(async |OpenRequest { now_ms, asked }, sources, _| {
        Ok((inspect::inspect(&sources, now_ms, asked, post::progress()).await?, None))
    });
}
