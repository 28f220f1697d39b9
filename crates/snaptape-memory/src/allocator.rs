//! What an allocator hands out for a request: its size classes.

/// The allocator a server was built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Allocator {
    /// The jemalloc that Redis and Valkey bundle: built with `--with-lg-quantum=3`, so that there are classes every 8 bytes up to
    /// 64. Docker images and builds from source have it.
    JemallocBundled,
    /// jemalloc as distributions package it (Debian, Ubuntu, EPEL): classes every 16 bytes up to 128.
    JemallocPackaged,
    /// jemalloc from 5.3.1 on as distributions package it: above 32 KiB there are no classes any more, only pages. Source:
    /// `USIZE_GROW_SLOW_THRESHOLD` in its `sc.h`.
    JemallocPaged,
    /// The malloc of glibc: what `malloc_usable_size` says. Alpine's musl differs.
    Libc,
}

/// Everything up to here stands in a table.
const SMALL: usize = 1024;

impl Allocator {
    /// All there are.
    pub const ALL: [Self; 4] =
        [Self::JemallocBundled, Self::JemallocPackaged, Self::JemallocPaged, Self::Libc];

    /// As `--allocator` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JemallocBundled => "jemalloc-bundled",
            Self::JemallocPackaged => "jemalloc-packaged",
            Self::JemallocPaged => "jemalloc-5.3.1",
            Self::Libc => "libc",
        }
    }

    /// The one that is called so.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|allocator| allocator.name() == name)
    }

    /// Bytes handed out for a request of `len` bytes; 0 for none. Grows with `len` and never overflows.
    #[inline]
    pub fn usable(self, len: u64) -> u64 {
        match usize::try_from(len) {
            Ok(small) if small <= SMALL => {
                let row = &SMALL_CLASSES[self as usize];
                u64::from(row[small.div_ceil(8)])
            }
            _ => self.class(len),
        }
    }

    /// The same, computed.
    const fn class(self, len: u64) -> u64 {
        if len == 0 {
            return 0;
        }
        match self {
            Self::JemallocBundled => jemalloc(len, 8),
            Self::JemallocPackaged => jemalloc(len, 16),
            Self::JemallocPaged if len > 32 << 10 => pages(len),
            Self::JemallocPaged => jemalloc(len, 16),
            Self::Libc => libc(len),
        }
    }
}

/// Four classes per doubling; below that every `quantum`. Source: jemalloc's `sc.h` and its manual, "size classes".
const fn jemalloc(len: u64, quantum: u64) -> u64 {
    // Linear up to eight quanta: with four steps per doubling the spacing reaches the quantum there.
    if len <= 8 {
        return 8;
    }
    if len <= 8 * quantum {
        return round_up(len, quantum);
    }
    let below = (len - 1).ilog2();
    round_up(len, 1 << (below - 2))
}

const fn pages(len: u64) -> u64 {
    round_up(len, 4096)
}

/// Chunks of 16 bytes with 8 of them for the header, at least 24 usable; from 128 KiB on maps of its own. Source: `malloc.c` of
/// glibc, `request2size` and `sysmalloc`.
const fn libc(len: u64) -> u64 {
    if len >= 128 << 10 {
        return pages(len.saturating_add(16)) - 16;
    }
    let chunk = round_up(len + 8, 16);
    if chunk < 32 { 24 } else { chunk - 8 }
}

/// Rounds up, staying at the top instead of starting over.
const fn round_up(len: u64, to: u64) -> u64 {
    match len.checked_next_multiple_of(to) {
        Some(rounded) => rounded,
        None => !(to - 1),
    }
}

/// Classes of requests up to [`SMALL`], one per 8 bytes: no class ends between two multiples of 8.
static SMALL_CLASSES: [[u16; SMALL / 8 + 1]; 4] = {
    let mut rows = [[0; SMALL / 8 + 1]; 4];
    let mut a = 0;
    while a < 4 {
        let mut i = 0;
        while i <= SMALL / 8 {
            #[expect(clippy::cast_possible_truncation, reason = "at most 1,280")]
            let class = Allocator::ALL[a].class(i as u64 * 8) as u16;
            rows[a][i] = class;
            i += 1;
        }
        a += 1;
    }
    rows
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_the_allocators() {
        use Allocator::{JemallocBundled as Bundled, JemallocPackaged as Packaged, JemallocPaged as Paged};
        for (allocator, len, class) in [
            (Bundled, 0, 0),
            (Bundled, 1, 8),
            (Bundled, 9, 16),
            (Bundled, 17, 24),
            (Bundled, 49, 56),
            (Bundled, 64, 64),
            (Bundled, 65, 80),
            (Bundled, 129, 160),
            (Packaged, 17, 32),
            (Packaged, 33, 48),
            (Packaged, 128, 128),
            (Packaged, 129, 160),
            (Packaged, 257, 320),
            (Packaged, 1_025, 1_280),
            (Packaged, 1_000_010, 1_048_576),
            (Paged, 20_006, 20_480),
            (Paged, 32_768, 32_768),
            (Paged, 32_769, 36_864),
            (Paged, 1_000_010, 1_003_520),
            (Allocator::Libc, 1, 24),
            (Allocator::Libc, 24, 24),
            (Allocator::Libc, 25, 40),
        ] {
            assert_eq!(allocator.usable(len), class, "{allocator:?} {len}");
        }
    }

    #[test]
    fn table_and_formula_agree_and_grow() {
        for allocator in Allocator::ALL {
            let mut last = 0;
            for len in 0..3_000 {
                let usable = allocator.usable(len);
                assert_eq!(usable, allocator.class(len), "{allocator:?} {len}");
                assert!(usable >= len && usable >= last);
                last = usable;
            }
            assert!(allocator.usable(u64::MAX) > 1 << 62);
        }
    }
}
