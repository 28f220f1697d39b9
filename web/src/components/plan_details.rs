//! One plan, closely: what it does, what cannot be known, what it costs.

use snaptape_report::{KeyName, units};
use yew::prelude::*;

use super::{EditList, StripChart};
use crate::compare;
use crate::route::Route;
use crate::state::Opened;
use crate::strip;

/// Properties of [`PlanDetails`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PlanDetailsProps {
    /// The report.
    pub opened: Opened,
    /// Which plan.
    pub index: usize,
    /// Where we are.
    pub route: Route,
}

/// Summary, notes, keys that lose something, what remains of each file, and the steps.
#[component]
pub fn PlanDetails(props: &PlanDetailsProps) -> Html {
    let plans = &props.opened.answers.plans;
    let Some(plan) = plans.get(props.index) else { return Html::default() };
    let strips = strip::strips(plan, &props.opened.answers.report.files);
    let losses = &plan.losses;
    html! {
        <div class="planDetails" data-testid="plan-details" data-plan={plan.name.clone()}>
            <p class="planSummary">{ &plan.summary }</p>
            if let Some(earlier) = compare::same_as(plans, props.index) {
                <p class="planSame">{ format!("Byte for byte the copy that {} makes.", earlier.name) }</p>
            }
            <div class="planFigures">
                { figure(units::count(losses.bytes), if losses.bytes == 1 { "byte is left out" } else { "bytes are left out" }) }
                if losses.missing > 0 {
                    { figure(units::count(losses.missing), "listed and not there: what was in it is lost") }
                }
                if losses.keys > 0 {
                    { figure(units::count(losses.keys), if plan.keys_kept > 0 {
                        "keys are lost, as far as the file says how many there were"
                    } else {
                        "keys are touched by what is left out"
                    }) }
                }
                if losses.commands > 0 {
                    { figure(units::count(losses.commands), if losses.commands == 1 {
                        "command among them, at least"
                    } else {
                        "commands among them, at least"
                    }) }
                }
                if losses.files > 0 {
                    { figure(units::count(losses.files), if losses.files == 1 { "file is left out" } else { "files are left out" }) }
                }
            </div>
            if !plan.notes.is_empty() {
                <h3 class="planHeading">{ "Know before you use it" }</h3>
                <ul class="planNotes" data-testid="plan-notes">
                    { for plan.notes.iter().map(|note| html! { <li>{ note }</li> }) }
                </ul>
            }
            if !plan.lost_keys.is_empty() {
                <h3 class="planHeading">{ "Some of the keys that lose something" }</h3>
                <ul class="planLostKeys">
                    { for plan.lost_keys.iter().map(|key| html! { <li class="code planKey">{ KeyName::display(key) }</li> }) }
                </ul>
            }
            <h3 class="planHeading">{ "What remains of each file" }</h3>
            <StripChart {strips} />
            <EditList plan={plan.clone()} opened={props.opened.clone()} route={props.route.clone()} />
        </div>
    }
}

fn figure(figure: String, what: &'static str) -> Html {
    html! { <p class="planFigure"><b>{ figure }</b>{ format!(" {what}") }</p> }
}
