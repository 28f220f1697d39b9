//! Places inside a value where reading can begin again.

use crate::{
    ObjectType, Parser,
    parser::State,
    rare::Rare,
    value::{AfterMin, Piece, Shape, Value},
};

/// A place inside a value, before an element (a member, a pair, a node of a list or stream): what a parser has to know to go on
/// from there. Only meaningful for the file and key it came from; one that was made up gives errors or nonsense, nothing worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Offset in the file.
    pub offset: u64,
    /// Elements to come.
    pub left: u64,
    /// Elements before it.
    pub done: u64,
    /// What the expiries of fields count from, where they are relative.
    pub min_expiry_ms: Option<i64>,
}

/// More than any file has.
const MOST: u64 = 1 << 60;

impl Parser {
    /// The place it is at, if it is one.
    pub fn mark(&self) -> Option<Mark> {
        let (left, done, min_expiry_ms) = match &self.state {
            State::Value { next, long_left: None, .. } => match next {
                Value::Element { shape, left, done, piece: Piece::First } => {
                    let min = if let Shape::ExpiryFirst { min } = shape { *min } else { None };
                    (*left, *done, min)
                }
                Value::Stream(stream) => {
                    let (left, done) = stream.before_node()?;
                    (left, done, None)
                }
                _ => return None,
            },
            State::Rare { next: Rare::ArrayIndex { left, done }, long_left: None, .. } => {
                (*left, *done, None)
            }
            _ => return None,
        };
        Some(Mark { offset: self.offset(), left, done, min_expiry_ms })
    }

    /// Goes on at a place inside the value of a key that is stored like this; `false` where such values have no places.
    pub fn resume(&mut self, object: ObjectType, mark: Mark) -> bool {
        let (left, done) = (mark.left.min(MOST), mark.done.min(MOST));
        if object == ObjectType::Array {
            self.set_rare(object, mark.offset, Rare::ArrayIndex { left: left.max(1), done });
            return true;
        }
        let next = match Value::of(object) {
            // What stands behind the values of templates is told before them.
            Value::Count(shape) => Value::element(shape, left, done),
            Value::MinFieldExpiry(AfterMin::Pairs) => {
                Value::element(Shape::ExpiryFirst { min: mark.min_expiry_ms }, left, done)
            }
            Value::Stream(stream) => Value::Stream(stream.at_node(left, done)),
            _ => return false,
        };
        self.set_value(object, mark.offset, next);
        true
    }
}
