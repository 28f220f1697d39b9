//! Signs that mean the same without colour.

use yew::prelude::*;

use super::bar::type_class;
use crate::words::Tone;

/// Properties of [`TypeMark`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TypeMarkProps {
    /// The type, in the words of the TYPE command.
    pub type_name: AttrValue,
}

/// A type: its own shape, its own colour, its name.
#[component]
pub fn TypeMark(props: &TypeMarkProps) -> Html {
    let shape = match props.type_name.as_str() {
        "string" => html! { <rect x="1" y="1" width="8" height="8" rx="1.5" /> },
        "hash" => html! { <path d="M1 1h3.4v3.4H1zM5.6 1H9v3.4H5.6zM1 5.6h3.4V9H1zM5.6 5.6H9V9H5.6z" /> },
        "zset" => html! { <path d="M1 9V6h2v3zM4 9V3.5h2V9zM7 9V1h2v8z" /> },
        "set" => html! { <circle cx="5" cy="5" r="4.2" /> },
        "list" => html! { <path d="M1 1h8v2H1zM1 4h8v2H1zM1 7h8v2H1z" /> },
        "stream" => html! { <path d="M1 1l4 4-4 4V6.6L2.6 5 1 3.4zM5 1l4 4-4 4V6.6L6.6 5 5 3.4z" /> },
        _ => html! { <path d="M5 .6 9.4 5 5 9.4.6 5z" /> },
    };
    html! {
        <span class="typeMark">
            <svg class={classes!("typeMarkShape", type_class(&props.type_name))} width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" focusable="false">{ shape }</svg>
            { props.type_name.clone() }
        </span>
    }
}

/// Properties of [`ToneMark`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ToneMarkProps {
    /// How serious.
    pub tone: Tone,
    /// Said aloud in place of the sign; without it the sign is hidden from readers.
    #[prop_or_default]
    pub label: Option<AttrValue>,
}

/// A severity: its own shape and colour.
#[component]
pub fn ToneMark(props: &ToneMarkProps) -> Html {
    let shape = match props.tone {
        Tone::Ok => html! { <path d="M2 6.4 4.8 9.2 10 3.2" class="toneMarkLine" /> },
        Tone::Note => html! { <path d="M6 1 11 6 6 11 1 6z" /> },
        Tone::Warn => html! { <circle cx="6" cy="6" r="4.6" /> },
        Tone::Bad => html! { <path d="M6 .8 11.6 11H.4z" /> },
    };
    let hidden = props.label.is_none().then_some("true");
    html! {
        <svg class={classes!("toneMark", props.tone.class())} width="12" height="12" viewBox="0 0 12 12" focusable="false"
            aria-hidden={hidden} role={props.label.as_ref().map(|_| "img")} aria-label={props.label.clone()}>{ shape }</svg>
    }
}
