//! A header that cannot be read, guessed from what is left of it and from what follows.

use snaptape_rdb::{Event, MAX_REDIS_VERSION, MAX_VALKEY_VERSION, Magic, Parser, Step};
use snaptape_wire::{Limits, Product, Release};

const HEADER_BYTES: usize = 9;

/// Magic and version a damaged snapshot must have had, from its first bytes (some KiB are plenty); `None` when they do not look
/// like a snapshot whose first nine bytes alone are wrong.
pub fn guess_header(front: &[u8]) -> Option<(Magic, u16)> {
    let (header, items) = front.split_at_checked(HEADER_BYTES)?;
    let said = what_it_says(items)?;
    let alike = |magic: &[u8]| header.iter().zip(magic).filter(|(a, b)| a == b).count();
    let (redis, valkey) = (alike(b"REDIS"), alike(b"VALKEY"));
    // More than half of the magic has to be left, or the file has to name its writer.
    let magic = match said.release {
        Some(Release { product: Product::Valkey, major: 9.., .. }) => Magic::Valkey,
        Some(_) => Magic::Redis,
        None if valkey >= 4 => Magic::Valkey,
        None if redis >= 3 => Magic::Redis,
        None => return None,
    };
    let (digits, versions) = match magic {
        Magic::Redis => (header.get(5..)?, 1..=MAX_REDIS_VERSION),
        Magic::Valkey => (header.get(6..)?, 80..=MAX_VALKEY_VERSION),
    };
    let stated = core::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
    let version = stated.filter(|version| versions.contains(version));
    Some((magic, version.or(said.release.map(version_of)).unwrap_or(OLDEST_COMMON)))
}

/// Where a snapshot begins in these bytes, behind something that does not belong to it: its header, and items that are some.
pub(super) fn find_header(bytes: &[u8]) -> Option<usize> {
    let begins = |rest: &[u8]| {
        let digits = rest.strip_prefix(b"REDIS").or_else(|| rest.strip_prefix(b"VALKEY"))?;
        let (digits, items) =
            (digits.get(..HEADER_BYTES - (rest.len() - digits.len()))?, rest.get(HEADER_BYTES..)?);
        (digits.iter().all(u8::is_ascii_digit) && what_it_says(items).is_some()).then_some(())
    };
    let places = (0..bytes.len()).filter(|&at| matches!(bytes.get(at), Some(b'R' | b'V')));
    places.into_iter().find(|&at| bytes.get(at..).and_then(begins).is_some())
}

/// The same of items whose header was cut off, if they say who wrote them.
pub(super) fn guess_lost_header(front: &[u8]) -> Option<(Magic, u16)> {
    let release = what_it_says(front)?.release?;
    let magic =
        if release.product == Product::Valkey && release.major >= 9 { Magic::Valkey } else { Magic::Redis };
    Some((magic, version_of(release)))
}

/// Files of servers before 3.2 do not name their writer; nearly all of them have this version.
const OLDEST_COMMON: u16 = 6;

/// What the first items of a snapshot say, when they can be read.
struct Said {
    release: Option<Release>,
}

/// Reads items until there is enough to believe that they are some.
fn what_it_says(items: &[u8]) -> Option<Said> {
    // The grammar of the first items is the same in all versions with eight bytes of checksum.
    let mut parser = Parser::behind_header(Limits::default(), Magic::Redis, 9);
    let mut scratch = Vec::new();
    let (mut at, mut seen, mut release) = (0, 0, None);
    while seen < 8 {
        let Ok(Step::Event { consumed, event, .. }) = parser.step(items.get(at..)?, false) else { break };
        at += consumed;
        match event {
            Event::Aux { name, value } => {
                let product = match name.decode(&mut scratch).ok()? {
                    b"redis-ver" => Some(Product::Redis),
                    b"valkey-ver" => Some(Product::Valkey),
                    _ => None,
                };
                if let Some(product) = product {
                    let text = value.decode(&mut scratch).ok()?;
                    release =
                        core::str::from_utf8(text).ok().and_then(|t| Release::parse_version(product, t));
                }
                seen += 2;
            }
            Event::SelectDb { db } if db < 65_536 => seen += 1,
            Event::KeyEnd | Event::ResizeDb { .. } => seen += 1,
            Event::SelectDb { .. } => return None,
            _ => {}
        }
    }
    (release.is_some() || seen >= 3).then_some(Said { release })
}

/// The RDB version a release writes. Source: `RDB_VERSION` in rdb.h of each line.
pub(super) fn version_of(release: Release) -> u16 {
    match (release.product, release.major, release.minor) {
        (Product::Valkey, 9, ..=1) => 80,
        (Product::Valkey, 9.., _) => 81,
        (Product::Valkey, ..) => 11,
        (_, ..=2, _) | (_, 3, ..=1) => 6,
        (_, 3, _) => 7,
        (_, 4, _) => 8,
        (Product::KeyDb, ..) | (_, 5 | 6, _) => 9,
        (_, 7, ..=1) => 10,
        (_, 7, ..=3) => 11,
        (_, 7, _) | (_, 8, ..=5) => 12,
        (_, 8, ..=7) => 13,
        (_, 8, ..=9) => 14,
        _ => 15,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_decides() {
        let aux = |name: &str, value: &str| {
            let mut bytes = vec![0xfa, u8::try_from(name.len()).unwrap()];
            bytes.extend_from_slice(name.as_bytes());
            bytes.push(u8::try_from(value.len()).unwrap());
            bytes.extend_from_slice(value.as_bytes());
            bytes
        };
        let redis = aux("redis-ver", "7.4.1");
        let valkey = aux("valkey-ver", "9.1.2");
        let valkey8 = aux("valkey-ver", "8.1.1");
        let old = b"\xfe\x00\x00\x01a\x01b\x00\x01c\x01d".to_vec();
        for (header, items, expected) in [
            ("PEDIS0012", &redis, Some((Magic::Redis, 12))),
            ("REDIS0abc", &redis, Some((Magic::Redis, 12))),
            ("REDIS0000", &redis, Some((Magic::Redis, 12))),
            ("\0\0\0\0\0\0\0\0\0", &redis, Some((Magic::Redis, 12))),
            ("PALKEY080", &valkey, Some((Magic::Valkey, 80))),
            ("VALKEYabc", &valkey, Some((Magic::Valkey, 80))),
            ("\0EDIS0011", &valkey8, Some((Magic::Redis, 11))),
            ("RED\0S0006", &old, Some((Magic::Redis, 6))),
            ("RED\0S\0\0\0\0", &old, Some((Magic::Redis, 6))),
            ("xxxxxxxxx", &old, None),
            ("REDIS0011", &b"<html>".to_vec(), None),
        ] {
            let file = [header.as_bytes(), items, b"\xff"].concat();
            assert_eq!(guess_header(&file), expected, "{header}");
        }
        assert_eq!(guess_header(b"REDIS00"), None);
    }
}
