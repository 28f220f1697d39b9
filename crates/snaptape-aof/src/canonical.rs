//! Whole commands in the form every server writes: plain digits, CRLF everywhere. Both dialects read them alike, so a scan takes
//! them here, at the speed of stepping over arguments by their lengths, and leaves everything else to the [`crate::Reader`]s.

use crate::command::{Argument, KEPT_ARGUMENTS, KEPT_BYTES};

/// A command in canonical form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Whole<'a> {
    /// Its length.
    pub(crate) bytes: usize,
    pub(crate) argc: u64,
    /// Its first arguments.
    pub(crate) kept: [Argument<'a>; KEPT_ARGUMENTS],
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Not {
    /// So far it is one, but the input ends after `args` arguments; `missing` is a lower bound.
    Complete { missing: u64 },
    /// It is something else.
    Canonical { args: u64 },
    /// It is longer than the caller cares for.
    Short,
}

/// The longest run of digits taken here; 18 cannot overflow.
const MAX_DIGITS: usize = 18;

/// Digits and CRLF at the front of `bytes`: the number, and how many bytes.
#[inline]
fn number(bytes: &[u8]) -> Result<(u64, usize), Not> {
    let mut value = 0_u64;
    for (i, &byte) in bytes.iter().take(MAX_DIGITS + 1).enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if byte == b'\r' && i > 0 {
            return match bytes.get(i + 1) {
                Some(b'\n') => Ok((value, i + 2)),
                Some(_) => Err(Not::Canonical { args: 0 }),
                None => Err(Not::Complete { missing: 1 }),
            };
        } else {
            return Err(Not::Canonical { args: 0 });
        }
    }
    if bytes.len() > MAX_DIGITS { Err(Not::Canonical { args: 0 }) } else { Err(Not::Complete { missing: 2 }) }
}

/// The command at the front of `bytes`, if it is at most `max_bytes` long, with its first arguments.
pub(crate) fn command(bytes: &[u8], max_bytes: u64) -> Result<Whole<'_>, Not> {
    let mut kept = [Argument::default(); KEPT_ARGUMENTS];
    let mut slots = kept.iter_mut();
    let (bytes, argc) = read(bytes, max_bytes, |argument| {
        if let Some(slot) = slots.next() {
            *slot = argument;
        }
    })?;
    Ok(Whole { bytes, argc, kept })
}

/// The same: how long it is and how many arguments it has. Each goes to `each`, also those of what turns out to be no command.
#[inline]
pub(crate) fn read<'a>(
    bytes: &'a [u8],
    max_bytes: u64,
    mut each: impl FnMut(Argument<'a>),
) -> Result<(usize, u64), Not> {
    let header = |at: usize, mark: u8| -> Result<(u64, usize), Not> {
        match bytes.get(at..) {
            // Most numbers have one digit or two.
            Some(&[byte, digit @ b'0'..=b'9', b'\r', b'\n', ..]) if byte == mark => {
                Ok((u64::from(digit - b'0'), at + 4))
            }
            Some(&[byte, ten @ b'0'..=b'9', digit @ b'0'..=b'9', b'\r', b'\n', ..]) if byte == mark => {
                Ok((u64::from(ten - b'0') * 10 + u64::from(digit - b'0'), at + 5))
            }
            Some(&[byte, ref rest @ ..]) if byte == mark => {
                let (value, used) = number(rest)?;
                Ok((value, at + 1 + used))
            }
            Some(&[_, ..]) => Err(Not::Canonical { args: 0 }),
            _ => Err(Not::Complete { missing: 1 }),
        }
    };
    let (argc, mut at) = header(0, b'*')?;
    if argc == 0 || argc > i32::MAX as u64 {
        return Err(Not::Canonical { args: 0 });
    }
    for index in 0..argc {
        let (len_bytes, payload) = header(at, b'$').map_err(|not| match not {
            Not::Canonical { .. } => Not::Canonical { args: index },
            not => not,
        })?;
        // Lengths have at most 18 digits: no overflow.
        let end = payload as u64 + len_bytes + 2;
        if end > max_bytes {
            return Err(Not::Short);
        }
        let missing = || Not::Complete { missing: end.saturating_sub(bytes.len() as u64).max(1) };
        let end = usize::try_from(end).map_err(|_| missing())?;
        match bytes.get(end - 2..end) {
            Some(b"\r\n") => {}
            Some(_) => return Err(Not::Canonical { args: index }),
            None => return Err(missing()),
        }
        let front = bytes.get(payload..(end - 2).min(payload + KEPT_BYTES)).unwrap_or_default();
        each(Argument { len_bytes, bytes: front });
        at = end;
    }
    Ok((at, argc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, max: u64, expected: Result<(usize, u64), Not>) {
        assert_eq!(command(text.as_bytes(), max).map(|c| (c.bytes, c.argc)), expected, "{text:?}");
    }

    #[test]
    fn canonical_commands_and_others() {
        let get = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
        check(get, 1000, Ok((20, 2)));
        check(&[get, "*"].concat(), 1000, Ok((20, 2)));
        check(get, 19, Err(Not::Short));
        check("", 9, Err(Not::Complete { missing: 1 }));
        check("*2", 9, Err(Not::Complete { missing: 2 }));
        check("*2\r", 9, Err(Not::Complete { missing: 1 }));
        check("*2\r\n$3\r\nG", 99, Err(Not::Complete { missing: 4 }));
        check("*2\r\n$3\r\nGET\r\n", 99, Err(Not::Complete { missing: 1 }));
        for odd in [
            "*2\n",
            "*x\r\n",
            "*\r\n",
            "*0\r\n",
            "#TS:1\r\n",
            "*1\r\r",
            "*1\r\n*",
            "*1\r\n$1\r\nabc",
            "*+1\r\n",
        ] {
            check(odd, 99, Err(Not::Canonical { args: 0 }));
        }
        check("*2\r\n$1\r\na\r\n$-1\r\n", 99, Err(Not::Canonical { args: 1 }));
        check("*1\r\n$1\r\nabcd", 99, Err(Not::Canonical { args: 0 }));
        check("*1234567890123456789\r\n", 99, Err(Not::Canonical { args: 0 }));
        let whole = command(get.as_bytes(), 99).unwrap();
        assert_eq!(whole.kept[0].bytes, b"GET");
        assert_eq!(whole.kept[1], Argument { len_bytes: 1, bytes: b"k" });
    }
}
