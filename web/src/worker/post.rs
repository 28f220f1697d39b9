//! Posting to the page.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DedicatedWorkerGlobalScope};

use crate::protocol::{BLOB, MESSAGE, Reply};

/// At most ten times a second: more is noise, and every message costs the page a render.
const PROGRESS_EVERY_MS: f64 = 100.0;

/// Posts a reply.
pub(super) fn reply(reply: &Reply) {
    send(reply, None);
}

/// Posts a reply with the finished copy beside it.
pub(super) fn reply_with_blob(reply: &Reply, blob: &Blob) {
    send(reply, Some(blob));
}

/// A function that posts progress, though not too often.
pub(super) fn progress() -> impl FnMut(u64, u64) {
    let mut last_ms = 0.0;
    move |done_bytes, total_bytes| {
        let now_ms = js_sys::Date::now();
        if now_ms - last_ms >= PROGRESS_EVERY_MS {
            last_ms = now_ms;
            reply(&Reply::Progress { done_bytes, total_bytes });
        }
    }
}

fn send(reply: &Reply, blob: Option<&Blob>) {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let Ok(text) = serde_json::to_string(reply) else { return };
    let message = Object::new();
    // Setting a property of a new plain object cannot fail, and posting plain data to a page that is gone is no loss.
    let _ = Reflect::set(&message, &MESSAGE.into(), &JsValue::from_str(&text));
    if let Some(blob) = blob {
        let _ = Reflect::set(&message, &BLOB.into(), blob);
    }
    let _ = scope.post_message(&message);
}
