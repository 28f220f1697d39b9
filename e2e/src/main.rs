//! Saves a picture of every screen: `cargo xtask screenshots --out DIR`.

fn main() {}
