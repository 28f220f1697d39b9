//! Boxes that scroll by themselves, by keyboard too.

use core::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, MutationObserver, MutationObserverInit};
use yew::prelude::*;

/// What may scroll sideways, or up and down.
const SCROLLERS: &str = ".cardBody, .tableScroll, .keyName";

/// Makes every such box a stop of the Tab key while there is more in it than is seen, and no longer: a table that fits is none.
#[hook]
pub fn use_scrollers() {
    use_effect_with((), |()| {
        let waiting = Rc::new(Cell::new(false));
        let frame = {
            let waiting = Rc::clone(&waiting);
            Closure::<dyn FnMut()>::new(move || {
                waiting.set(false);
                look();
            })
        };
        // Once for all changes of a frame, just before it is laid out anyway.
        let schedule = {
            let callback = frame.as_ref().clone();
            move || {
                if !waiting.replace(true)
                    && let Some(window) = web_sys::window()
                {
                    // Refused only for what is no function.
                    let _ = window.request_animation_frame(callback.unchecked_ref());
                }
            }
        };
        let resized = web_sys::window().map(|window| {
            let schedule = schedule.clone();
            EventListener::new(&window, "resize", move |_| schedule())
        });
        let changed = Closure::<dyn FnMut(JsValue)>::new(move |_| schedule());
        let observer = MutationObserver::new(changed.as_ref().unchecked_ref()).ok();
        let body = web_sys::window().and_then(|window| window.document()?.body());
        if let (Some(observer), Some(body)) = (&observer, body) {
            let options = MutationObserverInit::new();
            options.set_child_list(true);
            options.set_subtree(true);
            // Refused only for options that say nothing.
            let _ = observer.observe_with_options(&body, &options);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop((resized, changed, frame));
        }
    });
}

fn look() {
    let found = web_sys::window().and_then(|window| window.document()?.query_selector_all(SCROLLERS).ok());
    let Some(found) = found else { return };
    for element in (0..found.length()).filter_map(|i| found.get(i)) {
        let element: Element = element.unchecked_into();
        let more = element.scroll_width() > element.client_width()
            || element.scroll_height() > element.client_height();
        if more != element.has_attribute("tabindex") {
            // Attributes of elements can always be changed.
            let _ = if more {
                element.set_attribute("tabindex", "0")
            } else {
                element.remove_attribute("tabindex")
            };
        }
    }
}
