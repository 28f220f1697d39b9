//! The program that reads files and says what they are.

use super::program::start as program;
use super::{inspect, map, post};
use crate::protocol::{Open, OpenAnswer, OpenRequest};

/// Starts it.
pub fn start() {
    program::<Open>(async |request, sources, _| {
        let answer = match request {
            OpenRequest::Open { now_ms, asked } => {
                let answers = inspect::inspect(&sources, now_ms, asked, post::progress()).await?;
                OpenAnswer::Opened(Box::new(answers))
            }
            OpenRequest::Map { now_ms, asked, nesting } => {
                let map = map::map(&sources, now_ms, asked, nesting, post::progress()).await?;
                OpenAnswer::Map(Box::new(map))
            }
        };
        Ok((answer, None))
    });
}
