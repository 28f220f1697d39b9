//! How wide an element is.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// The width of the element behind `node` in whole px, whenever it changes; 0 before it is known.
#[hook]
pub fn use_width(node: &NodeRef) -> f64 {
    let width = use_state(|| 0.0);
    {
        let setter = width.setter();
        use_effect_with(node.clone(), move |node| {
            let watched = node.cast::<Element>().and_then(|element| {
                let measured = element.clone();
                let tell = Closure::<dyn FnMut()>::new(move || {
                    setter.set(measured.get_bounding_client_rect().width().floor());
                });
                let observer = ResizeObserver::new(tell.as_ref().unchecked_ref()).ok()?;
                // It tells at once how wide the element is.
                observer.observe(&element);
                Some((observer, tell))
            });
            move || {
                if let Some((observer, _tell)) = watched {
                    observer.disconnect();
                }
            }
        });
    }
    *width
}
