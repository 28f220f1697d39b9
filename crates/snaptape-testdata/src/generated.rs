//! Snapshots of as many keys as somebody wants, written here without a server: for what only shows at millions of keys.
//!
//! The same number of keys gives the same bytes. Names, types, lengths and times to live are mixed as a shop's cache mixes them; the
//! file is one that Redis 7.0 writes, and a test has a server load it.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use crc::{CRC_64_REDIS, Crc, Table};

static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_REDIS);

/// When the snapshot was saved: 1 November 2026, Unix milliseconds.
pub const SAVED_AT_MS: i64 = 1_793_491_200_000;

/// Part of the names of kept files: another number whenever other bytes are written.
const EDITION: u32 = 1;

/// How many keys each of the databases 0, 1 and 2 gets of a hundred.
const PERCENT_OF_DATABASE: [u64; 3] = [80, 15, 5];

/// Writes a snapshot of `keys` keys; gives back its length.
///
/// # Errors
/// What `out` says.
pub fn write_keys(keys: u64, out: impl Write) -> io::Result<u64> {
    let mut file = Out { to: out, crc: CRC.digest(), bytes: 0 };
    let mut entry = Entry::default();
    entry.raw(b"REDIS0010");
    for (name, value) in [("redis-ver", "7.0.15"), ("redis-bits", "64"), ("ctime", "1793491200")] {
        entry.raw(&[250]).text(name).text(value);
    }
    entry.raw(&[250]).text("used-mem").text(&(keys * 200 + 1_000_000).to_string());
    let mut next = 0;
    let mut share = 0;
    for (db, percent) in (0..).zip(PERCENT_OF_DATABASE) {
        share += percent;
        let end = keys * share / 100;
        if end == next {
            continue;
        }
        let expiring = (next..end).filter(|n| Draw::of(*n).ttl_ms().is_some()).count() as u64;
        entry.raw(&[254]).len(db).raw(&[251]).len(end - next).len(expiring);
        for n in next..end {
            entry.key(n);
            file.write(&mut entry, 1 << 16)?;
        }
        next = end;
    }
    entry.raw(&[255]);
    file.write(&mut entry, 0)?;
    let crc = file.crc.clone().finalize();
    file.to.write_all(&crc.to_le_bytes())?;
    file.to.flush()?;
    Ok(file.bytes + 8)
}

