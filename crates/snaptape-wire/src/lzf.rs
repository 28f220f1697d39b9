//! LZF, decompression only, in safe code. Source of the format: liblzf's `lzf_d.c` as shipped with Redis.
//!
//! A control byte below 32 announces that many plus one literal bytes; else its top three bits are a length (7: the next
//! byte adds to it) and its low five bits with the following byte a distance back into the output.

use alloc::vec::Vec;

use crate::{Error, ErrorKind};

/// Unpacks all of `packed` into `out`, replacing what it held.
///
/// The caller has bounded `len`: it is what gets allocated.
///
/// # Errors
/// [`ErrorKind::InvalidLzf`] at the offset, within `packed`, of the control byte that is wrong.
pub fn decode(packed: &[u8], len: u64, out: &mut Vec<u8>) -> Result<(), Error> {
    let len = usize::try_from(len).map_err(|_| invalid("unpacks to more than this machine can hold", 0))?;
    out.clear();
    out.resize(len, 0);
    match run(packed, out)? {
        (used, n) if used == packed.len() && n == len => Ok(()),
        (used, n) if n == len => Err(invalid("holds more than its length", used)),
        (used, _) => Err(invalid("holds less than its length", used)),
    }
}

/// Unpacks just enough of `packed` to fill `out`.
///
/// # Errors
/// As for [`decode`], as far as the bytes looked at show it.
pub fn decode_front(packed: &[u8], out: &mut [u8]) -> Result<(), Error> {
    let want = out.len();
    match run(packed, out)? {
        (_, n) if n == want => Ok(()),
        (used, _) => Err(invalid("holds less than its length", used)),
    }
}

/// Would `packed` unpack to `len` bytes? Without unpacking it: what can be wrong stands in the control bytes alone.
///
/// # Errors
/// As for [`decode`].
pub fn check(packed: &[u8], len: u64) -> Result<(), Error> {
    let (mut at, mut written) = (0_usize, 0_u64);
    while let Some(&control) = packed.get(at) {
        let start = at;
        let byte = |i: usize| {
            packed.get(i).copied().map(u64::from).ok_or_else(|| invalid("ends inside a match", start))
        };
        if control < 32 {
            let n = usize::from(control) + 1;
            at += 1 + n;
            written += n as u64;
            if at > packed.len() {
                return Err(invalid("ends inside a literal", start));
            }
        } else {
            let mut n = u64::from(control >> 5) + 2;
            at += 1;
            if n == 9 {
                n += byte(at)?;
                at += 1;
            }
            let distance = (u64::from(control & 0x1f) << 8 | byte(at)?) + 1;
            at += 1;
            if distance > written {
                return Err(invalid("refers to before its beginning", start));
            }
            written += n;
        }
        if written > len {
            return Err(invalid("holds more than its length", start));
        }
    }
    if written == len { Ok(()) } else { Err(invalid("holds less than its length", packed.len())) }
}

/// Looks whether compressed data that arrives in pieces would unpack to its length, without unpacking it: what can be wrong
/// stands in the control bytes alone.
#[derive(Debug, Clone)]
pub struct Checker {
    len: u64,
    read: u64,
    written: u64,
    next: Next,
    wrong: Option<Error>,
}

/// What the next byte is.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// A control byte.
    Control,
    /// One of so many literal bytes.
    Literal(u64),
    /// What adds to the length of a match; `high` is the top of its distance.
    MoreLen { high: u64 },
    /// The low byte of the distance.
    Low { high: u64, n: u64 },
}

impl Checker {
    /// For data that should unpack to `len` bytes.
    pub fn new(len: u64) -> Self {
        Self { len, read: 0, written: 0, next: Next::Control, wrong: None }
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while self.wrong.is_none()
            && let Some((&byte, behind)) = rest.split_first()
        {
            let byte = u64::from(byte);
            let mut used = 1;
            self.next = match self.next {
                Next::Control if byte < 32 => Next::Literal(byte + 1),
                Next::Control if byte >> 5 == 7 => Next::MoreLen { high: byte & 0x1f },
                Next::Control => Next::Low { high: byte & 0x1f, n: (byte >> 5) + 2 },
                Next::Literal(left) => {
                    used = left.min(rest.len() as u64);
                    self.written += used;
                    if left == used { Next::Control } else { Next::Literal(left - used) }
                }
                Next::MoreLen { high } => Next::Low { high, n: 9 + byte },
                Next::Low { high, n } => {
                    if (high << 8 | byte) + 1 > self.written {
                        self.fail("refers to before its beginning");
                    }
                    self.written += n;
                    Next::Control
                }
            };
            self.read += used;
            if self.written > self.len {
                self.fail("holds more than its length");
            }
            rest = if used == 1 {
                behind
            } else {
                rest.get(usize::try_from(used).unwrap_or(usize::MAX)..).unwrap_or_default()
            };
        }
    }

