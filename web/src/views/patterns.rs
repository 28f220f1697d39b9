//! All key patterns.

use snaptape_report::units;
use yew::prelude::*;

use crate::components::{Card, PartialNotice, PatternControls, PatternTable};
use crate::hooks::{Engine, Go};
use crate::route::Route;
use crate::state::{Opened, Regroup};
use crate::words;

/// Properties of [`Patterns`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct PatternsProps {
    /// The report.
    pub opened: Opened,
    /// Where we are: holds the order.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Reads the files again.
    pub engine: Engine,
    /// How far that is.
    pub regroup: Regroup,
    /// Is the worker at something else?
    pub busy: bool,
}

/// Every pattern that is listed, with everything known of it.
#[component]
pub(super) fn Patterns(props: &PatternsProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let all = dataset.patterns.len() as u64 + dataset.other_patterns_count;
    let title = match dataset.patterns.first() {
        Some(first) if dataset.patterns.len() > 1 => format!(
            "{} hold {}; {} takes {} of the memory.",
            units::plural(all, "pattern", "patterns"),
            units::plural(dataset.totals.keys, "key", "keys"),
            words::named(&first.pattern),
            units::percent(first.tally.memory_bytes, dataset.totals.memory_bytes)
        ),
        _ => format!("{} holds every key.", units::plural(all, "pattern", "patterns")),
    };
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ words::tied(&title) }</h1>
                <p class="lead">
                    { "Key names are cut at separators; parts that look like numbers, hashes, dates and the like are folded into " }
                    <code class="code patternFold">{ "{int}" }</code>{ ", " }<code class="code patternFold">{ "{hex}" }</code>{ " and so on. A number of keys leads to their list." }
                </p>
            </div>
            <PartialNotice opened={props.opened.clone()} keys=true />
            <Card title="How names are grouped" note="changing it reads the files once more">
                <PatternControls opened={props.opened.clone()} engine={props.engine.clone()} regroup={props.regroup.clone()} busy={props.busy} />
            </Card>
            { for dataset.folding.sentences(dataset.totals.keys).into_iter().map(|sentence| html! { <p class="lead">{ sentence }</p> }) }
            <Card title="Key patterns" note="press a heading to sort" class="cardFlush">
                <PatternTable opened={props.opened.clone()} route={props.route.clone()} go={props.go.clone()} />
            </Card>
        </div>
    }
}
