//! The vector sets of Redis 8.

use core::fmt::Write as _;

use snaptape_report::units;

use super::{Layout, Next, out::Out};

/// `vectorset`. Source: redis, modules/vector-sets/vset.c, `VectorSetRdbSave`; modules/vector-sets/hnsw.c, `hnsw_serialize_node`, for the numbers of
/// a node.
#[derive(Debug, Default)]
pub(super) struct VectorSet {
    at: At,
    dimension: u64,
    vectors: u64,
    left: u64,
    quantisation: Quantisation,
    max_links: u64,
    flags: u64,
    input_dimension: Option<u64>,
    with_attributes: u64,
    n: u64,
    /// The vector of the node, until its length and range are there.
    vector: Vec<u8>,
    /// Numbers to come of the node.
    numbers: u64,
    layers: u64,
    layer: u64,
    has_worst_link: bool,
    links: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum At {
    #[default]
    Dimension,
    Count,
    Configuration,
    Flags,
    InputDimension,
    Matrix,
    Name,
    Attributes,
    Vector,
    Numbers,
    Id,
    Level,
    LayerLinks,
    LayerMaxLinks {
        links: u64,
    },
    Link {
        left: u64,
    },
    WorstLink,
    LengthAndRange,
    End,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Quantisation {
    #[default]
    None,
    Int8,
    Binary,
}

const HAS_MATRIX: u64 = 1;
const HAS_ATTRIBUTES: u64 = 2;
/// As many links as a node had before the file said.
const DEFAULT_LINKS: u64 = 16;
/// The last layout of a node's numbers.
const LAST_NODE_VERSION: u64 = 1;

impl Quantisation {
    /// The word VINFO has.
    fn word(self) -> &'static str {
        match self {
            Self::None => "f32",
            Self::Int8 => "int8",
            Self::Binary => "bin",
        }
    }

    fn bytes(self, dimension: u64) -> Option<u64> {
        match self {
            Self::None => dimension.checked_mul(4),
            Self::Int8 => Some(dimension),
            Self::Binary => dimension.div_ceil(64).checked_mul(8),
        }
    }
}

impl VectorSet {
    fn next_vector(&mut self) -> At {
        if self.left == 0 {
            return At::End;
        }
        self.left -= 1;
        self.n += 1;
        At::Name
    }

    /// The layer is done: another one, or what comes behind the last.
    fn next_layer(&mut self) -> At {
        if self.layer == self.layers {
            return At::LengthAndRange;
        }
        self.layer += 1;
        At::LayerLinks
    }

    fn behind_links(&mut self) -> At {
        if self.has_worst_link { At::WorstLink } else { self.next_layer() }
    }

    /// What VEMB answers: the vector is stored with length 1.
    fn words(&self, length: f32, range: f32) -> String {
        let mut out = String::from("[");
        let mut push = |n: f32| {
            if out.len() > 1 {
                out.push_str(", ");
            }
            let _ = write!(out, "{n}");
        };
        match self.quantisation {
            Quantisation::None => {
                for bytes in self.vector.chunks_exact(4) {
                    push(f32::from_le_bytes(bytes.try_into().unwrap_or_default()) * length);
                }
            }
            Quantisation::Int8 => {
                for byte in &self.vector {
                    push(f32::from(byte.cast_signed()) * range / 127.0 * length);
                }
            }
            Quantisation::Binary => {
                for i in 0..usize::try_from(self.dimension).unwrap_or(usize::MAX) {
                    let Some(byte) = self.vector.get(i / 8) else { break };
                    push(if byte >> (i % 8) & 1 == 1 { 1.0 } else { -1.0 });
                }
            }
        }
        out.push(']');
        out
    }

