//! Commands that do something else when they run again. Servers rewrite them before they reach the tape; old servers, foreign
//! tools and modules do not.

use super::find;
use crate::command::{Argument, Command};

/// Why running a command a second time may not give what it gave the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unrepeatable {
    /// It takes the time or an ID from the clock.
    Clock,
    /// Its data is somewhere else: MIGRATE.
    Elsewhere,
    /// A time to live that begins when it runs: keys live longer after every restart.
    RelativeExpiry,
    /// It picks at random.
    Random,
    /// It runs a script, which must be there and do the same again.
    Script,
    /// The server repeats it exactly, but by arithmetic and lookups of its own: SORT ... STORE, GEORADIUS ... STORE.
    ServerOnly,
}

/// Why a command cannot simply be run again; `None` where it can.
pub fn unrepeatable(command: &Command<'_>) -> Option<Unrepeatable> {
    let name = command.name();
    let is = |word: &str| name.eq_ignore_ascii_case(word.as_bytes());
    // Most commands of a tape are none of these: sorted out by their first letter.
    match name.first()?.to_ascii_uppercase() {
        b'E' if is("EVAL") || is("EVALSHA") => Some(Unrepeatable::Script),
        b'E' if is("EXPIRE") || is("EXPIREMEMBER") => Some(Unrepeatable::RelativeExpiry),
        b'F' if is("FCALL") => Some(Unrepeatable::Script),
        b'G' if is("GETEX") => relative_option(command, 2),
        b'G' if is("GEORADIUS") || is("GEORADIUSBYMEMBER") => {
            let keys = find(name)?.keys(command).count();
            (keys > 1).then_some(Unrepeatable::ServerOnly)
        }
        b'G' if is("GEOSEARCHSTORE") => Some(Unrepeatable::ServerOnly),
        b'H' if is("HEXPIRE") || is("HPEXPIRE") => Some(Unrepeatable::RelativeExpiry),
        b'H' if is("HSETEX") || is("HGETEX") => relative_option(command, 2),
        b'I' if is("INCREX") => relative_option(command, 2),
        b'M' if is("MIGRATE") => Some(Unrepeatable::Elsewhere),
        b'M' if is("MSETEX") => {
            let pairs = find(name)?.keys(command).count();
            relative_option(command, pairs.saturating_mul(2).saturating_add(2))
        }
        b'P' if is("PEXPIRE") || is("PSETEX") => Some(Unrepeatable::RelativeExpiry),
        b'R' if is("RESTORE") || is("RESTORE-ASKING") => {
            let lasts = command.argument(2).is_some_and(|ttl| ttl.bytes == b"0");
            let absolute = command.arguments().skip(4).any(|word| matches(&word, &[b"ABSTTL"]));
            (!lasts && !absolute).then_some(Unrepeatable::RelativeExpiry)
        }
        b'S' if is("SET") => (command.argc > 3).then(|| relative_option(command, 3)).flatten(),
        b'S' if is("SETEX") => Some(Unrepeatable::RelativeExpiry),
        b'S' if is("SPOP") => Some(Unrepeatable::Random),
        b'S' if is("SORT") => {
            let keys = find(name)?.keys(command).count();
            (keys > 1).then_some(Unrepeatable::ServerOnly)
        }
        b'X' if is("XADD") => {
            let by_clock = |id: Argument<'_>| id.bytes == b"*" || id.bytes.ends_with(b"-*");
            xadd_id(command).is_some_and(by_clock).then_some(Unrepeatable::Clock)
        }
        b'X' if is("XREADGROUP") || is("XAUTOCLAIM") => Some(Unrepeatable::Clock),
        b'X' if is("XCLAIM") => {
            let dated = command.arguments().skip(5).any(|word| matches(&word, &[b"TIME"]));
            (!dated).then_some(Unrepeatable::Clock)
        }
        _ => None,
    }
}

fn matches(argument: &Argument<'_>, words: &[&[u8]]) -> bool {
    words.iter().any(|word| argument.bytes.eq_ignore_ascii_case(word))
}

