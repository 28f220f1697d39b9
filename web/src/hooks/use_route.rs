//! The address as state, and the theme on the root element.

use core::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::settings_store;
use crate::route::{Route, Theme};

/// Ways to change the address. Handlers begin with what it is when they are called: events can come between a change and its drawing,
/// and what they add to the route they were drawn with would undo the change.
#[derive(Debug, Clone, PartialEq)]
pub struct Go {
    route: UseStateHandle<Route>,
    /// The address that the route was read from or written to.
    known: Rc<RefCell<String>>,
}

impl Go {
    /// Where we are now: also where a link has just been followed, and the view has not heard of it.
    pub fn now(&self) -> Route {
        let address = address();
        if *self.known.borrow() == address { (*self.route).clone() } else { read(&address) }
    }

    /// A new step: the back button returns from it.
    pub fn to(&self, route: Route) {
        if let Some(window) = web_sys::window() {
            // The listener hears of it and sets the state.
            let _ = window.location().set_hash(&route.to_hash());
        }
    }

    /// Changes the step we are on.
    pub fn replace(&self, route: Route) {
        if let Some(window) = web_sys::window()
            && let Ok(history) = window.history()
        {
            // The step stays the one it is.
            let state = history.state().unwrap_or(JsValue::NULL);
            let _ = history.replace_state_with_url(&state, "", Some(&route.to_hash()));
            self.known.replace(address());
        }
        self.route.set(route);
    }

    /// Changes what is shown and leaves the address for later: a slider that is being dragged.
    pub fn preview(&self, route: Route) {
        self.route.set(route);
    }

    /// Changes the theme here, and for the next visit.
    pub fn theme(&self, theme: Option<Theme>) {
        settings_store::remember_theme(theme);
        self.replace(Route { theme, ..self.now() });
    }
}

fn address() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

fn read(address: &str) -> Route {
    let route = Route::parse(address);
    Route { theme: route.theme.or_else(settings_store::theme), ..route }
}

/// What the address says, and ways to change it.
#[hook]
pub fn use_route() -> (Route, Go) {
    let route = use_state(|| read(&address()));
    let known = use_mut_ref(address);
    {
        let (setter, known) = (route.setter(), known.clone());
        use_effect_with((), move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "hashchange", move |_| {
                    let address = address();
                    setter.set(read(&address));
                    known.replace(address);
                })
            });
            move || drop(listener)
        });
    }
    use_effect_with(route.theme, |theme| {
        let root = web_sys::window().and_then(|window| window.document()?.document_element());
        if let Some(root) = root {
            // Attributes of the root element can always be set.
            let _ = match theme {
                Some(theme) => root.set_attribute("data-theme", theme.id()),
                None => root.remove_attribute("data-theme"),
            };
        }
    });
    ((*route).clone(), Go { route, known })
}
