//! The vector sets of Redis 8.

use super::{Contents, Field};

/// `vectorset`: dimension, elements, configuration, flags, [dimension and matrix of the projection], then per element: name,
/// [attributes as JSON], vector, number of links of the graph, links.
#[derive(Debug, Default)]
pub(crate) struct VectorSet {
    at: At,
    left: u64,
    projected: bool,
    attributes: bool,
    contents: Contents,
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
    LinkCount,
    Links {
        left: u64,
    },
    End,
}

impl VectorSet {
    pub(super) fn field(&mut self, field: Field) -> Option<()> {
        self.at = match self.at {
            At::Dimension => {
                field.uint()?;
                At::Count
            }
            At::Count => {
                self.left = field.uint()?;
                self.contents.elements = self.left;
                At::Configuration
            }
            At::Configuration => {
                field.uint()?;
                At::Flags
            }
            At::Flags => {
                let flags = field.uint()?;
                self.projected = flags & 1 != 0;
                self.attributes = flags & 2 != 0;
                if self.projected { At::InputDimension } else { self.next() }
            }
            At::InputDimension => {
                field.uint()?;
                At::Matrix
            }
            At::Matrix => {
                field.text()?;
                self.next()
            }
            At::Name => {
                self.add(field)?;
                if self.attributes { At::Attributes } else { At::Vector }
            }
            At::Attributes => {
                self.add(field)?;
                At::Vector
            }
            At::Vector => {
                self.add(field)?;
                At::LinkCount
            }
            At::LinkCount => self.behind_link(field.uint()?),
            At::Links { left } => {
                field.uint()?;
                self.behind_link(left - 1)
            }
            At::End => return None,
        };
        Some(())
    }

    fn behind_link(&mut self, left: u64) -> At {
        if left > 0 {
            return At::Links { left };
        }
        self.left -= 1;
        self.next()
    }

    fn add(&mut self, field: Field) -> Option<()> {
        self.contents.payload_bytes = self.contents.payload_bytes.saturating_add(field.text()?);
        Some(())
    }

    fn next(&self) -> At {
        if self.left == 0 { At::End } else { At::Name }
    }

    pub(super) fn contents(&self) -> Option<Contents> {
        (self.at == At::End).then_some(self.contents)
    }
}
