//! The browser, as hooks: everything that listens, stores or posts.

mod browser;
mod use_announced;
mod use_drop;
mod use_engine;
mod use_keyboard;
mod use_route;

pub use browser::{
    can_write_folders, choose_folder, copy_text, focus_element, foreign_requests, monotonic_ms, now_ms, save,
    save_text,
};
pub use use_announced::use_announced;
pub use use_drop::use_drop;
pub use use_engine::{Engine, use_engine};
pub use use_keyboard::{Press, use_keyboard};
pub use use_route::{Go, use_route};
