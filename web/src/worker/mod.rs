//! The workers' side: programs that read slices of `File`s, drive the engine and post answers. They hold nothing between messages.

mod inspect;
mod map;
mod post;
mod program;
mod source;

pub mod export;
pub mod look;
pub mod open;
pub mod report;
