//! What rows of keys are put in order by.

use snaptape_analysis::{filter::KeyCells, key_slot};

/// A column of the table of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyColumn {
    /// Database number.
    Db,
    /// STRLEN, LLEN and so on.
    Elements,
    /// The word OBJECT ENCODING uses.
    Encoding,
    /// Expiry; never comes behind every time.
    Expires,
    /// Bytes in the file.
    File,
    /// LFU counter.
    Freq,
    /// Seconds since its last access.
    Idle,
    /// The name, byte by byte.
    Key,
    /// The longest single element.
    LargestElement,
    /// Estimated memory.
    Memory,
    /// File and offset: as they stand.
    Offset,
    /// Payload.
    Payload,
    /// Hash slot.
    Slot,
    /// The word TYPE answers.
    Type,
}

impl KeyColumn {
    /// All of them, with their words.
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::Key, "key"),
        (Self::Type, "type"),
        (Self::Encoding, "encoding"),
        (Self::Elements, "elements"),
        (Self::Memory, "memory"),
        (Self::Payload, "payload"),
        (Self::File, "file"),
        (Self::LargestElement, "largest"),
        (Self::Expires, "expires"),
        (Self::Idle, "idle"),
        (Self::Freq, "freq"),
        (Self::Db, "db"),
        (Self::Slot, "slot"),
        (Self::Offset, "offset"),
    ];
}

/// A column and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySort {
    /// The column.
    pub column: KeyColumn,
    /// Largest first?
    pub descending: bool,
}

impl KeySort {
    /// As they stand in the files.
    pub const AS_THEY_STAND: Self = Self { column: KeyColumn::Offset, descending: false };

    /// Reads `-memory` or `key`.
    pub fn parse(word: &str) -> Option<Self> {
        let (descending, id) = word.strip_prefix('-').map_or((false, word), |id| (true, id));
        let (column, _) = KeyColumn::ALL.into_iter().find(|(_, word)| *word == id)?;
        Some(Self { column, descending })
    }

    /// A number that is in the order of the rows; smallest first. Of names nothing.
    pub(crate) fn number(self, key: &KeyCells<'_>) -> u64 {
        let or_none = |figure: Option<u64>| figure.map_or(0, |figure| figure.saturating_add(1));
        let number = match self.column {
            KeyColumn::Db => key.db,
            KeyColumn::Elements => or_none(key.elements),
            KeyColumn::Encoding => word(key.encoding),
            KeyColumn::Expires => key.expires_at_ms.map_or(u64::MAX, |at| at.cast_unsigned() ^ (1 << 63)),
            KeyColumn::File => key.file_bytes,
            KeyColumn::Freq => or_none(key.freq.map(u64::from)),
            KeyColumn::Idle => or_none(key.idle_s),
            KeyColumn::LargestElement => key.largest_element_bytes,
            KeyColumn::Memory => key.memory_bytes,
            KeyColumn::Payload => key.payload_bytes,
            KeyColumn::Slot => u64::from(key_slot(key.name)),
            KeyColumn::Type => word(key.type_name),
            KeyColumn::Key | KeyColumn::Offset => 0,
        };
        if self.descending { !number } else { number }
    }

    /// Are names looked at?
    pub(crate) fn is_by_name(self) -> bool {
        self.column == KeyColumn::Key
    }

    /// Is it the order they stand in?
    pub(crate) fn is_as_they_stand(self) -> bool {
        self == Self::AS_THEY_STAND
    }
}

/// The first ten characters of a word that has nothing but letters, digits and lines, as words of types and encodings do: enough to tell
/// all of those apart. Upper case comes behind lower case of the same letter.
fn word(word: &str) -> u64 {
    let mut number = 0;
    let mut bytes = word.bytes();
    for _ in 0..10 {
        let rank = match bytes.next() {
            None => 0,
            Some(byte @ b'0'..=b'9') => 2 + byte - b'0',
            Some(byte @ b'a'..=b'z') => 12 + 2 * (byte - b'a'),
            Some(byte @ b'A'..=b'Z') => 13 + 2 * (byte - b'A'),
            Some(_) => 1,
        };
        number = number << 6 | u64::from(rank);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_orders_come_back() {
        for (column, word) in KeyColumn::ALL {
            assert_eq!(KeySort::parse(word), Some(KeySort { column, descending: false }));
            assert_eq!(KeySort::parse(&format!("-{word}")), Some(KeySort { column, descending: true }));
        }
        assert_eq!(KeySort::parse("size"), None);
    }

    #[test]
    fn words_are_in_order() {
        let mut words = [
            "array",
            "embstr",
            "hashtable",
            "int",
            "intset",
            "linkedlist",
            "listpack",
            "listpackex",
            "MBbloom--",
        ];
        words.sort_by_key(|text| word(text));
        assert_eq!(words.last(), Some(&"MBbloom--"));
        assert!(words.windows(2).all(|pair| word(pair[0]) < word(pair[1])), "{words:?}");
        assert!(word("template-array") < word("template-listpack"));
    }
}
