//! Screens, composed of components. Each shows one part of an opened report, or one of the other screen states.

mod access;
mod arrival;
mod bytes;
mod earlier;
mod encodings;
mod expiry;
mod failed;
mod integrity;
mod key;
mod keys;
mod listing;
mod map;
mod overview;
mod patterns;
mod reading;
mod repair;
mod report;
mod restore;
mod shown;
mod slots;
mod tape;
mod without_views;

pub use arrival::Arrival;
pub use earlier::earlier;
pub use failed::Failed;
pub use listing::listing;
pub use overview::Overview;
pub use reading::Reading;
pub use shown::{Shown, show};
pub use without_views::without_views;
