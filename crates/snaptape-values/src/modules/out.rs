//! Rows of a module's value on their way to who asked for them. What nobody asked for is not put into words.

use core::{fmt::Arguments, ops::Range};

use crate::{Piece, number};

/// Makes rows.
pub(super) struct Out<'a, 's> {
    sink: &'a mut (dyn FnMut(u64, Piece<'_>) + 's),
    element: &'a mut u64,
    wanted: bool,
    range: &'a Range<u64>,
    in_row: &'a mut bool,
}

impl<'a, 's> Out<'a, 's> {
    pub(super) fn new(
        sink: &'a mut (dyn FnMut(u64, Piece<'_>) + 's),
        element: &'a mut u64,
        range: &'a Range<u64>,
        in_row: &'a mut bool,
    ) -> Self {
        Self { wanted: range.contains(element), sink, element, range, in_row }
    }

    /// Is the row that comes next, or is begun, wanted?
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// A row with a value.
    pub(super) fn row(&mut self, name: Arguments<'_>, value: Arguments<'_>) {
        self.begin(name);
        self.value(value);
        self.end();
    }

    /// A row with a number as it stands in the file.
    pub(super) fn number(&mut self, name: &str, n: u64) {
        self.row(format_args!("{name}"), format_args!("{n}"));
    }

    pub(super) fn double(&mut self, name: &str, n: f64) {
        self.begin(format_args!("{name}"));
        self.double_value(n);
        self.end();
    }

    pub(super) fn begin(&mut self, name: Arguments<'_>) {
        *self.in_row = true;
        if self.wanted {
            (self.sink)(*self.element, Piece::Name(&name.to_string()));
        }
    }

    /// Two strings of the row: what a value is, and the value.
    pub(super) fn pair(&mut self, name: &str, value: Arguments<'_>) {
        self.text(name.as_bytes());
        self.value(value);
    }

    pub(super) fn double_pair(&mut self, name: &str, n: f64) {
        self.text(name.as_bytes());
        self.double_value(n);
    }

    pub(super) fn value(&mut self, value: Arguments<'_>) {
        if self.wanted {
            self.text(value.to_string().as_bytes());
        }
    }

    fn double_value(&mut self, n: f64) {
        if self.wanted {
            self.text(number::double(n).as_bytes());
        }
    }

    /// A string of the row.
    pub(super) fn text(&mut self, bytes: &[u8]) {
        self.text_begin(bytes.len() as u64);
        if self.wanted {
            (self.sink)(*self.element, Piece::Bytes(bytes));
        }
        self.text_end();
    }

    pub(super) fn text_begin(&mut self, len: u64) {
        if self.wanted {
            (self.sink)(*self.element, Piece::Text(len));
        }
    }

    pub(super) fn text_end(&mut self) {
        if self.wanted {
            (self.sink)(*self.element, Piece::TextEnd);
        }
    }

    /// A row that is not wanted goes by.
    pub(super) fn skip(&mut self) {
        *self.element += 1;
        self.wanted = self.range.contains(self.element);
    }

    /// The row is complete.
    pub(super) fn end(&mut self) {
        *self.in_row = false;
        (self.sink)(*self.element, Piece::End);
        *self.element += 1;
        self.wanted = self.range.contains(self.element);
    }
}
