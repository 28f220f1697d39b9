//! The page: a Yew application and the worker that reads for it.
//!
//! The application never touches a parser. It hands `File`s to the worker ([`worker`]), gets plain report types back
//! ([`protocol`]), keeps them in one reducer ([`state`]) and shows them ([`views`], made of [`components`]). What is
//! worked out for the screen (sentences, order, rates) is in pure modules that are tested natively.

#![warn(missing_docs)]

pub mod app;
pub mod bytes;
pub mod chunks;
pub mod command_words;
pub mod compare;
pub mod components;
pub mod files;
pub mod filter;
pub mod grouping;
pub mod hash_text;
pub mod hooks;
pub mod key_route;
pub mod key_table;
pub mod key_words;
pub mod keys_help;
pub mod leaving;
pub mod listing;
pub mod map;
pub mod meter;
pub mod one_key;
pub mod picking;
pub mod protocol;
pub mod route;
pub mod samples;
pub mod selection;
pub mod settings;
pub mod sort;
pub mod stamp;
pub mod standouts;
pub mod state;
pub mod strip;
pub mod summary;
pub mod timeline;
pub mod views;
pub mod virtual_rows;
pub mod words;
pub mod worker;

#[cfg(test)]
mod testing;
