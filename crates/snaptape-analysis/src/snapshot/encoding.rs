//! The word OBJECT ENCODING uses for a value as the file stores it, in the release that wrote it.

use snaptape_rdb::ObjectType;
use snaptape_wire::{Product, Release};

/// What the encoding depends on besides the object type.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    pub(crate) key_len: u64,
    pub(crate) has_ttl: bool,
    /// Length of a string value.
    pub(crate) text_len: u64,
    /// Is a string value the text of a 64-bit number?
    pub(crate) is_int: bool,
    /// Is it a HyperLogLog? The servers create those apart from their object.
    pub(crate) is_hll: bool,
    /// Nodes of a quicklist.
    pub(crate) nodes: u64,
    /// Nodes among them that are one huge element instead of a listpack.
    pub(crate) plain_nodes: u64,
    /// Lengths of all elements together.
    pub(crate) element_bytes: u64,
}

/// A list stays one listpack while an empty listpack and the elements' own bytes together do not exceed this
/// (`list-max-listpack-size -2`; what each entry costs on top is not counted). Source: t_list.c
/// `listTypeTryConvertListpack`.
const LIST_LISTPACK_BYTES: u64 = 8192 - 7;

/// The encoding of a value stored as `object`.
pub(crate) fn name(object: ObjectType, facts: &Facts, release: Release) -> &'static str {
    use ObjectType as O;
    match object {
        O::String => string(facts, release),
        O::List if !release.at_least_redis(3, 2) => "linkedlist",
        O::ListZiplist if !release.at_least_redis(3, 2) => "ziplist",
        O::ListQuicklist2
            if release.at_least_redis(7, 2)
                && facts.nodes == 1
                && facts.plain_nodes == 0
                && facts.element_bytes <= LIST_LISTPACK_BYTES =>
        {
            "listpack"
        }
        O::List | O::ListZiplist | O::ListQuicklist | O::ListQuicklist2 => "quicklist",
        O::Set | O::Hash | O::HashMetadata | O::HashMetadataPreGa | O::Hash2 => "hashtable",
        O::Zset | O::Zset2 => "skiplist",
        O::SetIntset => "intset",
        O::HashZipmap => "zipmap",
        O::ZsetZiplist | O::HashZiplist => "ziplist",
        O::HashListpack | O::ZsetListpack | O::SetListpack => "listpack",
        O::HashListpackEx | O::HashListpackExPreGa => "listpackex",
        O::StreamListpacks
        | O::StreamListpacks2
        | O::StreamListpacks3
        | O::StreamListpacks4
        | O::StreamListpacks5 => "stream",
        O::Module2 => "raw",
        // What servers answer for these is not known: the words are ours, after the names in `rdb.h`.
        O::HashTmplLp | O::HashTmplLpRef => "template-listpack",
        O::HashTmplArray | O::HashTmplArrayRef => "template-array",
        O::Array => "array",
        O::Gcra => "gcra",
        _ => "unknown",
    }
}

/// `embstr` is a matter of what fits into one small allocation, and of the release. Found by asking servers for OBJECT
/// ENCODING at every length; the sums follow from `shouldEmbedStringObject` in Valkey and `kvobj` in Redis 8.2.
fn string(facts: &Facts, release: Release) -> &'static str {
    if facts.is_int {
        return "int";
    }
    if facts.is_hll {
        return "raw";
    }
    let ttl = if facts.has_ttl { 8 } else { 0 };
    let with_key = facts.key_len.saturating_add(facts.text_len).saturating_add(ttl);
    // Names from 32 bytes on have a header of three bytes in place of one.
    let long_name = if facts.key_len >= 32 { 2 } else { 0 };
    let fits = match (release.product, release.major, release.minor) {
        (Product::Redis, ..3, _) => false,
        (Product::Redis, 3, 0) => facts.text_len <= 39,
        (Product::KeyDb, ..)
        | (Product::Redis | Product::Valkey, ..8, _)
        | (Product::Redis, 8, ..2)
        | (Product::Valkey, 8, 0) => facts.text_len <= 44,
        (Product::Redis, _, _) => with_key <= 41,
        (Product::Valkey, 8, _) | (Product::Valkey, 9, 0) => with_key.saturating_add(long_name) <= 41,
        (Product::Valkey, _, _) => with_key.saturating_add(long_name) <= 113,
    };
    if fits { "embstr" } else { "raw" }
}

/// The 64-bit number whose text this is, exactly as the server would print it. Source: util.c `string2ll`.
#[inline]
pub(crate) fn int(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits {
        [b'0'] if text.len() == 1 => Some(0),
        [b'1'..=b'9', rest @ ..] if rest.len() < 19 && rest.iter().all(u8::is_ascii_digit) => {
            core::str::from_utf8(text).ok()?.parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_the_server_prints_them() {
        for (text, expected) in [
            ("0", true),
            ("-0", false),
            ("01", false),
            ("-1", true),
            ("+1", false),
            ("9223372036854775807", true),
            ("9223372036854775808", false),
            ("-9223372036854775808", true),
            ("", false),
            ("-", false),
            ("1 ", false),
        ] {
            assert_eq!(int(text.as_bytes()).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn embstr_ends_where_servers_end_it() {
        // Redis 8.2.3 and Valkey 9.1.2, asked for each length.
        for (release, key_len, has_ttl, last) in [
            (Release::redis(8, 2), 1, false, 40),
            (Release::redis(8, 2), 10, true, 23),
            (Release::valkey(9, 1), 31, false, 82),
            (Release::valkey(9, 1), 32, false, 79),
            (Release::valkey(9, 1), 40, true, 63),
            (Release::redis(7, 4), 40, true, 44),
        ] {
            let facts = |text_len| Facts { key_len, has_ttl, text_len, ..Facts::default() };
            assert_eq!(string(&facts(last), release), "embstr");
            assert_eq!(string(&facts(last + 1), release), "raw");
        }
        assert_eq!(string(&Facts { text_len: 1, ..Facts::default() }, Release::redis(2, 8)), "raw");
    }
}
