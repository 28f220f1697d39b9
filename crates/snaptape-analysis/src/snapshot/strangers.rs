//! Entries and items that the writer of a snapshot cannot have written: where the file is damaged, they are damage that can be read.

use std::{collections::BTreeMap, ops::Range};

use snaptape_rdb::{Magic, ModuleId, Numbers};
use snaptape_report::module_product;

/// What is more frequent than this is no accident.
const MAX_OF_A_KIND: usize = 16;
/// Kinds that are told apart.
const MAX_KINDS: usize = 256;

/// What is strange about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strange {
    /// An object type or opcode of another version or product.
    Number(u8),
    /// A module that may be none.
    Module(ModuleId),
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) span: Range<u64>,
    /// Of an entry, whether it has an expiry; nothing for what is no entry.
    pub(super) entry: Option<bool>,
}

/// Gathers it while the snapshot is read.
#[derive(Debug)]
pub(super) struct Strangers {
    /// What the writer uses.
    numbers: Numbers,
    kinds: BTreeMap<Strange, Kind>,
    /// What the entry shows that is being read.
    current: Option<Strange>,
}

#[derive(Debug, Default)]
struct Kind {
    places: Vec<Place>,
    more: bool,
}

impl Default for Strangers {
    fn default() -> Self {
        Self { numbers: Numbers::ALL, kinds: BTreeMap::new(), current: None }
    }
}

impl Strangers {
    /// The header says what can follow.
    pub(super) fn header(&mut self, magic: Magic, version: u16) {
        self.numbers = Numbers::of(magic, version, false);
    }

    /// An object type or opcode of the entry that begins.
    #[inline]
    pub(super) fn meet(&mut self, number: u8) {
        if !self.numbers.has(number) {
            self.current = Some(Strange::Number(number));
        }
    }

    /// Its value is one of this module.
    pub(super) fn meet_module(&mut self, module: ModuleId) {
        self.current.get_or_insert(Strange::Module(module));
    }

    /// The entry ends.
    #[inline]
    pub(super) fn end_entry(&mut self, span: Range<u64>, expires: bool) {
        if let Some(strange) = self.current.take() {
            self.note(strange, Place { span, entry: Some(expires) });
        }
    }

    /// Something that is no entry.
    pub(super) fn item(&mut self, number: u8, span: Range<u64>) {
        if !self.numbers.has(number) {
            self.note(Strange::Number(number), Place { span, entry: None });
        }
    }

    #[cold]
    fn note(&mut self, strange: Strange, place: Place) {
        if self.kinds.len() >= MAX_KINDS && !self.kinds.contains_key(&strange) {
            return;
        }
        let kind = self.kinds.entry(strange).or_default();
        if kind.places.len() < MAX_OF_A_KIND {
            kind.places.push(place);
        } else {
            kind.more = true;
        }
    }

    /// Forgets what begins at `start` or behind it, the entry that is being read included, and hands it out.
    pub(super) fn take_back(&mut self, start: u64) -> Vec<(Strange, Place)> {
        let current = self.current.take();
        let mut taken: Vec<(Strange, Place)> = current
            .map(|strange| (strange, Place { span: start..u64::MAX, entry: None }))
            .into_iter()
            .collect();
        for (strange, kind) in &mut self.kinds {
            let behind = kind.places.extract_if(.., |place| place.span.start >= start);
            taken.extend(behind.map(|place| (*strange, place)));
        }
        self.kinds.retain(|_, kind| !kind.places.is_empty() || kind.more);
        taken
    }

    /// Numbers and modules that stand before `offset`: of these the writer knew.
    pub(super) fn known_before(&self, offset: u64) -> impl Iterator<Item = Strange> + '_ {
        let before = move |kind: &&Kind| kind.places.iter().any(|place| place.span.end <= offset);
        self.kinds.iter().filter(move |(_, kind)| before(kind)).map(|(strange, _)| *strange)
    }

    /// Of a damaged snapshot whose writer is known (or not): what is so rare in it that it is damage.
    pub(super) fn are_damage(&self, writer_is_known: bool) -> Vec<(Strange, Place)> {
        let rare = |strange: &Strange, kind: &Kind| match strange {
            _ if kind.more => false,
            Strange::Number(_) => writer_is_known || kind.places.len() <= 2,
            Strange::Module(module) => {
                let name = String::from_utf8_lossy(&module.name()).into_owned();
                kind.places.len() == 1 && module_product(&name).is_none()
            }
        };
        let kinds = self.kinds.iter().filter(|(strange, kind)| rare(strange, kind));
        kinds.flat_map(|(strange, kind)| kind.places.iter().map(|place| (*strange, place.clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_once_is_damage_and_what_comes_often_is_a_fork() {
        let mut strangers = Strangers::default();
        strangers.header(Magic::Redis, 11);
        for n in 0..40 {
            strangers.meet(30);
            strangers.end_entry(n * 10..n * 10 + 10, false);
            strangers.meet(0);
            strangers.end_entry(n * 10..n * 10 + 10, false);
        }
        strangers.meet(64);
        strangers.end_entry(500..510, true);
        strangers.item(121, 510..512);
        let number = Strange::Number;
        let expected = [
            (number(64), Place { span: 500..510, entry: Some(true) }),
            (number(121), Place { span: 510..512, entry: None }),
        ];
        assert_eq!(strangers.are_damage(true), expected);
        assert_eq!(strangers.known_before(505).collect::<Vec<_>>(), [number(30)]);
        assert_eq!(strangers.take_back(505), expected[1..]);
        assert_eq!(strangers.are_damage(true), expected[..1]);
    }
}
