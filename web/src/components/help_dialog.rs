//! The keyboard, explained.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// Properties of [`HelpDialog`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct HelpDialogProps {
    /// Is it shown?
    pub open: bool,
    /// Called when it was closed.
    pub on_close: Callback<()>,
}

const SHORTCUTS: [(&str, &str); 8] = [
    ("1 – 9", "go to that view of the list on the left"),
    ("Esc", "cancel the work under way; else back to the overview"),
    ("/", "filter the commands of a tape"),
    ("↑ ↓ PgUp PgDn Home End", "another command of the list; Enter shows all of it"),
    ("← →", "another bar of the chart of writes; Enter lists its commands"),
    ("Tab", "next control; Enter or Space presses it"),
    ("Alt ←", "back to the view before, as the address remembers it"),
    ("?", "this list"),
];

/// A modal list of the keys that work everywhere.
#[component]
pub fn HelpDialog(props: &HelpDialogProps) -> Html {
    let node = use_node_ref();
    use_effect_with((props.open, node.clone()), |(open, node)| {
        if let Some(dialog) = node.cast::<HtmlDialogElement>() {
            if *open && !dialog.open() {
                // Fails only for a dialog that is open already.
                let _ = dialog.show_modal();
            } else if !*open && dialog.open() {
                dialog.close();
            }
        }
    });
    let on_close = props.on_close.reform(|_: Event| ());
    let close = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <dialog class="helpDialog" ref={node} onclose={on_close} aria-labelledby="help-title">
            <h2 id="help-title" class="helpDialogTitle">{ "Keyboard" }</h2>
            <dl class="helpDialogList">
                { for SHORTCUTS.iter().map(|(key, what)| html! { <><dt><kbd>{ key }</kbd></dt><dd>{ what }</dd></> }) }
            </dl>
            <button type="button" class="button buttonPrimary" onclick={close}>{ "Close" }</button>
        </dialog>
    }
}
