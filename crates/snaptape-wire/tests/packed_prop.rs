//! The packed encodings never panic, whatever stands in them.

use proptest::prelude::*;
use snaptape_wire::packed::{Intset, Listpack, Ziplist, Zipmap, survey};

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(mut blob in prop::collection::vec(any::<u8>(), 0..200)) {
        for headed in [false, true] {
            if headed && blob.len() > 4 {
                // With a length field that fits, so that the entries are reached.
                let len = u32::try_from(blob.len()).unwrap().to_le_bytes();
                blob[..4].copy_from_slice(&len);
                *blob.last_mut().unwrap() = 0xff;
            }
            let _ = Listpack::new(&blob).and_then(survey);
            let _ = Ziplist::new(&blob).and_then(survey);
            let _ = Intset::new(&blob).and_then(survey);
            let _ = Zipmap::new(&blob).and_then(survey);
            // What the strict walk takes, the plain one takes, too, with the same entries.
            if let Ok(list) = Listpack::new(&blob) {
                let mut strict = list.clone();
                let strict: Result<Vec<_>, _> = core::iter::from_fn(|| strict.next_strict()).collect();
                prop_assert!(strict.is_err() || strict == list.collect());
            }
            if let Ok(list) = Ziplist::new(&blob) {
                let mut strict = list.clone();
                let strict: Result<Vec<_>, _> = core::iter::from_fn(|| strict.next_strict()).collect();
                prop_assert!(strict.is_err() || strict == list.collect());
            }
        }
    }
}
