//! The whole window takes files.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Event};
use yew::prelude::*;

use crate::files::Given;

fn files_of(event: &Event) -> Option<DataTransfer> {
    let transfer = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    transfer.types().includes(&"Files".into(), 0).then_some(transfer)
}

/// Calls back with what is dropped anywhere; true while files hover over the window.
#[hook]
pub fn use_drop(on_drop: Callback<Given>) -> bool {
    let hovering = use_state(|| false);
    let setter = hovering.setter();
    use_effect_with(on_drop, move |on_drop| {
        let on_drop = on_drop.clone();
        let window = web_sys::window();
        let listen = |name: &'static str, mut each: Box<dyn FnMut(&Event)>| {
            window.as_ref().map(|window| {
                // Without `preventDefault` the browser would leave the page and show the file.
                let options = EventListenerOptions::enable_prevent_default();
                EventListener::new_with_options(window, name, options, move |event| each(event))
            })
        };
        let (over, left, dropped) = (setter.clone(), setter.clone(), setter);
        let listeners = [
            listen(
                "dragover",
                Box::new(move |event| {
                    if files_of(event).is_some() {
                        event.prevent_default();
                        over.set(true);
                    }
                }),
            ),
            listen(
                "dragleave",
                Box::new(move |event| {
                    // Left for another element means still inside; left for nothing means outside the window.
                    if event.dyn_ref::<DragEvent>().is_some_and(|drag| drag.related_target().is_none()) {
                        left.set(false);
                    }
                }),
            ),
            listen(
                "drop",
                Box::new(move |event| {
                    dropped.set(false);
                    if let Some(transfer) = files_of(event) {
                        event.prevent_default();
                        on_drop.emit(Given::dropped(&transfer));
                    }
                }),
            ),
        ];
        move || drop(listeners)
    });
    *hovering
}
