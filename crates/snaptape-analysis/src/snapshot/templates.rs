//! Field names that stand once in a snapshot for many hashes (Redis 8.10).

use std::collections::BTreeMap;

use snaptape_wire::{Error, ErrorKind, Str};

/// Most bytes of names that are held for one snapshot. Templates beyond them are counted, but their hashes have no digest.
const MAX_HELD_BYTES: usize = 64 << 20;

/// The field names of one template, or of one hash that carries its own.
#[derive(Debug, Default)]
pub struct Names {
    fields: u64,
    payload_bytes: u64,
    bytes: Vec<u8>,
    /// Where each name ends in `bytes`.
    ends: Vec<usize>,
}

impl Names {
    /// Adds the next name; where there is no more `room`, only its length.
    ///
    /// # Errors
    /// Names stand in order, shorter ones first, each once: servers refuse others.
    pub fn push(&mut self, name: &[u8], room: usize) -> Result<(), &'static str> {
        let last = self.fields.checked_sub(1).and_then(|i| self.get(i));
        let sorted = last.is_none_or(|last| (last.len(), last) < (name.len(), name));
        self.fields += 1;
        self.payload_bytes = self.payload_bytes.saturating_add(name.len() as u64);
        if self.ends.len() as u64 + 1 == self.fields && self.held_bytes() + name.len() < room {
            self.bytes.extend_from_slice(name);
            self.ends.push(self.bytes.len());
        }
        if sorted { Ok(()) } else { Err("its field names are not in order") }
    }

    /// The `i`th name, if it is held.
    pub fn get(&self, i: u64) -> Option<&[u8]> {
        let i = usize::try_from(i).ok()?;
        let start = match i.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.bytes.get(start..*self.ends.get(i)?)
    }

    /// How many there are.
    pub fn fields(&self) -> u64 {
        self.fields
    }

    /// Their lengths together.
    pub fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    fn held_bytes(&self) -> usize {
        self.bytes.len() + size_of_val(self.ends.as_slice())
    }
}

/// The templates of a snapshot.
#[derive(Debug, Default)]
pub struct Templates {
    known: BTreeMap<u64, Names>,
    reading: Option<(u64, Names)>,
    held_bytes: usize,
    problem: Option<Error>,
}

impl Templates {
    /// A template begins.
    pub fn begin(&mut self, id: u64) {
        self.reading = Some((id, Names::default()));
    }

    /// Its next name.
    pub fn name(&mut self, name: &Str<'_>, scratch: &mut Vec<u8>) {
        let Some((_, names)) = &mut self.reading else { return };
        let result = match name.decode(scratch) {
            Ok(bytes) => names.push(bytes, MAX_HELD_BYTES.saturating_sub(self.held_bytes)).map_err(|why| {
                Error::new(ErrorKind::InvalidBlob { encoding: "hash template", why }, name.offset)
            }),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            self.problem.get_or_insert(error);
        }
    }

    /// Its end; returns what is wrong with it.
    pub fn end(&mut self) -> Option<Error> {
        if let Some((id, names)) = self.reading.take() {
            self.held_bytes += names.held_bytes();
            self.known.insert(id, names);
        }
        self.problem.take()
    }

    /// The names of a template.
    pub fn get(&self, id: u64) -> Option<&Names> {
        self.known.get(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_order_up_to_a_bound() {
        let mut names = Names::default();
        for (name, room, expected) in [
            (&b"b"[..], 100, Ok(())),
            (b"aa", 100, Ok(())),
            (b"ab", 100, Ok(())),
            (b"ab", 100, Err("its field names are not in order")),
            (b"c", 100, Err("its field names are not in order")),
            (b"ddd", 10, Ok(())),
            (b"eee", 1000, Ok(())),
        ] {
            assert_eq!(names.push(name, room), expected, "{name:?}");
        }
        assert_eq!((names.fields(), names.payload_bytes()), (7, 14));
        assert_eq!(names.get(2), Some(&b"ab"[..]));
        assert_eq!(names.get(4), Some(&b"c"[..]));
        // Once one was left out, the places of those behind it would be wrong.
        assert_eq!((names.get(5), names.get(6), names.get(u64::MAX)), (None, None, None));
    }
}
