//! The way from the copy to a server that runs on it.

use yew::prelude::*;

use super::ShellBlock;
use crate::place;
use crate::state::Opened;

/// Properties of [`PutInPlace`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PutInPlaceProps {
    /// The report.
    pub opened: Opened,
    /// Which plan.
    pub index: usize,
}

/// The commands, for a server under systemd or one in a container.
#[component]
pub fn PutInPlace(props: &PutInPlaceProps) -> Html {
    let Some(plan) = props.opened.answers.plans.get(props.index) else { return Html::default() };
    let subject = &props.opened.subject.name;
    let file_name = place::copy_name(plan, subject);
    let commands = place::commands(plan, subject, &file_name, &props.opened.answers.check.target);
    html! {
        <div class="putInPlace">
            <p class="muted">{ "In the folder the server keeps its data in, with the copy beside the original. The original stays under another name." }</p>
            <ShellBlock text={commands} />
        </div>
    }
}
