//! One key: whatever is at the offset that is asked for, and whatever place it is read from.

use snaptape_engine::{
    ElementSearch, ElementsAsked, InputFile, Job, KeyAsked, KeyQuestion, KeyRead, Options, Source,
};
use snaptape_report::{Format, KeyAnswer, KeyPage, KeyPlace};

use crate::Random;

/// Most keys of an input that are looked at.
const MAX_KEYS: usize = 6;
/// More reads than any of these inputs needs.
const MAX_READS: u32 = 10_000;

/// Every question gets an answer or a sentence, and pages together are the whole.
pub(crate) fn key(input: &[u8]) {
    let inputs = vec![InputFile { path: "input".into(), bytes: input.len() as u64 }];
    let Ok(mut job) = Job::new(inputs, Options::default()) else { return };
    let mut keys = Vec::new();
    while !job.is_done() {
        while let Some(request) = job.next_read() {
            let start = usize::try_from(request.offset).unwrap_or(usize::MAX);
            let bytes = input.get(start..start.saturating_add(request.len)).unwrap_or_default();
            job.feed_keys(&request, bytes, |key, _| keys.push((key.offset, key.db)));
        }
    }
    let sources = job.finish().sources;
    let mut random = Random::new(input.len() as u64 ^ 0x6b65_7973);
    for source in sources.iter().take(2) {
        for (offset, db) in keys.iter().take(MAX_KEYS) {
            questions(input, source, *offset, *db, &mut random);
        }
        // Where no key begins.
        for _ in 0..3 {
            let offset = random.below(input.len() + 2) as u64;
            questions(input, source, offset, 0, &mut random);
        }
    }
}

fn questions(input: &[u8], source: &Source, offset: u64, db: u64, random: &mut Random) {
    let ask = |place, question| ask(input, source, KeyAsked { offset, db, place, question });
    let survey =
        KeyQuestion::Survey { target: Some("redis-8.0".into()), allocator: None, digest: true, now_ms: 0 };
    let Ok(KeyAnswer::Survey(survey)) = ask(None, survey) else { return };
    let parts: u64 = survey.memory_parts.iter().map(|part| part.memory_bytes).sum();
    assert_eq!(parts, survey.memory_bytes);
    let elements = |place, from, limit, search| {
        let asked = ElementsAsked { from, limit, text_bytes: 100, search, unnamed: false };
        match ask(place, KeyQuestion::Elements(asked)) {
            Ok(KeyAnswer::Page(page)) => Some(*page),
            _ => None,
        }
    };
    let Some(all) = elements(None, 0, 200, None) else { return };
    if all.at_end {
        let mut rows = Vec::new();
        while let Some(KeyPage { rows: more, .. }) = elements(None, rows.len() as u64, 7, None)
            && !more.is_empty()
        {
            rows.extend(more);
        }
        assert!(rows == all.rows, "pages are not the whole");
    }
    for place in survey.places.iter().take(2) {
        let Some(page) = elements(Some(*place), place.element, 3, None) else {
            panic!("a place leads nowhere")
        };
        if let Some(rest) =
            all.rows.get(usize::try_from(place.element).unwrap_or(usize::MAX)..).filter(|_| all.at_end)
        {
            assert!(page.rows == rest[..rest.len().min(3)], "a place leads somewhere else");
        }
    }
    let search = ElementSearch { bytes: vec![b'a'], any_case: true };
    let found = elements(None, 0, 3, Some(search));
    assert!(found.is_none_or(|page| page.rows.len() as u64 <= page.matches));
    // A place that was made up.
    let place = KeyPlace {
        element: random.below(100) as u64,
        offset: random.below(input.len() + 9) as u64,
        left: [0, 1, 1 << 40, u64::MAX][random.below(4)],
        done: [0, 1, u64::MAX][random.below(3)],
        min_expiry_ms: [None, Some(i64::MIN), Some(i64::MAX)][random.below(3)],
    };
    elements(Some(place), place.element, 3, None);
    let format = Format::ALL[random.below(Format::ALL.len())];
    for text in 0..2 {
        let question = KeyQuestion::Text {
            element: 0,
            text,
            from: 0,
            len: 1 << 16,
            format: Some(format),
            unnamed: text == 1,
        };
        let _ = ask(None, question);
    }
    let _ = ask(None, KeyQuestion::Bits);
    let _ = ask(None, KeyQuestion::Commands { held_bytes: 1 << 16 });
    let _ = ask(None, KeyQuestion::Payload { held_bytes: 1 << 16 });
}

fn ask(input: &[u8], source: &Source, asked: KeyAsked) -> Result<KeyAnswer, String> {
    let mut read = KeyRead::new(source, asked).with_gap(50);
    let mut reads = 0;
    while let Some(request) = read.next_read() {
        reads += 1;
        assert!(reads < MAX_READS, "it does not come to an end");
        let start = usize::try_from(request.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(request.len).min(input.len());
        read.feed(&request, input.get(start..end).unwrap_or_default());
    }
    read.finish()
}

/// Bytes looked at in every way.
pub(crate) fn look(input: &[u8]) {
    for format in Format::ALL {
        for (from, len) in [(0, input.len() as u64), (0, input.len() as u64 + 5), (7, 1 << 40)] {
            let look = snaptape_values::look(input, from, len, format);
            assert!(from > 0 || !look.guesses.is_empty());
        }
    }
}

/// Strings of every kind.
pub(crate) fn strings() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 10] = [
        br#"{"a":[1,2.5e3,null,true,{"b":"\u00e9\ud83d\ude00\n"}],"c":"d"}"#,
        b"\x99\x82\xa1a\x01\x02\xff\xd1\xff\x38\xce\x00\x01\x11\x70\xcf\x80\0\0\0\0\0\0\0\xcb\x3f\xf8\0\0\0\0\0\0\xc0\xc3\xc4\x01\0\xa2\xc3\xa9",
        b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xab\x56\x4a\x54\xb2\x8a\x36\xd4\x31\x8a\xad\x05\0\x84\xdb\xd6\x17\x0b\0\0\0",
        b"x\x9c\xcbH\xcd\xc9\xc9W\xc8@\x90\x00:.\x06}",
        b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x82\x7f\xfc",
        b"a:1:{s:1:\"k\";i:5;}",
        b"\x80\x04\x95\x05\0\0\0\0\0\0\0]\x94.",
        b"\x0a\x02\xff\xfe\x10\x96\x01\x1d\0\0\x80\x3f",
        b"1700000000123",
        "grüß dich".as_bytes(),
    ];
    texts.iter().map(|text| text.to_vec()).collect()
}
