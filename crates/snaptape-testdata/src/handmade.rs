//! Snapshots that no server at hand writes: built by hand, byte by byte, from the published grammar of the format.
//!
//! They show that the grammar is followed, not that the grammar is right: where real files exist, those decide. Their checksum
//! is zero, "not computed".

/// Builds a snapshot.
#[derive(Debug, Clone, Default)]
pub struct Rdb {
    bytes: Vec<u8>,
}

impl Rdb {
    /// A file that begins with these nine bytes: `REDIS0013`, `VALKEY081`.
    pub fn new(header: &str) -> Self {
        assert_eq!(header.len(), 9, "magic and version");
        Self { bytes: header.as_bytes().to_vec() }
    }

    /// Bytes as they are.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// A length, in its shortest form.
    #[must_use]
    pub fn len(mut self, n: u64) -> Self {
        match n {
            0..64 => self.bytes.push(u8::try_from(n).expect("below 64")),
            64..16_384 => self.bytes.extend((0x4000 | u16::try_from(n).expect("14 bits")).to_be_bytes()),
            16_384..0x1_0000_0000 => {
                self.bytes.push(0x80);
                self.bytes.extend(u32::try_from(n).expect("32 bits").to_be_bytes());
            }
            _ => {
                self.bytes.push(0x81);
                self.bytes.extend(n.to_be_bytes());
            }
        }
        self
    }

    /// Lengths, one after the other.
    #[must_use]
    pub fn lens(self, all: &[u64]) -> Self {
        all.iter().fold(self, |rdb, n| rdb.len(*n))
    }

    /// A string, raw.
    #[must_use]
    pub fn str(self, text: impl AsRef<[u8]>) -> Self {
        let text = text.as_ref();
        self.len(text.len() as u64).raw(text)
    }

    /// An AUX field.
    #[must_use]
    pub fn aux(self, name: &str, value: &str) -> Self {
        self.raw(&[250]).str(name).str(value)
    }

    /// The keys that follow belong to this database.
    #[must_use]
    pub fn select(self, db: u64) -> Self {
        self.raw(&[254]).len(db)
    }

    /// The next key expires, Unix milliseconds.
    #[must_use]
    pub fn expires(self, at_ms: i64) -> Self {
        self.raw(&[252]).raw(&at_ms.to_le_bytes())
    }

    /// Object type and name of a key; its value follows.
    #[must_use]
    pub fn key(self, object: u8, name: &str) -> Self {
        self.raw(&[object]).str(name)
    }

    /// A string key.
    #[must_use]
    pub fn string(self, name: &str, value: &str) -> Self {
        self.key(0, name).str(value)
    }

    /// Eight bytes, little-endian, signed.
    #[must_use]
    pub fn i64(self, n: i64) -> Self {
        self.raw(&n.to_le_bytes())
    }

    /// Sixteen bytes of a stream ID.
    #[must_use]
    pub fn stream_id(self, ms: u64, seq: u64) -> Self {
        self.raw(&ms.to_be_bytes()).raw(&seq.to_be_bytes())
    }

    /// A module's number: nine characters and ten bits of version.
    #[must_use]
    pub fn module_id(self, name: &str, version: u64) -> Self {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        assert_eq!(name.len(), 9);
        let id = name.bytes().fold(0, |id, c| {
            let six = ALPHABET.iter().position(|a| *a == c).expect("in the alphabet");
            id << 6 | six as u64
        });
        self.raw(&[0x81]).raw(&(id << 10 | version).to_be_bytes())
    }

    /// A module's unsigned number.
    #[must_use]
    pub fn uint(self, n: u64) -> Self {
        self.len(2).len(n)
    }

    /// A module's double.
    #[must_use]
    pub fn double(self, n: f64) -> Self {
        self.len(4).raw(&n.to_le_bytes())
    }

    /// A module's string.
    #[must_use]
    pub fn text(self, text: impl AsRef<[u8]>) -> Self {
        self.len(5).str(text)
    }

    /// The end of a module's fields.
    #[must_use]
    pub fn module_end(self) -> Self {
        self.len(0)
    }

