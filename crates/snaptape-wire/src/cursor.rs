//! A window of the input, read from the front. The primitives are nom's streaming parsers; the cursor adds what they do not
//! have: the offset in the file.

use nom::{
    Needed, Parser,
    bytes::streaming::take,
    number::streaming::{be_u16, be_u32, be_u64, le_f64, le_i16, le_i32, le_i64, le_u16, le_u32, le_u64, u8},
};

use crate::{Error, ErrorKind, Str, StrForm};

/// Why a read from a [`Cursor`] did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// At least this many more bytes are needed.
    More(u64),
    /// The bytes are wrong.
    Fail(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Fail(error)
    }
}

/// A read from a [`Cursor`].
pub type Read<T> = Result<T, Stop>;

/// Shape of a string's first bytes, before its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrHead {
    /// So many raw bytes follow.
    Raw {
        /// How many.
        len: u64,
    },
    /// The whole string: the decimal text of this number.
    Int(i32),
    /// Compressed bytes follow.
    Lzf {
        /// How many.
        packed_len: u64,
        /// How many they unpack to.
        len: u64,
    },
}

impl StrHead {
    /// Bytes that follow in the file.
    pub fn stored_len(self) -> u64 {
        match self {
            Self::Raw { len } => len,
            Self::Int(_) => 0,
            Self::Lzf { packed_len, .. } => packed_len,
        }
    }

    /// Length of the string.
    pub fn logical_len(self) -> u64 {
        match self {
            Self::Raw { len } | Self::Lzf { len, .. } => len,
            Self::Int(n) => crate::decimal_len(i64::from(n)),
        }
    }
}

/// Reads from the front of a window.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    rest: &'a [u8],
    /// Offset in the file of the end of the window: only the rest shrinks.
    end: u64,
}

macro_rules! primitive {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $parser:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(&mut self) -> Read<$type> {
            self.parse($parser)
        }
    )*};
}

impl<'a> Cursor<'a> {
    /// A cursor over `window`, whose first byte stands at `offset` in the file.
    pub fn new(window: &'a [u8], offset: u64) -> Self {
        Self { rest: window, end: offset + window.len() as u64 }
    }

