//! Names cut to the room there is.

/// Width of a character of names, px: they are set in a font whose characters are all as wide.
pub const CHAR_PX: f64 = 6.7;

/// Fewer characters of a name than these tell nobody which it is.
const LEAST: usize = 7;

/// A name in so many px: cut in the middle, because both ends tell names apart. Nothing where what is left would tell nothing.
pub fn clip(name: &str, room_px: f64) -> Option<String> {
    let cells: usize = name.chars().map(cells).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative, and small")]
    let room = (room_px / CHAR_PX).clamp(0.0, 4096.0) as usize;
    if cells <= room {
        return Some(name.into());
    }
    if room < LEAST {
        return None;
    }
    let front = take(name.chars(), room / 2);
    let back: String = take(name.chars().rev(), room - 1 - room / 2).chars().rev().collect();
    Some(format!("{front}…{back}"))
}

fn take(chars: impl Iterator<Item = char>, mut room: usize) -> String {
    chars
        .map_while(|c| {
            room = room.checked_sub(cells(c))?;
            Some(c)
        })
        .collect()
}

/// Characters of East Asia, and pictures, are twice as wide.
fn cells(c: char) -> usize {
    if u32::from(c) >= 0x1100 { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_stay() {
        let room = |n: u32| f64::from(n) * CHAR_PX + 0.01;
        assert_eq!(clip("user:{int}:profile", room(18)).as_deref(), Some("user:{int}:profile"));
        assert_eq!(clip("user:{int}:profile", room(10)).as_deref(), Some("user:…file"));
        assert_eq!(clip("user:{int}:profile", room(7)).as_deref(), Some("use…ile"));
        assert_eq!(clip("user:{int}:profile", room(6)), None);
        assert_eq!(clip("user", room(2)), None);
        assert_eq!(clip("漢字漢字", room(7)).as_deref(), Some("漢…字"));
        assert_eq!(clip("", 0.0).as_deref(), Some(""));
        assert_eq!(clip("x", -5.0), None);
    }
}
