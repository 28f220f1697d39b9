//! What a restore needs.

use std::rc::Rc;

use snaptape_analysis::restore_plan;
use snaptape_report::units;
use yew::prelude::*;

use crate::components::{Card, PartialNotice, RestoreControls, RestoreNodes, RestoreShards, RestoreSum};
use crate::hooks::Go;
use crate::route::Route;
use crate::state::Opened;
use crate::words;

/// Properties of [`Restore`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct RestoreProps {
    /// The report.
    pub opened: Opened,
    /// Where we are: holds the options.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
}

/// The memory a server needs for these keys, and the ElastiCache nodes that hold them.
#[component]
pub(super) fn Restore(props: &RestoreProps) -> Html {
    let plan = use_memo((props.opened.answers.clone(), props.route.restore), |(answers, options)| {
        // The address only holds options that are in range.
        restore_plan(&answers.report, options).ok().flatten().map(Rc::new)
    });
    let Some(plan) = plan.as_ref() else { return Html::default() };
    let target = words::target(&props.opened.answers.report.target);
    let n_single = plan.single_nodes().count();
    let reserved = plan.options.reserved_memory_percent;
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict" data-testid="restore-verdict">{ format!("{target} needs a maxmemory of {} for these keys, and {} of memory while it saves.",
                    units::bytes(plan.maxmemory_bytes), units::bytes(plan.ram_bytes)) }</h1>
                <p class="lead">{ format!("A child that saves shares all pages with the server; each page rewritten meanwhile is copied. If every page is, the data is there twice: {} in the worst case, the doubling.",
                    units::bytes(plan.worst_ram_bytes)) }</p>
            </div>
            <PartialNotice opened={props.opened.clone()} keys=true />
            <div class="columns columnsTop">
                <Card title="Planned with" note="the address remembers it">
                    <RestoreControls route={props.route.clone()} go={props.go.clone()} />
                </Card>
                <Card title="The sum" note="for a server of your own">
                    <RestoreSum plan={plan.clone()} />
                </Card>
            </div>
            <Card title="One ElastiCache node" note={format!("{n_single} of {} node types hold it with reserved-memory-percent {reserved}", plan.nodes.len())} class="cardFlush">
                <RestoreNodes plan={plan.clone()} />
            </Card>
            <Card title="Shards on ElastiCache" note={format!("for the data, and after a slash for the rewritten pages too; at most {}", plan.max_shards)} class="cardFlush">
                <RestoreShards plan={plan.clone()} />
            </Card>
            <Card title="Taken for granted">
                <ul class="restoreNotes">
                    { for plan.assumptions.iter().map(|sentence| html! { <li key={sentence.clone()}>{ sentence }</li> }) }
                </ul>
            </Card>
        </div>
    }
}
