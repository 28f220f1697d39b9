//! The built page, as a person uses it, in real browsers.

mod access;
mod conduct;
mod containers;
mod firefox;
mod native;
mod open;
mod patterns;
mod pictures;
mod progress;
mod releases;
mod repair;
mod restore;
mod tape;
