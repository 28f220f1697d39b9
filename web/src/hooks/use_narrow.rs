//! Does the window fit a media query?

use gloo_events::EventListener;
use yew::prelude::*;

/// True while the window fits `query`.
#[hook]
pub fn use_narrow(query: &'static str) -> bool {
    let fits = use_state_eq(|| matches(query));
    let setter = fits.setter();
    use_effect_with(query, move |query| {
        let query = *query;
        let listener = web_sys::window()
            .map(|window| EventListener::new(&window, "resize", move |_| setter.set(matches(query))));
        move || drop(listener)
    });
    *fits
}

fn matches(query: &str) -> bool {
    let list = web_sys::window().and_then(|window| window.match_media(query).ok()?);
    list.is_some_and(|list| list.matches())
}
