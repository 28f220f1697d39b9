//! Where the keys of a command stand.

use crate::command::{Argument, Arguments, Command, KEPT_ARGUMENTS};

/// Where keys stand, as COMMAND says it, and what it cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keys {
    first: i8,
    /// Negative: counted from the end.
    last: i8,
    step: i8,
    more: More,
}

/// Keys in places that depend on other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// None.
    None,
    /// The word behind a subcommand.
    BehindSubcommand,
    /// A number at this place says how many keys follow.
    Counted(u8),
    /// A number at this place says how many pairs of key and value follow.
    CountedPairs(u8),
    /// `STORE dst` or `STOREDIST dst` of GEORADIUS.
    GeoStore,
    /// `KEYS k...` of MIGRATE, whose third word is then empty.
    MigrateKeys,
    /// `STORE dst` of SORT.
    SortStore,
    /// The first half of what stands behind STREAMS.
    Streams,
}

impl Keys {
    pub(super) const fn range(first: i8, last: i8, step: i8) -> Self {
        Self { first, last, step, more: More::None }
    }

    pub(super) const fn and(mut self, more: More) -> Self {
        self.more = more;
        self
    }

    pub(super) fn only_one(self) -> Option<usize> {
        let one = self.first == self.last && self.more == More::None;
        usize::try_from(self.first).ok().filter(|&first| one && (1..KEPT_ARGUMENTS).contains(&first))
    }

    pub(super) fn positions(self) -> (i64, i64, i64) {
        (self.first.into(), self.last.into(), self.step.into())
    }
}

/// Places from `next` up to `last`.
#[derive(Debug, Clone, Copy, Default)]
struct Places {
    next: u64,
    /// The last one; 0 where there are none.
    last: u64,
    step: u64,
}

impl Places {
    fn one(at: u64) -> Self {
        Self { next: at, last: at, step: 1 }
    }

    fn hit(&mut self, at: u64) -> bool {
        let hit = at == self.next && at <= self.last && at > 0;
        if hit {
            self.next += self.step.max(1);
        }
        hit
    }

    fn is_over(&self, at: u64) -> bool {
        self.next.max(at) > self.last
    }
}

/// The keys of a command, in its order.
#[derive(Debug, Clone)]
pub struct KeyArguments<'a> {
    arguments: Arguments<'a>,
    at: u64,
    fixed: Places,
    more: Places,
}

impl<'a> KeyArguments<'a> {
    pub(super) fn new(keys: Keys, command: &Command<'a>) -> Self {
        let argc = command.argc;
        let last = match u64::from(keys.last.unsigned_abs()) {
            n if keys.last < 0 => argc.saturating_sub(n),
            n => n.min(argc.saturating_sub(1)),
        };
        let fixed = Places {
            next: u64::from(keys.first.unsigned_abs()),
            last: if keys.first > 0 { last } else { 0 },
            step: u64::from(keys.step.unsigned_abs()),
        };
        let mut this = Self { arguments: command.arguments(), at: 0, fixed, more: Places::default() };
        match keys.more {
            More::None => {}
            More::BehindSubcommand => this.more = Places::one(2),
            More::Counted(at) => this.more = counted(command, at, 1),
            More::CountedPairs(at) => this.more = counted(command, at, 2),
            More::GeoStore => this.more = geo_store(command),
            More::SortStore => this.more = sort_store(command),
            More::Streams => this.more = streams(command),
            More::MigrateKeys => {
                if command.argument(3).is_some_and(|key| key.len_bytes == 0)
                    && let Some(at) = place_of(command, 6, b"KEYS")
                {
                    this.fixed = Places::default();
                    this.more = Places { next: at + 1, last: argc.saturating_sub(1), step: 1 };
                }
            }
        }
        this
    }
}

impl<'a> Iterator for KeyArguments<'a> {
    type Item = Argument<'a>;

    fn next(&mut self) -> Option<Argument<'a>> {
        loop {
            if self.fixed.is_over(self.at) && self.more.is_over(self.at) {
                return None;
            }
            let argument = self.arguments.next()?;
            let at = self.at;
            self.at += 1;
            // Both move on where both stand on the same word.
            if self.fixed.hit(at) | self.more.hit(at) {
                return Some(argument);
            }
        }
    }
}

fn counted(command: &Command<'_>, at: u8, step: u64) -> Places {
    let number = command.argument(usize::from(at)).filter(Argument::is_whole);
    let number = number.and_then(|number| core::str::from_utf8(number.bytes).ok()?.parse::<u64>().ok());
    let number = number.unwrap_or(0);
    let next = u64::from(at) + 1;
    let last = at.into();
    let last = u64::saturating_add(last, number.saturating_mul(step)).min(command.argc.saturating_sub(1));
    Places { next, last: if number == 0 { 0 } else { last }, step }
}

fn is(argument: &Argument<'_>, word: &[u8]) -> bool {
    argument.bytes.eq_ignore_ascii_case(word)
}

