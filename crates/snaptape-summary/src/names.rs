//! Names of keys in a document for strangers: as they are, masked, or hashed.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use snaptape_report::{FindingKind, KeyName, units};

/// How names are given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Naming {
    /// As they are.
    #[default]
    Shown,
    /// Their shape alone: letters become `x`, digits `9`, separators stay, and a number tells names apart.
    Masked,
    /// The first twelve hex digits of the SHA-256 of this salt and the name. Equal names have equal hashes in documents with the same
    /// salt. The salt stays out of the document: names of keys can be guessed (`user:1042`), and whoever has the salt can try them.
    Hashed(Salt),
}

impl Naming {
    /// Its word: `shown`, `masked`, `hashed`.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Masked => "masked",
            Self::Hashed(_) => "hashed",
        }
    }

    /// Are names left out in every form that gives them away?
    pub fn is_hiding(&self) -> bool {
        *self != Self::Shown
    }

    /// What a reader of the document has to know.
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::Shown => "Names of keys are shown as they are; values are never part of this document.",
            Self::Masked => {
                "Names of keys are masked: letters are x, digits 9, separators as they are; #1, #2 tell names apart. Values are never part \
                 of this document."
            }
            Self::Hashed(_) => {
                "Names of keys are hashed with a salt that whoever made this document was told: equal names have equal hashes, here and in \
                 documents with the same salt. Values are never part of this document."
            }
        }
    }
}

/// What is put before each name that is hashed: 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salt(String);

impl Salt {
    /// Of random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(hex(&random))
    }

    /// Of its digits, as [`Salt::digits`] gives them.
    pub fn parse(digits: &str) -> Option<Self> {
        let is_hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| Self(digits.to_ascii_lowercase()))
    }

    /// Its digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// How to find the hash of a name.
    pub fn recipe(&self) -> String {
        format!("printf %s '{}' 'NAME' | sha256sum | cut -c1-12", self.0)
    }
}

/// Longest masked name.
const MAX_MASKED: usize = 48;

/// The shapes that patterns fold parts of names into.
const FOLDS: [&str; 13] = [
    "{bytes}", "{date}", "{email}", "{hex}", "{int}", "{ip}", "{long}", "{number}", "{rest}", "{token}",
    "{uuid}", "{word}", // Keys of patterns that are not listed.
    "(other)",
];

/// Gives names as they were asked for.
#[derive(Debug, Clone, Default)]
pub struct Names {
    naming: Naming,
    numbers: BTreeMap<Vec<u8>, usize>,
}

impl Names {
    /// None given yet.
    pub fn new(naming: Naming) -> Self {
        Self { naming, numbers: BTreeMap::new() }
    }

    /// How they are given.
    pub fn naming(&self) -> &Naming {
        &self.naming
    }

    /// The name of a key.
    pub fn key(&mut self, name: &KeyName) -> String {
        match &self.naming {
            Naming::Shown => name.display(),
            Naming::Masked => self.masked(&name.to_bytes()),
            Naming::Hashed(salt) => hashed(salt, &name.to_bytes()),
        }
    }

    /// The shape of names; what was folded stays folded.
    pub fn pattern(&mut self, pattern: &str) -> String {
        match &self.naming {
            Naming::Shown => units::printable(pattern.as_bytes()),
            // A pattern without a fold is a name.
            Naming::Masked => self.masked(pattern.as_bytes()),
            Naming::Hashed(salt) => hashed(salt, pattern.as_bytes()),
        }
    }

    /// A sentence that may quote names, or what may be said in its place.
    pub fn message(&self, kind: FindingKind, message: &str) -> String {
        if self.naming.is_hiding() { crate::kinds::sentence(kind).into() } else { message.into() }
    }

    fn masked(&mut self, name: &[u8]) -> String {
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(name.to_vec()).or_insert(next);
        let text = mask(name);
        let cut = text.chars().count() > MAX_MASKED;
        let text: String = text.chars().take(MAX_MASKED).collect();
        format!("{text}{} #{number}", if cut { "…" } else { "" })
    }
}

fn hashed(salt: &Salt, name: &[u8]) -> String {
    let digest = Sha256::new().chain_update(salt.0.as_bytes()).chain_update(name).finalize();
    hex(&digest[..6])
}

/// Letters become `x`, digits `9`; ASCII signs stay, and so do folds; anything else is `?`.
fn mask(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let mut rest = text.as_ref();
    let mut out = String::new();
    while let Some(c) = rest.chars().next() {
        if let Some(fold) = FOLDS.into_iter().find(|fold| rest.starts_with(fold)) {
            out.push_str(fold);
            rest = &rest[fold.len()..];
            continue;
        }
        out.push(match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_alphabetic() => 'x',
            c if c.is_ascii_punctuation() || c == ' ' => c,
            _ => '?',
        });
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(naming: Naming) -> (String, String, String) {
        let mut names = Names::new(naming);
        let key = KeyName::new(b"user:1042:profile");
        let first = names.key(&key);
        let other = names.key(&KeyName::new(b"user:1043:profile"));
        assert_eq!(names.key(&key), first, "equal names are given alike");
        assert_ne!(first, other, "others are not");
        (first, other, names.pattern("user:{int}:profile"))
    }

    #[test]
    fn as_they_are() {
        let (first, _, pattern) = names(Naming::Shown);
        assert_eq!((first.as_str(), pattern.as_str()), ("user:1042:profile", "user:{int}:profile"));
    }

    #[test]
    fn masked_names_keep_their_shape() {
        let (first, other, pattern) = names(Naming::Masked);
        assert_eq!((first.as_str(), other.as_str()), ("xxxx:9999:xxxxxxx #1", "xxxx:9999:xxxxxxx #2"));
        assert_eq!(pattern, "xxxx:{int}:xxxxxxx #3");
        let mut names = Names::new(Naming::Masked);
        assert_eq!(names.key(&KeyName::new("Straße\u{202e}\n|`<".as_bytes())), "xxxxxx??|`< #1");
        assert_eq!(names.key(&KeyName::new(&[0xff, b'a'])), "?x #2");
        let long = names.key(&KeyName::new(&[b'a'; 500]));
        assert!(long.ends_with("x… #3") && long.chars().count() == 52, "{long}");
    }

    #[test]
    fn hashes_are_what_the_recipe_gives() {
        let salt = Salt::new([0xab; 16]);
        let (first, _, _) = names(Naming::Hashed(salt.clone()));
        // printf %s abab...ab 'user:1042:profile' | sha256sum | cut -c1-12
        assert_eq!(first, hex(&Sha256::digest(format!("{}user:1042:profile", "ab".repeat(16)))[..6]));
        assert_eq!(first.len(), 12);
        assert_eq!(Salt::parse(salt.digits()), Some(salt));
        assert_eq!(Salt::parse("xyz"), None);
        let (again, _, _) = names(Naming::Hashed(Salt::new([1; 16])));
        assert_ne!(first, again, "another salt, another hash");
    }
}
