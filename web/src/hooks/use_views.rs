//! The chunk with the views, loaded once the verdict is on the screen.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::chunks::{self, NotLoaded};
use crate::views::Shown;

/// How it stands with the views.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Views {
    /// On their way, or not asked for yet.
    Coming,
    /// They could not be loaded.
    Missing,
    /// Here.
    Here(Show),
}

/// Shows a view.
#[derive(Debug, Clone, Copy)]
pub struct Show(pub fn(Shown) -> Html);

impl PartialEq for Show {
    fn eq(&self, _: &Self) -> bool {
        // There is one.
        true
    }
}

/// The views, loaded as soon as they are `wanted`; the callback tries again.
#[hook]
pub fn use_views(wanted: bool) -> (Views, Callback<()>) {
    let views = use_state_eq(|| Views::Coming);
    let load = {
        let views = views.setter();
        Callback::from(move |()| {
            let views = views.clone();
            views.set(Views::Coming);
            spawn_local(async move {
                views.set(match chunks::views().await {
                    Ok(show) => Views::Here(Show(show)),
                    Err(NotLoaded) => Views::Missing,
                });
            });
        })
    };
    {
        // Once they are here they stay, whatever is opened.
        let (load, lacks) = (load.clone(), !matches!(*views, Views::Here(_)));
        use_effect_with(wanted, move |&wanted| {
            if wanted && lacks {
                load.emit(());
            }
        });
    }
    (*views, load)
}