/// The first place from `from` on where a word stands.
fn place_of(command: &Command<'_>, from: usize, word: &[u8]) -> Option<u64> {
    let mut arguments = command.arguments().enumerate().skip(from);
    arguments.find(|(_, argument)| is(argument, word)).map(|(at, _)| at as u64)
}

/// The last `STORE dst`, where the words of other options are stepped over. Source: sortGetKeys in db.c.
fn sort_store(command: &Command<'_>) -> Places {
    let (mut skip, mut store, mut found) = (0, false, Places::default());
    for (at, argument) in command.arguments().enumerate().skip(2) {
        if store {
            (found, store) = (Places::one(at as u64), false);
        } else if skip > 0 {
            skip -= 1;
        } else if is(&argument, b"LIMIT") {
            skip = 2;
        } else if is(&argument, b"GET") || is(&argument, b"BY") {
            skip = 1;
        } else {
            store = is(&argument, b"STORE");
        }
    }
    found
}

/// The last `STORE dst` or `STOREDIST dst`. Source: georadiusGetKeys in db.c.
fn geo_store(command: &Command<'_>) -> Places {
    let (mut store, mut found) = (false, Places::default());
    for (at, argument) in command.arguments().enumerate().skip(5) {
        if store {
            (found, store) = (Places::one(at as u64), false);
        } else {
            store = is(&argument, b"STORE") || is(&argument, b"STOREDIST");
        }
    }
    found
}

fn streams(command: &Command<'_>) -> Places {
    let Some(at) = place_of(command, 1, b"STREAMS") else { return Places::default() };
    let half = (command.argc - 1).saturating_sub(at) / 2;
    if half == 0 { Places::default() } else { Places { next: at + 1, last: at + half, step: 1 } }
}

#[cfg(test)]
mod tests {
    use std::{format, string::String, vec::Vec};

    use snaptape_wire::{Limits, Release};

    use crate::{Command, CommandSink, TapeScan, commands::find};

    struct Keys(Vec<String>);
    impl CommandSink for Keys {
        fn command(&mut self, command: &Command<'_>) {
            let keys = find(command.name()).expect("a command").keys(command);
            self.0.extend(keys.map(|key| String::from_utf8_lossy(key.bytes).into_owned()));
        }
    }

    #[test]
    fn keys_are_where_the_server_finds_them() {
        for (line, expected) in [
            ("SET k v", "k"),
            ("set k v EX 5", "k"),
            ("MULTI", ""),
            ("DEL a b c", "a b c"),
            ("MSET a 1 b 2", "a b"),
            ("MSET a 1 b", "a b"),
            ("BLPOP a b 0", "a b"),
            ("BITOP AND d a b", "d a b"),
            ("ZUNIONSTORE d 2 a b WEIGHTS 1 2", "d a b"),
            ("ZUNIONSTORE d 9 a b", "d a b"),
            ("ZUNIONSTORE d x a b", "d"),
            ("LMPOP 2 a b LEFT", "a b"),
            ("EVAL code 0 x", ""),
            ("EVAL code 2 a b c", "a b"),
            ("MSETEX 2 a 1 b 2 PX 5", "a b"),
            ("SORT l", "l"),
            ("SORT l BY store GET # STORE d", "l d"),
            ("SORT l LIMIT 0 store ALPHA STORE d DESC", "l d"),
            ("GEORADIUS g 1 2 3 km STORE d", "g d"),
            ("GEORADIUS g 1 2 3 km STOREDIST d", "g d"),
            ("GEORADIUSBYMEMBER g m 3 km STORE d", "g d"),
            ("XREADGROUP GROUP g c STREAMS a b > >", "a b"),
            ("XGROUP CREATE s g $", "s"),
            ("OBJECT FREQ k", "k"),
            ("MIGRATE h 1 k 0 5", "k"),
            ("PFDEBUG ENCODING k", "k"),
            ("JSON.MSET a $ 1 b $ 2", "a b"),
            ("SET", ""),
        ] {
            let words: Vec<_> = line.split(' ').map(|w| format!("${}\r\n{w}\r\n", w.len())).collect();
            let tape = format!("*{}\r\n{}", words.len(), words.concat());
            let mut keys = Keys(Vec::new());
            let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
            scan.feed(tape.as_bytes(), &mut keys);
            // A MULTI alone is an open block: its command is handed out all the same.
            scan.finish(&mut keys);
            assert_eq!(keys.0.join(" "), expected, "{line}");
        }
    }

    #[test]
    fn migrate_of_many_keys() {
        let tape = "*9\r\n$7\r\nMIGRATE\r\n$1\r\nh\r\n$1\r\n1\r\n$0\r\n\r\n$1\r\n0\r\n$1\r\n5\r\n$4\r\nkeys\r\n$1\r\na\r\n$1\r\nb\r\n";
        let mut keys = Keys(Vec::new());
        let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
        scan.feed(tape.as_bytes(), &mut keys);
        scan.finish(&mut keys);
        assert_eq!(keys.0, ["a", "b"]);
    }
}