    #[cold]
    fn fail(&mut self, why: &'static str) {
        let error = Error::new(ErrorKind::InvalidLzf { why }, self.read);
        self.wrong.get_or_insert(error);
    }

    /// That was all.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidLzf`] near the control byte, within the compressed data, that is wrong.
    pub fn finish(mut self) -> Result<(), Error> {
        match self.next {
            Next::Control if self.written == self.len => {}
            Next::Control => self.fail("holds less than its length"),
            Next::Literal(_) => self.fail("ends inside a run of literal bytes"),
            Next::MoreLen { .. } | Next::Low { .. } => self.fail("ends inside a match"),
        }
        match self.wrong {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

#[cold]
fn invalid(why: &'static str, at: usize) -> Error {
    Error::new(ErrorKind::InvalidLzf { why }, at as u64)
}

/// Fills `out` from the front; returns how many bytes were read and written. Stops early when `out` is full.
fn run(packed: &[u8], out: &mut [u8]) -> Result<(usize, usize), Error> {
    let mut read = 0;
    let mut written = 0;
    while let Some(&control) = packed.get(read) {
        if written == out.len() {
            break;
        }
        let control = usize::from(control);
        if control < 32 {
            let n = control + 1;
            let literals = packed
                .get(read + 1..read + 1 + n)
                .ok_or_else(|| invalid("ends inside a run of literal bytes", read))?;
            let room = out.len() - written;
            let n = n.min(room);
            out[written..written + n].copy_from_slice(&literals[..n]);
            if literals.len() > room {
                // Only the front was wanted, or it holds more than its length: then some input is left over.
                return Ok((read, written + n));
            }
            read += 1 + n;
            written += n;
        } else {
            let mut n = (control >> 5) + 2;
            let mut next = read + 1;
            if n == 9 {
                n += usize::from(*packed.get(next).ok_or_else(|| invalid("ends inside a match", read))?);
                next += 1;
            }
            let low = usize::from(*packed.get(next).ok_or_else(|| invalid("ends inside a match", read))?);
            let distance = ((control & 0x1f) << 8 | low) + 1;
            let from = written
                .checked_sub(distance)
                .ok_or_else(|| invalid("refers to before its beginning", read))?;
            let room = out.len() - written;
            let full = n <= room;
            let n = n.min(room);
            if distance >= n {
                out.copy_within(from..from + n, written);
            } else if distance == 1 {
                let byte = out[from];
                out[written..written + n].fill(byte);
            } else {
                // The match overlaps what it makes: it repeats the last `distance` bytes.
                for i in 0..n {
                    out[written + i] = out[from + i];
                }
            }
            written += n;
            if !full {
                return Ok((read, written));
            }
            read = next + 1;
        }
    }
    Ok((read, written))
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;

    #[test]
    fn a_run_and_a_match() {
        let mut out = vec![];
        decode(&[0x01, 0x61, 0x61, 0xe0, 0x13, 0x00, 0x01, 0x61, 0x61], 32, &mut out).unwrap();
        assert_eq!(out, [b'a'; 32]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_offset() {
        for (packed, len, expected) in [
            (&[0x05, 1, 2][..], 6, "invalid LZF data: ends inside a run of literal bytes, at offset 0"),
            (&[0x00, 1, 0x20], 4, "invalid LZF data: ends inside a match, at offset 2"),
            (&[0x00, 1, 0x20, 1], 4, "invalid LZF data: refers to before its beginning, at offset 2"),
            (&[0x00, 1], 2, "invalid LZF data: holds less than its length, at offset 2"),
            (&[0x01, 1, 2], 1, "invalid LZF data: holds more than its length, at offset 0"),
            (&[0x00, 1, 0x00, 2], 1, "invalid LZF data: holds more than its length, at offset 2"),
        ] {
            let error = decode(packed, len, &mut vec![]).unwrap_err();
            assert_eq!(format!("{error}"), expected);
        }
    }
}
