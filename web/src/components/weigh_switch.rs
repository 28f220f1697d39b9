//! By memory, or by the number of keys.

use snaptape_summary::Weigh;
use yew::prelude::*;

use crate::hooks::Go;
use crate::route::Route;

/// Two buttons, one of them pressed; the address remembers which.
pub fn weigh_switch(route: &Route, go: &Go) -> Html {
    let button = |weigh: Weigh, words: &'static str| {
        let go = go.clone();
        let onclick = Callback::from(move |_: MouseEvent| go.replace(Route { weigh, ..go.now() }));
        let pressed = route.weigh == weigh;
        html! {
            <button type="button" class={classes!("switchButton", pressed.then_some("switchButtonPressed"))} aria-pressed={pressed.to_string()} {onclick}
                data-testid={format!("weigh-{}", weigh.id())}>{ words }</button>
        }
    };
    html! {
        <div class="switch" role="group" aria-label="What the picture measures">
            { button(Weigh::Memory, "Memory") }
            { button(Weigh::Keys, "Keys") }
        </div>
    }
}
