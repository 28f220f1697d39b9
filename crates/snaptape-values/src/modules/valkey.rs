//! Bloom filters of Valkey's module.

use snaptape_report::units;

use super::{
    Layout, Next,
    bloom::{Sums, percent},
    out::Out,
};

/// `bloomfltr`. Source: valkey-bloom 1.0, src/wrapper/bloom_callback.rs, `bloom_rdb_save`.
#[derive(Debug, Default)]
pub(super) struct Bloom {
    at: At,
    filters_left: u64,
    filter: u64,
    sums: Sums,
    expansion: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum At {
    #[default]
    Filters,
    Expansion,
    Error,
    Tightening,
    RandomSeed,
    Bitmap,
    Capacity,
    Items,
    End,
}

impl Layout for Bloom {
    fn next(&self) -> Next {
        match self.at {
            At::Error | At::Tightening => Next::Double,
            At::Bitmap => Next::Pass,
            At::End => Next::End,
            _ => Next::Uint,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        self.at = match self.at {
            At::Filters => {
                (self.filters_left, self.sums.filters) = (n, n);
                out.number("sub-filters", n);
                At::Expansion
            }
            At::Expansion => {
                self.expansion = n;
                out.number("expansion rate", n);
                At::Error
            }
            At::RandomSeed => {
                let words = if n == 1 { "random" } else { "fixed" };
                out.row(format_args!("seed"), format_args!("{n} ({words})"));
                if self.filters_left == 0 { At::End } else { At::Bitmap }
            }
            At::Capacity => {
                self.sums.capacity = self.sums.capacity.saturating_add(n);
                out.row(format_args!("sub-filter {}: capacity", self.filter), format_args!("{n}"));
                self.filters_left -= 1;
                if self.filters_left == 0 {
                    At::Items
                } else {
                    // All but the last are full, which is why only that one says it.
                    self.sums.items = self.sums.items.saturating_add(n);
                    At::Bitmap
                }
            }
            At::Items => {
                self.sums.items = self.sums.items.saturating_add(n);
                out.row(format_args!("sub-filter {}: items", self.filter), format_args!("{n}"));
                At::End
            }
            At::Error | At::Tightening | At::Bitmap | At::End => return None,
        };
        Some(())
    }

    fn double(&mut self, n: f64, out: &mut Out<'_, '_>) -> Option<()> {
        if self.at == At::Error {
            self.sums.error = n;
            out.double("error rate", n);
            self.at = At::Tightening;
        } else {
            out.double("tightening ratio", n);
            self.at = At::RandomSeed;
        }
        Some(())
    }

    fn text(&mut self, len: u64, out: &mut Out<'_, '_>) -> Option<()> {
        self.filter += 1;
        self.sums.bytes = self.sums.bytes.saturating_add(len);
        out.begin(format_args!("sub-filter {}: bit array, hashes and seed", self.filter));
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        out.end();
        self.at = At::Capacity;
    }

    fn sentence(&self) -> String {
        let sums = &self.sums;
        let grows = match self.expansion {
            0 => ", does not grow".to_owned(),
            n => format!(", the next {} times as large", units::count(n)),
        };
        format!(
            "Valkey Bloom filter: {} expected at {} error, {} added, {}{grows}, {}",
            units::plural(sums.capacity, "item", "items"),
            percent(sums.error),
            units::plural(sums.items, "item", "items"),
            units::plural(sums.filters, "sub-filter", "sub-filters"),
            units::bytes(sums.bytes)
        )
    }
}
