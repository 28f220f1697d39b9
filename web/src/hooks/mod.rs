//! The browser, as hooks: everything that listens, stores or posts.

mod browser;
mod link;
mod use_announced;
mod use_commands;
mod use_drop;
mod use_engine;
mod use_keyboard;
mod use_route;
mod use_scrollers;
mod use_wheel;

pub use browser::{
    can_write_folders, choose_folder, copy_text, element_exists, focus_element, foreign_requests,
    monotonic_ms, now_ms, save, save_text, show_element,
};
pub use use_announced::use_announced;
pub use use_commands::use_commands;
pub use use_drop::use_drop;
pub use use_engine::{Engine, use_engine};
pub use use_keyboard::{Press, SEARCH_FIELD, use_keyboard};
pub use use_route::{Go, use_route};
pub use use_scrollers::use_scrollers;
pub use use_wheel::use_wheel;
