//! The first screen of a report.

use snaptape_report::Dataset;
use snaptape_summary::{access, encodings, expiry, slots, verdict::whose};
use yew::prelude::*;

use crate::components::{
    AdviceList, By, Card, FileTable, GroupTable, PartialNotice, PatternTable, ReleaseMemory, ReleaseTable,
    SizeClasses, Sizes, SnapshotFacts, StandoutList, TapeSizes, next_step,
};
use crate::hooks::{Engine, Go};
use crate::protocol::Answers;
use crate::route::{Route, View};
use crate::standouts;
use crate::state::{Opened, Regroup};
use crate::summary;
use crate::words::{self, Tone};

/// Rows of the pattern table before the reader is sent to its own view.
const PATTERN_ROWS: usize = 10;

/// Properties of [`Overview`].
#[derive(Clone, PartialEq, Properties)]
pub struct OverviewProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
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

/// Verdict, what it is, sizes, what stands out, what would save memory, distributions.
#[component]
pub fn Overview(props: &OverviewProps) -> Html {
    let opened = &props.opened;
    let answers = &opened.answers;
    let report = &answers.report;
    let verdict = answers.check.verdict;
    let dataset = report.dataset.as_ref().filter(|dataset| dataset.totals.keys > 0);
    let snapshot = summary::loaded(&report.files).find_map(|file| file.snapshot.clone());
    // Of several snapshots the facts are those of the first.
    let facts_title = if summary::loaded(&report.files).filter(|file| file.snapshot.is_some()).count() > 1 {
        "The first snapshot"
    } else {
        "The snapshot"
    };
    let tone = match summary::tone(&answers.check) {
        // Sound as a file; what is in it is another matter.
        Tone::Ok if report.tape.as_ref().is_some_and(|tape| tape.worst().is_some()) => Tone::Warn,
        tone => tone,
    };
    let patterns_note = dataset.map_or_else(String::new, |dataset| {
        let all = dataset.patterns.len() as u64 + dataset.other_patterns_count;
        format!("{} of {all} patterns, by estimated memory", dataset.patterns.len().min(PATTERN_ROWS))
    });
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class={classes!("verdict", tone.class())} data-testid="verdict" data-verdict={words::verdict_id(verdict)}>
                    { words::tied(&summary::verdict(answers)) }
                </h1>
                <p class="lead">{ words::tied(&summary::description(answers)) }</p>
                { next_step(&answers.plans, &props.route) }
            </div>
            <PartialNotice opened={opened.clone()} />
            if report.tape.is_some() {
                <TapeSizes opened={opened.clone()} />
            }
            // Without keys the figures are all zero, but a snapshot of nothing should say so.
            if dataset.is_some() || report.tape.is_none() {
                <Sizes opened={opened.clone()} />
            }
            if dataset.is_none() && report.tape.is_some() && words::keys_held(&answers.check.loads.default.keys).is_some() {
                <Card title="Keys after the replay">
                    <p data-testid="keys-after">{ words::keys_after_start(&answers.check.loads.default.keys).replacen("Then it", "A server that has replayed the tape", 1) }</p>
                    <p class="muted">{ "There is no map of what a tape makes: sizes are known for snapshots only. BGREWRITEAOF makes a server write one in front of its tape." }</p>
                </Card>
            }
            <div class={classes!("columns", (dataset.is_none() && snapshot.is_none()).then_some("columnsOne"))}>
                <Card title="What stands out">
                    <StandoutList opened={opened.clone()} route={props.route.clone()} />
                </Card>
                if dataset.is_some() {
                    <Card title="By type" note="bars: share of estimated memory"><GroupTable opened={opened.clone()} by={By::Type} route={props.route.clone()} /></Card>
                } else if let Some(snapshot) = snapshot.clone() {
                    <Card title={facts_title}><SnapshotFacts {snapshot} /></Card>
                }
            </div>
            if !answers.check.releases.is_empty() {
                <Card title="Will it load?" note="default configuration, no modules but the release's own" class="cardFlush">
                    <ReleaseTable opened={opened.clone()} />
                </Card>
            }
            if let Some(dataset) = dataset {
                <Card title="More to see">{ glance(answers, dataset, &props.route) }</Card>
            }
            if dataset.is_some() {
                <Card title="What would save memory" note={format!("on {}, with the limits it starts with", words::target(&report.target))}>
                    <AdviceList opened={opened.clone()} route={props.route.clone()} />
                </Card>
                <Card title="Key patterns" note={patterns_note} class="cardFlush">
                    <PatternTable opened={opened.clone()} route={props.route.clone()} go={props.go.clone()} limit={PATTERN_ROWS} />
                    <p class="cardMore"><a href={props.route.with_view(View::Patterns).to_hash()}>{ "All key patterns" }</a></p>
                </Card>
                <div class="columns columnsTop">
                    <Card title="By size" note="bars: share of estimated memory"><SizeClasses opened={opened.clone()} /></Card>
                    <Card title="By database" note="bars: share of estimated memory"><GroupTable opened={opened.clone()} by={By::Database} route={props.route.clone()} /></Card>
                </div>
                <Card title="Memory by release" note="keys, values and tables; default limits" class="cardFlush">
                    <ReleaseMemory opened={opened.clone()} engine={props.engine.clone()} regroup={props.regroup.clone()} busy={props.busy} />
                </Card>
            }
            // A single file fits beside what it says of itself; a directory needs the width.
            <div class={classes!("columns", (report.files.len() > 1 || dataset.is_none() || snapshot.is_none()).then_some("columnsOne"))}>
                <Card title="Files" note="in the order a server loads them"><FileTable opened={opened.clone()} /></Card>
                if dataset.is_some() && let Some(snapshot) = snapshot {
                    <Card title={facts_title}><SnapshotFacts {snapshot} /></Card>
                }
            </div>
        </div>
    }
}

/// What each of the views with pictures has to say, in its own first sentence, unless it stands out and was said above.
fn glance(answers: &Answers, dataset: &Dataset, route: &Route) -> Html {
    let report = &answers.report;
    let mut rows = vec![(View::Expiry, expiry::verdict(dataset, whose(report)))];
    if !dataset.encodings.is_empty() {
        rows.push((View::Encodings, encodings::verdict(dataset)));
    }
    if report.slots.is_some() || !report.shards.is_empty() {
        rows.push((View::Slots, slots::verdict(report)));
    }
    if dataset.access.is_some() {
        rows.push((View::Access, access::verdict(dataset)));
    }
    let said: Vec<String> =
        standouts::standouts(answers).iter().map(|standout| words::full_stop(&standout.text())).collect();
    rows.retain(|(_, sentence)| !said.contains(sentence));
    html! {
        <ul class="standouts" data-testid="glance">
            { for rows.into_iter().map(|(view, sentence)| html! {
                <li class="standout standoutGlance" key={view.id()}>
                    <span class="standoutText">{ words::tied(&sentence) }</span>
                    <a class="standoutLink" href={route.with_view(view).to_hash()}>{ view.title() }</a>
                </li>
            }) }
        </ul>
    }
}
