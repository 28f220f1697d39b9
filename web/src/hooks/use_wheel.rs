//! The mouse wheel over an element, before the browser scrolls.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, WheelEvent};
use yew::prelude::*;

/// Height of a line where a wheel counts in lines, px.
const LINE_PX: f64 = 26.0;

/// Calls back with how far the wheel was turned, in px. Where the answer is true the browser does nothing more; else the page scrolls.
/// A listener of Yew's sits on the body, where browsers do not let it hold the wheel up.
#[hook]
pub fn use_wheel(node: &NodeRef, on_wheel: Callback<f64, bool>) {
    use_effect_with((node.clone(), on_wheel), |(node, on_wheel)| {
        let on_wheel = on_wheel.clone();
        let listener = node.cast::<Element>().map(|element| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&element, "wheel", options, move |event| {
                let Some(wheel) = event.dyn_ref::<WheelEvent>() else { return };
                // Zooming, and scrolling sideways, is not for the list.
                if wheel.ctrl_key() || wheel.delta_y() == 0.0 {
                    return;
                }
                let way = match wheel.delta_mode() {
                    WheelEvent::DOM_DELTA_PIXEL => wheel.delta_y(),
                    _ => wheel.delta_y() * LINE_PX,
                };
                if on_wheel.emit(way) {
                    event.prevent_default();
                }
            })
        });
        move || drop(listener)
    });
}
