//! How an offset is written.

use core::fmt;

/// An offset as every message has it, whoever prints it: decimal first, as the servers' check tools print it, and behind it as hex
/// dumps have it.
///
/// ```
/// assert_eq!(snaptape_wire::Offset(7_994).to_string(), "7,994 (0x1f3a)");
/// // Below ten both are the same.
/// assert_eq!(snaptape_wire::Offset(9).to_string(), "9");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offset(pub u64);

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Groups of three digits, the highest first: 2^64 has seven of them.
        let mut rest = self.0;
        let mut groups = [0_u64; 7];
        let mut last = 0;
        for (i, group) in groups.iter_mut().enumerate() {
            *group = rest % 1_000;
            rest /= 1_000;
            if *group > 0 {
                last = i;
            }
        }
        for (i, group) in groups.iter().enumerate().take(last + 1).rev() {
            if i == last { write!(f, "{group}")? } else { write!(f, ",{group:03}")? }
        }
        if self.0 < 10 { Ok(()) } else { write!(f, " (0x{:x})", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn decimal_first_and_hex_behind() {
        for (offset, expected) in [
            (0, "0"),
            (10, "10 (0xa)"),
            (999, "999 (0x3e7)"),
            (1_000, "1,000 (0x3e8)"),
            (2_000_003, "2,000,003 (0x1e8483)"),
            (u64::MAX, "18,446,744,073,709,551,615 (0xffffffffffffffff)"),
        ] {
            assert_eq!(Offset(offset).to_string(), expected);
        }
    }
}
