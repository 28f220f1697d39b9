//! The order of tables.

use core::cmp::Ordering;
use snaptape_sort::Sort as _;

use snaptape_report::{KeyRow, PatternGroup};

/// A column a table can be ordered by.
pub trait Column: Copy + PartialEq + 'static {
    /// All of them, in table order.
    const ALL: &'static [Self];
    /// The one the table is ordered by at first.
    const FIRST: Self;
    /// Its word in the address.
    fn id(self) -> &'static str;
    /// Its heading.
    fn title(self) -> &'static str;
    /// Does it hold figures? They begin with the largest and stand on the right.
    fn is_figure(self) -> bool;
}

/// A column and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    /// The column.
    pub column: C,
    /// Largest first?
    pub descending: bool,
}

impl<C: Column> Default for Sort<C> {
    fn default() -> Self {
        Self { column: C::FIRST, descending: C::FIRST.is_figure() }
    }
}

impl<C: Column> Sort<C> {
    /// Reads `-memory` or `key`.
    pub fn parse(word: &str) -> Option<Self> {
        let (descending, id) = match word.strip_prefix('-') {
            Some(id) => (true, id),
            None => (false, word),
        };
        let column = C::ALL.iter().copied().find(|column| column.id() == id)?;
        Some(Self { column, descending })
    }

    /// Writes what [`Self::parse`] reads.
    pub fn word(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column.id())
    }

    /// What a press on the heading of `column` asks for.
    #[must_use]
    pub fn pressed(self, column: C) -> Self {
        if self.column == column {
            Self { column, descending: !self.descending }
        } else {
            Self { column, descending: column.is_figure() }
        }
    }

    fn apply(self, ordering: Ordering) -> Ordering {
        if self.descending { ordering.reverse() } else { ordering }
    }
}

/// Columns of the table of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyColumn {
    /// Name.
    Key,
    /// Type.
    Type,
    /// Estimated memory.
    Memory,
    /// Elements.
    Elements,
    /// Encoding.
    Encoding,
    /// Payload.
    Payload,
    /// Bytes in the file.
    File,
    /// Expiry.
    Expires,
    /// Seconds since its last access.
    Idle,
    /// LFU counter.
    Freq,
    /// Database.
    Db,
    /// Hash slot.
    Slot,
    /// Offset in the file.
    Offset,
}

impl Column for KeyColumn {
    const ALL: &'static [Self] = &[
        Self::Key,
        Self::Type,
        Self::Memory,
        Self::Elements,
        Self::Encoding,
        Self::Payload,
        Self::File,
        Self::Expires,
        Self::Idle,
        Self::Freq,
        Self::Db,
        Self::Slot,
        Self::Offset,
    ];
    const FIRST: Self = Self::Memory;

    fn id(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Type => "type",
            Self::Encoding => "encoding",
            Self::Elements => "elements",
            Self::Memory => "memory",
            Self::Payload => "payload",
            Self::File => "file",
            Self::Expires => "expires",
            Self::Idle => "idle",
            Self::Freq => "freq",
            Self::Db => "db",
            Self::Slot => "slot",
            Self::Offset => "offset",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Key => "Key",
            Self::Type => "Type",
            Self::Encoding => "Encoding",
            Self::Elements => "Elements",
            Self::Memory => "Memory",
            Self::Payload => "Payload",
            Self::File => "In file",
            Self::Expires => "Expires",
            Self::Idle => "Idle",
            Self::Freq => "LFU counter",
            Self::Db => "Database",
            Self::Slot => "Slot",
            Self::Offset => "Offset",
        }
    }

    fn is_figure(self) -> bool {
        !matches!(self, Self::Key | Self::Type | Self::Encoding | Self::Expires)
    }
}

/// Columns of the table of patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternColumn {
    /// The pattern.
    Pattern,
    /// Type.
    Type,
    /// Keys.
    Keys,
    /// Estimated memory.
    Memory,
    /// Memory per key.
    Average,
    /// Memory of the largest key.
    Largest,
    /// Share of keys that never expire.
    WithoutTtl,
    /// Earliest expiry.
    Expires,
}

impl Column for PatternColumn {
    const ALL: &'static [Self] = &[
        Self::Pattern,
        Self::Type,
        Self::Keys,
        Self::Memory,
        Self::Average,
        Self::Largest,
        Self::WithoutTtl,
        Self::Expires,
    ];
    const FIRST: Self = Self::Memory;

    fn id(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::Type => "type",
            Self::Keys => "keys",
            Self::Memory => "memory",
            Self::Average => "average",
            Self::Largest => "largest",
            Self::WithoutTtl => "nottl",
            Self::Expires => "expires",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Pattern => "Pattern",
            Self::Type => "Type",
            Self::Keys => "Keys",
            Self::Memory => "Memory",
            Self::Average => "Average",
            Self::Largest => "Largest",
            Self::WithoutTtl => "Without TTL",
            Self::Expires => "Expires",
        }
    }

    fn is_figure(self) -> bool {
        !matches!(self, Self::Pattern | Self::Type | Self::Expires)
    }
}

