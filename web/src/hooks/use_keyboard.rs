//! Keys that work everywhere on the page.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::focus_first;

/// The field that `/` leads to, on the views that have one.
const SEARCH_FIELD: &str = "main [data-search], main input[type=search], #command-filter";

/// Puts the focus into the filter or search line of the view; false where it has none.
pub fn focus_search() -> bool {
    focus_first(SEARCH_FIELD)
}

/// Is a key that is pressed there for a field or a dialog? An open dialog has its own Escape; fields have their own digits.
pub(super) fn is_for_a_field(target: Option<&Element>) -> bool {
    const FIELDS: &str = "dialog[open], input:not([type=file]), textarea, select";
    target.is_some_and(|target| target.closest(FIELDS).ok().flatten().is_some())
}

/// A key that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// `1` to `9`.
    Digit(usize),
    /// Stop, or go back.
    Escape,
    /// `?`.
    Help,
    /// `n`: the next view.
    Next,
    /// `p`: the previous view.
    Previous,
}

/// Calls back with keys that were not meant for a field or a dialog.
#[hook]
pub fn use_keyboard(on_press: Callback<Press>) {
    use_effect_with(on_press, |on_press| {
        let on_press = on_press.clone();
        let listener = web_sys::window().map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
                    return;
                }
                let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if is_for_a_field(target.as_ref()) {
                    return;
                }
                match event.key().as_str() {
                    "Escape" => on_press.emit(Press::Escape),
                    "?" => on_press.emit(Press::Help),
                    "n" => on_press.emit(Press::Next),
                    "p" => on_press.emit(Press::Previous),
                    // Or it would be typed into the field.
                    "/" if focus_search() => event.prevent_default(),
                    key => {
                        if let Some(digit) = key.parse().ok().filter(|digit| (1..=9).contains(digit)) {
                            on_press.emit(Press::Digit(digit));
                        }
                    }
                }
            })
        });
        move || drop(listener)
    });
}
