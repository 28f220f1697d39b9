//! What a build says of itself: `<meta name="snaptape-build" content="0.0.0 1a2b3c app_bg.wasm=SUM worker_bg.wasm=SUM">`.

/// A build.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// Its version.
    pub version: &'a str,
    /// The commit it was built from, with `-changed` behind it where the files were not those of the commit.
    pub commit: &'a str,
    /// Names of its programs, and the SHA-256 of each.
    pub sums: Vec<(&'a str, &'a str)>,
}

impl<'a> Stamp<'a> {
    /// Reads it; nothing where it is not one.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (version, commit) = (words.next()?, words.next()?);
        let sums = words.map(|word| word.split_once('=')).collect::<Option<_>>()?;
        Some(Self { version, commit, sums })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read() {
        let stamp = Stamp::parse("0.1.0 1a2b-changed app_bg.wasm=00 worker_bg.wasm=ff").unwrap();
        assert_eq!((stamp.version, stamp.commit), ("0.1.0", "1a2b-changed"));
        assert_eq!(stamp.sums, [("app_bg.wasm", "00"), ("worker_bg.wasm", "ff")]);
        assert_eq!(Stamp::parse("0.1.0"), None);
        assert_eq!(Stamp::parse("0.1.0 1a2b nonsense"), None);
    }
}
