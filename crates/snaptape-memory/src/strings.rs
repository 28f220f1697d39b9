//! Strings as the servers hold them: `sds`, alone or built into something else.

/// Bytes of the header of an `sds` with so many bytes of text. Source: sds.h, `sdshdr5` to `sdshdr64`; the `mstr` of hash fields
/// since Redis 7.4 has the same.
#[inline]
pub(crate) const fn header(len: u64) -> u64 {
    match len {
        0..32 => 1,
        32..256 => 3,
        256..65_536 => 5,
        65_536..0x1_0000_0000 => 9,
        _ => 17,
    }
}

/// Bytes of an `sds`: header, text and the zero behind it. Source: `sdsReqSize`.
#[inline]
pub(crate) const fn sds(len: u64) -> u64 {
    len.saturating_add(header(len) + 1)
}

/// Bytes of an `sds` that is built into an object or an entry as its value: always the header of three bytes.
#[inline]
pub(crate) const fn sds8(len: u64) -> u64 {
    len.saturating_add(4)
}
