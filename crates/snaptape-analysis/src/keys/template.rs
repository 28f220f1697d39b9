//! A user's own shape of key names: `user:*:cart`, `log:**`.

/// Most pieces (bytes and stars) of a template: its states are the bits of a number.
const MAX_PIECES: usize = 127;

/// A template, ready to be compared with names. Every piece is a bit; one step per byte of a name moves all places where the name
/// may stand in the template at once, so that no template takes long.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// Which pieces are this byte.
    bytes: Box<[u128; 256]>,
    /// Pieces that take any bytes but separators.
    stars: u128,
    /// Pieces that take any bytes.
    double_stars: u128,
    /// Where it begins, and the stars that follow each other from there.
    start: u128,
    /// The bit behind its last piece.
    end: u128,
}

impl Template {
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let mut template = Self { bytes: Box::new([0; 256]), stars: 0, double_stars: 0, start: 0, end: 0 };
        let mut n = 0;
        let mut rest = text.as_bytes();
        while let Some((byte, behind)) = rest.split_first() {
            if n >= MAX_PIECES {
                return Err(format!("the template \"{text}\" has more than {MAX_PIECES} characters"));
            }
            rest = behind;
            let bit = 1 << n;
            n += 1;
            if *byte != b'*' {
                template.bytes[usize::from(*byte)] |= bit;
                continue;
            }
            let stars = rest.iter().take_while(|byte| **byte == b'*').count();
            rest = rest.get(stars..).unwrap_or_default();
            if stars > 0 {
                template.double_stars |= bit;
            } else {
                template.stars |= bit;
            }
        }
        if n == 0 {
            return Err("a template is empty".into());
        }
        template.end = 1 << n;
        template.start = template.past_stars(1);
        Ok(template)
    }

    /// A star may also take nothing. No two stand beside each other.
    fn past_stars(&self, places: u128) -> u128 {
        places | (places & (self.stars | self.double_stars)) << 1
    }

    pub(crate) fn fits(&self, name: &[u8], is_separator: impl Fn(u8) -> bool) -> bool {
        let mut places = self.start;
        for byte in name {
            let stars = if is_separator(*byte) { 0 } else { self.stars };
            let moved = (places & self.bytes[usize::from(*byte)]) << 1;
            places = self.past_stars(moved | places & (stars | self.double_stars));
            if places == 0 {
                return false;
            }
        }
        places & self.end != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stay_within_a_segment_and_double_stars_do_not() {
        for (template, fits, fits_not) in [
            (
                "user:*:cart",
                &["user:1:cart", "user::cart", "user:a-b:cart"][..],
                &["user:1:2:cart", "user:1:cart2", "xuser:1:cart", "user:cart"][..],
            ),
            ("log:**", &["log:", "log:a:b:c"], &["log", "alog:"]),
            ("**:lock", &[":lock", "a:b:lock", "a:lock:lock"], &["lock", "a:lock:"]),
            ("*", &["", "a"], &["a:b"]),
            ("a*b*c", &["abc", "aXbYc", "abbc", "abcbc"], &["abcb", "a:bc"]),
            ("***", &["", "a:b"], &[]),
            ("plain", &["plain"], &["plai", "plainn", ""]),
        ] {
            let compiled = Template::new(template).expect("short");
            let is_separator = |byte| byte == b':';
            for name in fits {
                assert!(compiled.fits(name.as_bytes(), is_separator), "{template} fits {name}");
            }
            for name in fits_not {
                assert!(!compiled.fits(name.as_bytes(), is_separator), "{template} does not fit {name}");
            }
        }
        assert!(Template::new("").is_err());
        assert!(Template::new(&"x".repeat(127)).is_ok_and(|t| t.fits(&[b'x'; 127], |_| false)));
        assert!(Template::new(&"x".repeat(128)).is_err());
    }
}
