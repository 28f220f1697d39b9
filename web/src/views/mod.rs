//! Screens, composed of components. Each shows one part of an opened report, or one of the other screen states.

mod arrival;
mod failed;
mod integrity;
mod keys;
mod overview;
mod patterns;
mod reading;
mod repair;
mod restore;
mod tape;

pub use arrival::Arrival;
pub use failed::Failed;
pub use integrity::Integrity;
pub use keys::Keys;
pub use overview::Overview;
pub use patterns::Patterns;
pub use reading::Reading;
pub use repair::Repair;
pub use restore::Restore;
pub use tape::Tape;
