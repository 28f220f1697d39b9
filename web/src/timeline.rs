//! Writes over time or over the offsets of the files, as bars: what the chart draws and its table lists.

use snaptape_report::{
    CommandFamily, DestructiveEvent, DestructiveKind, ListFrom, OffsetBucket, Tape, TimeBucket, units,
};
use snaptape_sort::Sort as _;

use crate::words;

/// More bars than this nobody tells apart.
const MOST_BARS: u64 = 120;

/// What the bars stand side by side on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Axis {
    /// The time of the `#TS:` lines.
    #[default]
    Time,
    /// Where the commands stand in the files.
    Offset,
}

impl Axis {
    /// Its word in the address.
    pub fn id(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Offset => "offset",
        }
    }

    /// The heading of a chart over it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Time => "Writes over time",
            Self::Offset => "Writes over the files",
        }
    }

    /// The one that is shown: without times there are offsets only.
    #[must_use]
    pub fn shown(self, tape: &Tape) -> Self {
        match &tape.times {
            Some(times) if !times.buckets.is_empty() => self,
            _ => Self::Offset,
        }
    }
}

/// The commands of one stretch.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineBar {
    /// Where it begins, as a part of the whole, 0 to 1.
    pub x: f64,
    /// How wide it is, as a part of the whole.
    pub width: f64,
    /// What the stretch is called: `2026-11-20 08:03:00 UTC`, `7,994 (0x1f3a) of a.aof`.
    pub label: String,
    /// How many commands.
    pub commands: u64,
    /// Bytes they take on the tape.
    pub file_bytes: u64,
    /// Commands of each of [`Timeline::families`].
    pub families: Vec<u64>,
    /// Where a list of its commands begins.
    pub from: ListFrom,
}

impl TimelineBar {
    /// Everything about it in a sentence.
    pub fn text(&self, families: &[CommandFamily]) -> String {
        let kinds: Vec<String> = families
            .iter()
            .zip(&self.families)
            .filter(|(_, commands)| **commands > 0)
            .map(|(family, commands)| format!("{} {}", family_word(*family), units::count(*commands)))
            .collect();
        format!(
            "{}: {}, {}; {}",
            self.label,
            units::plural(self.commands, "command", "commands"),
            units::bytes(self.file_bytes),
            kinds.join(", ")
        )
    }
}

/// A destructive event on the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEvent {
    /// Where it is, as a part of the whole.
    pub x: f64,
    /// How far it goes on, as a part of the whole; 0 for a single command.
    pub width: f64,
    /// Its name where there is room for it.
    pub label: Option<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// What the bars stand on.
    pub axis: Axis,
    /// The kinds that are there, in the order they are stacked.
    pub families: Vec<CommandFamily>,
    /// The bars, from left to right.
    pub bars: Vec<TimelineBar>,
    /// Commands of the highest bar.
    pub most: u64,
    /// How much one bar is: `3 min`, `64 KB`.
    pub bar_words: String,
    /// What stands at the left end, in the middle and at the right end.
    pub ticks: [String; 3],
    /// What destroyed something.
    pub events: Vec<TimelineEvent>,
    /// Commands that have no time and are not drawn.
    pub left_out: u64,
}

/// What is drawn of a tape; nothing where there are no commands.
pub fn timeline(tape: &Tape, axis: Axis) -> Option<Timeline> {
    match (axis.shown(tape), &tape.times) {
        (Axis::Time, Some(times)) => over_time(tape, &times.buckets, times.width_s, times.untimed_commands),
        _ => over_offset(tape),
    }
}

/// How many buckets become one bar.
fn factor(first: u64, last: u64) -> u64 {
    let mut factor = 1;
    while last / factor - first / factor >= MOST_BARS {
        factor *= 2;
    }
    factor
}

