//! The program that carries out plans.

mod carry_out;
mod contents;
mod folder;
mod zipped;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

use super::program::{Answered, start as program};
use super::source::Source;
use crate::protocol::{Export, ExportAnswer, ExportRequest, FOLDER};
use carry_out::{Order, Place};
use folder::Folder;

/// Starts it.
pub fn start() {
    program::<Export>(export);
}

async fn export(request: ExportRequest, sources: Vec<Source>, data: JsValue) -> Answered<Export> {
    let ExportRequest { plan, target, is_foreign, verdict, packed, file_name, now_ms } = &request;
    let order = Order {
        plan,
        target,
        is_foreign: *is_foreign,
        verdict: *verdict,
        packed,
        file_name,
        now_ms: *now_ms,
    };
    let handle = Reflect::get(&data, &FOLDER.into()).ok().filter(|handle| !handle.is_undefined());
    let place = match handle {
        Some(handle) => Place::Folder(Folder::empty(handle.unchecked_into()).await?),
        None => Place::Download,
    };
    let (receipt, blob) = carry_out::carry_out(&order, &sources, &place).await?;
    let folder = match &place {
        Place::Download => None,
        Place::Folder(folder) => Some(folder.name()),
    };
    Ok((ExportAnswer { receipt, folder }, blob))
}
