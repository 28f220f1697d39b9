//! The records of a stream's listpack, read as strictly as a server reads them. Source: t_stream.c
//! `streamValidateListpackIntegrity`.

use snaptape_rdb::StreamId;
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
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { error, harm: Harm::Sanitized }
    }
}

/// Reads all records of a listpack of `len` bytes; `last` is the highest ID so far.
///
/// # Errors
/// What a server refuses, or would if it looked.
pub(super) fn read(
    list: Listpack<'_>,
    len: u64,
    base: StreamId,
    last: &mut Option<StreamId>,
) -> Result<Records, Fault> {
    let mut walk = Walk { list, len };
    // Every loader reads the first entry, and crashes over one that is wrong.
    if let Some(Err(error)) = walk.list.clone().next_strict() {
        return Err(Fault { error, harm: Harm::Refused { major: 7, minor: 0 } });
    }
    let live = walk.counter()?;
    let deleted = walk.counter()?;
    let n_fields = walk.counter()?;
    walk.skip(n_fields)?;
    let at = walk.at();
    if walk.int()? != 0 {
        return Err(wrong("the master entry does not end in zero", at).into());
    }
    let total = live.checked_add(deleted).ok_or_else(|| wrong("an absurd counter", 6))?;
    let mut records = Records::default();
    let mut flagged = 0_u64;
    for _ in 0..total {
        let start = walk.at();
        let flags = walk.int()?;
        let id = StreamId {
            ms: base.ms.wrapping_add(walk.int()?.cast_unsigned()),
            seq: base.seq.wrapping_add(walk.int()?.cast_unsigned()),
        };
        let same_fields = flags & 2 != 0;
        let len = if same_fields {
            walk.skip(n_fields)?;
            n_fields.checked_add(3)
        } else {
            let n = walk.counter()?;
            walk.skip(n)?;
            walk.skip(n)?;
            n.checked_mul(2).and_then(|n| n.checked_add(4))
        };
        let at = walk.at();
        if Some(walk.counter()?) != len {
            return Err(wrong("a record is wrong about its own length", at).into());
        }
        if flags & 1 != 0 {
            flagged += 1;
        } else {
            records.live += 1;
        }
        if last.is_some_and(|last| id <= last) {
            records.not_ascending_at.get_or_insert(start);
        }
        *last = Some(id).max(*last);
    }
    let at = walk.at();
    match walk.list.next_strict() {
        None => {}
        Some(Ok(_)) => return Err(wrong("something behind the last record", at).into()),
        // Its last entry is good: only the count in its header is left to be wrong.
        Some(Err(error)) if at + 1 == walk.len => return Err(Fault { error, harm: Harm::Newest }),
        Some(Err(error)) => return Err(error.into()),
    }
    if flagged != deleted {
        let error = wrong("its counter of deleted entries is not their number", 6);
        return Err(Fault { error, harm: Harm::Newest });
    }
    Ok(records)
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
