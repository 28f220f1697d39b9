//! The records of a stream's listpack, read as strictly as a server reads them. Source: t_stream.c
//! `streamValidateListpackIntegrity`.

use snaptape_rdb::{ObjectType, StreamId};
use snaptape_wire::{
    Error, ErrorKind,
    packed::{Entry, Listpack},
};

use super::Harm;

/// What a listpack holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    /// Entries that are not deleted.
    pub(super) live: u64,
    /// Where the first entry stands whose ID is not above the one before it.
    pub(super) not_ascending_at: Option<u64>,
}

/// What is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The offset counts from the start of the blob.
    pub(super) error: Error,
    pub(super) harm: Harm,
    /// Does a server crash that comes this far?
    pub(super) trips: bool,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { error, harm: Harm::Sanitized, trips: true }
    }
}

impl Fault {
    /// Does the loader of 7.0 and later come so far? A stream of type 15 does not say which live entry is the first, and it looks for
    /// it; `reached_live` when there is one before this.
    pub(super) fn crashes_early(&self, object: ObjectType, reached_live: bool) -> bool {
        self.trips && object == ObjectType::StreamListpacks && !reached_live
    }
}

/// What a server steps over, unless it is asked to look.
fn overlooked(error: Error, harm: Harm) -> Fault {
    Fault { error, harm, trips: false }
}

/// Reads all records of a listpack of `len` bytes; `last` is the highest ID so far, `records` what was read, also in case of
/// an error.
///
/// # Errors
/// What a server refuses, or would if it looked.
pub(super) fn read(
    list: Listpack<'_>,
    len: u64,
    base: StreamId,
    last: &mut Option<StreamId>,
    records: &mut Records,
) -> Result<(), Fault> {
    let mut walk = Walk { list, len };
    // Every loader reads the first entry, and crashes over one that is wrong.
    if let Some(Err(error)) = walk.list.clone().next_strict() {
        return Err(Fault { error, harm: Harm::Converted, trips: true });
    }
    let live = walk.counter()?;
    let deleted = walk.counter()?;
    let n_fields = walk.counter()?;
    walk.skip(n_fields)?;
    let at = walk.at();
    if walk.int()? != 0 {
        return Err(overlooked(wrong("the master entry does not end in zero", at), Harm::Sanitized));
    }
    let total = live.checked_add(deleted).ok_or_else(|| wrong("an absurd counter", 6))?;
    let mut flagged = 0_u64;
    for _ in 0..total {
        let start = walk.at();
        let flags = walk.int()?;
        let id = StreamId {
            ms: base.ms.wrapping_add(walk.int()?.cast_unsigned()),
            seq: base.seq.wrapping_add(walk.int()?.cast_unsigned()),
        };
        let same_fields = flags & 2 != 0;
        let n = if same_fields { n_fields } else { walk.counter()? };
        // A server that looks for the first live entry comes this far.
        walk.skip(n.min(1))?;
        if flags & 1 != 0 {
            flagged += 1;
        } else {
            records.live += 1;
        }
        walk.skip(n.saturating_sub(1))?;
        let len = if same_fields {
            n.checked_add(3)
        } else {
            walk.skip(n)?;
            n.checked_mul(2).and_then(|n| n.checked_add(4))
        };
        let at = walk.at();
        if Some(walk.counter()?) != len {
            return Err(overlooked(wrong("a record is wrong about its own length", at), Harm::Sanitized));
        }
        if last.is_some_and(|last| id <= last) {
            records.not_ascending_at.get_or_insert(start);
        }
        *last = Some(id).max(*last);
    }
    let at = walk.at();
    match walk.list.next_strict() {
        None => {}
        Some(Ok(_)) => {
            return Err(overlooked(wrong("something behind the last record", at), Harm::Sanitized));
        }
        // Its last entry is good: only the count in its header is left to be wrong.
        Some(Err(error)) if at + 1 == walk.len => return Err(overlooked(error, Harm::Newest)),
        Some(Err(error)) => return Err(error.into()),
    }
    if flagged != deleted {
        let error = wrong("its counter of deleted entries is not their number", 6);
        return Err(overlooked(error, Harm::Newest));
    }
    Ok(())
}

struct Walk<'a> {
    list: Listpack<'a>,
    /// Of the blob.
    len: u64,
}

impl<'a> Walk<'a> {
    fn at(&self) -> u64 {
        self.list.offset() as u64
    }

    fn next(&mut self) -> Result<Entry<'a>, Error> {
        let at = self.at();
        self.list.next_strict().unwrap_or_else(|| Err(wrong("ends inside a record", at)))
    }

    fn int(&mut self) -> Result<i64, Error> {
        let at = self.at();
        self.next()?.as_int().ok_or_else(|| wrong("text where a number belongs", at))
    }

    fn counter(&mut self) -> Result<u64, Error> {
        let at = self.at();
        u64::try_from(self.int()?).map_err(|_| wrong("a negative counter", at))
    }

    /// Each entry is at least two bytes long: a count that lies ends with the listpack.
    fn skip(&mut self, n: u64) -> Result<(), Error> {
        for _ in 0..n {
            self.next()?;
        }
        Ok(())
    }
}

#[cold]
fn wrong(why: &'static str, at: u64) -> Error {
    Error::new(ErrorKind::InvalidBlob { encoding: "stream listpack", why }, at)
}
