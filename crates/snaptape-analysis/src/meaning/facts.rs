//! What is known of the meaning of one file's commands.

use snaptape_aof::{CommandSpec, Unrepeatable};
use snaptape_wire::Release;

/// Things of one kind: how many, and where the first of them are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// How many.
    pub count: u64,
    /// Offsets of the first [`Places::MAX`], ascending.
    pub offsets: Vec<u64>,
}

impl Places {
    /// How many offsets are kept.
    pub const MAX: usize = 20;

    /// The first one.
    pub fn first(&self) -> Option<u64> {
        self.offsets.first().copied()
    }

    pub(super) fn add(&mut self, at: u64) {
        self.count += 1;
        if self.offsets.len() < Self::MAX {
            self.offsets.push(at);
        }
    }

    fn append(&mut self, later: &Self) {
        self.count += later.count;
        let room = Self::MAX.saturating_sub(self.offsets.len());
        self.offsets.extend(later.offsets.iter().take(room));
    }
}

/// Places, and what the first of them holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Where.
    pub places: Places,
    /// The first one, as text, escaped and shortened.
    pub example: String,
}

impl Shown {
    pub(super) fn add(&mut self, at: u64, example: impl FnOnce() -> String) {
        if self.places.count == 0 {
            self.example = example();
        }
        self.places.add(at);
    }

    fn append(&mut self, later: Self) {
        if self.places.count == 0 {
            self.example = later.example;
        }
        self.places.append(&later.places);
    }
}

/// How often a command of the table stands there, and with how many words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Which.
    pub spec: &'static CommandSpec,
    /// How often.
    pub commands: u64,
    /// Offset of the first one.
    pub first: u64,
    /// Fewest words, and where.
    pub fewest: (u64, u64),
    /// Most words, and where.
    pub most: (u64, u64),
}

impl Used {
    /// One with a number of words this release does not take: how many words, and where.
    pub fn wrong_words(&self, release: Release) -> Option<(u64, u64)> {
        [self.fewest, self.most].into_iter().find(|(words, _)| !self.spec.arity_ok(*words, release))
    }
}

/// A MULTI ... EXEC block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Offset of its MULTI.
    pub start: u64,
    /// Offset behind its EXEC.
    pub end: u64,
    /// Commands between the two.
    pub commands: u64,
}

/// Commands that stand there twice, one copy right behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubled {
    /// Offset of the first copy.
    pub first: u64,
    /// Offset of the second one.
    pub second: u64,
    /// Offset behind the second one.
    pub end: u64,
    /// Commands of one copy.
    pub commands: u64,
    /// Is there one among them that no client would send twice: an entry of a stream with the same ID, or an annotation?
    pub certain: bool,
}

/// What `#TS:` lines say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// The first one, Unix seconds, and where it stands.
    pub first: Option<(i64, u64)>,
    /// The last one.
    pub last: Option<(i64, u64)>,
    /// Those that are earlier than the one before.
    pub backwards: Places,
    /// The largest step back: from, to.
    pub step_back: Option<(i64, i64)>,
    /// `#TS:` lines without a number.
    pub malformed: Shown,
    /// `#` lines that are something else.
    pub foreign: Shown,
}

/// What the commands of one file mean, as far as the check tool gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeaningFacts {
    /// Commands of the table, by first use.
    pub used: Vec<Used>,
    /// Names that are in no table: each with where it stands. At most [`MeaningFacts::MAX_NAMES`].
    pub strangers: Vec<(String, Places)>,
    /// How many commands have such names, those included that are not listed.
    pub strangers_total: u64,
    /// SELECT of a number the server does not have, or of no number.
    pub bad_selects: Shown,
    /// DISCARD, which no server writes.
    pub discards: Places,
    /// Commands that do something else when they run again: the example is a name.
    pub unrepeatable: Vec<(Unrepeatable, Shown)>,
    /// Complete blocks.
    pub blocks: u64,
    /// Blocks without a command in them.
    pub empty_blocks: Places,
    /// The one with the most commands.
    pub longest_block: Option<Block>,
    /// Timestamps.
    pub times: Times,
    /// Doubled commands, at most [`Places::MAX`].
    pub doubled: Vec<Doubled>,
    /// How many times commands stand there doubled.
    pub doubled_total: u64,
    /// The first command, if it is a write and no SELECT comes before it: a server begins every file with SELECT.
    pub write_before_select: Option<u64>,
}

