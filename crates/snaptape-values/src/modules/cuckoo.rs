//! Cuckoo filters of RedisBloom.

use snaptape_report::units;

use super::{Layout, Next, out::Out};

/// `MBbloomCF`. Source: RedisBloom, src/rebloom.c, `CFRdbSave` and `CFRdbLoad`.
#[derive(Debug)]
pub(super) struct Cuckoo {
    version: u64,
    at: At,
    filters_left: u64,
    filter: u64,
    items: u64,
    filters: u64,
    bytes: u64,
    buckets: u64,
    deleted: u64,
    bucket_size: u64,
    filter_buckets: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Filters,
    Buckets,
    Items,
    Deleted,
    BucketSize,
    MaxIterations,
    Expansion,
    FilterBuckets,
    Slots,
    End,
}

impl Cuckoo {
    pub(super) fn new(version: u64) -> Self {
        Self {
            version,
            at: At::Filters,
            filters_left: 0,
            filter: 0,
            items: 0,
            filters: 0,
            bytes: 0,
            buckets: 0,
            deleted: 0,
            bucket_size: 2,
            filter_buckets: 0,
        }
    }

    fn next_filter(&mut self) -> At {
        if self.filters_left == 0 {
            return At::End;
        }
        self.filters_left -= 1;
        self.filter += 1;
        self.filter_buckets = self.buckets;
        if self.version >= 4 { At::FilterBuckets } else { At::Slots }
    }
}

impl Layout for Cuckoo {
    fn next(&self) -> Next {
        match self.at {
            At::Slots => Next::Pass,
            At::End => Next::End,
            _ => Next::Uint,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        self.at = match self.at {
            At::Filters => {
                (self.filters_left, self.filters) = (n, n);
                out.number("sub-filters", n);
                At::Buckets
            }
            At::Buckets => {
                self.buckets = n;
                out.number("buckets", n);
                At::Items
            }
            At::Items => {
                self.items = n;
                out.number("items", n);
                if self.version >= 4 { At::Deleted } else { self.next_filter() }
            }
            At::Deleted => {
                self.deleted = n;
                out.number("items deleted", n);
                At::BucketSize
            }
            At::BucketSize => {
                self.bucket_size = n;
                out.number("bucket size", n);
                At::MaxIterations
            }
            At::MaxIterations => {
                out.number("max iterations", n);
                At::Expansion
            }
            At::Expansion => {
                out.number("expansion rate", n);
                self.next_filter()
            }
            At::FilterBuckets => {
                self.filter_buckets = n;
                out.row(format_args!("sub-filter {}: buckets", self.filter), format_args!("{n}"));
                At::Slots
            }
            At::Slots | At::End => return None,
        };
        Some(())
    }

    fn text(&mut self, len: u64, out: &mut Out<'_, '_>) -> Option<()> {
        // A fingerprint has a byte.
        if self.filter_buckets.checked_mul(self.bucket_size) != Some(len) {
            return None;
        }
        self.bytes = self.bytes.saturating_add(len);
        out.begin(format_args!("sub-filter {}: fingerprints", self.filter));
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        out.end();
        self.at = self.next_filter();
    }

    fn sentence(&self) -> String {
        format!(
            "Cuckoo filter: room for {}, {} added, {} deleted, buckets of {}, {}, {}",
            units::plural(self.bytes, "fingerprint", "fingerprints"),
            units::plural(self.items, "item", "items"),
            units::count(self.deleted),
            units::count(self.bucket_size),
            units::plural(self.filters, "sub-filter", "sub-filters"),
            units::bytes(self.bytes)
        )
    }
}
