//! The way from the copy to a server that runs on it.

use snaptape_report::place::{Placement, copy_name, folder};
use yew::prelude::*;

use super::ShellBlock;
use crate::state::{Delivery, Export, Opened};

/// Properties of [`PutInPlace`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PutInPlaceProps {
    /// The report.
    pub opened: Opened,
    /// Which plan.
    pub index: usize,
    /// Where the copy is, once it was made.
    pub export: Export,
}

/// The commands, for a server under systemd or one in a container.
#[component]
pub fn PutInPlace(props: &PutInPlaceProps) -> Html {
    let in_container = use_state(|| false);
    let Some(plan) = props.opened.answers.plans.get(props.index) else { return Html::default() };
    let subject = &props.opened.subject.name;
    let copy = match &props.export {
        Export::Done { plan: done, delivery: Delivery::Folder { name }, .. } if *done == props.index => {
            format!("{name}/{}", folder(plan, subject))
        }
        _ => copy_name(plan, subject),
    };
    let steps = Placement::of(plan, subject, &copy, &props.opened.answers.check.target).steps();
    let button = |container: bool, words: &'static str| {
        let set = in_container.setter();
        let onclick = Callback::from(move |_: MouseEvent| set.set(container));
        let pressed = *in_container == container;
        html! {
            <button type="button" class={classes!("switchButton", pressed.then_some("switchButtonPressed"))} aria-pressed={pressed.to_string()} {onclick}
                data-testid={if container { "place-container" } else { "place-systemd" }}>{ words }</button>
        }
    };
    html! {
        <div class="putInPlace" data-testid="put-in-place">
            <div class="switch" role="group" aria-label="How the server runs">
                { button(false, "systemd") }
                { button(true, "Container") }
            </div>
            <ShellBlock key={in_container.to_string()} text={if *in_container { steps.container } else { steps.systemd }} />
        </div>
    }
}
