//! Commands to be copied.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::hooks::copy_text;

/// Properties of [`ShellBlock`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ShellBlockProps {
    /// The commands.
    pub text: AttrValue,
}

/// A block of shell commands and a button that copies them.
#[component]
pub fn ShellBlock(props: &ShellBlockProps) -> Html {
    let said = use_state(|| "Copy");
    let onclick = {
        let (text, said) = (props.text.clone(), said.setter());
        Callback::from(move |_: MouseEvent| {
            let (text, said) = (text.clone(), said.clone());
            spawn_local(async move {
                said.set(if copy_text(&text).await { "Copied" } else { "Select the text and copy it" });
            });
        })
    };
    html! {
        <div class="shellBlock">
            <pre class="shellBlockText" tabindex="0">{ props.text.clone() }</pre>
            <button type="button" class="button" {onclick} aria-live="polite">{ *said }</button>
        </div>
    }
}
