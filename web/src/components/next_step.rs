//! The way from a verdict to what can be done about it.

use snaptape_report::Plan;
use yew::prelude::*;

use crate::compare;
use crate::route::{Route, View};

/// The way to the plans, and what the best of them keeps; nothing where there is no plan.
pub fn next_step(plans: &[Plan], route: &Route) -> Html {
    let Some((word, sentence)) = compare::next_step(plans) else { return Html::default() };
    html! {
        <p class="nextStep">
            <a class="button buttonPrimary" href={route.with_view(View::Repair).to_hash()} data-testid="next-step">{ word }</a>
            <span>{ sentence }</span>
        </p>
    }
}
