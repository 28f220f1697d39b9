//! Where the program is cut: what is reached through these functions alone is in a chunk of its own, and loads when first needed.
//!
//! Each hands out a function and does no more, so that what is behind it is called like any other once it is there.

// The macro declares the two sides of the cut to the linker, and wants a `Result` for what cannot be loaded.
#![allow(unsafe_code, clippy::unnecessary_wraps)]

use snaptape_engine::Kit;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use yew::Html;

use crate::views::Shown;
use crate::worker;

/// A chunk could not be loaded.
#[derive(Debug, Clone, Copy)]
pub struct NotLoaded;

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// All views but the overview.
#[wasm_split(views, fallible)]
pub fn views() -> Result<fn(Shown) -> Html, NotLoaded> {
    Ok(crate::views::show)
}

/// What reading needs for tapes, folders and packed files.
#[wasm_split(kit, fallible)]
pub fn kit() -> Result<Kit, NotLoaded> {
    Ok(Kit::whole())
}

/// The program that looks into opened files.
#[wasm_split(look, fallible)]
pub fn look() -> Result<fn(), NotLoaded> {
    Ok(worker::look::start)
}

/// The program that makes a file of pasted text.
#[wasm_split(paste, fallible)]
pub fn paste() -> Result<fn(), NotLoaded> {
    Ok(worker::paste::start)
}

/// The program that carries out plans.
#[wasm_split(export, fallible)]
pub fn export() -> Result<fn(), NotLoaded> {
    Ok(worker::export::start)
}

/// The program that writes documents.
#[wasm_split(report, fallible)]
pub fn report() -> Result<fn(), NotLoaded> {
    Ok(worker::report::start)
}
