//! The way back: every step of the history keeps how far it was scrolled.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::{Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Window};
use yew::prelude::*;

use crate::route::Route;

/// Steps that are remembered.
const MOST_STEPS: usize = 200;
/// What a view shows may come from a worker: so many frames it may take until there is enough to scroll to.
const MOST_FRAMES: u32 = 60;

#[derive(Default)]
struct Steps {
    /// The step that is shown; its number is in the state of the history, too.
    current: Cell<f64>,
    /// Steps, and how far each was scrolled, px.
    scrolled: RefCell<Vec<(f64, i32)>>,
}

impl Steps {
    fn note(&self, top: i32) {
        let mut scrolled = self.scrolled.borrow_mut();
        let current = self.current.get();
        match scrolled.iter_mut().find(|(step, _)| same(*step, current)) {
            Some(noted) => noted.1 = top,
            None => scrolled.push((current, top)),
        }
        if scrolled.len() > MOST_STEPS {
            scrolled.remove(0);
        }
    }

    fn noted(&self) -> Option<i32> {
        let current = self.current.get();
        self.scrolled.borrow().iter().find(|(step, _)| same(*step, current)).map(|(_, top)| *top)
    }
}

/// Whole numbers, both of them.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.5
}

/// Scrolls to the top where a view is new, and to where it was where it is returned to.
#[hook]
pub fn use_way_back() {
    use_effect_with((), |()| {
        let window = web_sys::window();
        let steps = Rc::new(Steps::default());
        let listeners = window.map(|window| {
            // The browser would scroll before the view is there.
            let _ = Reflect::set(
                &window.history().map_or(JsValue::NULL, Into::into),
                &"scrollRestoration".into(),
                &"manual".into(),
            );
            arrive(&window, &steps);
            let scrolled = {
                let (window, steps) = (window.clone(), Rc::clone(&steps));
                let options =
                    EventListenerOptions { phase: gloo_events::EventListenerPhase::Capture, passive: true };
                EventListener::new_with_options(&window.clone(), "scroll", options, move |_| {
                    steps.note(top(&window));
                })
            };
            let gone = {
                let (window, mut view) = (window.clone(), shown(&window));
                EventListener::new(&window.clone(), "hashchange", move |_| {
                    let is_known = arrive(&window, &steps);
                    let next = shown(&window);
                    let moved = core::mem::replace(&mut view, next) != view;
                    match steps.noted() {
                        Some(top) if is_known => scroll_to(&window, top),
                        _ if moved => scroll_to(&window, 0),
                        _ => {}
                    }
                })
            };
            [scrolled, gone]
        });
        move || drop(listeners)
    });
}

/// Reads the number of the step we are on; gives it one where it has none, which means that it is new.
fn arrive(window: &Window, steps: &Steps) -> bool {
    let Ok(history) = window.history() else { return false };
    let number = history.state().ok().and_then(|state| state.as_f64());
    steps.current.set(number.unwrap_or_else(|| {
        let number = js_sys::Date::now();
        // Refused when there are too many in too short a time: the step then has no way back.
        let _ = history.replace_state_with_url(&JsValue::from_f64(number), "", None);
        number
    }));
    number.is_some()
}

fn shown(window: &Window) -> crate::route::View {
    Route::parse(&window.location().hash().unwrap_or_default()).view
}

fn main_element(window: &Window) -> Option<Element> {
    window.document()?.get_element_by_id("main")
}

/// On wide screens the main part scrolls, on narrow ones the window.
fn top(window: &Window) -> i32 {
    let main = main_element(window).map_or(0, |main| main.scroll_top());
    let page = window.document().and_then(|document| document.document_element());
    main.max(page.map_or(0, |page| page.scroll_top()))
}

fn scroll_to(window: &Window, wanted: i32) {
    let window = window.clone();
    spawn_local(async move {
        // The first frame still shows the view before.
        frame(&window).await;
        for _ in 0..MOST_FRAMES {
            frame(&window).await;
            if let Some(main) = main_element(&window) {
                main.set_scroll_top(wanted);
            }
            if let Some(page) = window.document().and_then(|document| document.document_element()) {
                page.set_scroll_top(wanted);
            }
            if top(&window) >= wanted {
                return;
            }
        }
    });
}

async fn frame(window: &Window) {
    let promise = Promise::new(&mut |done, _| {
        // Refused only for what is no function.
        let _ = window.request_animation_frame(&done);
    });
    // It is never rejected.
    let _ = JsFuture::from(promise).await;
}
