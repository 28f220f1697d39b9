//! Patterns as KEYS has them.

/// Does a name fit a pattern with `*`, `?`, `[a-z]`, `[^a]` and `\x`? As KEYS compares them; takes at most length times length.
pub fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut byte) = (0, 0);
    // Where the last star stands, and how much it takes.
    let mut star: Option<(usize, usize)> = None;
    while byte < name.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at + 1, byte));
            at += 1;
            continue;
        }
        if let Some(next) = name.get(byte).and_then(|byte| one(pattern, at, *byte)) {
            (at, byte) = (next, byte + 1);
            continue;
        }
        let Some((behind, taken)) = star else { return false };
        star = Some((behind, taken + 1));
        (at, byte) = (behind, taken + 1);
    }
    pattern.get(at..).unwrap_or_default().iter().all(|rest| *rest == b'*')
}

/// Where the pattern goes on behind its piece at `at`, if that fits the byte.
fn one(pattern: &[u8], at: usize, byte: u8) -> Option<usize> {
    match *pattern.get(at)? {
        b'?' => Some(at + 1),
        b'[' => {
            let (fits, end) = class(pattern, at + 1, byte);
            fits.then_some(end)
        }
        b'\\' if at + 1 < pattern.len() => (pattern.get(at + 1) == Some(&byte)).then_some(at + 2),
        literal => (literal == byte).then_some(at + 1),
    }
}

/// Is the byte in the class whose contents begin at `at`, and where does the pattern go on? A class that is not closed ends with the
/// pattern.
fn class(pattern: &[u8], mut at: usize, byte: u8) -> (bool, usize) {
    let negated = pattern.get(at) == Some(&b'^');
    at += usize::from(negated);
    let mut fits = false;
    loop {
        match pattern.get(at) {
            None => return (fits != negated, at),
            Some(b']') => return (fits != negated, at + 1),
            Some(b'\\') if at + 1 < pattern.len() => {
                fits |= pattern.get(at + 1) == Some(&byte);
                at += 2;
            }
            Some(&from) => {
                if let (Some(b'-'), Some(&to)) = (pattern.get(at + 1), pattern.get(at + 2)) {
                    fits |= (from.min(to)..=from.max(to)).contains(&byte);
                    at += 3;
                } else {
                    fits |= from == byte;
                    at += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_for_keys() {
        for (pattern, yes, no) in [
            (
                "user:*:cart",
                &["user:1:cart", "user::cart", "user:1:2:cart"][..],
                &["user:1", "xuser:1:cart"][..],
            ),
            ("*", &["", "a", "a:b"], &[]),
            ("?", &["a"], &["", "ab"]),
            ("a[b-d]e", &["abe", "ade"], &["aae", "ae"]),
            ("a[^b]", &["ac"], &["ab", "a"]),
            ("a\\*b", &["a*b"], &["aab"]),
            ("[a-", &["a"], &["b"]),
            ("**a**", &["a", "bab"], &["b"]),
            ("", &[""], &["a"]),
            ("a*b*c", &["abc", "aXbYbc"], &["acb"]),
            ("[]]", &[], &["]"]),
        ] {
            for name in yes {
                assert!(fits(pattern.as_bytes(), name.as_bytes()), "{pattern} fits {name}");
            }
            for name in no {
                assert!(!fits(pattern.as_bytes(), name.as_bytes()), "{pattern} does not fit {name}");
            }
        }
        // Nothing takes for ever.
        assert!(!fits(&b"*a".repeat(200), &b"a".repeat(150)));
    }
}
