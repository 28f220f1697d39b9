//! Entries of a stream's listpack. Source: t_stream.c, comment above `streamAppendItem`.

use snaptape_rdb::StreamId;
use snaptape_wire::{
    Error, ErrorKind,
    packed::{Entry, Listpack},
};

/// Calls `field` for every field and value of every live entry, after `entry` with its ID and number of pairs.
///
/// # Errors
/// A listpack that is none, or whose records contradict themselves; the offset counts from its start.
pub fn walk(
    blob: &[u8],
    base: StreamId,
    mut entry: impl FnMut(StreamId, u64),
    mut field: impl FnMut(Entry<'_>),
) -> Result<u64, Error> {
    let mut records = Records { list: Listpack::new(blob)? };
    let live = records.int()?;
    let deleted = records.int()?;
    let n_fields = records.int()?;
    if live < 0 || deleted < 0 || n_fields < 0 {
        return Err(records.wrong("a negative counter"));
    }
    // The master fields are a list of their own at the front: remember where it begins.
    let master = records.list.clone();
    for _ in 0..n_fields {
        let _name = records.next()?;
    }
    if records.int()? != 0 {
        return Err(records.wrong("the master entry does not end in zero"));
    }
    let mut seen_live = 0;
    let total = live.checked_add(deleted).ok_or_else(|| records.wrong("an absurd counter"))?;
    for _ in 0..total {
        let flags = records.int()?;
        let id = StreamId {
            ms: base.ms.wrapping_add(records.int()?.cast_unsigned()),
            seq: base.seq.wrapping_add(records.int()?.cast_unsigned()),
        };
        let is_deleted = flags & 1 != 0;
        let same_fields = flags & 2 != 0;
        let pairs = if same_fields { n_fields } else { records.int()? };
        if pairs < 0 {
            return Err(records.wrong("a negative number of fields"));
        }
        if !is_deleted {
            seen_live += 1;
            entry(id, pairs.cast_unsigned());
        }
        let mut names = master.clone();
        for _ in 0..pairs {
            let name = if same_fields { names.next().transpose()? } else { Some(records.next()?) };
            let Some(name) = name else { return Err(records.wrong("fewer master fields than announced")) };
            let value = records.next()?;
            if !is_deleted {
                field(name);
                field(value);
            }
        }
        let _record_len = records.int()?;
    }
    if seen_live != live {
        return Err(records.wrong("its live counter is not its number of live entries"));
    }
    match records.list.next() {
        None => Ok(live.cast_unsigned()),
        Some(Ok(_)) => Err(records.wrong("something behind the last entry")),
        Some(Err(error)) => Err(error),
    }
}

struct Records<'a> {
    list: Listpack<'a>,
}

impl<'a> Records<'a> {
    fn next(&mut self) -> Result<Entry<'a>, Error> {
        match self.list.next() {
            Some(entry) => entry,
            None => Err(self.wrong("ends inside an entry")),
        }
    }

    fn int(&mut self) -> Result<i64, Error> {
        self.next()?.as_int().ok_or_else(|| self.wrong("text where a number belongs"))
    }

    #[cold]
    fn wrong(&self, why: &'static str) -> Error {
        Error::new(ErrorKind::InvalidBlob { encoding: "stream listpack", why }, self.list.offset() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XADD 1000-0 f v; 1000-1 f v2; 1005-0 g w x y; XDEL 1000-1: as Redis 7.0.15 wrote it.
    const VECTOR: &[u8] = b"\x3f\0\0\0\x18\0\x02\x01\x01\x01\x01\x01\x81f\x02\x00\x01\x02\x01\x00\x01\x00\x01\x81v\x02\x04\x01\x03\x01\x00\x01\x01\x01\x82v2\x03\x04\x01\x00\x01\x05\x01\x00\x01\x02\x01\x81g\x02\x81w\x02\x81x\x02\x81y\x02\x08\x01\xff";

    #[test]
    fn deleted_entries_are_stepped_over() {
        let (mut ids, mut text) = (vec![], vec![]);
        let live = walk(
            VECTOR,
            StreamId { ms: 1000, seq: 0 },
            |id, pairs| ids.push((id.ms, id.seq, pairs)),
            |field| field.push_to(&mut text),
        );
        assert_eq!(live, Ok(2));
        assert_eq!(ids, [(1000, 0, 1), (1005, 0, 2)]);
        assert_eq!(text, b"fvgwxy");
    }

    #[test]
    fn a_wrong_live_counter_is_an_error() {
        let mut blob = VECTOR.to_vec();
        // One live and two deleted: the total still fits, the flags do not.
        (blob[6], blob[8]) = (1, 2);
        assert!(walk(&blob, StreamId::default(), |_, _| {}, |_| {}).is_err());
    }
}
