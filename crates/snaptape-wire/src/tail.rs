//! What a parser could not use yet: the loop around every sans-IO parser here.

use alloc::vec::Vec;

/// What a run over a window has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consumed {
    /// Bytes of the window that are done with.
    pub bytes: usize,
    /// At least this many more are needed to go on; 0 when the parser wants no more at all.
    pub hint: u64,
}

/// Holds the bytes between two windows that belong to one item.
///
/// Only the item across the border is copied: as soon as it is complete the parser runs on the caller's own window.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    held: Vec<u8>,
    hint: u64,
}

impl Tail {
    /// Bytes held at the moment.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Is nothing held?
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Runs `parse` over what is held and then over `window`. `parse` uses as much as it can of the bytes it is given; its
    /// second argument says whether they are the last ones.
    ///
    /// # Errors
    /// Those of `parse`.
    pub fn feed<E>(
        &mut self,
        mut window: &[u8],
        eof: bool,
        mut parse: impl FnMut(&[u8], bool) -> Result<Consumed, E>,
    ) -> Result<(), E> {
        while !self.held.is_empty() && (!window.is_empty() || eof) {
            // Enough for the next try, and at least a little: a hint is only a lower bound.
            let want = usize::try_from(self.hint.max(512)).unwrap_or(usize::MAX).min(window.len());
            let (front, rest) = window.split_at(want);
            let before = self.held.len();
            self.held.extend_from_slice(front);
            let done = parse(&self.held, eof && rest.is_empty())?;
            self.hint = done.hint;
            if done.bytes >= before {
                // The item across the border is done: back to the caller's bytes.
                window = window.get(done.bytes - before..).unwrap_or_default();
                self.held.clear();
                if done.hint == 0 {
                    return Ok(());
                }
            } else {
                self.held.drain(..done.bytes);
                window = rest;
                if window.is_empty() {
                    return Ok(());
                }
            }
        }
        if window.is_empty() && !eof {
            return Ok(());
        }
        let done = parse(window, eof)?;
        self.hint = done.hint;
        self.held.extend_from_slice(window.get(done.bytes..).unwrap_or_default());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;

    /// Items are a length byte and that many bytes.
    fn items(tail: &mut Tail, window: &[u8], eof: bool, out: &mut Vec<Vec<u8>>) -> Result<(), &'static str> {
        tail.feed(window, eof, |bytes, eof| {
            let mut at = 0;
            loop {
                let Some(&len) = bytes.get(at) else { return Ok(Consumed { bytes: at, hint: 1 }) };
                let end = at + 1 + usize::from(len);
                let Some(item) = bytes.get(at + 1..end) else {
                    if eof {
                        return Err("short");
                    }
                    return Ok(Consumed { bytes: at, hint: (end - bytes.len()) as u64 });
                };
                out.push(item.to_vec());
                at = end;
            }
        })
    }

    #[test]
    fn any_cut_gives_the_same_items() {
        let mut input = vec![];
        for n in 0..200_u8 {
            input.push(n);
            input.extend(core::iter::repeat_n(n, usize::from(n)));
        }
        let mut whole = vec![];
        items(&mut Tail::default(), &input, true, &mut whole).unwrap();
        assert_eq!(whole.len(), 200);
        for step in [1, 2, 3, 7, 64, 511, 513, 4096] {
            let (mut tail, mut got) = (Tail::default(), vec![]);
            for chunk in input.chunks(step) {
                items(&mut tail, chunk, false, &mut got).unwrap();
                assert!(tail.len() <= 256 + 512, "held {}", tail.len());
            }
            items(&mut tail, &[], true, &mut got).unwrap();
            assert_eq!(got, whole, "step {step}");
        }
        let mut tail = Tail::default();
        items(&mut tail, &input[..input.len() - 1], false, &mut vec![]).unwrap();
        assert_eq!(items(&mut tail, &[], true, &mut vec![]), Err("short"));
    }
}
