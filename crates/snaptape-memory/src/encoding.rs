//! The encoding a release chooses for a value when it loads it.

use crate::{
    Layout, Limits,
    layout::Embstr,
    packed::Item,
    strings::{header, sds, sds8},
    value::{Kind, NODE_BYTES, Packing, Value},
};

/// The words of OBJECT ENCODING.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Encoding {
    /// A number in the object's pointer.
    Int,
    /// Object and text in one allocation.
    Embstr,
    /// Object and text apart.
    Raw,
    /// One ziplist.
    Ziplist,
    /// One listpack.
    Listpack,
    /// One listpack with a time beside each field.
    ListpackEx,
    /// Nodes of packed elements.
    Quicklist,
    /// Sorted numbers of one width.
    Intset,
    /// A table.
    Hashtable,
    /// A skip list and a table.
    Skiplist,
    /// Listpacks in a radix tree.
    Stream,
    /// A module's, or not known.
    Other,
}

impl Encoding {
    /// The word itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Embstr => "embstr",
            Self::Raw | Self::Other => "raw",
            Self::Ziplist => "ziplist",
            Self::Listpack => "listpack",
            Self::ListpackEx => "listpackex",
            Self::Quicklist => "quicklist",
            Self::Intset => "intset",
            Self::Hashtable => "hashtable",
            Self::Skiplist => "skiplist",
            Self::Stream => "stream",
        }
    }

    /// What a server of `layout` with these limits holds `value` in once it has loaded it. Source: rdb.c, `rdbLoadObject`.
    pub fn on_load(value: &Value, layout: &Layout, limits: &Limits) -> Self {
        let small = if layout.has_listpacks { Self::Listpack } else { Self::Ziplist };
        match value.kind {
            Kind::String => string(value, layout.embstr),
            Kind::List => {
                let one_node =
                    value.sums.listpacks.count == 1 && value.sums.plain_nodes == 0 && !value.is_ziplist_list;
                if layout.has_list_listpack && one_node && value.sums.listpacks.used <= NODE_BYTES {
                    Self::Listpack
                } else {
                    Self::Quicklist
                }
            }
            Kind::Hash => {
                // A packed hash is judged by its entries only, one that was a table by all limits.
                let fits = value.sums.elements <= limits.hash_entries
                    && (value.sums.packed.is_some() || value.sums.longest <= limits.hash_value);
                match (fits, value.has_times) {
                    (true, false) => small,
                    (true, true) if layout.listpack_ex.is_some() => Self::ListpackEx,
                    _ => Self::Hashtable,
                }
            }
            Kind::Zset => {
                let fits = value.sums.elements <= limits.zset_entries
                    && (value.sums.packed.is_some() || value.sums.longest <= limits.zset_value);
                if fits { small } else { Self::Skiplist }
            }
            Kind::Set => {
                if value.sums.int_bytes > 0 && value.sums.elements <= limits.intset_entries {
                    return Self::Intset;
                }
                let fits = value.sums.elements <= limits.set_entries
                    && (value.sums.packed == Some(Packing::Listpack)
                        || value.sums.longest <= limits.set_value);
                if layout.has_set_listpack && fits { Self::Listpack } else { Self::Hashtable }
            }
            Kind::Stream => Self::Stream,
            Kind::Other => Self::Other,
        }
    }
}

/// Source: object.c, `shouldEmbedStringObject` and its forebears.
fn string(value: &Value, embstr: Embstr) -> Encoding {
    if value.is_int {
        return Encoding::Int;
    }
    let fits = match embstr {
        Embstr::UpTo(len) => value.text_len <= len,
        Embstr::Within { object, bytes, long_header } => {
            let header = if long_header { header(value.key_len) } else { 1 };
            let expiry = if value.has_ttl { 8 } else { 0 };
            let key = value.key_len.saturating_add(header + 1 + 1);
            object.saturating_add(expiry).saturating_add(key).saturating_add(sds8(value.text_len)) <= bytes
        }
    };
    if fits { Encoding::Embstr } else { Encoding::Raw }
}

/// Bytes of an object that holds `value`'s key, expiry and text; of text there is at least room for a pointer.
pub(crate) fn embedded(value: &Value, object: u64) -> u64 {
    let text = sds8(value.text_len).max(POINTER.saturating_sub(object.saturating_sub(8)));
    key_in_object(value, object).saturating_add(text)
}

const POINTER: u64 = 8;

/// Bytes of an object that holds `value`'s key and expiry: one byte says how long the header of the key's string is.
pub(crate) fn key_in_object(value: &Value, object: u64) -> u64 {
    let expiry = if value.has_ttl { 8 } else { 0 };
    sds(value.key_len).saturating_add(object + expiry + 1)
}

/// Length of `value` as one listpack, or as one ziplist, field expiries not counted.
pub(crate) fn packed_len(value: &Value, layout: &Layout) -> u64 {
    let digits = if layout.has_short_scores { 0 } else { value.sums.more_digits };
    let len = match (value.sums.packed, layout.has_listpacks) {
        (Some(_), true) => value.sums.listpacks.used,
        (Some(_), false) => value.sums.blobs.used,
        (None, true) => value.sums.as_listpack.saturating_add(Item::LISTPACK_BYTES),
        (None, false) => value.sums.as_ziplist.saturating_add(Item::ZIPLIST_BYTES),
    };
    // What was packed has the digits its writer gave it.
    if value.sums.packed.is_some() { len } else { len.saturating_add(digits) }
}
