//! When there is no answer.

use yew::prelude::*;

use crate::components::{OpenControls, ToneMark};
use crate::files::Given;
use crate::words::Tone;

/// Properties of [`Failed`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct FailedProps {
    /// What was opened; empty when it came to nothing before that.
    pub name: AttrValue,
    /// Why.
    pub message: AttrValue,
    /// Called with what was chosen instead.
    pub on_given: Callback<Given>,
    /// The way back to what was open before.
    pub earlier: Html,
}

/// One sentence that says why, and the way to try something else.
#[component]
pub fn Failed(props: &FailedProps) -> Html {
    let title = if props.name.is_empty() {
        "That could not be opened.".to_owned()
    } else {
        format!("{} could not be read.", props.name)
    };
    html! {
        <div class="failed" role="alert" data-testid="error">
            <h1 class="verdict"><ToneMark tone={Tone::Bad} />{ " " }{ title }</h1>
            <p class="lead">{ props.message.clone() }</p>
            <OpenControls on_pick={props.on_given.clone()} />
            { props.earlier.clone() }
        </div>
    }
}
