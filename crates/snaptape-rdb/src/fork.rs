//! Numbers that only forks use, and numbers whose meaning is known by name alone.

use snaptape_wire::{Cursor, Read, StrHead, lzf};

use crate::{Magic, opcode::TEMPLATES_SINCE};

/// What is known of a number that cannot be read.
pub(crate) struct Unreadable {
    /// What it is, and whose.
    pub(crate) what: &'static str,
    /// Does the name of a key follow, as behind every object type?
    pub(crate) is_type: bool,
}

/// Opcodes and object types that are known by name, but not how they are stored.
pub(crate) fn unreadable(number: u8, magic: Magic, version: u16) -> Option<Unreadable> {
    let object = |what| Some(Unreadable { what, is_type: true });
    let opcode = |what| Some(Unreadable { what, is_type: false });
    match (number, magic) {
        // Its fields have no tags: only the module itself knows where it ends.
        (6, _) => object("a module value of a Redis 4.0 release candidate"),
        (23, Magic::Valkey) => object("Valkey 9.2's PATH_HASH"),
        (242, Magic::Valkey) => opcode("Valkey 9.2's UPDATE"),
        (31, Magic::Redis) if version < TEMPLATES_SINCE => object("Dragonfly's hash with field expiry"),
        (32, Magic::Redis) if version < TEMPLATES_SINCE => object("Dragonfly's set with member expiry"),
        (33, Magic::Redis) if version < TEMPLATES_SINCE => object("Dragonfly's SBF"),
        (101, Magic::Redis) => opcode("Redis Enterprise's GCAS"),
        (102, Magic::Redis) => opcode("Redis Enterprise's GFLAGS"),
        (128 | 129 | 192, Magic::Redis) => opcode("an addition of Redis-On-Rocks"),
        (203, Magic::Redis) => opcode("Dragonfly's end of a compressed block"),
        (210 | 211, Magic::Redis) => opcode("Dragonfly's journal"),
        _ => None,
    }
}

/// What the string that comes next seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looks {
    /// It begins with its own length, as a listpack does.
    Listpack,
    /// It begins as a JSON document does.
    Json,
    /// Neither.
    Neither,
}

/// Looks at the first bytes of the string that comes next, and consumes nothing.
pub(crate) fn looks_like(cursor: &Cursor<'_>) -> Read<Looks> {
    let mut ahead = cursor.clone();
    let head = ahead.str_head()?;
    let front = match head {
        // A number is a document, too.
        StrHead::Int(_) => return Ok(Looks::Json),
        StrHead::Raw { len } => {
            let mut front = [0; 4];
            for (to, from) in front.iter_mut().zip(ahead.take(len.min(4))?) {
                *to = *from;
            }
            front
        }
        StrHead::Lzf { packed_len, len } => {
            let mut front = [0; 4];
            // The longest literal run is 32 bytes; the front never needs more than it and its control byte.
            let packed = ahead.take(packed_len.min(33))?;
            if len < 4 || lzf::decode_front(packed, &mut front).is_err() {
                return Ok(Looks::Neither);
            }
            front
        }
    };
    if u64::from(u32::from_le_bytes(front)) == head.logical_len() {
        return Ok(Looks::Listpack);
    }
    let first = front.first().copied().unwrap_or(0);
    let json = head.logical_len() > 0
        && matches!(first, b'{' | b'[' | b'"' | b'-' | b't' | b'f' | b'n' | b'0'..=b'9');
    Ok(if json { Looks::Json } else { Looks::Neither })
}