fn over_time(tape: &Tape, buckets: &[TimeBucket], width_s: u64, left_out: u64) -> Option<Timeline> {
    let width_s = i64::try_from(width_s.max(1)).ok()?;
    let (first, last) = (buckets.first()?.start_s, buckets.last()?.start_s);
    // Both count from the first one: times before 1970 are legal.
    let steps = |at: i64| at.saturating_sub(first).max(0).unsigned_abs() / width_s.unsigned_abs();
    let factor = factor(0, steps(last));
    let bar_s = width_s.saturating_mul(i64::try_from(factor).ok()?);
    let n_bars = steps(last) / factor + 1;
    let families = families(buckets.iter().map(|bucket| &bucket.activity));
    let mut bars: Vec<TimelineBar> = Vec::new();
    let mut at = None;
    for bucket in buckets {
        let index = steps(bucket.start_s) / factor;
        if at != Some(index) {
            at = Some(index);
            let start_s = first.saturating_add(bar_s.saturating_mul(i64::try_from(index).ok()?));
            bars.push(TimelineBar {
                x: index as f64 / n_bars as f64,
                width: 1.0 / n_bars as f64,
                label: units::time_s(start_s),
                commands: 0,
                file_bytes: 0,
                families: vec![0; families.len()],
                from: ListFrom::Time { time_s: start_s },
            });
        }
        add(bars.last_mut()?, &families, &bucket.activity);
    }
    let end = first.saturating_add(bar_s.saturating_mul(i64::try_from(n_bars).ok()?));
    let span = end.saturating_sub(first).max(1) as f64;
    let place = |time_s: i64| (time_s.saturating_sub(first) as f64 / span).clamp(0.0, 1.0);
    let events = tape.destructive.iter().filter_map(|event| {
        let start = event.time_s?;
        let (from, to) = (place(start), place(event.end_time_s.unwrap_or(start)));
        Some((event, from, (to - from).max(0.0)))
    });
    let middle = first.saturating_add(end.saturating_sub(first) / 2);
    Some(Timeline {
        axis: Axis::Time,
        most: bars.iter().map(|bar| bar.commands).max().unwrap_or_default(),
        bars,
        families,
        bar_words: units::duration_ms(bar_s.unsigned_abs().saturating_mul(1_000)),
        ticks: [first, middle, end].map(units::time_s),
        events: labelled(events),
        left_out,
    })
}

fn over_offset(tape: &Tape) -> Option<Timeline> {
    let buckets = &tape.offsets.buckets;
    let width = tape.offsets.width_bytes.max(1);
    let families = families(buckets.iter().map(|bucket| &bucket.activity));
    // Files end to end, each from its first command on.
    let mut before = Vec::new();
    let mut total = 0_u64;
    for file in &tape.files {
        before.push(total);
        total = total.saturating_add(file.end.saturating_sub(file.start));
    }
    before.push(total);
    if buckets.iter().any(|bucket| bucket.file as usize >= tape.files.len()) {
        total = total.saturating_add(width);
    }
    buckets.first()?;
    let whole = total.max(1) as f64;
    let factor = factor(0, total / width);
    let bar_bytes = width.saturating_mul(factor);
    let span = |bucket: &OffsetBucket| {
        let base = before.get(bucket.file as usize).copied().unwrap_or_default();
        let start = bucket.start - bucket.start % bar_bytes;
        let Some(file) = tape.files.get(bucket.file as usize) else { return (base, total) };
        let clamp = |at: u64| at.clamp(file.start, file.end.max(file.start)) - file.start + base;
        (clamp(start), clamp(start.saturating_add(bar_bytes)))
    };
    let mut bars: Vec<TimelineBar> = Vec::new();
    let mut at = None;
    for bucket in buckets {
        let key = (bucket.file, bucket.start / bar_bytes);
        if at != Some(key) {
            at = Some(key);
            let (start, end) = span(bucket);
            let file = tape.files.get(bucket.file as usize);
            let offset = (bucket.start - bucket.start % bar_bytes).max(file.map_or(0, |file| file.start));
            let name = file.map(|file| file.file.clone()).unwrap_or_default();
            bars.push(TimelineBar {
                x: start as f64 / whole,
                width: end.saturating_sub(start) as f64 / whole,
                label: match file {
                    Some(file) if tape.files.len() > 1 => {
                        format!("{}, from {}", words::file_name(&file.file), words::offset(offset))
                    }
                    Some(_) => format!("from {}", words::offset(offset)),
                    None => "further files".into(),
                },
                commands: 0,
                file_bytes: 0,
                families: vec![0; families.len()],
                from: ListFrom::Offset { file: name, offset },
            });
        }
        add(bars.last_mut()?, &families, &bucket.activity);
    }
    let place = |event: &DestructiveEvent, offset: u64| {
        let index = tape.files.iter().position(|file| file.file == event.file)?;
        let (file, base) = (tape.files.get(index)?, before.get(index)?);
        let at = offset.clamp(file.start, file.end.max(file.start)) - file.start + base;
        Some(at as f64 / whole)
    };
    let events = tape.destructive.iter().filter_map(|event| {
        let from = place(event, event.offset)?;
        let to = if event.kind.is_one_command() { from } else { place(event, event.end)? };
        Some((event, from, (to - from).max(0.0)))
    });
    Some(Timeline {
        axis: Axis::Offset,
        most: bars.iter().map(|bar| bar.commands).max().unwrap_or_default(),
        bars,
        families,
        bar_words: units::bytes(bar_bytes),
        ticks: [0, total / 2, total].map(units::bytes),
        events: labelled(events),
        left_out: 0,
    })
}

