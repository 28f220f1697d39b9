//! Plans beside each other.

use snaptape_report::{KeyName, Plan, units};
use yew::prelude::*;

use super::StripBar;
use crate::compare;
use crate::hooks::{Engine, Go};
use crate::route::Route;
use crate::state::{Export, Opened};
use crate::strip;
use snaptape_report::place;

/// Properties of [`PlanTable`].
#[derive(Clone, PartialEq, Properties)]
pub struct PlanTableProps {
    /// The report.
    pub opened: Opened,
    /// The plan that is looked at.
    pub selected: usize,
    /// Where we are; the rows lead to their plans.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// How an export is.
    pub export: Export,
    /// Is the worker at something?
    pub busy: bool,
    /// Carries plans out.
    pub engine: Engine,
}

/// One row a plan, best first; the roles are spelt out because narrow screens lay the rows out as blocks.
#[component]
pub fn PlanTable(props: &PlanTableProps) -> Html {
    let plans = &props.opened.answers.plans;
    html! {
        <table class="table stackTable planTable" aria-label="Plans" role="table" data-testid="plans">
            <thead role="rowgroup">
                <tr role="row">
                    <th scope="col" role="columnheader">{ "Plan" }</th>
                    <th scope="col" role="columnheader">{ "What remains" }</th>
                    <th scope="col" role="columnheader" class="tableFigure">{ kept_title(plans) }</th>
                    <th scope="col" role="columnheader" class="tableFigure">{ "Lost" }</th>
                    <th scope="col" role="columnheader">{ "Keys touched by the loss" }</th>
                    <th scope="col" role="columnheader"><span class="srOnly">{ "Export" }</span></th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                { for (0..plans.len()).map(|index| row(props, index)) }
            </tbody>
        </table>
    }
}

fn kept_title(plans: &[Plan]) -> &'static str {
    if plans.iter().any(|plan| plan.keys_kept > 0) { "Kept" } else { "Commands kept" }
}

fn row(props: &PlanTableProps, index: usize) -> Html {
    let plans = &props.opened.answers.plans;
    let Some(plan) = plans.get(index) else { return Html::default() };
    let whole = strip::whole(&strip::strips(plan, &props.opened.answers.report.files));
    let (figure, example) = compare::touched(plan);
    let (kept, kept_keys) = compare::kept(plan);
    let current = index == props.selected;
    html! {
        <tr key={plan.name.clone()} role="row" class={classes!("stackRow", "planRow", (index == 0).then_some("planRowBest"))} data-plan={plan.name.clone()} data-keys={plan.keys_kept.to_string()}>
            <th scope="row" role="rowheader" class="planName stackWide">
                <a class="planLink" href={props.route.with_plan(&plan.name).to_hash()} aria-current={current.then_some("true")}>{ &plan.name }</a>
                if index == 0 && plans.len() > 1 {
                    <span class="planBest">{ "best" }</span>
                }
                <span class="planShort">{ short(plans, index, plan) }</span>
            </th>
            <td role="cell" class="planStrip stackWide"><StripBar strip={whole} id={format!("plan-{index}")} /></td>
            <td role="cell" class="tableFigure" data-label={kept_title(plans)}>
                { kept }
                if let Some(keys) = kept_keys {
                    <span class="planShort">{ keys }</span>
                }
            </td>
            <td role="cell" class="tableFigure" data-label="Lost">
                { compare::lost(plan) }
                if plan.losses.bytes > 0 {
                    <span class="planShort">{ units::bytes(plan.losses.bytes) }</span>
                }
            </td>
            <td role="cell" class="planKeys stackWide" data-label="Keys touched by the loss">
                { figure }
                if let Some(example) = example {
                    { ", for example " }<span class="code planKey">{ KeyName::display(example) }</span>
                }
                <span class="planShort">{ compare::certainty(plan) }</span>
            </td>
            <td role="cell" class="planButton">{ export(props, index, plan) }</td>
        </tr>
    }
}

fn short(plans: &[Plan], index: usize, plan: &Plan) -> String {
    match compare::same_as(plans, index) {
        Some(earlier) => format!("makes the very same copy as {}", earlier.name),
        None => compare::in_short(plan).to_owned(),
    }
}

fn export(props: &PlanTableProps, index: usize, plan: &Plan) -> Html {
    let file_name = place::copy_name(plan, &props.opened.subject.name);
    let start = {
        let (engine, answers) = (props.engine.clone(), props.opened.answers.clone());
        let (go, name) = (props.go.clone(), plan.name.clone());
        Callback::from(move |_: MouseEvent| {
            // How far it is stands with the plan.
            go.replace(go.now().with_plan(&name));
            engine.export(index, &answers);
        })
    };
    let class = if index == 0 { "button buttonPrimary" } else { "button" };
    // The hook of the best plan has no name, so that a test need not know which one it is.
    let testid = if index == 0 { "export".to_owned() } else { format!("export-{}", plan.name) };
    let works = matches!(props.export, Export::Working { plan, .. } if plan == index);
    html! {
        <button type="button" {class} disabled={props.busy} onclick={start} data-testid={testid} aria-label={format!("Export {} as {file_name}", plan.name)}>
            { if works { "At work" } else { "Export" } }
        </button>
    }
}
