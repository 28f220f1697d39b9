//! The way back from a key to the table, and to the keys beside it.

use snaptape_report::units;
use yew::prelude::*;

use crate::hooks::{KeySteps, KnownBeside};
use crate::one_key::Way;

/// A link and two buttons; `back` is where the table is.
pub fn key_steps(steps: &KeySteps, back: &str) -> Html {
    let (mut previous, mut next, mut said) = (true, true, String::new());
    match &steps.known {
        KnownBeside::Nothing | KnownBeside::Asked => {}
        KnownBeside::Looking(done, total) => {
            said = format!("Listing the keys: {} of {}.", units::bytes(*done), units::bytes(*total));
        }
        KnownBeside::Found(Some(beside)) => {
            (previous, next) = (beside.previous.is_some(), beside.next.is_some());
            if !beside.in_table {
                said = "in the order of the file".into();
            }
        }
        KnownBeside::Found(None) => {
            (previous, next) = (false, false);
            said = "The table does not hold the keys beside this one.".into();
        }
    }
    let button = |way: Way, enabled: bool, name: &str, key: &'static str| {
        let onclick = steps.step.reform(move |_: MouseEvent| way);
        let id = if way == Way::Previous { "step-previous" } else { "step-next" };
        // A button that is disabled would let go of the focus.
        html! {
            <button type="button" class="button" aria-disabled={(!enabled).to_string()} aria-keyshortcuts={key} data-testid={id} {onclick}>{ name }</button>
        }
    };
    html! {
        <nav class="keySteps" aria-label="Keys">
            <a href={back.to_owned()} data-testid="key-back">{ "All keys" }</a>
            { button(Way::Previous, previous, "Previous", "[") }
            { button(Way::Next, next, "Next", "]") }
            <span class="muted" role="status">{ said }</span>
        </nav>
    }
}