impl MeaningFacts {
    /// How many unknown names are listed.
    pub const MAX_NAMES: usize = 20;

    /// Commands of the table that a release does not know.
    pub fn unknown_to(&self, release: Release) -> impl Iterator<Item = &Used> {
        self.used.iter().filter(move |used| !used.spec.known_to(release))
    }

    pub(super) fn note_unrepeatable(&mut self, why: Unrepeatable, at: u64, name: impl FnOnce() -> String) {
        let known = self.unrepeatable.iter().position(|(known, _)| *known == why);
        let place = known.unwrap_or(self.unrepeatable.len());
        if known.is_none() {
            self.unrepeatable.push((why, Shown::default()));
        }
        if let Some((_, shown)) = self.unrepeatable.get_mut(place) {
            shown.add(at, name);
        }
    }

    pub(super) fn note_stranger(&mut self, name: &[u8], at: u64) {
        /// Names are shown up to this length.
        const SHOWN: usize = 64;
        self.strangers_total += 1;
        let dots = if name.len() > SHOWN { "..." } else { "" };
        let name = format!("{}{dots}", name.get(..SHOWN).unwrap_or(name).escape_ascii());
        if let Some(places) = self.stranger(name) {
            places.add(at);
        }
    }

    /// The places of a name, which is listed from now on if there is room.
    fn stranger(&mut self, name: String) -> Option<&mut Places> {
        let known = self.strangers.iter().position(|(known, _)| known.eq_ignore_ascii_case(&name));
        let at = known.unwrap_or(self.strangers.len());
        if at == self.strangers.len() && at < Self::MAX_NAMES {
            self.strangers.push((name, Places::default()));
        }
        self.strangers.get_mut(at).map(|(_, places)| places)
    }

    /// Adds what follows it in the same file; `used` is not this one's business.
    pub(super) fn append(&mut self, later: Self) {
        for (name, places) in later.strangers {
            if let Some(known) = self.stranger(name) {
                known.append(&places);
            }
        }
        self.strangers_total += later.strangers_total;
        self.bad_selects.append(later.bad_selects);
        self.discards.append(&later.discards);
        for (why, shown) in later.unrepeatable {
            match self.unrepeatable.iter_mut().find(|(known, _)| *known == why) {
                Some((_, known)) => known.append(shown),
                None => self.unrepeatable.push((why, shown)),
            }
        }
        self.blocks += later.blocks;
        self.empty_blocks.append(&later.empty_blocks);
        let commands = |block: &Option<Block>| block.map_or(0, |block| block.commands);
        if commands(&later.longest_block) > commands(&self.longest_block) {
            self.longest_block = later.longest_block;
        }
        self.times.append(later.times);
        self.write_before_select = self.write_before_select.or(later.write_before_select);
    }
}

impl Times {
    fn append(&mut self, later: Self) {
        self.first = self.first.or(later.first);
        self.last = later.last.or(self.last);
        self.backwards.append(&later.backwards);
        let step = |step: &Option<(i64, i64)>| step.map_or(0, |(from, to)| i128::from(from) - i128::from(to));
        if step(&later.step_back) > step(&self.step_back) {
            self.step_back = later.step_back;
        }
        self.malformed.append(later.malformed);
        self.foreign.append(later.foreign);
    }

    /// Takes a `#` line; `before` is the timestamp before it.
    pub(super) fn line(&mut self, line: &[u8], at: u64, before: Option<i64>) -> Option<i64> {
        let text = line.trim_ascii_end();
        let shown = || {
            const SHOWN: usize = 40;
            text.get(..SHOWN).unwrap_or(text).escape_ascii().to_string()
        };
        let Some(stamp) = text.strip_prefix(b"#TS:") else {
            self.foreign.add(at, shown);
            return None;
        };
        let digits = stamp.iter().all(u8::is_ascii_digit);
        let seconds = core::str::from_utf8(stamp).ok().filter(|_| digits).and_then(|text| text.parse().ok());
        let Some(seconds) = seconds else {
            self.malformed.add(at, shown);
            return None;
        };
        self.first.get_or_insert((seconds, at));
        self.last = Some((seconds, at));
        if let Some(before) = before.filter(|&before| seconds < before) {
            self.backwards.add(at);
            let larger = self.step_back.is_none_or(|(from, to)| {
                i128::from(before) - i128::from(seconds) > i128::from(from) - i128::from(to)
            });
            if larger {
                self.step_back = Some((before, seconds));
            }
        }
        Some(seconds)
    }
}
