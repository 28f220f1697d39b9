//! The built page, as a person uses it, in a real Chromium.

mod conduct;
mod containers;
mod native;
mod open;
mod patterns;
mod progress;
mod releases;
mod repair;
mod restore;
mod tape;
