//! What bytes could mean.

use snaptape_report::units;

/// What the bytes at the cursor could be.
pub fn readings(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let mut readings = Vec::new();
    let Some(&first) = bytes.first() else { return readings };
    readings.push(("u8", first.to_string()));
    if first >= 0x80 {
        readings.push(("i8", first.cast_signed().to_string()));
    }
    let graphic = first.is_ascii_graphic() || first == b' ';
    readings.push((
        "ASCII",
        if graphic { char::from(first).to_string() } else { first.escape_ascii().to_string() },
    ));
    if let Some(two) = bytes.first_chunk() {
        let (le, be) = (u16::from_le_bytes(*two), u16::from_be_bytes(*two));
        readings.push(("u16 LE / BE", format!("{} / {}", units::count(le.into()), units::count(be.into()))));
    }
    if let Some(four) = bytes.first_chunk() {
        let (le, be) = (u32::from_le_bytes(*four), u32::from_be_bytes(*four));
        readings.push(("u32 LE / BE", format!("{} / {}", units::count(le.into()), units::count(be.into()))));
    }
    if let Some(eight) = bytes.first_chunk() {
        let (le, be) = (u64::from_le_bytes(*eight), u64::from_be_bytes(*eight));
        readings.push(("u64 LE / BE", format!("{} / {}", units::count(le), units::count(be))));
    }
    readings.push(("as a length", length(bytes)));
    readings
}

/// What the length encoding of snapshots makes of the bytes.
fn length(bytes: &[u8]) -> String {
    let number = |n: Option<u64>| n.map_or_else(|| "cut off".into(), units::count);
    match bytes {
        [first @ 0..0x40, ..] => units::count(u64::from(*first)),
        [first @ 0x40..0x80, rest @ ..] => {
            number(rest.first().map(|low| u64::from(first & 0x3f) << 8 | u64::from(*low)))
        }
        [0x80, rest @ ..] => number(rest.first_chunk().map(|four| u64::from(u32::from_be_bytes(*four)))),
        [0x81, rest @ ..] => number(rest.first_chunk().map(|eight| u64::from_be_bytes(*eight))),
        [0xc0, ..] => "8-bit number follows".into(),
        [0xc1, ..] => "16-bit number follows".into(),
        [0xc2, ..] => "32-bit number follows".into(),
        [0xc3, ..] => "LZF string follows".into(),
        _ => "none".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_several_ways() {
        let of = |bytes: &[u8], name: &str| {
            readings(bytes).into_iter().find(|(what, _)| *what == name).map(|(_, value)| value)
        };
        assert_eq!(of(b"A\x01\x00\x00", "u32 LE / BE").unwrap(), "321 / 1,090,584,576");
        assert_eq!(of(b"A", "u16 LE / BE"), None);
        assert_eq!(of(b"\xff", "i8").unwrap(), "-1");
        assert_eq!(of(b"\x00", "ASCII").unwrap(), "\\x00");
        for (bytes, expected) in [
            (&b"\x05"[..], "5"),
            (b"\x41\x02", "258"),
            (b"\x80\0\0\x01\0", "256"),
            (b"\x80\0", "cut off"),
            (b"\xc3", "LZF string follows"),
            (b"\xff", "none"),
        ] {
            assert_eq!(of(bytes, "as a length").unwrap(), expected);
        }
        assert!(readings(&[]).is_empty());
    }
}
