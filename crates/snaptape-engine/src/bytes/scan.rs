//! Where bytes stand in contents that come in pieces.

/// Looks for bytes, however what they are looked for in is cut.
#[derive(Debug)]
pub(super) struct Scan {
    needle: Vec<u8>,
    /// What may be the front of the needle, across two pieces.
    tail: Vec<u8>,
    /// Offset in the contents of the next byte that is wanted.
    at: u64,
}

impl Scan {
    /// The longest needle.
    pub(super) const MAX_NEEDLE: usize = 4_096;

    /// Looks from an offset on.
    ///
    /// # Errors
    /// Nothing to look for, or too much of it.
    pub(super) fn new(needle: Vec<u8>, from: u64) -> Result<Self, String> {
        if needle.is_empty() {
            return Err("There are no bytes to look for.".into());
        }
        if needle.len() > Self::MAX_NEEDLE {
            return Err(format!("At most {} bytes can be looked for.", Self::MAX_NEEDLE));
        }
        Ok(Self { needle, tail: Vec::new(), at: from })
    }

    /// Goes on somewhere else.
    pub(super) fn move_to(&mut self, at: u64) {
        self.tail.clear();
        self.at = at;
    }

    /// Offset of the next byte that is wanted.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes are looked for.
    pub(super) fn needle_bytes(&self) -> u64 {
        self.needle.len() as u64
    }

    /// Takes a piece of the contents that begins at `start`; `each` gets every place that ends in it, in order.
    pub(super) fn feed(&mut self, start: u64, piece: &[u8], mut each: impl FnMut(u64)) {
        let Self { needle, tail, at } = self;
        let from = at.checked_sub(start).and_then(|from| usize::try_from(from).ok());
        let Some(piece) = from.and_then(|from| piece.get(from..)) else { return };
        let tail_at = *at - tail.len() as u64;
        // Across the border: the tail and as much as a needle may need of what follows.
        let whole = tail.len();
        tail.extend_from_slice(piece.get(..piece.len().min(needle.len() - 1)).unwrap_or_default());
        find(tail, needle, |place| {
            if place < whole {
                each(tail_at + place as u64);
            }
        });
        find(piece, needle, |place| each(*at + place as u64));
        *at += piece.len() as u64;
        let keep = needle.len() - 1;
        if piece.len() >= keep {
            tail.clear();
            tail.extend_from_slice(piece.get(piece.len() - keep..).unwrap_or_default());
        } else {
            tail.truncate(whole);
            tail.extend_from_slice(piece);
            tail.drain(..tail.len().saturating_sub(keep));
        }
    }
}

/// Calls `each` for every place of `needle`, in order.
fn find(bytes: &[u8], needle: &[u8], mut each: impl FnMut(usize)) {
    let Some(first) = needle.first() else { return };
    let mut at = 0;
    while let Some(rest) = bytes.get(at..)
        && let Some(next) = rest.iter().position(|byte| byte == first)
    {
        at += next;
        if bytes.get(at..).is_some_and(|rest| rest.starts_with(needle)) {
            each(at);
        }
        at += 1;
    }
}
