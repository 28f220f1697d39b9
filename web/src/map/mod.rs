//! The memory map, without the browser: its tree, where its parts are drawn, what is found in it, what the address says of it.

mod draw;
mod find;
mod icicle;
mod label;
mod loading;
mod place;
mod rows;
mod steps;
mod tree;
mod treemap;

pub use draw::{Drawing, Tile, draw};
pub use find::{Found, Standing, find};
pub use label::{CHAR_PX, clip};
pub use loading::{Load, Loading};
pub use place::{MapPlace, MapStyle};
pub use rows::{Row, rows};
pub use steps::{Step, step, towards};
pub use tree::Tree;
