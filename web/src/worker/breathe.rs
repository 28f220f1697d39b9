//! A turn of the event loop, for work that comes in slices.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

/// Lets messages that wait come in. A timer would do, too, but browsers make those wait for milliseconds.
pub(super) async fn breathe() {
    let turn = Promise::new(&mut |resolve: Function, _| {
        let Ok(channel) = MessageChannel::new() else {
            let _ = resolve.call0(&JsValue::UNDEFINED);
            return;
        };
        channel.port1().set_onmessage(Some(&resolve));
        // A message without anything in it can always be posted.
        let _ = channel.port2().post_message(&JsValue::UNDEFINED);
    });
    let _ = JsFuture::from(turn).await;
}