    /// Offset in the file of the next byte.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.end - self.rest.len() as u64
    }

    /// What is left of the window.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    fn parse<O>(&mut self, mut parser: impl Parser<&'a [u8], Output = O, Error = ()>) -> Read<O> {
        match parser.parse(self.rest) {
            Ok((rest, value)) => {
                self.rest = rest;
                Ok(value)
            }
            Err(nom::Err::Incomplete(Needed::Size(missing))) => Err(Stop::More(missing.get() as u64)),
            Err(_) => Err(Stop::More(1)),
        }
    }

    primitive! {
        /// One byte.
        u8: u8 = u8;
        /// Two bytes, big-endian.
        be_u16: u16 = be_u16;
        /// Four bytes, big-endian.
        be_u32: u32 = be_u32;
        /// Eight bytes, big-endian.
        be_u64: u64 = be_u64;
        /// Two bytes, little-endian.
        le_u16: u16 = le_u16;
        /// Four bytes, little-endian.
        le_u32: u32 = le_u32;
        /// Eight bytes, little-endian.
        le_u64: u64 = le_u64;
        /// Two bytes, little-endian, signed.
        le_i16: i16 = le_i16;
        /// Four bytes, little-endian, signed.
        le_i32: i32 = le_i32;
        /// Eight bytes, little-endian, signed.
        le_i64: i64 = le_i64;
        /// Eight bytes, little-endian, IEEE 754.
        le_f64: f64 = le_f64;
    }

    /// The next `len` bytes.
    #[inline]
    pub fn take(&mut self, len: u64) -> Read<&'a [u8]> {
        // On a 32-bit target a length may not even be a usize; then it is certainly not in the window.
        let have = self.rest.len() as u64;
        match usize::try_from(len) {
            Ok(n) if len <= have => self.parse(take(n)),
            _ => Err(Stop::More(len - have)),
        }
    }

    /// As many of the next `len` bytes as there are.
    pub fn take_up_to(&mut self, len: u64) -> &'a [u8] {
        let n = usize::try_from(len).unwrap_or(usize::MAX).min(self.rest.len());
        let (taken, rest) = self.rest.split_at(n);
        self.rest = rest;
        taken
    }

    /// A length. Shape: 6, 14, 32 or 64 bits, announced by the two top bits, big-endian. Source: rdb.c `rdbLoadLenByRef`.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "it reads a length from the file")]
    pub fn len(&mut self) -> Read<u64> {
        let at = self.offset();
        let first = self.u8()?;
        match first {
            0x00..0x40 => Ok(u64::from(first)),
            0x40..0x80 => Ok(u64::from(first & 0x3f) << 8 | u64::from(self.u8()?)),
            0x80 => Ok(u64::from(self.be_u32()?)),
            0x81 => self.be_u64(),
            byte => Err(Error::new(ErrorKind::InvalidLength { byte }, at).into()),
        }
    }

    /// The front of a string: its form and lengths. Source: rdb.c `rdbGenericLoadStringObject`.
    #[inline]
    pub fn str_head(&mut self) -> Read<StrHead> {
        let at = self.offset();
        match self.rest.first() {
            None => Err(Stop::More(1)),
            Some(0..0xc0) => Ok(StrHead::Raw { len: self.len()? }),
            Some(0xc0) => {
                let _ = self.u8()?;
                Ok(StrHead::Int(i32::from(self.u8()?.cast_signed())))
            }
            Some(0xc1) => {
                let _ = self.u8()?;
                Ok(StrHead::Int(i32::from(self.le_i16()?)))
            }
            Some(0xc2) => {
                let _ = self.u8()?;
                Ok(StrHead::Int(self.le_i32()?))
            }
            Some(0xc3) => {
                let _ = self.u8()?;
                let packed_len = self.len()?;
                let len_at = self.offset();
                let len = self.len()?;
                // One match of 3 bytes makes at most 264: nothing unpacks further than that.
                if len > packed_len.saturating_mul(88) {
                    let why = "claims to unpack to more than it can hold";
                    return Err(Error::new(ErrorKind::InvalidLzf { why }, len_at).into());
                }
                Ok(StrHead::Lzf { packed_len, len })
            }
            Some(&byte) => Err(Error::new(ErrorKind::InvalidStringEncoding { byte }, at).into()),
        }
    }

    /// The contents of a string whose front has been read.
    #[inline]
    pub fn str_body(&mut self, head: StrHead) -> Read<Str<'a>> {
        let offset = self.offset();
        let form = match head {
            StrHead::Raw { len } => StrForm::Raw(self.take(len)?),
            StrHead::Int(n) => StrForm::Int(n),
            StrHead::Lzf { packed_len, len } => StrForm::Lzf { packed: self.take(packed_len)?, len },
        };
        Ok(Str { form, offset })
    }

    /// A whole string of at most `max` bytes, stored and logical.
    pub fn str_within(&mut self, limit: &'static str, max: u64) -> Read<Str<'a>> {
        let at = self.offset();
        let head = self.str_head()?;
        let got = head.stored_len().max(head.logical_len());
        if got > max {
            return Err(Error::new(ErrorKind::LimitExceeded { limit, max, got }, at).into());
        }
        self.str_body(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for (bytes, expected) in [
            (&[0x05][..], Ok(5)),
            (&[0x41, 0x02], Ok(0x102)),
            (&[0x80, 0, 0, 1, 0], Ok(256)),
            (&[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Ok(u64::MAX)),
            (&[0x80, 0, 0], Err(Stop::More(2))),
            (&[], Err(Stop::More(1))),
            (&[0x82], Err(Error::new(ErrorKind::InvalidLength { byte: 0x82 }, 7).into())),
            (&[0xc0], Err(Error::new(ErrorKind::InvalidLength { byte: 0xc0 }, 7).into())),
        ] {
            assert_eq!(Cursor::new(bytes, 7).len(), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn a_take_beyond_the_window_says_what_is_missing() {
        let mut cursor = Cursor::new(b"abc", 0);
        assert_eq!(cursor.take(u64::MAX), Err(Stop::More(u64::MAX - 3)));
        assert_eq!(cursor.take(3), Ok(&b"abc"[..]));
        assert_eq!(cursor.offset(), 3);
    }

    #[test]
    fn bombs_are_refused_before_they_are_unpacked() {
        // 3 bytes that claim to be 1 MiB.
        let bytes = [0xc3, 0x03, 0x80, 0x00, 0x10, 0x00, 0x00, 0, 0, 0];
        let Err(Stop::Fail(error)) = Cursor::new(&bytes, 0).str_head() else { panic!("accepted") };
        assert_eq!(error.offset(), 2);
    }
}
