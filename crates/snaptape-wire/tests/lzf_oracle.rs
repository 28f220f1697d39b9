//! Our LZF decoder against the crate `lzf`, an independent port of the original.

use proptest::prelude::*;
use snaptape_wire::lzf;

/// Text that compresses: few letters, repeated pieces.
fn compressible() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((prop::sample::select(b"abcd01{}\n".to_vec()), 1_usize..300), 1..60)
        .prop_map(|runs| runs.into_iter().flat_map(|(byte, n)| std::iter::repeat_n(byte, n)).collect())
}

proptest! {
    #[test]
    fn what_it_packs_we_unpack(text in compressible()) {
        if let Ok(packed) = ::lzf::compress(&text) {
            let mut out = vec![];
            lzf::decode(&packed, text.len() as u64, &mut out).unwrap();
            prop_assert_eq!(&out, &text);
            let mut front = vec![0; text.len() / 2];
            lzf::decode_front(&packed, &mut front).unwrap();
            prop_assert_eq!(&front, &text[..text.len() / 2]);
        }
    }

    #[test]
    fn what_is_damaged_is_judged_alike(text in compressible(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        if let Ok(mut packed) = ::lzf::compress(&text) {
            let at = at.index(packed.len());
            packed[at] = byte;
            let mut ours = vec![];
            let result = lzf::decode(&packed, text.len() as u64, &mut ours);
            let mut checker = lzf::Checker::new(text.len() as u64);
            packed.chunks(3).for_each(|chunk| checker.update(chunk));
            prop_assert_eq!(checker.finish().is_ok(), result.is_ok());
            prop_assert_eq!(lzf::check(&packed, text.len() as u64).is_ok(), result.is_ok());
            // The crate calls a short output a success: compare what both call complete.
            match ::lzf::decompress(&packed, text.len()) {
                Ok(theirs) if theirs.len() == text.len() => {
                    prop_assert!(result.is_ok());
                    prop_assert_eq!(ours, theirs);
                }
                _ => prop_assert!(result.is_err()),
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(packed in prop::collection::vec(any::<u8>(), 0..200), len in 0_u64..4000) {
        let unpacked = lzf::decode(&packed, len, &mut vec![]);
        prop_assert_eq!(lzf::check(&packed, len).is_ok(), unpacked.is_ok());
    }
}
