//! While the worker reads.

use yew::prelude::*;

use crate::components::ProgressPanel;
use crate::meter::Meter;
use crate::state::Subject;

/// Properties of [`Reading`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ReadingProps {
    /// What is read.
    pub subject: Subject,
    /// How far it is.
    pub meter: Meter,
    /// Called to stop it.
    pub on_cancel: Callback<()>,
}

/// Progress, and nothing to distract from it.
#[component]
pub fn Reading(props: &ReadingProps) -> Html {
    html! {
        <div class="reading">
            <ProgressPanel title={format!("Reading {}", props.subject.name)} meter={props.meter.clone()} on_cancel={props.on_cancel.clone()} />
        </div>
    }
}