    /// Everything so far, without an end.
    pub fn unfinished(self) -> Vec<u8> {
        self.bytes
    }

    /// The whole file: end opcode, and eight zero bytes in place of a checksum.
    pub fn finish(self) -> Vec<u8> {
        self.raw(&[255]).raw(&[0; 8]).bytes
    }
}

/// A listpack of short texts and of numbers up to 127.
pub fn listpack(entries: &[&str]) -> Vec<u8> {
    let mut body = Vec::new();
    for entry in entries {
        match entry.parse::<u8>() {
            Ok(n) if n < 128 => body.extend([n, 1]),
            _ => {
                let len = u8::try_from(entry.len()).expect("short");
                assert!(len < 64, "short texts only");
                body.push(0x80 | len);
                body.extend_from_slice(entry.as_bytes());
                body.push(len + 1);
            }
        }
    }
    let total = u32::try_from(body.len() + 7).expect("short");
    let count = u16::try_from(entries.len()).expect("few");
    let mut blob = total.to_le_bytes().to_vec();
    blob.extend(count.to_le_bytes());
    blob.append(&mut body);
    blob.push(0xff);
    blob
}

/// Entries 1000-0 (f v) and 1005-0 (g w x y), 1000-1 deleted: as Redis 7.0.15 wrote them.
const STREAM_LISTPACK: &[u8] = b"\x3f\0\0\0\x18\0\x02\x01\x01\x01\x01\x01\x81f\x02\x00\x01\x02\x01\x00\x01\x00\x01\x81v\x02\x04\x01\x03\x01\x00\x01\x01\x01\x82v2\x03\x04\x01\x00\x01\x05\x01\x00\x01\x02\x01\x81g\x02\x81w\x02\x81x\x02\x81y\x02\x08\x01\xff";

/// The value of a stream in version 4 or 5: one group, two consumers, two producers of which one has nothing left.
fn stream(rdb: Rdb, version: u8) -> Rdb {
    let mut node = 1000_u64.to_be_bytes().to_vec();
    node.extend(0_u64.to_be_bytes());
    let mut rdb = rdb
        .len(1)
        .str(node)
        .str(STREAM_LISTPACK)
        .lens(&[2, 1005, 0, 1000, 0, 1000, 1, 3])
        .len(1)
        .str("group")
        .lens(&[1005, 0, u64::MAX])
        .len(2)
        .stream_id(1000, 0)
        .i64(1_700_000_000_000)
        .len(3)
        .stream_id(1005, 0)
        .i64(1_700_000_000_001)
        .len(1)
        .len(2)
        .str("ann")
        .i64(1_700_000_000_002)
        .i64(-1)
        .len(1)
        .stream_id(1000, 0)
        .str("bob")
        .i64(1_700_000_000_003)
        .i64(1_700_000_000_003);
    // From version 5 on an entry may wait without a consumer.
    rdb = match version {
        5 => rdb.len(0).len(1).stream_id(1005, 0),
        _ => rdb.len(1).stream_id(1005, 0),
    };
    rdb.lens(&[3600, 100])
        .len(2)
        .str("producer")
        .len(2)
        .str("first")
        .lens(&[1000, 0])
        .str("second")
        .lens(&[1005, 0])
        .str("silent")
        .len(0)
        .lens(&[4, 1])
}

/// Key metadata of two classes, both with two fields. Specification: four characters of six bits, version 1, flags.
fn key_meta(rdb: Rdb) -> Rdb {
    // "ABCd": 0, 1, 2, 29.
    let class = (1 << 12 | 2 << 6 | 0x1d) << 8 | 1 << 3_u32;
    rdb.raw(&[243])
        .len(2)
        .raw(&u32::to_le_bytes(class))
        .uint(7)
        .text("tag")
        .module_end()
        .raw(&u32::to_le_bytes(class | 1))
        .module_end()
}

