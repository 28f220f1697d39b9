//! How a search for bytes is going, in words. Pure.

use snaptape_engine::BytePlace;
use snaptape_report::units;
use yew::AttrValue;

/// How it is going.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Hunt {
    /// There is none.
    #[default]
    Idle,
    /// It is under way.
    Running {
        /// Bytes looked through.
        done_bytes: u64,
        /// Bytes to look through, once round.
        total_bytes: u64,
    },
    /// They stand there.
    Found {
        /// Where.
        place: BytePlace,
        /// Was it looked for backwards?
        back: bool,
        /// Where the cursor was.
        cursor: u64,
    },
    /// They stand nowhere.
    Nowhere,
    /// It could not be done; one sentence says why.
    Failed(AttrValue),
}

impl Hunt {
    /// What came of it, or how far it is; `cursor` is where one is now. Nothing where there is nothing to say any more.
    pub fn sentence(&self, cursor: u64) -> Option<String> {
        match self {
            Self::Idle => None,
            Self::Running { done_bytes, total_bytes } => Some(format!(
                "Looking: {} of {} looked through.",
                units::percent(*done_bytes, *total_bytes),
                units::bytes(*total_bytes)
            )),
            Self::Found { place, .. } if place.at != cursor => None,
            Self::Found { place, cursor: from, .. } if place.at == *from => {
                Some(format!("No further place: they stand at {} only.", units::offset(place.at)))
            }
            Self::Found { place, back, .. } => Some(match (place.wrapped, back) {
                (false, _) => format!("Found at {}.", units::offset(place.at)),
                (true, false) => {
                    format!("Found at {}: went on from the beginning.", units::offset(place.at))
                }
                (true, true) => format!("Found at {}: went on from the end.", units::offset(place.at)),
            }),
            Self::Nowhere => Some("Nowhere in this file.".into()),
            Self::Failed(why) => Some(why.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(at: u64, wrapped: bool, back: bool, cursor: u64) -> Hunt {
        Hunt::Found { place: BytePlace { at, wrapped }, back, cursor }
    }

    #[test]
    fn what_came_of_it_is_said_until_one_moves_on() {
        for (hunt, expected) in [
            (found(40, false, false, 7), "Found at 40 (0x28)."),
            (found(40, false, true, 70), "Found at 40 (0x28)."),
            (found(40, true, false, 70), "Found at 40 (0x28): went on from the beginning."),
            (found(40, true, true, 7), "Found at 40 (0x28): went on from the end."),
            (found(40, true, false, 40), "No further place: they stand at 40 (0x28) only."),
        ] {
            assert_eq!(hunt.sentence(40).as_deref(), Some(expected));
            assert_eq!(hunt.sentence(41), None);
        }
        let running = Hunt::Running { done_bytes: 3_100_000, total_bytes: 12_400_000 };
        assert_eq!(running.sentence(0).unwrap(), "Looking: 25 % of 12.4 MB looked through.");
        assert_eq!(Hunt::Nowhere.sentence(3).unwrap(), "Nowhere in this file.");
        assert_eq!(Hunt::Idle.sentence(3), None);
    }
}
