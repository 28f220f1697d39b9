//! The program that looks into opened files for what somebody wants to see.

mod commands;
mod region;

use super::program::start as program;
use crate::protocol::{Look, LookAnswer, LookRequest};

/// Starts it.
pub fn start() {
    program::<Look>(async |request, sources, _| {
        let answer = match request {
            LookRequest::Commands { asked, tape, sources: places } => {
                LookAnswer::Commands(Box::new(commands::list(*asked, &tape, &places, &sources).await?))
            }
            LookRequest::Region(asked) => {
                let number = asked.number;
                LookAnswer::Region { number, page: region::region(*asked, &sources).await?.map(Box::new) }
            }
            LookRequest::FindBytes(asked) => LookAnswer::FoundBytes(region::find(*asked, &sources).await?),
        };
        Ok((answer, None))
    });
}