/// Key metadata and a stream with producers; `REDIS0013`.
pub fn redis13() -> Vec<u8> {
    let rdb = Rdb::new("REDIS0013").aux("redis-ver", "8.6.0").select(0);
    let rdb = key_meta(rdb.expires(1_900_000_000_000)).string("with-meta", "value");
    stream(rdb.key(26, "stream4"), 4).string("last", "1").finish()
}

/// A stream with an unowned entry, arrays, and the rate limiter of private builds; `REDIS0014`.
pub fn redis14() -> Vec<u8> {
    let rdb = Rdb::new("REDIS0014").aux("redis-ver", "8.8.0").select(0);
    stream(rdb.key(27, "stream5"), 5)
        .key(28, "array")
        .lens(&[4, 1, 70_000])
        .lens(&[0, 0])
        .str("a long string")
        .lens(&[5, 1])
        .i64(-42)
        .lens(&[6, 2])
        .raw(&1.5_f64.to_le_bytes())
        .lens(&[70_000, 3])
        .str("short")
        .key(28, "array-without-cursor")
        .lens(&[1, 0])
        .lens(&[u64::MAX - 1, 1])
        .i64(7)
        .key(29, "limiter")
        .len(1_700_000_000_000_000)
        .string("last", "1")
        .finish()
}

/// Hash templates in every form, and a rate limiter; `REDIS0015`.
pub fn redis15() -> Vec<u8> {
    templates("REDIS0015")
}

/// The same under a version that is newer than anything known.
pub fn redis16() -> Vec<u8> {
    templates("REDIS0016")
}

fn templates(header: &str) -> Vec<u8> {
    Rdb::new(header)
        .aux("redis-ver", "8.10.0")
        .raw(&[242])
        .lens(&[0, 2])
        .str("id")
        .str("name")
        .raw(&[242])
        .lens(&[1, 3])
        .str("a")
        .str("b")
        .str("cc")
        .select(0)
        // Every hash below whose name ends in 2 is {id: 7, name: x}, every one with 3 is {a: 1, b: 2, cc: 3}.
        .key(30, "reference-listpack-2")
        .str(listpack(&["0", "7", "x"]))
        .key(32, "reference-array-3")
        .len(1)
        .str("1")
        .str("2")
        .raw(&[0xc0, 3])
        .key(29, "own-listpack-names-2")
        .len(0)
        .str(listpack(&["id", "name"]))
        .str(listpack(&["0", "7", "x"]))
        .key(29, "own-names-listpack-3")
        .len(1)
        .lens(&[3])
        .str("a")
        .str("b")
        .str("cc")
        .str(listpack(&["0", "1", "2", "3"]))
        .key(31, "own-names-array-2")
        .len(1)
        .lens(&[2])
        .str("id")
        .str("name")
        .str("7")
        .str("x")
        .expires(1_900_000_000_000)
        .key(31, "own-listpack-names-array-3")
        .len(0)
        .str(listpack(&["a", "b", "cc"]))
        .str("1")
        .str("2")
        .str("3")
        .key(4, "plain-2")
        .len(2)
        .str("name")
        .str("x")
        .str("id")
        .str("7")
        .key(4, "plain-3")
        .len(3)
        .str("cc")
        .str("3")
        .str("b")
        .str("2")
        .str("a")
        .str("1")
        .key(33, "limiter")
        .len(1_700_000_000_000_000)
        .finish()
}

/// Strings that pass through a reader with small limits in chunks, at every place where one can stand; `REDIS0015`.
pub fn long_strings() -> Vec<u8> {
    let long = "0123456789".repeat(100);
    Rdb::new("REDIS0015")
        .raw(&[242])
        .lens(&[0, 1])
        .str("f")
        .raw(&[243, 1, 0, 0, 0, 0])
        .text(&long)
        .module_end()
        .key(28, "array")
        .lens(&[2, 0, 0, 0])
        .str(&long)
        .lens(&[1, 1])
        .i64(1)
        .key(32, "template")
        .len(0)
        .str(&long)
        .key(64, "cron")
        .str(&long)
        .i64(0)
        .i64(1)
        .len(1)
        .str(&long)
        .len(1)
        .str(&long)
        .string("last", "1")
        .finish()
}

