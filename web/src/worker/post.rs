//! Posting to the page.

use borsh::BorshSerialize;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DedicatedWorkerGlobalScope};

use crate::protocol::{self, BLOB, MESSAGE, Notice};

/// At most ten times a second: more is noise, and every message costs the page a render.
const PROGRESS_EVERY_MS: f64 = 100.0;

/// Posts a notice behind which nothing follows.
pub(super) fn notice(notice: &Notice) {
    send(&protocol::encode(notice), None);
}

/// Posts a part of an answer.
pub(super) fn part(part: &impl BorshSerialize) {
    let mut bytes = protocol::encode(&Notice::Part);
    protocol::append(&mut bytes, part);
    send(&bytes, None);
}

/// Posts an answer, with the finished copy beside it where there is one.
pub(super) fn answer(answer: &impl BorshSerialize, blob: Option<&Blob>) {
    let mut bytes = protocol::encode(&Notice::Answer);
    protocol::append(&mut bytes, answer);
    send(&bytes, blob);
}

/// A function that posts progress, though not too often.
pub(super) fn progress() -> impl FnMut(u64, u64) {
    let mut last_ms = 0.0;
    move |done_bytes, total_bytes| {
        let now_ms = js_sys::Date::now();
        if now_ms - last_ms >= PROGRESS_EVERY_MS {
            last_ms = now_ms;
            notice(&Notice::Progress { done_bytes, total_bytes });
        }
    }
}

fn send(bytes: &[u8], blob: Option<&Blob>) {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let buffer = Uint8Array::from(bytes).buffer();
    let message = Object::new();
    // Setting a property of a new plain object cannot fail, and posting plain data to a page that is gone is no loss.
    let _ = Reflect::set(&message, &MESSAGE.into(), &buffer);
    if let Some(blob) = blob {
        let _ = Reflect::set(&message, &BLOB.into(), blob);
    }
    let transfer: JsValue = Array::of1(&buffer).into();
    let _ = scope.post_message_with_transfer(&message, &transfer);
}