fn families<'a>(
    activities: impl Iterator<Item = &'a snaptape_report::Activity> + Clone,
) -> Vec<CommandFamily> {
    let is_there = |family: &CommandFamily| activities.clone().any(|activity| activity.family(*family) > 0);
    CommandFamily::ALL.into_iter().filter(is_there).collect()
}

fn add(bar: &mut TimelineBar, families: &[CommandFamily], activity: &snaptape_report::Activity) {
    bar.commands += activity.commands;
    bar.file_bytes += activity.file_bytes;
    for (sum, family) in bar.families.iter_mut().zip(families) {
        *sum += activity.family(*family);
    }
}

/// Room a name needs, as a part of the whole.
const LABEL_ROOM: f64 = 0.13;

/// Names for as many events as there is room for, whole databases first.
fn labelled<'a>(events: impl Iterator<Item = (&'a DestructiveEvent, f64, f64)>) -> Vec<TimelineEvent> {
    let events: Vec<_> = events.collect();
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.order_by_key(|i| events.get(*i).map(|(event, ..)| event.kind));
    let mut placed: Vec<TimelineEvent> =
        events.iter().map(|(_, x, width)| TimelineEvent { x: *x, width: *width, label: None }).collect();
    for i in order {
        let Some((event, x, _)) = events.get(i) else { continue };
        let free = placed
            .iter()
            .filter(|other| other.label.is_some())
            .all(|other| (other.x - x).abs() >= LABEL_ROOM);
        if let Some(slot) = placed.get_mut(i).filter(|_| free) {
            slot.label = Some(event_word(event));
        }
    }
    placed
}

/// What an event is called in a few letters.
pub fn event_word(event: &DestructiveEvent) -> String {
    match event.kind {
        DestructiveKind::DeleteBurst => format!("{} burst", event.name),
        DestructiveKind::ExpiryStorm => "expiry storm".into(),
        DestructiveKind::MassExpiry => "mass expiry".into(),
        _ => event.name.clone(),
    }
}