/// What Valkey 9 writes, and then nothing that is not known; `VALKEY081`.
pub fn valkey81() -> Vec<u8> {
    valkey().finish()
}

fn valkey() -> Rdb {
    Rdb::new("VALKEY081")
        .aux("valkey-ver", "9.2.0")
        .raw(&[243])
        .str("0123456789012345678901234567890123456789")
        .lens(&[1, 100, 200])
        .select(3)
        .aux("slot-info", "100,2,0")
        .key(22, "hash")
        .len(2)
        .str("f")
        .str("v")
        .i64(-1)
        .str("g")
        .str("w")
        .i64(1_900_000_000_000)
        .string("last", "1")
}

/// Valkey's PATH_HASH: known by name alone. Also where it stands.
pub fn valkey81_path_hash() -> (Vec<u8>, usize) {
    let before = valkey();
    let at = before.bytes.len();
    (before.key(23, "path").str("?").finish(), at)
}

/// Valkey's UPDATE: known by name alone. Also where it stands.
pub fn valkey81_update() -> (Vec<u8>, usize) {
    let before = valkey();
    let at = before.bytes.len();
    (before.raw(&[242]).str("?").finish(), at)
}

/// KeyDB: time stamps between attributes and key, expiries of members behind it, a cron job; `REDIS0009`.
pub fn keydb() -> Vec<u8> {
    Rdb::new("REDIS0009")
        .aux("redis-ver", "6.3.4")
        .aux("repl-masters", "")
        .select(2)
        .expires(1_900_000_000_000)
        .raw(&[249, 200])
        .aux("mvcc-tstamp", "1782579200000000000")
        .string("expires", "value")
        .aux("mvcc-tstamp", "1782579200000000001")
        .key(2, "set")
        .len(2)
        .str("a")
        .str("b")
        .aux("keydb-subexpire-key", "a")
        .aux("keydb-subexpire-when", "1900000000001")
        .aux("mvcc-tstamp", "1782579200000000002")
        .key(64, "cron")
        .str("return 1")
        .i64(1_700_000_000_000)
        .i64(60_000)
        .len(1)
        .str("key")
        .len(2)
        .str("one")
        .str("two")
        .string("last", "1")
        .finish()
}

/// Redis Enterprise: times of last use and slots; `REDIS0012`.
pub fn enterprise() -> Vec<u8> {
    Rdb::new("REDIS0012")
        .raw(&[121])
        .len(7)
        .raw(&[107])
        .len(300)
        .string("first", "1")
        .raw(&[107])
        .len(5)
        .expires(1_900_000_000_000)
        .string("last", "1")
        .finish()
}

/// Dragonfly without compression: flags, documents under both numbers, a set under one of them; `REDIS0009`.
pub fn dragonfly() -> Vec<u8> {
    dragonfly_items(Rdb::new("REDIS0009")).finish()
}

