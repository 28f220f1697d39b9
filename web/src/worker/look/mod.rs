//! The program that looks into opened files for what somebody wants to see.

mod commands;
mod key;
mod keys;
mod map;
mod region;

use super::post;
use super::program::start as program;
use crate::protocol::{Look, LookAnswer, LookRequest};

/// Starts it.
pub fn start() {
    program::<Look>(async |request, sources, _| {
        let answer = match request {
            LookRequest::Commands { asked, tape, sources: places } => {
                LookAnswer::Commands(Box::new(commands::list(*asked, &tape, &places, &sources).await?))
            }
            LookRequest::Key { asked, source, as_file } => {
                let (answer, blob) = key::answer(*asked, &source, as_file, &sources).await?;
                return Ok((LookAnswer::Key(Box::new(answer)), blob));
            }
            LookRequest::Region(asked) => {
                let number = asked.number;
                LookAnswer::Region { number, page: region::region(*asked, &sources).await?.map(Box::new) }
            }
            LookRequest::StopRegion => {
                region::stop();
                LookAnswer::Region { number: region::NONE, page: None }
            }
            LookRequest::FindBytes(asked) => LookAnswer::FoundBytes(region::find(*asked, &sources).await?),
            LookRequest::Keys(request) => {
                let (answer, blob) = keys::answer(request, sources).await?;
                return Ok((LookAnswer::Keys(answer), blob));
            }
            LookRequest::Map { now_ms, asked, nesting } => {
                let map = map::map(&sources, now_ms, asked, nesting, post::progress()).await?;
                LookAnswer::Map(Box::new(map))
            }
        };
        Ok((answer, None))
    });
}
