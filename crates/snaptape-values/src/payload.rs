//! The payload of RESTORE, made of the bytes of the file. Shape: type byte, value, RDB version (2 bytes, little-endian), CRC-64 of
//! all that (8 bytes). Source: cluster.c, `createDumpPayload`.

use core::fmt::Write as _;

use snaptape_rdb::{Key, Magic, ObjectType};
use snaptape_report::Recreation;
use snaptape_wire::Crc64;

use crate::{output::Output, quote::push_quoted};

/// Longest payload that is put into a command.
const MAX_LINE: u64 = 16 << 10;

/// Puts it together.
#[derive(Debug)]
pub struct Payload {
    out: Output,
    crc: Crc64,
    version: u16,
    refused: Option<String>,
    /// The command before and behind the payload.
    before: String,
    behind: String,
    shell: Option<String>,
    is_whole: bool,
}

impl Payload {
    /// For a key of a file of this version, in this database; at most so many bytes are held.
    pub fn new(
        key: &Key<'_>,
        name: &[u8],
        db: u64,
        (magic, version): (Magic, u16),
        held_bytes: usize,
    ) -> Self {
        let mut before = format!("SELECT {db}\nRESTORE ");
        push_quoted(&mut before, name);
        let at_ms = key.expires_at_ms.unwrap_or(0);
        // Writing to a string cannot fail.
        let _ = write!(before, " {at_ms} ");
        let mut behind = if key.expires_at_ms.is_some() { " ABSTTL".to_owned() } else { String::new() };
        if let Some(secs) = key.idle_s {
            let _ = write!(behind, " IDLETIME {secs}");
        } else if let Some(counter) = key.freq {
            let _ = write!(behind, " FREQ {counter}");
        }
        let shell = shell_word(name).map(|name| {
            let database = if db > 0 { format!(" -n {db}") } else { String::new() };
            // The payload need not come last with this option, which redis-cli has since 7.0.
            match behind.as_str() {
                "" => format!("redis-cli{database} -x RESTORE {name} {at_ms}"),
                behind => format!("redis-cli{database} -X PAYLOAD RESTORE {name} {at_ms} PAYLOAD{behind}"),
            }
        });
        let refused = match key.object {
            ObjectType::HashTmplLpRef | ObjectType::HashTmplArrayRef => Some(
                "The names of its fields stand elsewhere in the file: the bytes of the value alone make no payload."
                    .to_owned(),
            ),
            ObjectType::KeydbCron | ObjectType::DragonflyJson => {
                Some("Only the fork that wrote it reads such a value.".to_owned())
            }
            _ => None,
        };
        let mut this = Self {
            out: Output::new(held_bytes),
            crc: Crc64::new(),
            version: first_version(key.type_byte, magic, version),
            refused,
            before,
            behind,
            shell,
            is_whole: false,
        };
        this.bytes(&[key.type_byte]);
        this
    }

    /// Takes the next bytes of the value, as they stand in the file.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if self.refused.is_none() {
            self.crc.update(bytes);
            self.out.push(bytes);
        }
    }

    /// Is there nothing to be had?
    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// The value is over.
    pub fn end(&mut self) {
        self.is_whole = true;
        self.bytes(&self.version.to_le_bytes());
        let crc = self.crc.value();
        self.bytes(&crc.to_le_bytes());
    }

    /// What has come since this was asked last.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        self.out.take()
    }

    /// What there is; with the command, where it is short.
    pub fn finish(self) -> Recreation {
        let len_bytes = self.out.len();
        let bytes = self.out.finish();
        let refused = self.refused.or_else(|| {
            (!self.is_whole).then(|| "The value cannot be read to its end, and half of one is none.".into())
        });
        let is_held = bytes.len() as u64 == len_bytes && len_bytes <= MAX_LINE;
        let line = (is_held && refused.is_none()).then(|| {
            let mut line = self.before.clone();
            push_quoted(&mut line, &bytes);
            line.push_str(&self.behind);
            line
        });
        let notes =
            vec![format!("Its RDB version is {}: servers that write an older one refuse it.", self.version)];
        Recreation { bytes, len_bytes, commands: 0, notes, line, shell: self.shell, refused }
    }
}

/// The name as one word of a shell; none where it has bytes that are no text, or would not stay in a line.
fn shell_word(name: &[u8]) -> Option<String> {
    let name = core::str::from_utf8(name).ok()?;
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '+' | ':' | '@');
    match name {
        _ if name.chars().any(char::is_control) => None,
        _ if !name.is_empty() && name.chars().all(is_plain) => Some(name.to_owned()),
        _ => Some(format!("'{}'", name.replace('\'', "'\\''"))),
    }
}

/// The version to put into the payload: a server refuses a higher one than its own, and the value of an old type reads the same in
/// all. So it is the first one that has the type, and never more than that of the file.
fn first_version(type_byte: u8, magic: Magic, version: u16) -> u16 {
    if magic == Magic::Valkey && type_byte >= 22 {
        return version;
    }
    let first = match type_byte {
        0..=4 | 9..=13 => 6,
        14 => 7,
        5..=7 => 8,
        15 => 9,
        16..=19 => 10,
        20 | 21 => 11,
        22..=25 => 12,
        _ => version,
    };
    // Below 6 nobody has RESTORE.
    if magic == Magic::Valkey { first } else { first.min(version.max(6)) }
}
