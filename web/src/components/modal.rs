//! A dialog over the page.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// Properties of [`Modal`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ModalProps {
    /// Its heading; it is open while there is one.
    pub title: Option<AttrValue>,
    /// What its button says.
    #[prop_or(AttrValue::Static("Close"))]
    pub close: AttrValue,
    /// Another button beside it.
    #[prop_or_default]
    pub beside: Html,
    /// Called when it was closed.
    pub on_close: Callback<()>,
    /// What is in it.
    pub children: Html,
}

/// A modal dialog: Esc closes it, the focus stays in it, and goes back to where it was.
#[component]
pub fn Modal(props: &ModalProps) -> Html {
    let node = use_node_ref();
    use_effect_with((props.title.is_some(), node.clone()), |(open, node)| {
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
        <dialog class="modal" ref={node} onclose={on_close} aria-labelledby="modal-title" data-testid="modal">
            <h2 id="modal-title" class="modalTitle">{ props.title.clone().unwrap_or_default() }</h2>
            <div class="modalBody" tabindex="0" role="group" aria-labelledby="modal-title">{ props.children.clone() }</div>
            <div class="modalFoot">
                <button type="button" class="button buttonPrimary" onclick={close} data-testid="modal-close">{ props.close.clone() }</button>
                { props.beside.clone() }
            </div>
        </dialog>
    }
}
