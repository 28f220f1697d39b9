//! Asks the linker for what the program is cut by: see `xtask/src/chunks.rs`.

#[expect(clippy::disallowed_methods, reason = "this runs in no browser")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
