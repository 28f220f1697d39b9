//! All keys.

use snaptape_report::{Dataset, units};
use yew::prelude::*;

use crate::components::{Card, KeyList, KeyTable, Ranking};
use crate::hooks::{Engine, Go};
use crate::route::Route;
use crate::state::Opened;
use crate::words;

/// Properties of [`Keys`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct KeysProps {
    /// The report.
    pub opened: Opened,
    /// Where we are: holds filter and order.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Has the files.
    pub engine: Engine,
}

/// The table, and the keys that lead in something.
#[component]
pub(super) fn Keys(props: &KeysProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ format!("{}{} with {} of estimated memory.",
                    units::plural(dataset.totals.keys, "key", "keys"), snaptape_summary::verdict::whose(&props.opened.answers.report), units::bytes(dataset.totals.memory_bytes)) }</h1>
                <p class="lead">{ format!("Memory is an estimate for {}; the other sizes are exact.{}",
                    words::target(&props.opened.answers.report.target), only_snapshot(props)) }</p>
            </div>
            <KeyTable opened={props.opened.clone()} engine={props.engine.clone()} route={props.route.clone()} go={props.go.clone()} />
            <div class="columns">
                <Card title="Most elements" class="cardFlush"><KeyList opened={props.opened.clone()} ranking={Ranking::MostElements} /></Card>
                <Card title="Longest element" class="cardFlush"><KeyList opened={props.opened.clone()} ranking={Ranking::LargestElement} /></Card>
            </div>
            if dataset.access.is_some() {
                <div class="columns">
                    <Card title="Coldest keys" note="nobody asks for them" class="cardFlush"><KeyList opened={props.opened.clone()} ranking={Ranking::Coldest} /></Card>
                    <Card title="Hottest keys" class="cardFlush"><KeyList opened={props.opened.clone()} ranking={Ranking::Hottest} /></Card>
                </div>
            }
            <Card title="Longest names" note={names_note(dataset)} class="cardFlush">
                <KeyList opened={props.opened.clone()} ranking={Ranking::LongestName} />
            </Card>
        </div>
    }
}

fn names_note(dataset: &Dataset) -> String {
    let totals = &dataset.totals;
    format!(
        "all names together take {}, {} of the payload; {} on average",
        units::bytes(totals.name_bytes),
        units::percent(totals.name_bytes, totals.payload_bytes),
        units::bytes(totals.name_bytes / totals.keys.max(1))
    )
}

/// Commands of a tape make keys, too.
fn only_snapshot(props: &KeysProps) -> &'static str {
    if props.opened.answers.report.tape.is_some() {
        " Listed are the keys of the snapshot in front of the tape; what commands did later is under Tape."
    } else {
        ""
    }
}
