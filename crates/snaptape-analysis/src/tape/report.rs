//! The sums become a part of the report.

use snaptape_sort::Sort as _;
use std::collections::HashMap;

use snaptape_report::{
    DestructiveEvent, EventFacts, KeyRange, OffsetBucket, OffsetTimeline, Replay, RewriteSavings, Tape,
    TapeFile, TimeBucket, TimeTimeline,
};

use super::{TapeFold, event::Event, part::Part, place::Paths};

impl TapeFold {
    /// The sums. A block that is still open does not count.
    pub fn finish(self) -> Tape {
        self.finish_with(|_, _| None)
    }

    /// The sums, with what a replay of the same files has found: how many keys destructive commands took away, which of RENAME, COPY
    /// and RESTORE replaced a key, and what a rewrite would leave out.
    pub fn finish_replayed(self, replay: &Replay) -> Tape {
        let known: HashMap<(&str, u64), KeyRange> = replay
            .removals
            .iter()
            .map(|removal| {
                let keys = KeyRange {
                    min: removal.keys_min,
                    max: Some(removal.keys_max),
                    estimated: removal.estimated,
                };
                ((removal.file.as_str(), removal.offset), keys)
            })
            .collect();
        let tape = self
            .finish_with(|file, offset| known.get(&(file, offset)).map(|keys| EventFacts { keys: *keys }));
        let rewrite = RewriteSavings { commands: replay.void_commands, file_bytes: replay.void_bytes };
        Tape { rewrite: Some(rewrite), ..tape }
    }

    /// The sums, with what a replay knows of the destructive commands at these offsets of these files: how many keys each took
    /// away, and for RENAME, COPY and RESTORE whether they replaced one at all. Those of which that is not certain are no events.
    pub fn finish_with(mut self, facts: impl Fn(&str, u64) -> Option<EventFacts>) -> Tape {
        self.end_file();
        let mut before = 0;
        for file in &mut self.files {
            file.commands_before = before;
            before += file.commands;
        }
        let paths = Paths(&self.files);
        let part = core::mem::take(&mut self.good);
        let commands = part.commands;
        let largest_transactions = part.largest(&paths);
        let (offsets, times) = (offsets(&part), times(&part));
        let (destructive, destructive_total) = events(&part, &paths, facts);
        let rate = part.seconds.finish(commands, &paths);
        let (patterns, busiest) = part.keyed.finish();
        let more_files = self.files.len().saturating_sub(Tape::MAX_FILES) as u64;
        let mut files: Vec<TapeFile> = self.files;
        files.truncate(Tape::MAX_FILES);
        Tape {
            commands,
            file_bytes: part.file_bytes,
            by_name: self.names.finish(),
            databases: part.databases.finish(),
            annotations: part.annotations,
            transactions: part.transactions,
            first_time_s: part.first_time_s,
            last_time_s: part.last_time_s,
            destructive,
            destructive_total,
            files,
            more_files,
            offsets,
            times,
            rate,
            patterns,
            busiest,
            transaction_commands: part.transaction_commands,
            largest_transactions,
            checkpoints: self.checkpoints.finish(),
            rewrite: None,
        }
    }
}

fn offsets(part: &Part) -> OffsetTimeline {
    let (width_bytes, rows) = part.offsets.clone().finish();
    let buckets = rows.into_iter().map(|(file, start, stretch)| OffsetBucket {
        file,
        start: start.cast_unsigned(),
        activity: stretch.finish(),
    });
    OffsetTimeline { width_bytes, buckets: buckets.collect() }
}

fn times(part: &Part) -> Option<TimeTimeline> {
    part.first_time_s?;
    let (width_s, rows) = part.times.clone().finish();
    let buckets =
        rows.into_iter().map(|(_, start_s, stretch)| TimeBucket { start_s, activity: stretch.finish() });
    Some(TimeTimeline { width_s, buckets: buckets.collect(), untimed_commands: part.untimed.commands() })
}

/// The events, those of whole databases first, and how many there are in all.
fn events(
    part: &Part,
    paths: &Paths<'_>,
    facts: impl Fn(&str, u64) -> Option<EventFacts>,
) -> (Vec<DestructiveEvent>, u64) {
    let known = |event: &Event| facts(&paths.path(event.file), event.what.offset);
    let mut one: Vec<Event> = part.events.clone();
    for event in &mut one {
        if let Some(facts) = known(event) {
            event.what.keys = Some(facts.keys);
        }
    }
    let replaced = part.candidates.iter().filter_map(|event| {
        let keys = known(event)?.keys;
        let mut event = event.clone();
        event.what.keys = Some(keys);
        (keys.min > 0).then_some(event)
    });
    one.extend(replaced);
    let mut total = part.events_total + (one.len() - part.events.len()) as u64;
    one.order_by_key(|event| (!event.what.kind.is_flush(), event.file, event.what.offset));
    one.truncate(Tape::MAX_EVENTS);
    let (mut bursts, bursts_total) = part.runs.clone().finish(part.commands);
    let storms = part.expiring.finish();
    total += bursts_total + storms.len() as u64;
    bursts.extend(storms);
    bursts.order_by_key(|event| core::cmp::Reverse(event.what.keys.and_then(|keys| keys.max)));
    bursts.truncate(Tape::MAX_EVENTS);
    one.extend(bursts);
    one.order_by_key(|event| (!event.what.kind.is_flush(), event.file, event.what.offset));
    let listed = one.into_iter().map(|event| DestructiveEvent {
        file: paths.path(event.file),
        commands_after: part.commands.saturating_sub(event.what.commands_before + event.within),
        ..event.what
    });
    (listed.collect(), total)
}