/// EX or PX among the options from `from` on; FIELDS ends them.
fn relative_option(command: &Command<'_>, from: usize) -> Option<Unrepeatable> {
    let options = command.arguments().skip(from).take_while(|word| !matches(word, &[b"FIELDS"]));
    let mut value = false;
    for word in options {
        if core::mem::take(&mut value) {
            continue;
        }
        if matches(&word, &[b"EX", b"PX"]) {
            return Some(Unrepeatable::RelativeExpiry);
        }
        value = matches(&word, &[b"IFEQ", b"IFNE", b"IFDEQ", b"IFDNE", b"EXAT", b"PXAT"]);
    }
    None
}

/// The ID of XADD: the first word behind its options. Source: streamParseAddOrTrimArgsOrReply in t_stream.c.
fn xadd_id<'a>(command: &Command<'a>) -> Option<Argument<'a>> {
    let mut words = command.arguments().skip(2);
    loop {
        let word = words.next()?;
        if matches(&word, &[b"MAXLEN", b"MINID"]) {
            if matches(&words.next()?, &[b"~", b"="]) {
                words.next()?;
            }
        } else if matches(&word, &[b"LIMIT", b"IDMPAUTO"]) {
            words.next()?;
        } else if matches(&word, &[b"IDMP"]) {
            words.nth(1)?;
        } else if !matches(&word, &[b"NOMKSTREAM", b"KEEPREF", b"DELREF", b"ACKED"]) {
            return Some(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{format, vec::Vec};

    use snaptape_wire::{Limits, Release};

    use super::*;
    use crate::{CommandSink, TapeScan};

    struct Whys(Vec<Option<Unrepeatable>>);
    impl CommandSink for Whys {
        fn command(&mut self, command: &Command<'_>) {
            self.0.push(unrepeatable(command));
        }
    }

    #[test]
    fn what_cannot_be_run_again() {
        use Unrepeatable::*;
        for (line, expected) in [
            ("SET k v", None),
            ("SET EX PX", None),
            ("SET k EX KEEPTTL", None),
            ("set k v ex 5", Some(RelativeExpiry)),
            ("SET k v NX PX 5", Some(RelativeExpiry)),
            ("SET k v IFEQ EX PXAT 5", None),
            ("SETEX k 5 v", Some(RelativeExpiry)),
            ("PEXPIRE k 5", Some(RelativeExpiry)),
            ("PEXPIREAT k 5", None),
            ("RESTORE k 0 payload", None),
            ("RESTORE k 5 payload", Some(RelativeExpiry)),
            ("RESTORE k 5 payload REPLACE absttl", None),
            ("RESTORE k 5 ABSTTL", Some(RelativeExpiry)),
            ("HSETEX k EX 5 FIELDS 1 f v", Some(RelativeExpiry)),
            ("HSETEX k PXAT 5 FIELDS 1 EX v", None),
            ("MSETEX 1 k EX KEEPTTL", None),
            ("MSETEX 1 k v EX 5", Some(RelativeExpiry)),
            ("SPOP k", Some(Random)),
            ("EVAL code 0", Some(Script)),
            ("XADD s 1-1 f *", None),
            ("XADD s * f v", Some(Clock)),
            ("XADD s NOMKSTREAM MAXLEN ~ 5 LIMIT 10 5-* f v", Some(Clock)),
            ("XADD s MAXLEN 5 IDMP * * 5-1 f v", None),
            ("XCLAIM s g c 0 1-1 TIME 5", None),
            ("XCLAIM s g c 0 1-1", Some(Clock)),
            ("SORT l", None),
            ("SORT l STORE d", Some(ServerOnly)),
            ("GEORADIUS g 1 2 3 km", None),
            ("GEORADIUS g 1 2 3 km STORE d", Some(ServerOnly)),
            ("MIGRATE h 1 k 0 5", Some(Elsewhere)),
            ("GET k", None),
        ] {
            let words: Vec<_> = line.split(' ').map(|w| format!("${}\r\n{w}\r\n", w.len())).collect();
            let tape = format!("*{}\r\n{}", words.len(), words.concat());
            let mut whys = Whys(Vec::new());
            let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
            scan.feed(tape.as_bytes(), &mut whys);
            scan.finish(&mut whys);
            assert_eq!(whys.0, [expected], "{line}");
        }
    }
}
