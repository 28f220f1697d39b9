//! Keys made up to fill whatever is kept of keys: every one is another name, and the names try every way of being many.

use snaptape_analysis::{DatasetFold, KeyFacts};
use snaptape_report::{ByRelease, PatternOptions, RELEASES};

/// What the fold is asked to do besides.
pub(crate) fn options() -> PatternOptions {
    PatternOptions {
        templates: vec!["tenant:*:lock".into(), "**:end".into()],
        // One group for each key it fits.
        regex: Some("^rx-(.+)$".into()),
        ..PatternOptions::default()
    }
}

/// Adds keys that fill the tree of patterns just so far that nothing is folded which could fill it further.
pub(crate) fn add_patient(fold: &mut DatasetFold, numbers: std::ops::Range<u64>) {
    let mut name = String::new();
    for n in numbers {
        name.clear();
        let mut rest = n;
        for radix in [440, 60, 4, 1] {
            push_word(rest % radix, &mut name);
            name.push(':');
            rest /= radix;
        }
        name.push_str(["", "7:x", "7:x:y:z"][usize::try_from(n % 3).unwrap()]);
        fold.add(
            &KeyFacts {
                name: name.as_bytes(),
                memory_bytes: 1 << (n % 40),
                offset: n,
                ..KeyFacts::default()
            },
            None,
        );
    }
}

/// Adds the keys of these numbers.
pub(crate) fn add(fold: &mut DatasetFold, numbers: std::ops::Range<u64>) {
    let mut name = String::new();
    for n in numbers {
        make_name(n, &mut name);
        let encoding = ["raw", "listpack", "hashtable", "quicklist"][usize::try_from(n % 4).unwrap()];
        // Ever larger, in some releases: each key is among the biggest when it comes.
        let memory_bytes = 50 + n * 3 % 100_000 + u64::from(n.is_multiple_of(1000)) * n * 1000;
        let memory_by_release = ByRelease(std::array::from_fn(|i| match i % 3 {
            0 => memory_bytes,
            1 => n,
            _ => u64::MAX / 2 / RELEASES as u64 / (n + 1),
        }));
        fold.add(
            &KeyFacts {
                db: n % 100_000,
                name: name.as_bytes(),
                encoding,
                elements: Some(n % 50_000),
                expires_at_ms: n.is_multiple_of(3).then_some(i64::try_from(n * 1000).unwrap()),
                file_bytes: 30,
                payload_bytes: 20 + name.len() as u64,
                memory_bytes,
                memory_by_release,
                largest_element_bytes: n % 777_777,
                idle_s: n.is_multiple_of(2).then_some(n),
                freq: (!n.is_multiple_of(2)).then_some(n.to_le_bytes()[0]),
                offset: n,
                ..KeyFacts::default()
            },
            None,
        );
    }
}

fn make_name(n: u64, name: &mut String) {
    const CLASSES: [&str; 6] = ["7", "9c41ab07", "10.0.0.1", "2026-11-22", "12.5", "a@b.example"];
    const SEPARATORS: [char; 5] = [':', '/', '|', '#', ','];
    name.clear();
    let (kind, mut rest) = (n % 6, n / 6);
    let mut digit = |radix: u64| {
        let digit = rest % radix;
        rest /= radix;
        digit
    };
    match kind {
        // As many words at each place as are not folded yet.
        0 => {
            for radix in [500, 90, 90, 90, 90, 90] {
                push_word(digit(radix), name);
                name.push(':');
            }
        }
        // As many classes as there are, behind as many separators.
        1 => {
            for _ in 0..6 {
                name.push_str(CLASSES[usize::try_from(digit(6)).unwrap()]);
                name.push(SEPARATORS[usize::try_from(digit(5)).unwrap()]);
            }
        }
        // Words without end.
        2 => push_word(n, name),
        // Deeper and deeper.
        3 => {
            for _ in 0..digit(40) {
                push_word(digit(20), name);
                name.push('/');
            }
        }
        // Long ones.
        4 => {
            for _ in 0..digit(30) {
                name.push_str("long-and-longer_");
            }
        }
        // A group of the user's own.
        _ => name.push_str("rx-"),
    }
    push_word(n, name);
}

/// A word without digits for each number.
fn push_word(mut n: u64, out: &mut String) {
    out.push('w');
    loop {
        out.push(char::from(b'g' + u8::try_from(n % 20).unwrap()));
        n /= 20;
        if n == 0 {
            return;
        }
    }
}
