//! The browser, as hooks: everything that listens, stores or posts.

mod browser;
mod link;
pub mod settings_store;
mod use_announced;
mod use_beside;
mod use_byte_hunt;
mod use_bytes;
mod use_commands;
mod use_drop;
mod use_engine;
mod use_key;
mod use_keyboard;
mod use_keys;
mod use_map;
mod use_narrow;
mod use_pasted;
mod use_report;
mod use_route;
mod use_scrollers;
mod use_turn;
mod use_unfinished;
mod use_views;
mod use_way_back;
mod use_wheel;
mod use_width;

pub use browser::{
    Request, can_write_folders, choose_folder, copy_text, focus_element, focus_first, meta, monotonic_ms,
    now_ms, random_bytes, requests, save, save_text, show_element, show_nearest,
};
pub use use_announced::use_announced;
pub use use_beside::{Known as KnownBeside, Steps as KeySteps, use_beside};
pub use use_byte_hunt::{ByteHunt, use_byte_hunt};
pub use use_bytes::use_bytes;
pub use use_commands::use_commands;
pub use use_drop::use_drop;
pub use use_engine::{Engine, use_engine};
pub use use_key::{AskControl, Asking, Places, save_key_file, use_key};
pub use use_keyboard::{Press, focus_search, use_keyboard};
pub use use_keys::{Keys as KeysHandle, KeysAsked, use_keys};
pub use use_map::{Maps, use_map};
pub use use_narrow::use_narrow;
pub use use_pasted::{Paster, Pasting, use_pasted};
pub use use_report::{Written, use_report};
pub use use_route::{Go, use_route};
pub use use_scrollers::use_scrollers;
pub use use_turn::use_turn;
pub use use_unfinished::use_unfinished;
pub use use_views::{Show, Views, use_views};
pub use use_way_back::use_way_back;
pub use use_wheel::use_wheel;
pub use use_width::use_width;
