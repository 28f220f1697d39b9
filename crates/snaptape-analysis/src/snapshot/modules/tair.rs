//! The open-source modules of Alibaba's Tair.

use super::{Contents, Field};

/// `exstrtype`, a string with a version: version, flags, value.
#[derive(Debug, Default)]
pub(crate) struct ExString {
    fields: u8,
    payload_bytes: u64,
}

impl ExString {
    pub(super) fn field(&mut self, field: Field) -> Option<()> {
        match self.fields {
            0 | 1 => {
                field.uint()?;
            }
            2 => self.payload_bytes = field.text()?,
            _ => return None,
        }
        self.fields += 1;
        Some(())
    }

    pub(super) fn contents(&self) -> Option<Contents> {
        (self.fields == 3).then_some(Contents { elements: 1, payload_bytes: self.payload_bytes })
    }
}

/// `tairhash-`, a hash with expiry and version per field: number of fields, key, then per field: name, version, expiry in
/// Unix milliseconds, value.
#[derive(Debug, Default)]
pub(crate) struct ExHash {
    at: HashAt,
    left: u64,
    contents: Contents,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum HashAt {
    #[default]
    Count,
    Key,
    Name,
    Version,
    Expiry,
    Value,
    End,
}

impl ExHash {
    pub(super) fn field(&mut self, field: Field) -> Option<()> {
        self.at = match self.at {
            HashAt::Count => {
                self.left = field.uint()?;
                self.contents.elements = self.left;
                HashAt::Key
            }
            HashAt::Key => {
                field.text()?;
                self.next()
            }
            HashAt::Name => {
                self.add(field)?;
                HashAt::Version
            }
            HashAt::Version => {
                field.uint()?;
                HashAt::Expiry
            }
            HashAt::Expiry => {
                field.uint()?;
                HashAt::Value
            }
            HashAt::Value => {
                self.add(field)?;
                self.left -= 1;
                self.next()
            }
            HashAt::End => return None,
        };
        Some(())
    }

    fn add(&mut self, field: Field) -> Option<()> {
        self.contents.payload_bytes = self.contents.payload_bytes.saturating_add(field.text()?);
        Some(())
    }

    fn next(&self) -> HashAt {
        if self.left == 0 { HashAt::End } else { HashAt::Name }
    }

    pub(super) fn contents(&self) -> Option<Contents> {
        (self.at == HashAt::End).then_some(self.contents)
    }
}

/// `tairzset_`, a sorted set with several scores per member: members, scores per member, then per member: name, scores.
#[derive(Debug, Default)]
pub(crate) struct ExZset {
    at: ZsetAt,
    left: u64,
    scores: u64,
    contents: Contents,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum ZsetAt {
    #[default]
    Count,
    Scores,
    Member,
    Score {
        left: u64,
    },
    End,
}

impl ExZset {
    pub(super) fn field(&mut self, field: Field) -> Option<()> {
        self.at = match self.at {
            ZsetAt::Count => {
                self.left = field.uint()?;
                self.contents.elements = self.left;
                ZsetAt::Scores
            }
            ZsetAt::Scores => {
                self.scores = field.uint()?;
                self.next()
            }
            ZsetAt::Member => {
                self.add(field.text()?);
                self.behind_score(self.scores)
            }
            ZsetAt::Score { left } => {
                field.double()?;
                self.add(8);
                self.behind_score(left - 1)
            }
            ZsetAt::End => return None,
        };
        Some(())
    }

    fn behind_score(&mut self, left: u64) -> ZsetAt {
        if left > 0 {
            return ZsetAt::Score { left };
        }
        self.left -= 1;
        self.next()
    }

    fn add(&mut self, len: u64) {
        self.contents.payload_bytes = self.contents.payload_bytes.saturating_add(len);
    }

    fn next(&self) -> ZsetAt {
        if self.left == 0 { ZsetAt::End } else { ZsetAt::Member }
    }

    pub(super) fn contents(&self) -> Option<Contents> {
        (self.at == ZsetAt::End).then_some(self.contents)
    }
}
