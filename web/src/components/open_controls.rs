//! Choosing files and folders.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::files::Given;

/// Properties of [`OpenControls`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct OpenControlsProps {
    /// Called with the files chosen.
    pub on_pick: Callback<Given>,
}

/// Two buttons: files, or a folder. Each is a real file input under a label, so the keyboard reaches it as it is.
#[component]
pub fn OpenControls(props: &OpenControlsProps) -> Html {
    let on_change = {
        let on_pick = props.on_pick.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            let given = Given::chosen(input.files());
            // Choosing the same file again must be a change again.
            input.set_value("");
            if let Some(given) = given {
                on_pick.emit(given);
            }
        })
    };
    html! {
        <div class="openControls">
            <label class="button buttonPrimary openControl">
                { "Choose files" }
                <input class="openControlInput" type="file" multiple={true} data-testid="pick-files" onchange={on_change.clone()} />
            </label>
            <label class="button openControl">
                { "Choose a folder" }
                <input class="openControlInput" type="file" webkitdirectory={true} data-testid="pick-folder" onchange={on_change} />
            </label>
        </div>
    }
}
