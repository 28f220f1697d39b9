//! What is inside the values of modules whose layout is known: how many elements, how many bytes of them.
//!
//! A module's value is a row of tagged fields, so any can be stepped over; these say what the fields mean. Only lengths are
//! looked at. A value that does not fit its layout (another version, another vendor under the same name) is opaque like all
//! others: that is no damage.

mod bloom;
mod tair;
mod vector_set;

use snaptape_rdb::ModuleId;

use self::{
    bloom::Bloom,
    tair::{ExHash, ExString, ExZset},
    vector_set::VectorSet,
};

/// A tagged field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Field {
    /// An unsigned number.
    Uint(u64),
    /// A double.
    Double,
    /// A string of this length.
    Text(u64),
    /// Something that is in no known layout.
    Other,
}

impl Field {
    /// A number as its tag and bits.
    pub(crate) fn number(tag: u8, bits: u64) -> Self {
        match tag {
            2 => Self::Uint(bits),
            4 => Self::Double,
            _ => Self::Other,
        }
    }

    fn uint(self) -> Option<u64> {
        match self {
            Self::Uint(n) => Some(n),
            _ => None,
        }
    }

    fn text(self) -> Option<u64> {
        match self {
            Self::Text(len) => Some(len),
            _ => None,
        }
    }

    fn double(self) -> Option<()> {
        (self == Self::Double).then_some(())
    }
}

/// What a value holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// Elements: vectors, members, fields, items added to a filter.
    pub(crate) elements: u64,
    /// Bytes of them, without what the module keeps for itself.
    pub(crate) payload_bytes: u64,
}

/// A value that is being read.
#[derive(Debug, Default)]
pub(crate) enum Layout {
    /// Nothing is known of it, or it did not fit.
    #[default]
    Opaque,
    Bloom(Bloom),
    ExHash(ExHash),
    ExString(ExString),
    ExZset(ExZset),
    VectorSet(VectorSet),
}

impl Layout {
    /// The layout of a module's values.
    pub(crate) fn of(id: ModuleId) -> Self {
        match &id.name() {
            b"MBbloom--" => Self::Bloom(Bloom::new(id.encoding_version())),
            b"exstrtype" => Self::ExString(ExString::default()),
            b"tairhash-" => Self::ExHash(ExHash::default()),
            b"tairzset_" => Self::ExZset(ExZset::default()),
            // A later version may look different.
            b"vectorset" if id.encoding_version() == 0 => Self::VectorSet(VectorSet::default()),
            _ => Self::Opaque,
        }
    }

    /// Takes the next field.
    pub(crate) fn field(&mut self, field: Field) {
        let fits = match self {
            Self::Opaque => return,
            Self::Bloom(it) => it.field(field),
            Self::ExHash(it) => it.field(field),
            Self::ExString(it) => it.field(field),
            Self::ExZset(it) => it.field(field),
            Self::VectorSet(it) => it.field(field),
        };
        if fits.is_none() {
            *self = Self::Opaque;
        }
    }

    /// What the value holds, once its fields are over and if they fit.
    pub(crate) fn contents(&self) -> Option<Contents> {
        match self {
            Self::Opaque => None,
            Self::Bloom(it) => it.contents(),
            Self::ExHash(it) => it.contents(),
            Self::ExString(it) => it.contents(),
            Self::ExZset(it) => it.contents(),
            Self::VectorSet(it) => it.contents(),
        }
    }
}
