//! The way back to files that were open before.

use yew::prelude::*;

use crate::state::Subject;

/// A button for each; nothing where there are none.
pub fn earlier(subjects: &[Subject], on_reopen: &Callback<usize>) -> Html {
    html! {
        if !subjects.is_empty() {
            <p class="earlier">
                <span class="muted">{ "Open again:" }</span>
                { for subjects.iter().enumerate().map(|(index, subject)| {
                    let onclick = on_reopen.reform(move |_: MouseEvent| index);
                    html! {
                        <button type="button" class="button earlierButton code" {onclick} title={subject.name.clone()} data-testid={format!("earlier-{index}")}>
                            { subject.name.clone() }
                        </button>
                    }
                }) }
            </p>
        }
    }
}
