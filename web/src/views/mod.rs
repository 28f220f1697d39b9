//! Screens, composed of components. Each shows one part of an opened report, or one of the other screen states.

mod access;
mod arrival;
mod bytes;
mod earlier;
mod encodings;
mod expiry;
mod failed;
mod integrity;
mod keys;
mod listing;
mod map;
mod overview;
mod patterns;
mod reading;
mod repair;
mod restore;
mod slots;
mod tape;

pub use access::access;
pub use arrival::Arrival;
pub use bytes::Bytes;
pub use earlier::earlier;
pub use encodings::encodings;
pub use expiry::expiry;
pub use failed::Failed;
pub use integrity::Integrity;
pub use keys::Keys;
pub use listing::listing;
pub use map::Map;
pub use overview::Overview;
pub use patterns::Patterns;
pub use reading::Reading;
pub use repair::Repair;
pub use restore::Restore;
pub use slots::slots;
pub use tape::Tape;