/// What a family is called.
pub fn family_word(family: CommandFamily) -> &'static str {
    match family {
        CommandFamily::String => "strings",
        CommandFamily::List => "lists",
        CommandFamily::Set => "sets",
        CommandFamily::Zset => "sorted sets",
        CommandFamily::Hash => "hashes",
        CommandFamily::Stream => "streams",
        CommandFamily::Expire => "expiries",
        CommandFamily::Delete => "deletions",
        CommandFamily::Flush => "flushes",
        CommandFamily::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use snaptape_report::{Activity, FamilyCount, OffsetTimeline, TapeFile, TimeTimeline};

    use super::*;

    fn activity(counts: &[(CommandFamily, u64)]) -> Activity {
        let families: Vec<FamilyCount> = counts
            .iter()
            .map(|&(family, commands)| FamilyCount { family, commands, file_bytes: commands * 10 })
            .collect();
        let commands = families.iter().map(|count| count.commands).sum();
        Activity { commands, file_bytes: commands * 10, families, ..Activity::default() }
    }

    fn timed(starts: impl IntoIterator<Item = i64>, width_s: u64) -> Tape {
        let buckets = starts
            .into_iter()
            .map(|start_s| TimeBucket { start_s, activity: activity(&[(CommandFamily::String, 1)]) })
            .collect();
        let times = TimeTimeline { width_s, buckets, untimed_commands: 3 };
        Tape { times: Some(times), ..Tape::default() }
    }

    #[test]
    fn bars_stand_where_their_time_is() {
        let timeline = timeline(&timed([100, 104, 112], 4), Axis::Time).unwrap();
        let xs: Vec<f64> = timeline.bars.iter().map(|bar| bar.x).collect();
        assert_eq!(xs, [0.0, 0.25, 0.75], "nothing was written in the third stretch of four");
        assert_eq!((timeline.bar_words.as_str(), timeline.left_out, timeline.most), ("4 s", 3, 1));
        assert_eq!(timeline.bars[2].from, ListFrom::Time { time_s: 112 });
        assert_eq!(
            timeline.bars[0].text(&timeline.families),
            "1970-01-01 00:01:40 UTC: 1 command, 10 B; strings 1"
        );
    }

    #[test]
    fn many_stretches_become_few_bars() {
        let timeline = timeline(&timed((0..512).map(|i| i * 4), 4), Axis::Time).unwrap();
        assert!(timeline.bars.len() <= 120, "{}", timeline.bars.len());
        assert_eq!(timeline.bars.iter().map(|bar| bar.commands).sum::<u64>(), 512);
        assert!(timeline.bars.windows(2).all(|pair| pair[0].x < pair[1].x));
        // Extreme times are only numbers.
        let timeline = super::timeline(&timed([i64::MIN, 0, i64::MAX], 1 << 62), Axis::Time).unwrap();
        assert!(timeline.bars.iter().all(|bar| (0.0..=1.0).contains(&bar.x)));
    }

    fn two_files() -> Tape {
        let file = |name: &str, start, end| TapeFile { file: name.into(), start, end, ..TapeFile::default() };
        let bucket = |file, start, family| OffsetBucket { file, start, activity: activity(&[(family, 2)]) };
        Tape {
            files: vec![file("d/a.aof", 10, 40), file("d/b.aof", 0, 70)],
            offsets: OffsetTimeline {
                width_bytes: 32,
                buckets: vec![
                    bucket(0, 0, CommandFamily::Hash),
                    bucket(0, 32, CommandFamily::String),
                    bucket(1, 64, CommandFamily::String),
                ],
            },
            ..Tape::default()
        }
    }

    #[test]
    fn files_stand_end_to_end() {
        let timeline = timeline(&two_files(), Axis::Time).unwrap();
        assert_eq!(timeline.axis, Axis::Offset, "there are no times");
        let spans: Vec<_> = timeline.bars.iter().map(|bar| (bar.x * 100.0, bar.width * 100.0)).collect();
        assert_eq!(spans, [(0.0, 22.0), (22.0, 8.0), (94.0, 6.0)]);
        assert_eq!(timeline.families, [CommandFamily::String, CommandFamily::Hash], "one order everywhere");
        assert_eq!(timeline.bars[0].families, [0, 2]);
        assert_eq!(timeline.bars[0].from, ListFrom::Offset { file: "d/a.aof".into(), offset: 10 });
        assert_eq!(timeline.bars[2].label, "b.aof, from 64 (0x40)");
        assert_eq!(super::timeline(&Tape::default(), Axis::Offset), None);
    }

    #[test]
    fn events_are_named_where_there_is_room() {
        let mut tape = two_files();
        let event = |offset, kind, name: &str| DestructiveEvent {
            name: name.into(),
            file: "d/b.aof".into(),
            offset,
            end: offset + 10,
            kind,
            ..DestructiveEvent::default()
        };
        tape.destructive = vec![
            event(0, DestructiveKind::DeleteBurst, "DEL"),
            event(5, DestructiveKind::Flushall, "FLUSHALL"),
            event(60, DestructiveKind::DeleteBurst, "UNLINK"),
        ];
        let events = timeline(&tape, Axis::Offset).unwrap().events;
        let labels: Vec<_> = events.iter().map(|event| event.label.as_deref()).collect();
        assert_eq!(labels, [None, Some("FLUSHALL"), Some("UNLINK burst")]);
        assert!(events[1].width < 1e-9);
        assert!((events[2].width - 0.1).abs() < 1e-9);
    }
}
