//! Plans, compared, and the copy they make.

use yew::prelude::*;

use crate::compare;
use crate::components::{Card, PlanDetails, PlanExport, PlanTable, PutInPlace};
use crate::hooks::{Engine, Go};
use crate::route::Route;
use crate::state::{Export, Opened};
use crate::words;

/// Properties of [`Repair`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct RepairProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// How the export is.
    pub export: Export,
    /// Is the worker at something?
    pub busy: bool,
    /// Carries plans out.
    pub engine: Engine,
}

/// Every plan in one table, and below it the one that is looked at.
#[component]
pub(super) fn Repair(props: &RepairProps) -> Html {
    let plans = &props.opened.answers.plans;
    let index = compare::selected(plans, props.route.plan);
    let (opened, engine, export) = (&props.opened, &props.engine, &props.export);
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ words::tied(&compare::headline(plans)) }</h1>
                <p class="lead" data-testid="compared">{ compare::aloud(plans) }</p>
            </div>
            if let Some(plan) = plans.get(index) {
                <Card title="Plans" note="best first" class="cardFlush">
                    <PlanTable opened={opened.clone()} selected={index} route={props.route.clone()} go={props.go.clone()} export={export.clone()} busy={props.busy} engine={engine.clone()} />
                </Card>
                <div class="columns columnsTop">
                    <Card title={format!("Plan: {}", plan.name)}>
                        <PlanDetails opened={opened.clone()} {index} route={props.route.clone()} />
                    </Card>
                    <div class="stack">
                        <Card title="Export">
                            <PlanExport opened={opened.clone()} {index} export={export.clone()} busy={props.busy} engine={engine.clone()} />
                        </Card>
                        <Card title="Put it in place">
                            <PutInPlace opened={opened.clone()} {index} export={export.clone()} />
                        </Card>
                    </div>
                </div>
            }
        </div>
    }
}
