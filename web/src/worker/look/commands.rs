//! Lists commands of a tape.

use snaptape_engine::{CommandFilter, CommandList, CommandQuery, Source as Place};
use snaptape_report::{CommandPage, Tape};

use crate::filter::FilterWords;
use crate::protocol::{CommandsAsked, LookAnswer};
use crate::worker::post;
use crate::worker::source::Source;

/// Often enough that a search is seen to get on.
const TELL_EVERY_MS: f64 = 150.0;

/// The page; of a search, what was not told on the way.
pub(super) async fn list(
    asked: CommandsAsked,
    tape: &Tape,
    places: &[Place],
    sources: &[Source],
) -> Result<CommandPage, String> {
    let query = CommandQuery {
        from: asked.from,
        filter: filter(asked.filter),
        limit: usize::try_from(asked.limit).unwrap_or(CommandQuery::MAX_ROWS),
        count_all: asked.search,
        ..CommandQuery::default()
    };
    let mut list = CommandList::new(tape, places, query)?;
    let mut buffer = Vec::new();
    let mut told_ms = js_sys::Date::now();
    while let Some(request) = list.next_read() {
        let source = sources.get(request.file).ok_or("The engine asked for a file that is not there.")?;
        source.read(request.offset, request.offset + request.len as u64)?.bytes(&mut buffer).await?;
        list.feed(&request, &buffer);
        let now_ms = js_sys::Date::now();
        if asked.search && now_ms - told_ms >= TELL_EVERY_MS {
            told_ms = now_ms;
            let at = list.progress();
            post::part(&LookAnswer::Found {
                rows: list.take_rows(),
                matches: list.matches(),
                done_bytes: at.done_bytes,
                total_bytes: at.total_bytes,
            });
        }
    }
    Ok(list.finish())
}

fn filter(words: FilterWords) -> CommandFilter {
    CommandFilter {
        names: words.names,
        key: words.key,
        db: words.db,
        text: words.text.map(String::into_bytes),
        ..CommandFilter::default()
    }
}
