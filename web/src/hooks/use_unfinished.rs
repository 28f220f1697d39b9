//! Nobody closes the page over an unfinished copy by mistake.

use gloo_events::{EventListener, EventListenerOptions};
use yew::prelude::*;

/// While there is one, the browser asks before it leaves the page, in its own words.
#[hook]
pub fn use_unfinished(unfinished: bool) {
    use_effect_with(unfinished, |unfinished| {
        let window = web_sys::window().filter(|_| *unfinished);
        let listener = window.map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "beforeunload", options, Event::prevent_default)
        });
        move || drop(listener)
    });
}
