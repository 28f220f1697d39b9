//! RedisBloom's scalable Bloom filter.

use super::{Contents, Field};

/// `MBbloom--`: items, number of filters, [from version 2: options], [from version 4: growth], then per filter: capacity,
/// error rate, hashes, bits per entry, [from version 1: bits and their logarithm], bitmap, items.
#[derive(Debug)]
pub(crate) struct Bloom {
    version: u64,
    at: At,
    filters_left: u64,
    /// Items of the filters so far.
    in_filters: u64,
    contents: Contents,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Items,
    Filters,
    Options,
    Growth,
    Capacity,
    ErrorRate,
    Hashes,
    BitsPerEntry,
    Bits,
    BitsLog,
    Bitmap,
    FilterItems,
    End,
}

impl Bloom {
    pub(super) fn new(version: u64) -> Self {
        Self { version, at: At::Items, filters_left: 0, in_filters: 0, contents: Contents::default() }
    }

    pub(super) fn field(&mut self, field: Field) -> Option<()> {
        self.at = match self.at {
            At::Items => {
                self.contents.elements = field.uint()?;
                At::Filters
            }
            At::Filters => {
                self.filters_left = field.uint()?;
                match self.version {
                    0 | 1 => self.next_filter(),
                    _ => At::Options,
                }
            }
            At::Options => {
                field.uint()?;
                if self.version >= 4 { At::Growth } else { self.next_filter() }
            }
            At::Growth => {
                field.uint()?;
                self.next_filter()
            }
            At::Capacity => {
                field.uint()?;
                At::ErrorRate
            }
            At::ErrorRate => {
                field.double()?;
                At::Hashes
            }
            At::Hashes => {
                field.uint()?;
                At::BitsPerEntry
            }
            At::BitsPerEntry => {
                field.double()?;
                if self.version > 0 { At::Bits } else { At::Bitmap }
            }
            At::Bits => {
                field.uint()?;
                At::BitsLog
            }
            At::BitsLog => {
                field.uint()?;
                At::Bitmap
            }
            At::Bitmap => {
                self.contents.payload_bytes = self.contents.payload_bytes.saturating_add(field.text()?);
                At::FilterItems
            }
            At::FilterItems => {
                self.in_filters = self.in_filters.saturating_add(field.uint()?);
                self.filters_left -= 1;
                self.next_filter()
            }
            At::End => return None,
        };
        Some(())
    }

    fn next_filter(&self) -> At {
        if self.filters_left == 0 { At::End } else { At::Capacity }
    }

    pub(super) fn contents(&self) -> Option<Contents> {
        (self.at == At::End && self.in_filters == self.contents.elements).then_some(self.contents)
    }
}
