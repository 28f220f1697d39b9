//! The codecs inside values.

use snaptape_wire::packed::{Entry, Intset, Listpack, Ziplist, Zipmap};
use snaptape_wire::{Error, lzf as codec};

/// The longest text of an integer: `-9223372036854775808`.
const MAX_INT_BYTES: u64 = 20;

pub(crate) fn intset(input: &[u8]) {
    with_header(input, 4, |blob| entries(blob, Intset::new(blob)));
}

pub(crate) fn listpack(input: &[u8]) {
    with_header(input, 0, |blob| entries(blob, Listpack::new(blob)));
}

pub(crate) fn ziplist(input: &[u8]) {
    with_header(input, 0, |blob| entries(blob, Ziplist::new(blob)));
}

pub(crate) fn zipmap(input: &[u8]) {
    with_header(input, 0, |blob| entries(blob, Zipmap::new(blob)));
}

/// Four bytes of length, then what should unpack to it.
pub(crate) fn lzf(input: &[u8]) {
    let Some((len, packed)) = input.split_first_chunk() else { return };
    // A caller bounds the length before it asks.
    let len = u64::from(u32::from_le_bytes(*len)).min(1 << 20);
    let mut out = Vec::new();
    let result = codec::decode(packed, len, &mut out);
    if result.is_ok() {
        assert_eq!(out.len() as u64, len);
    }
    if let Err(error) = &result {
        assert!(error.offset() <= packed.len() as u64, "an error outside the input: {error}");
    }
    let mut front = vec![0; out.len().min(9)];
    match codec::decode_front(packed, &mut front) {
        Ok(()) if result.is_ok() => assert_eq!(front, out[..front.len()]),
        // Damage behind the front does not show there.
        Ok(()) => {}
        Err(error) => assert!(result.is_err(), "only the front is bad: {error}"),
    }
}

/// Runs a check on the input, and on a copy whose length field (of four bytes, at `at`) and end mark fit, or hardly
/// anything random would get past the header.
fn with_header(input: &[u8], at: usize, check: impl Fn(&[u8])) {
    check(input);
    let mut fitted = input.to_vec();
    let len = u32::try_from(input.len()).unwrap_or(u32::MAX);
    if let Some(field) = fitted.get_mut(at..at + 4) {
        field.copy_from_slice(&len.to_le_bytes());
        if let Some(last) = fitted.last_mut() {
            *last = 0xff;
        }
        check(&fitted);
    }
}

/// Entries end, say no more than the blob can hold, and end with the first error.
fn entries<'a, I>(blob: &'a [u8], entries: Result<I, Error>)
where
    I: Iterator<Item = Result<Entry<'a>, Error>>,
{
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            return assert!(error.offset() <= blob.len() as u64, "an error outside the blob: {error}");
        }
    };
    let mut count = 0;
    let mut payload_bytes = 0;
    let mut text = Vec::new();
    for entry in entries.by_ref() {
        match entry {
            Ok(entry) => {
                count += 1;
                text.clear();
                entry.push_to(&mut text);
                assert_eq!(text.len() as u64, entry.len());
                payload_bytes += match entry {
                    Entry::Bytes(bytes) => bytes.len(),
                    Entry::Int(_) => 0,
                };
                assert!(entry.len() <= MAX_INT_BYTES || matches!(entry, Entry::Bytes(_)));
            }
            Err(error) => {
                assert!(error.offset() <= blob.len() as u64, "an error outside the blob: {error}");
                break;
            }
        }
        assert!(count <= blob.len(), "more entries than bytes");
        assert!(payload_bytes <= blob.len(), "more payload than bytes");
    }
    assert!(entries.next().is_none(), "entries after the end");
}
