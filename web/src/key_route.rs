//! What the address says of the key that is looked at: `key=0.1234&from=100&find=abc&open=7.1&as=json`.

use core::fmt::Write as _;

use snaptape_report::Format;

/// The key, and what of it is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRoute {
    /// Index of its file in the report.
    pub file: u32,
    /// Offset of its entry in the contents of that file.
    pub offset: u64,
    /// Its database; the file says it elsewhere.
    pub db: u64,
    /// The first element of the page.
    pub from: u64,
    /// Text that elements have to have.
    pub find: String,
    /// The string that is looked at: its element, and which string of that.
    pub open: Option<(u64, u64)>,
    /// Where the window of the string begins.
    pub at: u64,
    /// The way to look at it.
    pub format: Format,
}

impl KeyRoute {
    /// The front of a key.
    pub fn new(file: u32, offset: u64, db: u64) -> Self {
        Self { file, offset, db, from: 0, find: String::new(), open: None, at: 0, format: Format::Auto }
    }

    /// Takes a pair of the address; says whether it was one of its own. `key` comes first.
    pub fn take(key: &mut Option<Self>, name: &str, word: &str) -> bool {
        if name == "key" {
            *key = Self::parse(word);
            return true;
        }
        let Some(key) = key else { return false };
        match name {
            "from" => key.from = word.parse().unwrap_or(0),
            "find" => key.find = decode(word),
            "open" => {
                key.open = word.split_once('.').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
            }
            "window" => key.at = word.parse().unwrap_or(0),
            "as" => key.format = Format::from_id(word).unwrap_or_default(),
            _ => return false,
        }
        true
    }

    fn parse(word: &str) -> Option<Self> {
        let mut parts = word.split('.');
        let (file, offset) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let db = parts.next().map_or(Some(0), |db| db.parse().ok())?;
        Some(Self::new(file, offset, db))
    }

    /// Adds its pairs.
    pub fn push_to(&self, query: &mut Vec<String>) {
        let db = if self.db == 0 { String::new() } else { format!(".{}", self.db) };
        query.push(format!("key={}.{}{db}", self.file, self.offset));
        if self.from > 0 {
            query.push(format!("from={}", self.from));
        }
        if !self.find.is_empty() {
            query.push(format!("find={}", encode(&self.find)));
        }
        if let Some((element, text)) = self.open {
            query.push(format!("open={element}.{text}"));
        }
        if self.at > 0 {
            query.push(format!("window={}", self.at));
        }
        if self.format != Format::Auto {
            query.push(format!("as={}", self.format.id()));
        }
    }
}

/// Text as it may stand in the address.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The text again.
fn decode(word: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let hex = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
        if let (b'%', Some(high), Some(low)) = (first, hex(behind.first()), hex(behind.get(1))) {
            bytes.extend(u8::try_from(high << 4 | low));
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(route: &KeyRoute) -> Option<KeyRoute> {
        let mut query = Vec::new();
        route.push_to(&mut query);
        let mut key = None;
        for pair in &query {
            let (name, word) = pair.split_once('=').unwrap();
            assert!(KeyRoute::take(&mut key, name, word), "{pair}");
        }
        key
    }

    #[test]
    fn keys_come_back() {
        let plain = KeyRoute::new(0, 1234, 0);
        assert_eq!(again(&plain), Some(plain.clone()));
        let all = KeyRoute {
            from: 100,
            find: "50 % of é&=#?".into(),
            open: Some((7, 1)),
            at: 65_536,
            format: Format::MessagePack,
            ..KeyRoute::new(3, u64::MAX, 15)
        };
        assert_eq!(again(&all), Some(all));
    }

    #[test]
    fn nonsense_is_no_key() {
        for word in ["", "1", "1.x", "x.1", "1.2.x"] {
            let mut key = None;
            assert!(KeyRoute::take(&mut key, "key", word) && key.is_none(), "{word}");
        }
        assert!(!KeyRoute::take(&mut None, "from", "1"));
        assert_eq!(decode("%zz%4"), "%zz%4");
    }
}