    /// A number of the node.
    fn node(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<At> {
        self.numbers = self.numbers.checked_sub(1)?;
        Some(match self.at {
            At::Id => {
                out.pair("node", format_args!("{n}"));
                At::Level
            }
            At::Level => {
                self.has_worst_link = n >> 24 > 0;
                if n >> 24 > LAST_NODE_VERSION {
                    return None;
                }
                (self.layers, self.layer) = ((n & 0xff) + 1, 0);
                self.links.clear();
                self.next_layer()
            }
            At::LayerLinks => At::LayerMaxLinks { links: n },
            At::LayerMaxLinks { links } => {
                if links > n {
                    return None;
                }
                if out.is_wanted() {
                    let between = if self.layer > 1 { "; " } else { "" };
                    let none = if links == 0 { " none" } else { "" };
                    let _ = write!(self.links, "{between}layer {}:{none}", self.layer - 1);
                }
                if links == 0 { self.behind_links() } else { At::Link { left: links } }
            }
            At::Link { left } => {
                if out.is_wanted() {
                    let _ = write!(self.links, " {n}");
                }
                if left == 1 { self.behind_links() } else { At::Link { left: left - 1 } }
            }
            At::WorstLink => self.next_layer(),
            At::LengthAndRange => {
                if self.numbers > 0 {
                    return None;
                }
                if out.is_wanted() {
                    let float =
                        |bits: u64| f32::from_bits(u32::try_from(bits & 0xffff_ffff).unwrap_or_default());
                    let text = self.words(float(n), float(n >> 32));
                    let name = format!("vector of {}", units::plural(self.dimension, "number", "numbers"));
                    out.pair(&name, format_args!("{text}"));
                    out.pair("links", format_args!("{}", self.links));
                }
                out.end();
                self.next_vector()
            }
            _ => return None,
        })
    }
}

impl Layout for VectorSet {
    fn next(&self) -> Next {
        match self.at {
            At::Matrix | At::Name | At::Attributes => Next::Pass,
            At::Vector => Next::Hold,
            At::End => Next::End,
            _ => Next::Uint,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        self.at = match self.at {
            At::Dimension => {
                self.dimension = n;
                out.number("dimension", n);
                At::Count
            }
            At::Count => {
                (self.left, self.vectors) = (n, n);
                out.number("vectors", n);
                At::Configuration
            }
            At::Configuration => {
                self.quantisation = match n & 0xff {
                    0 => Quantisation::None,
                    1 => Quantisation::Int8,
                    2 => Quantisation::Binary,
                    _ => return None,
                };
                self.max_links = match n >> 8 & 0xffff {
                    0 => DEFAULT_LINKS,
                    links => links,
                };
                out.row(format_args!("quantisation"), format_args!("{}", self.quantisation.word()));
                out.number("links (M)", self.max_links);
                At::Flags
            }
            At::Flags => {
                self.flags = n;
                if n & HAS_MATRIX == 0 { self.next_vector() } else { At::InputDimension }
            }
            At::InputDimension => {
                self.input_dimension = Some(n);
                out.number("reduced from dimension", n);
                At::Matrix
            }
            At::Numbers => {
                self.numbers = n;
                At::Id
            }
            _ => self.node(n, out)?,
        };
        Some(())
    }

    fn text(&mut self, len: u64, out: &mut Out<'_, '_>) -> Option<()> {
        match self.at {
            At::Matrix => {
                if self.input_dimension?.checked_mul(self.dimension)?.checked_mul(4)? != len {
                    return None;
                }
                out.begin(format_args!("projection matrix"));
            }
            At::Name => {
                out.begin(format_args!("vector {}", self.n));
                out.text(b"element");
            }
            _ => {
                self.with_attributes += u64::from(len > 0);
                out.text(b"attributes");
            }
        }
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        self.at = match self.at {
            At::Matrix => {
                out.end();
                self.next_vector()
            }
            At::Name if self.flags & HAS_ATTRIBUTES != 0 => At::Attributes,
            _ => At::Vector,
        };
    }

    fn held(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> Option<()> {
        if self.quantisation.bytes(self.dimension) != Some(bytes.len() as u64) {
            return None;
        }
        self.vector.clear();
        if out.is_wanted() {
            self.vector.extend_from_slice(bytes);
        }
        self.at = At::Numbers;
        Some(())
    }

    fn sentence(&self) -> String {
        let mut out = format!(
            "Vector set: {} of {}, {}, up to {}",
            units::plural(self.vectors, "vector", "vectors"),
            units::plural(self.dimension, "dimension", "dimensions"),
            self.quantisation.word(),
            units::plural(self.max_links, "link a layer", "links a layer")
        );
        if let Some(n) = self.input_dimension {
            let _ = write!(out, ", reduced from {}", units::plural(n, "dimension", "dimensions"));
        }
        if self.with_attributes > 0 {
            let _ = write!(out, ", {} with attributes", units::count(self.with_attributes));
        }
        out
    }
}
