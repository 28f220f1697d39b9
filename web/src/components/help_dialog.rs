//! The keyboard, explained.

use yew::prelude::*;

use crate::keys_help::ALL;

/// Every key, by the place where it works.
pub fn help_text() -> Html {
    html! {
        { for ALL.iter().map(|place| html! {
            <section class="helpPlace">
                <h3 class="helpTitle">{ place.place }</h3>
                <dl class="helpList">
                    { for place.keys.iter().map(|(keys, what)| html! {
                        <><dt>{ for keys.split(' ').map(|key| if matches!(key, "–") { html! { " – " } } else { html! { <><kbd>{ key }</kbd>{ " " }</> } }) }</dt><dd>{ what }</dd></>
                    }) }
                </dl>
            </section>
        }) }
    }
}