fn dragonfly_items(rdb: Rdb) -> Rdb {
    rdb.select(1)
        .raw(&[220])
        .raw(&1_u32.to_le_bytes())
        .string("sticky", "1")
        .key(30, "json")
        .str(r#"{"a":[1,2]}"#)
        .key(20, "old-json")
        .str(r#""text""#)
        .key(20, "set")
        .str(listpack(&["a", "b", "3"]))
        .raw(&[200])
        .raw(&[0; 8])
        .string("last", "1")
}

/// Dragonfly's numbers that are known by name alone: what stands there, where, and the file.
pub fn dragonfly_unreadable() -> Vec<(u8, usize, Vec<u8>)> {
    [31, 32, 33, 203, 210, 211]
        .into_iter()
        .map(|number| {
            let before = dragonfly_items(Rdb::new("REDIS0009"));
            let at = before.bytes.len();
            (number, at, before.key(number, "unknown").str("?").finish())
        })
        .collect()
}

/// A compressed block of items behind ordinary ones; where the compressed bytes begin, and the file.
pub fn dragonfly_block(opcode: u8) -> (usize, Vec<u8>) {
    let before = dragonfly_items(Rdb::new("REDIS0009")).raw(&[opcode]).len(5);
    let at = before.bytes.len();
    (at, before.raw(b"bytes").finish())
}

/// The values of modules whose layout is known, each once; `REDIS0012`.
pub fn modules() -> Vec<u8> {
    Rdb::new("REDIS0012")
        .select(0)
        // Dimension 2, two elements, 8-bit quantisation and 16 links, with attributes.
        .key(7, "vectors")
        .module_id("vectorset", 0)
        .uint(2)
        .uint(2)
        .uint(1)
        .uint(2)
        .text("one")
        .text("{}")
        .text("12")
        .uint(2)
        .uint(5)
        .uint(6)
        .text("two")
        .text("")
        .text("34")
        .uint(0)
        .module_end()
        // With a projection matrix and without attributes.
        .key(7, "vectors-projected")
        .module_id("vectorset", 0)
        .uint(1)
        .uint(1)
        .uint(0)
        .uint(1)
        .uint(3)
        .text("matrix-bytes")
        .text("one")
        .text("1234")
        .uint(1)
        .uint(9)
        .module_end()
        .key(7, "exstring")
        .module_id("exstrtype", 1)
        .uint(4)
        .uint(0)
        .text("value")
        .module_end()
        .key(7, "exhash")
        .module_id("tairhash-", 0)
        .uint(2)
        .text("exhash")
        .text("f")
        .uint(1)
        .uint(0)
        .text("v")
        .text("field")
        .uint(2)
        .uint(1_900_000_000_000)
        .text("value")
        .module_end()
        .key(7, "exzset")
        .module_id("tairzset_", 0)
        .uint(2)
        .uint(2)
        .text("m")
        .double(1.0)
        .double(2.0)
        .text("member")
        .double(3.0)
        .double(4.0)
        .module_end()
        .key(7, "bloom")
        .module_id("MBbloom--", 4)
        .uint(3)
        .uint(2)
        .uint(1)
        .uint(2)
        .uint(100)
        .double(0.01)
        .uint(7)
        .double(9.6)
        .uint(960)
        .uint(0)
        .text([0; 120])
        .uint(2)
        .uint(200)
        .double(0.005)
        .uint(8)
        .double(11.0)
        .uint(2200)
        .uint(0)
        .text([0; 275])
        .uint(1)
        .module_end()
        .key(7, "bloom-0")
        .module_id("MBbloom--", 0)
        .uint(1)
        .uint(1)
        .uint(100)
        .double(0.01)
        .uint(7)
        .double(9.6)
        .text([0; 120])
        .uint(1)
        .module_end()
        // The same name with other fields: nothing that fits the layout.
        .key(7, "exhash-of-another-version")
        .module_id("tairhash-", 9)
        .uint(2)
        .text("exhash")
        .uint(1)
        .text("v")
        .module_end()
        // More elements announced than there are.
        .key(7, "vectors-short")
        .module_id("vectorset", 0)
        .uint(2)
        .uint(1_000_000_000)
        .uint(1)
        .uint(0)
        .module_end()
        .finish()
}

/// Every file above, by name: those that can be read to their end come first.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = [
        ("redis13", redis13()),
        ("redis14", redis14()),
        ("redis15", redis15()),
        ("redis16", redis16()),
        ("long-strings", long_strings()),
        ("valkey81", valkey81()),
        ("keydb", keydb()),
        ("enterprise", enterprise()),
        ("dragonfly", dragonfly()),
        ("modules", modules()),
        ("valkey81-path-hash", valkey81_path_hash().0),
        ("valkey81-update", valkey81_update().0),
        ("dragonfly-zstd", dragonfly_block(201).1),
        ("dragonfly-lz4", dragonfly_block(202).1),
    ]
    .into_iter()
    .map(|(name, bytes)| (name.to_string(), bytes))
    .collect();
    for (number, _, bytes) in dragonfly_unreadable() {
        files.push((format!("dragonfly-{number}"), bytes));
    }
    files
}
