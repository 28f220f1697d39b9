//! Opening what stands in the clipboard.

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::files::Given;
use crate::hooks::{Pasting, use_pasted};

/// Properties of [`PasteField`].
#[derive(Clone, PartialEq, Properties)]
pub struct PasteFieldProps {
    /// Called with the file that was pasted.
    pub on_pick: Callback<Given>,
}

/// A field for hex, base64 and what DUMP answers; while it is there, pasting anywhere opens what is pasted.
#[component]
pub fn PasteField(props: &PasteFieldProps) -> Html {
    let paster = use_pasted(&props.on_pick);
    let field = use_node_ref();
    let onsubmit = {
        let (paster, field) = (paster.clone(), field.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            paster.open(field.cast::<HtmlTextAreaElement>().map(|field| field.value()).unwrap_or_default());
        })
    };
    let message = match &*paster.pasting {
        Pasting::Idle => Html::default(),
        Pasting::Working => html! { <p role="status">{ "Reading it ..." }</p> },
        Pasting::Failed(why) => {
            html! { <p class="toneBad pasteFieldWrong" role="alert" data-testid="paste-wrong">{ why.clone() }</p> }
        }
        Pasting::Doubtful { doubt, picked } => {
            let (picked, on_pick) = (picked.clone(), props.on_pick.clone());
            let onclick =
                Callback::from(move |_: MouseEvent| on_pick.emit(Given::made(vec![picked.clone()])));
            html! {
                <div class="pasteFieldDoubt" role="alert" data-testid="paste-doubt">
                    <p class="toneWarn pasteFieldWrong">{ doubt.clone() }</p>
                    <button type="button" class="button" {onclick} data-testid="paste-anyway">{ "Open it all the same" }</button>
                </div>
            }
        }
    };
    html! {
        <div class="pasteField">
        <details>
            <summary class="pasteFieldSummary" data-testid="paste-open">{ "Paste hex or base64" }</summary>
            <form class="pasteFieldForm" {onsubmit}>
                <label for="paste-text" class="muted">{ "A snapshot, commands, or what redis-cli DUMP printed: hex, xxd or hexdump, \"\\x00\\x03abc\", base64. Ctrl+V anywhere on this page does the same." }</label>
                <textarea class="textField pasteFieldText" id="paste-text" ref={field} rows="4" spellcheck="false" autocomplete="off" data-testid="paste-text" />
                <button class="button" data-testid="paste-go">{ "Open" }</button>
            </form>
        </details>
        // Outside, because the field may be closed.
        { message }
        </div>
    }
}
