//! RedisBloom's sketches: count-min, top-k, t-digest.

use snaptape_report::units;

use super::{Layout, Next, out::Out};
use crate::number;

/// `CMSk-TYPE`. Source: RedisBloom, src/rm_cms.c, `CMSRdbSave`.
#[derive(Debug, Default)]
pub(super) struct CountMin {
    /// Width, depth, count, counters.
    at: u8,
    width: u64,
    depth: u64,
    count: u64,
    bytes: u64,
}

impl Layout for CountMin {
    fn next(&self) -> Next {
        match self.at {
            0..=2 => Next::Uint,
            3 => Next::Pass,
            _ => Next::End,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        let (name, field) = match self.at {
            0 => ("width", &mut self.width),
            1 => ("depth", &mut self.depth),
            _ => ("count", &mut self.count),
        };
        *field = n;
        out.number(name, n);
        self.at += 1;
        Some(())
    }

    fn text(&mut self, len: u64, out: &mut Out<'_, '_>) -> Option<()> {
        if self.width.checked_mul(self.depth)?.checked_mul(4)? != len {
            return None;
        }
        self.bytes = len;
        out.begin(format_args!("counters of 32 bits"));
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        out.end();
        self.at += 1;
    }

    fn sentence(&self) -> String {
        format!(
            "Count-min sketch: {} in each of {}, {} counted in all, {}",
            units::plural(self.width, "counter", "counters"),
            units::plural(self.depth, "row", "rows"),
            units::count(self.count),
            units::bytes(self.bytes)
        )
    }
}

/// `TopK-TYPE`. Source: RedisBloom, src/rm_topk.c, `TopKRdbSave`; src/topk.h.
#[derive(Debug, Default)]
pub(super) struct TopK {
    at: TopKAt,
    k: u64,
    width: u64,
    depth: u64,
    decay: f64,
    /// The heap as it stood in memory: fingerprint, length, pointer, count for each item.
    heap: Vec<u8>,
    /// Items so far, and those that are none.
    items: u64,
    unused: u64,
    bytes: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum TopKAt {
    #[default]
    K,
    Width,
    Depth,
    Decay,
    Buckets,
    Heap,
    Items,
}

/// Bytes of an item in the heap on a 64-bit machine, and where its count stands.
const HEAP_ITEM: u64 = 24;
const HEAP_COUNT: usize = 16;

impl TopK {
    fn count(&self) -> Option<u32> {
        let start = usize::try_from(self.items.checked_mul(HEAP_ITEM)?).ok()?.checked_add(HEAP_COUNT)?;
        let bytes = self.heap.get(start..start.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }
}

impl Layout for TopK {
    fn next(&self) -> Next {
        match self.at {
            TopKAt::K | TopKAt::Width | TopKAt::Depth => Next::Uint,
            TopKAt::Decay => Next::Double,
            TopKAt::Buckets => Next::Pass,
            TopKAt::Items if self.items >= self.k => Next::End,
            TopKAt::Heap | TopKAt::Items => Next::Hold,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        let (name, field, next) = match self.at {
            TopKAt::K => ("k", &mut self.k, TopKAt::Width),
            TopKAt::Width => ("width", &mut self.width, TopKAt::Depth),
            _ => ("depth", &mut self.depth, TopKAt::Decay),
        };
        *field = n;
        out.number(name, n);
        self.at = next;
        Some(())
    }

    fn double(&mut self, n: f64, out: &mut Out<'_, '_>) -> Option<()> {
        self.decay = n;
        out.double("decay", n);
        self.at = TopKAt::Buckets;
        Some(())
    }

    fn text(&mut self, len: u64, out: &mut Out<'_, '_>) -> Option<()> {
        if self.width.checked_mul(self.depth)?.checked_mul(8)? != len {
            return None;
        }
        self.bytes = len;
        out.begin(format_args!("buckets: fingerprint and count of 32 bits each"));
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        out.end();
        self.at = TopKAt::Heap;
    }

    fn held(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> Option<()> {
        if self.at == TopKAt::Heap {
            if self.k.checked_mul(HEAP_ITEM)? != bytes.len() as u64 {
                return None;
            }
            self.heap = bytes.to_vec();
            self.at = TopKAt::Items;
            return Some(());
        }
        let count = self.count()?;
        // With the zero at its end; an unused place is that zero alone.
        let (zero, item) = bytes.split_last()?;
        if *zero != 0 {
            return None;
        }
        self.items += 1;
        if item.is_empty() {
            self.unused += 1;
            return Some(());
        }
        out.begin(format_args!("item {}", self.items));
        out.text(b"item");
        out.text(item);
        out.pair("count", format_args!("{count}"));
        out.end();
        Some(())
    }

    fn sentence(&self) -> String {
        format!(
            "Top-k: {} of the {} most frequent items, {} by {} buckets, decay {}, {}",
            units::count(self.items - self.unused),
            units::count(self.k),
            units::count(self.width),
            units::count(self.depth),
            number::double(self.decay),
            units::bytes(self.bytes.saturating_add(self.heap.len() as u64))
        )
    }
}

/// `TDIS-TYPE`. Source: RedisBloom, src/rm_tdigest.c, `TDigestRdbSave`.
#[derive(Debug, Default)]
pub(super) struct TDigest {
    /// The place among the fields before the centroids.
    at: usize,
    compression: f64,
    min: f64,
    max: f64,
    centroids: u64,
    weight: f64,
    /// Of the centroids; their weights follow behind the last mean.
    means: Vec<f64>,
    weights: u64,
}

/// Fields before the centroids: is it a number, and its name.
const DIGEST: [(bool, &str); 9] = [
    (false, "compression"),
    (false, "min"),
    (false, "max"),
    (true, "capacity"),
    (true, "merged nodes"),
    (true, "unmerged nodes"),
    (true, "total compressions"),
    (false, "merged weight"),
    (false, "unmerged weight"),
];
/// Most centroids that are held. The module makes about six for each unit of its compression.
const MAX_CENTROIDS: usize = 1 << 20;

impl Layout for TDigest {
    fn next(&self) -> Next {
        match DIGEST.get(self.at) {
            Some((true, _)) => Next::Uint,
            None if self.weights >= self.centroids => Next::End,
            _ => Next::Double,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        let (_, name) = DIGEST.get(self.at)?;
        if *name == "merged nodes" {
            self.centroids = n;
        }
        out.row(format_args!("{name}"), format_args!("{}", n.cast_signed()));
        self.at += 1;
        Some(())
    }

    fn double(&mut self, n: f64, out: &mut Out<'_, '_>) -> Option<()> {
        let Some((_, name)) = DIGEST.get(self.at) else {
            if (self.means.len() as u64) < self.centroids {
                if self.means.len() >= MAX_CENTROIDS {
                    return None;
                }
                self.means.push(n);
                return Some(());
            }
            let mean = *self.means.get(usize::try_from(self.weights).ok()?)?;
            self.weights += 1;
            out.begin(format_args!("centroid {}", self.weights));
            out.double_pair("mean", mean);
            out.double_pair("weight", n);
            out.end();
            return Some(());
        };
        match *name {
            "compression" => self.compression = n,
            "min" => self.min = n,
            "max" => self.max = n,
            "merged weight" | "unmerged weight" => self.weight += n,
            _ => {}
        }
        out.double(name, n);
        self.at += 1;
        Some(())
    }

    fn sentence(&self) -> String {
        let range = if self.weight > 0.0 {
            format!(" from {} to {}", number::double(self.min), number::double(self.max))
        } else {
            String::new()
        };
        format!(
            "t-digest: {} observations{range} in {}, compression {}",
            number::double(self.weight),
            units::plural(self.centroids, "centroid", "centroids"),
            number::double(self.compression)
        )
    }
}