/// The rows in order; equal rows by name, so that the order is the same every time. Keys that never expire come last.
pub fn keys(rows: &[KeyRow], sort: Sort<KeyColumn>) -> Vec<KeyRow> {
    let mut rows = rows.to_vec();
    rows.order_by(|a, b| {
        let by_column = match sort.column {
            KeyColumn::Key => a.name.cmp(&b.name),
            KeyColumn::Type => a.type_name.cmp(&b.type_name),
            KeyColumn::Encoding => a.encoding.cmp(&b.encoding),
            KeyColumn::Elements => a.elements.cmp(&b.elements),
            KeyColumn::Memory => a.memory_bytes.cmp(&b.memory_bytes),
            KeyColumn::Payload => a.payload_bytes.cmp(&b.payload_bytes),
            KeyColumn::File => a.file_bytes.cmp(&b.file_bytes),
            KeyColumn::Expires => {
                a.expires_at_ms.unwrap_or(i64::MAX).cmp(&b.expires_at_ms.unwrap_or(i64::MAX))
            }
            KeyColumn::Idle => a.idle_s.cmp(&b.idle_s),
            KeyColumn::Freq => a.freq.cmp(&b.freq),
            // Rows of the report have none.
            KeyColumn::Slot => Ordering::Equal,
            KeyColumn::Db => a.db.cmp(&b.db),
            KeyColumn::Offset => a.offset.cmp(&b.offset),
        };
        sort.apply(by_column)
            .then_with(|| a.db.cmp(&b.db))
            .then_with(|| a.name.cmp(&b.name))
            .then_with(|| a.offset.cmp(&b.offset))
    });
    rows
}

/// The rows in order; equal rows by pattern.
pub fn patterns(rows: &[PatternGroup], sort: Sort<PatternColumn>) -> Vec<PatternGroup> {
    // Shares are compared by cross-multiplication: exact, and no division by zero.
    let share = |a: (u64, u64), b: (u64, u64)| {
        (u128::from(a.0) * u128::from(b.1)).cmp(&(u128::from(b.0) * u128::from(a.1)))
    };
    let mut rows = rows.to_vec();
    rows.order_by(|a, b| {
        let (x, y) = (&a.tally, &b.tally);
        let by_column = match sort.column {
            PatternColumn::Pattern => a.pattern.cmp(&b.pattern),
            PatternColumn::Type => a.type_name.cmp(&b.type_name),
            PatternColumn::Keys => x.keys.cmp(&y.keys),
            PatternColumn::Memory => x.memory_bytes.cmp(&y.memory_bytes),
            PatternColumn::Average => share((x.memory_bytes, x.keys), (y.memory_bytes, y.keys)),
            PatternColumn::Largest => x.largest_memory_bytes.cmp(&y.largest_memory_bytes),
            PatternColumn::WithoutTtl => share((x.without_ttl(), x.keys), (y.without_ttl(), y.keys)),
            PatternColumn::Expires => {
                let first = |row: &PatternGroup| row.expires_ms.map_or(i64::MAX, |(first, _)| first);
                first(a).cmp(&first(b))
            }
        };
        sort.apply(by_column).then_with(|| a.pattern.cmp(&b.pattern))
    });
    rows
}

#[cfg(test)]
mod tests {
    use snaptape_report::Tally;

    use super::*;
    use crate::testing::{key, pattern};

    fn names(rows: &[KeyRow]) -> String {
        rows.iter().map(|row| row.name.display()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_come_back() {
        for &column in KeyColumn::ALL {
            for descending in [false, true] {
                let sort = Sort { column, descending };
                assert_eq!(Sort::parse(&sort.word()), Some(sort));
            }
        }
        for &column in PatternColumn::ALL {
            let sort = Sort { column, descending: true };
            assert_eq!(Sort::parse(&sort.word()), Some(sort));
        }
        assert_eq!(Sort::<KeyColumn>::parse("-"), None);
    }

    #[test]
    fn a_second_press_turns_the_order() {
        let sort = Sort::<KeyColumn>::default();
        assert_eq!(sort.word(), "-memory");
        assert_eq!(sort.pressed(KeyColumn::Memory).word(), "memory");
        assert_eq!(sort.pressed(KeyColumn::Key).word(), "key");
        assert_eq!(sort.pressed(KeyColumn::File).word(), "-file");
    }

    #[test]
    fn keys_by_each_column() {
        let mut a = key("a", "string", 30);
        a.expires_at_ms = Some(5);
        a.elements = None;
        let mut b = key("b", "hash", 10);
        b.elements = Some(7);
        b.db = 3;
        let mut c = key("c", "list", 10);
        c.elements = Some(2);
        c.offset = 99;
        let rows = [b, c, a];
        for (word, expected) in [
            ("-memory", "a c b"),
            ("memory", "c b a"),
            ("key", "a b c"),
            ("-key", "c b a"),
            ("type", "b c a"),
            ("-elements", "b c a"),
            ("expires", "a c b"),
            ("-db", "b a c"),
            ("-offset", "c a b"),
        ] {
            let sorted = keys(&rows, Sort::parse(word).expect("a known word"));
            assert_eq!(names(&sorted), expected, "{word}");
        }
    }

    #[test]
    fn patterns_by_share() {
        let half = pattern("half", Tally { keys: 10, with_ttl: 5, memory_bytes: 100, ..Tally::default() });
        let none = pattern("none", Tally { keys: 1_000, with_ttl: 0, memory_bytes: 500, ..Tally::default() });
        let all = pattern("all", Tally { keys: 2, with_ttl: 2, memory_bytes: 90, ..Tally::default() });
        let rows = [half, none, all];
        let order = |word: &str| {
            patterns(&rows, Sort::parse(word).expect("a known word"))
                .iter()
                .map(|row| row.pattern.clone())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(order("-nottl"), "none half all");
        assert_eq!(order("-average"), "all half none");
        assert_eq!(order("-memory"), "none half all");
        assert_eq!(order("pattern"), "all half none");
    }
}
