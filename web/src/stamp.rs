//! What a build says of itself: `<meta name="snaptape-build" content="0.0.0 1a2b3c SUM">`.

/// A build.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// Its version.
    pub version: &'a str,
    /// The commit it was built from, with `-changed` behind it where the files were not those of the commit.
    pub commit: &'a str,
    /// The SHA-256 of what `sha256sum` says of all its code.
    pub sum: &'a str,
}

impl<'a> Stamp<'a> {
    /// Reads it; nothing where it is not one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (version, commit, sum) = (words.next()?, words.next()?, words.next()?);
        words.next().is_none().then_some(Self { version, commit, sum })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read() {
        let stamp = Stamp::parse("0.1.0 1a2b-changed 00ff").unwrap();
        assert_eq!((stamp.version, stamp.commit, stamp.sum), ("0.1.0", "1a2b-changed", "00ff"));
        assert_eq!(Stamp::parse("0.1.0 1a2b"), None);
        assert_eq!(Stamp::parse("0.1.0 1a2b 00 nonsense"), None);
    }
}
