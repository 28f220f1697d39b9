//! The workers' side: programs that read slices of `File`s, drive the engine and post answers. They hold nothing between messages.

mod breathe;
mod inspect;
mod post;
mod program;
mod source;

pub mod export;
pub mod look;
pub mod open;
pub mod paste;
pub mod report;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::DedicatedWorkerGlobalScope;

use crate::chunks::{self, NotLoaded};
use crate::protocol::{Export, Look, Notice, Open, Paste, Program, Report};

/// What this worker is called, if we are in one.
pub fn name() -> Option<String> {
    js_sys::global().dyn_into().ok().map(|scope: DedicatedWorkerGlobalScope| scope.name())
}

/// Starts the program of this name, once its chunk is there.
pub fn start(name: String) {
    spawn_local(async move {
        let program = match name.as_str() {
            Open::NAME => Ok(open::start as fn()),
            Look::NAME => chunks::look().await,
            Paste::NAME => chunks::paste().await,
            Export::NAME => chunks::export().await,
            Report::NAME => chunks::report().await,
            _ => Err(NotLoaded),
        };
        match program {
            Ok(start) => start(),
            Err(NotLoaded) => post::notice(&Notice::Failed { message: missing_chunk() }),
        }
    });
}

/// What to say when a part of the program could not be loaded.
fn missing_chunk() -> String {
    "A part of this page could not be loaded. Its files must still be where it came from; then try again."
        .into()
}