/// Such a snapshot in `folder`, written only if it is not there yet.
///
/// # Panics
/// If it cannot be written.
pub fn keys_file(folder: &Path, keys: u64) -> PathBuf {
    let path = folder.join(format!("generated-{EDITION}-{keys}-keys.rdb"));
    if !path.exists() {
        fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        // Under its name only once it is whole: another test may look for it at the same time.
        let mut part = tempfile::NamedTempFile::new_in(folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        write_keys(keys, BufWriter::with_capacity(1 << 20, part.as_file_mut()))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        part.persist(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    path
}

struct Out<W> {
    to: W,
    crc: crc::Digest<'static, u64, Table<16>>,
    bytes: u64,
}

impl<W: Write> Out<W> {
    /// Writes what was gathered, once it is more than `least` bytes.
    fn write(&mut self, entry: &mut Entry, least: usize) -> io::Result<()> {
        if entry.bytes.len() > least {
            self.crc.update(&entry.bytes);
            self.bytes += entry.bytes.len() as u64;
            self.to.write_all(&entry.bytes)?;
            entry.bytes.clear();
        }
        Ok(())
    }
}

/// Numbers that look like chance and are the same each time: SplitMix64.
struct Draw(u64);

impl Draw {
    fn of(n: u64) -> Self {
        Self(n.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// How long a key has to live; the first thing that is drawn for it.
    fn ttl_ms(&mut self) -> Option<i64> {
        let drawn = self.next();
        let span_ms: i64 = match drawn % 100 {
            0..55 => return None,
            55..80 => 3_600_000,
            80..95 => 7 * 86_400_000,
            _ => 3_000 * 86_400_000,
        };
        // One in a hundred is past: the server had not come to it yet.
        let ttl = i64::try_from((drawn >> 8) % 1_000_000).expect("small") * (span_ms / 1_000_000);
        Some(ttl - span_ms / 100)
    }
}

/// Bytes of the file that are not written yet.
#[derive(Default)]
struct Entry {
    bytes: Vec<u8>,
    pack: Vec<u8>,
}

impl Entry {
    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn len(&mut self, n: u64) -> &mut Self {
        match u32::try_from(n) {
            Ok(n @ 0..64) => self.bytes.push(n.to_le_bytes()[0]),
            Ok(n @ 64..16_384) => self.bytes.extend_from_slice(&(0x4000 | n).to_be_bytes()[2..]),
            Ok(n) => {
                self.bytes.push(0x80);
                self.bytes.extend_from_slice(&n.to_be_bytes());
            }
            Err(_) => {
                self.bytes.push(0x81);
                self.bytes.extend_from_slice(&n.to_be_bytes());
            }
        }
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.len(text.len() as u64).raw(text.as_bytes())
    }

    fn filler(&mut self, draw: &mut Draw, len: u64) {
        self.len(len);
        let end = self.bytes.len() + usize::try_from(len).expect("a short text");
        while self.bytes.len() < end {
            self.bytes.extend(draw.next().to_le_bytes().map(|byte| b'a' + byte % 26));
        }
        self.bytes.truncate(end);
    }

    /// Key number `n`, with its attributes and its value.
    fn key(&mut self, n: u64) {
        let mut draw = Draw::of(n);
        if let Some(ttl_ms) = draw.ttl_ms() {
            self.raw(&[252]).raw(&(SAVED_AT_MS + ttl_ms).to_le_bytes());
        }
        // Seconds since it was used: most of them lately.
        let idle_s = draw.below(1_000_000) >> draw.below(20);
        self.raw(&[248]).len(idle_s);
        // Each number once, and not in order: keys lie in a file as hashes have it.
        let id = n.wrapping_mul(0x9e37_79b1) & 0xffff_ffff;
        let region = ["eu", "us", "asia"][usize::try_from(draw.below(3)).expect("three")];
        match draw.below(1_000) {
            0..250 => {
                self.raw(&[0]).text(&format!("session:{id:08x}"));
                let len = 16 + draw.below(48);
                self.filler(&mut draw, len);
            }
            250..400 => {
                self.raw(&[0]).text(&format!("counter:{region}:{id}"));
                let value = u16::try_from(draw.below(30_000)).expect("15 bits");
                self.raw(&[0xc1]).raw(&value.to_le_bytes());
            }
            400..480 => {
                self.raw(&[0]).text(&format!("page:{id}:html"));
                let len = 100 + draw.below(400);
                self.filler(&mut draw, len);
            }
            480..700 => {
                self.raw(&[16]).text(&format!("user:{id}:profile"));
                for (field, value) in [("name", 12), ("mail", 18), ("city", 8), ("plan", 4)] {
                    self.packed(field.as_bytes());
                    self.packed_filler(&mut draw, value);
                }
                self.listpack(8);
            }
            700..800 => {
                self.raw(&[11]).text(&format!("seen:{region}:{id}"));
                let members = 2 + draw.below(10);
                self.len(8 + 4 * members).raw(&4_u32.to_le_bytes());
                self.raw(&u32::try_from(members).expect("few").to_le_bytes());
                // In order, as an intset is; two of them beyond 16 bits.
                let first = u32::try_from(40_000 + draw.below(1 << 20)).expect("21 bits");
                for n in (first..).take(usize::try_from(members).expect("few")) {
                    self.raw(&n.to_le_bytes());
                }
            }
            800..900 => {
                self.raw(&[17]).text(&format!("board:{region}:{id}"));
                let members = u8::try_from(2 + draw.below(6)).expect("few");
                for score in 0..members {
                    self.packed_filler(&mut draw, 10);
                    self.pack.extend_from_slice(&[score, 1]);
                }
                self.listpack(u16::from(members) * 2);
            }
            900..999 => {
                self.raw(&[18]).text(&format!("cart:{id}")).len(1).len(2);
                let items = u16::try_from(1 + draw.below(8)).expect("few");
                for _ in 0..items {
                    self.packed_filler(&mut draw, 14);
                }
                self.listpack(items);
            }
            // A big one here and there.
            _ => {
                self.raw(&[4]).text(&format!("index:{region}:{id}"));
                let fields = 600 << draw.below(3);
                self.len(fields);
                for field in 0..fields {
                    self.text(&format!("f{field}"));
                    self.filler(&mut draw, 12);
                }
            }
        }
    }

    /// An element of a listpack: a short text.
    fn packed(&mut self, text: &[u8]) {
        let len = u8::try_from(text.len()).expect("a short text");
        assert!(len < 64);
        self.pack.push(0x80 | len);
        self.pack.extend_from_slice(text);
        self.pack.push(len + 1);
    }

    fn packed_filler(&mut self, draw: &mut Draw, len: usize) {
        let mut text = [0; 24];
        for byte in &mut text {
            *byte = b'a' + u8::try_from(draw.0 % 26).expect("a letter");
            draw.0 = draw.0.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        self.packed(&text[..len]);
    }

    /// What was packed, as a value.
    fn listpack(&mut self, elements: u16) {
        let pack = core::mem::take(&mut self.pack);
        let bytes = 6 + pack.len() + 1;
        self.len(bytes as u64).raw(&u32::try_from(bytes).expect("short").to_le_bytes());
        self.raw(&elements.to_le_bytes()).raw(&pack).raw(&[0xff]);
        self.pack = pack;
        self.pack.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Server, debian};

    #[test]
    fn a_server_loads_them_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let written = keys_file(folder.path(), 20_000);
        let data = tempfile::tempdir().expect("a folder");
        fs::copy(&written, data.path().join("dump.rdb")).expect("a copy");
        // It drops those whose time is past, which depends on the clock; never one without.
        let mut server = Server::start(&debian().server, data.path(), &[]).expect("it is a snapshot");
        let mut kept = 0;
        for db in ["0", "1", "2"] {
            server.command(&[b"SELECT", db.as_bytes()]);
            kept += server.command(&[b"DBSIZE"]).integer();
        }
        let lasting = (0..20_000).filter(|n| Draw::of(*n).ttl_ms().is_none()).count();
        assert!((i64::try_from(lasting).unwrap()..20_000).contains(&kept), "{kept} of at least {lasting}");
    }

    #[test]
    fn the_same_number_gives_the_same_bytes() {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        assert_eq!(write_keys(1_000, &mut one).unwrap(), write_keys(1_000, &mut two).unwrap());
        assert_eq!(one, two);
        assert!(one.len() > 60_000, "{}", one.len());
    }
}
