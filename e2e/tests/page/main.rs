//! The built page, as a person uses it, in real browsers.

mod access;
mod behaviour;
mod bytes;
mod conduct;
mod containers;
mod firefox;
mod first_visit;
mod keyboard;
mod keys;
mod links;
mod map;
mod native;
mod newcomer;
mod one_key;
mod open;
mod paste;
mod patterns;
mod pictures;
mod privacy;
mod progress;
mod releases;
mod repair;
mod restore;
mod sizes;
mod tape;
mod weight;
