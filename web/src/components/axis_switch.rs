//! Over time, or over the offsets.

use yew::prelude::*;

use crate::hooks::Go;
use crate::route::Route;
use crate::timeline::Axis;

/// Properties of [`AxisSwitch`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AxisSwitchProps {
    /// Where we are.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
}

/// Two buttons, one of them pressed.
#[component]
pub fn AxisSwitch(props: &AxisSwitchProps) -> Html {
    let button = |axis: Axis, words: &'static str| {
        let go = props.go.clone();
        let onclick = Callback::from(move |_: MouseEvent| go.replace(Route { tape_axis: axis, ..go.now() }));
        let pressed = props.route.tape_axis == axis;
        html! {
            <button type="button" class={classes!("switchButton", pressed.then_some("switchButtonPressed"))} aria-pressed={pressed.to_string()} {onclick}
                data-testid={format!("axis-{}", axis.id())}>{ words }</button>
        }
    };
    html! {
        <div class="switch" role="group" aria-label="What the bars stand on">
            { button(Axis::Time, "Time") }
            { button(Axis::Offset, "Offset") }
        </div>
    }
}
