//! Runs the binary.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

pub(crate) fn snaptape(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snaptape")).args(args).output().expect("the binary")
}

/// Exit status and what it says, on either channel.
pub(crate) fn said(args: &[&str]) -> (Option<i32>, String, String) {
    let output = snaptape(args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!("{e}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// A file of the repository.
pub(crate) fn file(name: &str) -> String {
    let path = testdata().join(name);
    assert!(path.exists(), "{} is part of the repository", path.display());
    path.to_string_lossy().into_owned()
}
