//! Bars, stacked bars, and a grid of heat, as shares of the room they are drawn in.

mod bars;
mod heat;

pub use self::{
    bars::{Bar, Columns, Part, Piece, line_up, stack},
    heat::{Heat, LEVELS},
};

/// What something is filled with. Colours are the business of whoever draws it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// The accent.
    Plain,
    /// Set back.
    Quiet,
    /// What is gone or will not come back.
    Gone,
    /// The colour of a type, so many steps paler.
    Type(&'static str, u8),
}

impl Fill {
    /// How many shades of a type there are.
    pub const SHADES: u8 = 4;

    /// The colour of a type, in its full strength; of module types one for all.
    pub fn of_type(type_name: &str) -> Self {
        Self::Type(known_type(type_name), 0)
    }

    /// The same, paler.
    #[must_use]
    pub fn shade(self, steps: usize) -> Self {
        match self {
            Self::Type(name, _) => {
                Self::Type(name, u8::try_from(steps).unwrap_or(u8::MAX).min(Self::SHADES - 1))
            }
            other => other,
        }
    }

    /// Names of classes: one for the colour, one for the strength.
    pub fn classes(self) -> [&'static str; 2] {
        match self {
            Self::Plain => ["fillPlain", ""],
            Self::Quiet => ["fillQuiet", ""],
            Self::Gone => ["fillGone", ""],
            Self::Type(name, steps) => [
                match name {
                    "string" => "typeString",
                    "hash" => "typeHash",
                    "zset" => "typeZset",
                    "set" => "typeSet",
                    "list" => "typeList",
                    "stream" => "typeStream",
                    _ => "typeModule",
                },
                match steps {
                    0 => "shade0",
                    1 => "shade1",
                    2 => "shade2",
                    _ => "shade3",
                },
            ],
        }
    }
}

fn known_type(type_name: &str) -> &'static str {
    ["string", "hash", "zset", "set", "list", "stream"]
        .into_iter()
        .find(|known| *known == type_name)
        .unwrap_or("module")
}
