//! What of a tape can be kept, and what must be left out: found in the same pass, damage or not.
//!
//! A machine reads command after command. Where one is damaged it asks what must have stood there (`mend`), whether only line ends
//! were changed (`frame`), or else looks for the next place where good commands stand one behind the other (`look`). Whatever it
//! takes goes into a ledger, which keeps the list of stretches and knows about transactions and databases.
//!
//! Every decision depends on the [`LOOK_BYTES`] behind one place alone, so the result is the same however the file was cut.

mod block;
mod book;
mod frame;
mod known;
mod ledger;
mod look;
mod machine;
mod mend;
mod present;
mod reframe;
mod search;
mod stretch;
mod walk;

pub use frame::LineEnds;
pub(crate) use ledger::Ledger;
pub(crate) use machine::{Good, Machine};
pub use mend::Mend;
pub use present::Present;
pub use reframe::{Reframer, Unframed};
pub use stretch::{Assumed, Behind, DropReason, InsertReason, OpenBlock, Place, Run, Salvage, Stretch};
pub use walk::{SalvageSink, SalvageWalk};

/// How far a decision looks. A damaged command longer than this is not mended, but left out.
pub(crate) const LOOK_BYTES: u64 = 1 << 20;
/// The same once too much work was wasted on things that only looked like commands.
const LOOK_BYTES_WHEN_LATE: u64 = 4 << 10;
