//! What a compressed string unpacks to.

use core::ops::Range;

use snaptape_rdb::Packing;
use snaptape_report::{ByteSpan, SpanKind};
use snaptape_wire::{StrHead, lzf};

use crate::{mark::Contents, packed, roles::Roles, tree::Tree, words};

/// Looks out for the compressed string that is to be unpacked, if one is.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    /// Where its compressed bytes begin.
    wanted: Option<u64>,
    window: Range<u64>,
    most: usize,
    pub(crate) found: Option<Found>,
}

/// What was found in it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) spans: Vec<ByteSpan>,
    pub(crate) end: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) total_bytes: u64,
    pub(crate) wrong: Option<String>,
}

impl Inside {
    pub(crate) fn new(wanted: u64, window: Range<u64>, most: usize) -> Self {
        Self { wanted: Some(wanted), window, most, found: None }
    }

    /// Is it in there?
    pub(crate) fn wants(&self, span: &Range<u64>) -> bool {
        self.found.is_none() && self.wanted.is_some_and(|wanted| span.contains(&wanted))
    }

    /// Takes a string apart if it is the one.
    pub(crate) fn look(&mut self, contents: Contents, rest: &[u8], packing: Option<(Packing, Roles)>) {
        let StrHead::Lzf { len, .. } = contents.head else { return };
        if self.wanted != Some(contents.start) || self.found.is_some() {
            return;
        }
        let stored = usize::try_from(contents.stored).unwrap_or(usize::MAX);
        let mut whole = Vec::new();
        let result = lzf::decode(rest.get(..stored).unwrap_or_default(), len, &mut whole);
        let total_bytes = whole.len() as u64;
        let mut tree = Tree::new(self.window.clone(), self.most);
        match packing {
            Some((packing, roles)) if result.is_ok() => packed::blob(&whole, 0, packing, roles, &mut tree),
            _ => {
                let about = "The string as a client gets it.";
                tree.leaf(0..total_bytes, SpanKind::Text, "bytes", || words::text(&whole), about);
            }
        }
        let (spans, end) = tree.finish(total_bytes, false);
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(whole.len());
        let bytes = whole.get(at(self.window.start)..at(self.window.end)).unwrap_or_default().to_vec();
        let wrong = result.err().map(|error| format!("It does not unpack: {}.", error.kind()));
        self.found = Some(Found { spans, end: end.min(total_bytes), bytes, total_bytes, wrong });
    }
}
