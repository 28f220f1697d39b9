//! Bloom filters of RedisBloom.

use snaptape_report::units;

use super::{Layout, Next, out::Out};
use crate::number;

/// What a filter is, in numbers.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) filters: u64,
    pub(super) items: u64,
    pub(super) capacity: u64,
    pub(super) bytes: u64,
    /// Of the first one.
    pub(super) error: f64,
    hashes: u64,
}

/// "0.5 %".
pub(super) fn percent(rate: f64) -> String {
    // Without what binary fractions add: 0.0025 * 100.
    let text = format!("{:.6}", rate * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "0" && rate > 0.0 {
        format!("{} %", number::double(rate * 100.0))
    } else {
        format!("{text} %")
    }
}

/// `MBbloom--`. Source: RedisBloom, src/rebloom.c, `BFRdbSave` and `BFRdbLoad`.
#[derive(Debug)]
pub(super) struct Bloom {
    version: u64,
    at: At,
    filters_left: u64,
    filter: u64,
    sums: Sums,
    options: u64,
    growth: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Items,
    Filters,
    Options,
    Growth,
    Capacity,
    Error,
    Hashes,
    BitsPerItem,
    Bits,
    BitsLog,
    Bitmap,
    FilterItems,
    End,
}

/// Options of the filter. Source: RedisBloom, deps/bloom/bloom.h.
const NO_SCALING: u64 = 8;

impl Bloom {
    pub(super) fn new(version: u64) -> Self {
        Self {
            version,
            at: At::Items,
            filters_left: 0,
            filter: 0,
            sums: Sums::default(),
            options: 0,
            growth: None,
        }
    }

    fn next_filter(&mut self) -> At {
        if self.filters_left == 0 {
            return At::End;
        }
        self.filters_left -= 1;
        self.filter += 1;
        At::Capacity
    }

    fn named(&self, name: &str, n: u64, out: &mut Out<'_, '_>) {
        out.row(format_args!("sub-filter {}: {name}", self.filter), format_args!("{n}"));
    }

    fn named_double(&self, name: &str, n: f64, out: &mut Out<'_, '_>) {
        out.row(format_args!("sub-filter {}: {name}", self.filter), format_args!("{}", number::double(n)));
    }
}

impl Layout for Bloom {
    fn next(&self) -> Next {
        match self.at {
            At::Error | At::BitsPerItem => Next::Double,
            At::Bitmap => Next::Pass,
            At::End => Next::End,
            _ => Next::Uint,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        self.at = match self.at {
            At::Items => {
                self.sums.items = n;
                out.number("items", n);
                At::Filters
            }
            At::Filters => {
                (self.filters_left, self.sums.filters) = (n, n);
                out.number("sub-filters", n);
                if self.version >= 2 { At::Options } else { self.next_filter() }
            }
            At::Options => {
                self.options = n;
                let known =
                    [(1, "no rounding"), (2, "capacity in bits"), (4, "64-bit hashes"), (8, "no scaling")];
                let words: Vec<&str> =
                    known.into_iter().filter(|(bit, _)| n & bit != 0).map(|(_, word)| word).collect();
                let words = if words.is_empty() { "none" } else { &words.join(", ") };
                out.row(format_args!("options"), format_args!("{n} ({words})"));
                if self.version >= 4 { At::Growth } else { self.next_filter() }
            }
            At::Growth => {
                self.growth = Some(n);
                out.number("expansion rate", n);
                self.next_filter()
            }
            At::Capacity => {
                self.sums.capacity = self.sums.capacity.saturating_add(n);
                self.named("capacity", n, out);
                At::Error
            }
            At::Hashes => {
                if self.filter == 1 {
                    self.sums.hashes = n;
                }
                self.named("hash functions", n, out);
                At::BitsPerItem
            }
            At::Bits => {
                self.named("bits", n, out);
                At::BitsLog
            }
            At::BitsLog => {
                self.named("bits as a power of 2", n, out);
                At::Bitmap
            }
            At::FilterItems => {
                self.named("items", n, out);
                self.next_filter()
            }
            At::Error | At::BitsPerItem | At::Bitmap | At::End => return None,
        };
        Some(())
    }

    fn double(&mut self, n: f64, out: &mut Out<'_, '_>) -> Option<()> {
        self.at = if self.at == At::Error {
            if self.filter == 1 {
                self.sums.error = n;
            }
            self.named_double("error rate", n, out);
            At::Hashes
        } else {
            self.named_double("bits per item", n, out);
            if self.version >= 1 { At::Bits } else { At::Bitmap }
        };
        Some(())
    }

    fn text(&mut self, len: u64, out: &mut Out<'_, '_>) -> Option<()> {
        self.sums.bytes = self.sums.bytes.saturating_add(len);
        out.begin(format_args!("sub-filter {}: bit array", self.filter));
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        out.end();
        self.at = At::FilterItems;
    }

    fn sentence(&self) -> String {
        let sums = &self.sums;
        let grows = match self.growth {
            _ if self.options & NO_SCALING != 0 => ", does not grow".to_owned(),
            Some(growth) => format!(", the next {} times as large", units::count(growth)),
            None => String::new(),
        };
        let first = if sums.filters > 1 { " in the first sub-filter" } else { "" };
        format!(
            "RedisBloom filter: {} expected at {} error and {}{first}, {} added, {}{grows}, {}",
            units::plural(sums.capacity, "item", "items"),
            percent(sums.error),
            units::plural(sums.hashes, "hash function", "hash functions"),
            units::plural(sums.items, "item", "items"),
            units::plural(sums.filters, "sub-filter", "sub-filters"),
            units::bytes(sums.bytes)
        )
    }
}
