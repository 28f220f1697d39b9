//! Writes per second, and silence between them.
//!
//! A second is what stands between its `#TS:` and the next one with another time, so commands cost nothing here.

use core::cmp::Reverse;

use snaptape_report::{BusySecond, Tape, TimeGap, WriteRate};

use super::place::{Moved, Paths};

/// Commands under one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Second {
    time_s: i64,
    /// How many commands stand before it.
    from: u64,
    file: u32,
    /// Offset of its `#TS:` line.
    line: u64,
    /// Offset behind it.
    offset: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    from_s: i64,
    to_s: i64,
    file: u32,
    offset: u64,
}

impl Gap {
    fn rank(&self) -> (Reverse<u64>, u32, u64) {
        (Reverse(self.from_s.abs_diff(self.to_s)), self.file, self.offset)
    }
}

/// The seconds of a stretch of tape.
#[derive(Debug, Clone, Default)]
pub(super) struct Seconds {
    /// The first one, which may go on what stands before the stretch.
    first: Option<Second>,
    /// How many commands stand before its end, once it has ended.
    first_end: Option<u64>,
    /// The one that has not ended, where it is not the first.
    current: Option<Second>,
    best: Option<(u64, Second)>,
    gaps: Vec<Gap>,
    backwards: u64,
    span: Option<(i64, i64)>,
}

impl Seconds {
    /// A `#TS:` line, with so many commands before it.
    pub(super) fn stamp(&mut self, time_s: i64, commands: u64, file: u32, line: (u64, u64)) {
        self.span = join(self.span, Some((time_s, time_s)));
        let second = Second { time_s, from: commands, file, line: line.0, offset: line.1 };
        let Some(open) = self.current.or(self.first) else {
            self.first = Some(second);
            return;
        };
        if open.time_s != time_s {
            self.step(&open, time_s, file, line.0);
            self.close(open, commands);
            self.current = Some(second);
        }
    }

    /// The open second has ended.
    fn close(&mut self, open: Second, end: u64) {
        if self.current.is_some() {
            self.judge(end - open.from, open);
        } else {
            self.first_end = Some(end);
        }
    }

    fn judge(&mut self, commands: u64, second: Second) {
        let is_better = self.best.is_none_or(|(most, known)| {
            (commands, Reverse((second.file, second.offset))) > (most, Reverse((known.file, known.offset)))
        });
        if commands > 0 && is_better {
            self.best = Some((commands, second));
        }
    }

    fn step(&mut self, from: &Second, to_s: i64, file: u32, offset: u64) {
        if to_s < from.time_s {
            self.backwards += 1;
        } else if to_s.abs_diff(from.time_s) >= WriteRate::LEAST_GAP_S {
            self.keep(Gap { from_s: from.time_s, to_s, file, offset });
        }
    }

    fn keep(&mut self, gap: Gap) {
        if self.gaps.len() >= Tape::MAX_GAPS
            && self.gaps.last().is_some_and(|least| least.rank() < gap.rank())
        {
            return;
        }
        let at = self.gaps.partition_point(|known| known.rank() < gap.rank());
        self.gaps.insert(at, gap);
        self.gaps.truncate(Tape::MAX_GAPS);
    }

    /// Adds a later stretch, which is then empty.
    pub(super) fn append(&mut self, later: &mut Self, by: Moved) {
        if later.first.is_none() {
            return;
        }
        let mut later = core::mem::take(later);
        let Some(first) = later.first.map(|second| second.moved(by)) else { return };
        let first_end = later.first_end.map(|end| end + by.commands);
        let current = later.current.map(|second| second.moved(by));
        self.span = join(self.span, later.span);
        self.backwards += later.backwards;
        for gap in later.gaps.drain(..) {
            self.keep(Gap { file: gap.file + by.files, ..gap });
        }
        if let Some((commands, second)) = later.best {
            self.judge(commands, second.moved(by));
        }
        let Some(open) = self.current.or(self.first) else {
            (self.first, self.first_end, self.current) = (Some(first), first_end, current);
            return;
        };
        if open.time_s == first.time_s {
            if let Some(end) = first_end {
                self.close(open, end);
                self.current = current;
            }
            return;
        }
        self.step(&open, first.time_s, first.file, first.line);
        self.close(open, first.from);
        self.current = Some(first);
        if let Some(end) = first_end {
            self.judge(end - first.from, first);
            self.current = current;
        }
    }

    /// The sums, of so many commands in all.
    pub(super) fn finish(mut self, commands: u64, paths: &Paths<'_>) -> Option<WriteRate> {
        let first = self.first?;
        self.judge(self.first_end.unwrap_or(commands) - first.from, first);
        if let Some(current) = self.current {
            self.judge(commands - current.from, current);
        }
        let (from, to) = self.span.unwrap_or_default();
        Some(WriteRate {
            commands: commands - first.from,
            seconds: from.abs_diff(to).saturating_add(1),
            busiest: self.best.map(|(commands, second)| BusySecond {
                time_s: second.time_s,
                commands,
                file: paths.path(second.file),
                offset: second.offset,
            }),
            gaps: self
                .gaps
                .iter()
                .map(|gap| TimeGap {
                    from_s: gap.from_s,
                    to_s: gap.to_s,
                    file: paths.path(gap.file),
                    offset: gap.offset,
                })
                .collect(),
            backwards: self.backwards,
        })
    }
}

impl Second {
    fn moved(self, by: Moved) -> Self {
        Self { from: self.from + by.commands, file: self.file + by.files, ..self }
    }
}

fn join(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}
