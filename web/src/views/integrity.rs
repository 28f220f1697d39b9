//! What is wrong, and what the programs make of it.

use yew::prelude::*;

use crate::components::{Card, FileTable, FindingList, LoadTable, ReleaseTable, next_step};
use crate::route::Route;
use crate::state::Opened;
use crate::summary;
use crate::words;

/// Properties of [`Integrity`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct IntegrityProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
}

/// Findings, the server's start, the check tool, the files.
#[component]
pub(super) fn Integrity(props: &IntegrityProps) -> Html {
    let answers = &props.opened.answers;
    let none = answers.report.findings.is_empty();
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class={classes!("verdict", summary::tone(&answers.check).class())}>{ words::tied(&summary::verdict(answers)) }</h1>
                { next_step(&answers.plans, &props.route) }
            </div>
            <Card title="Findings" note={if none { "" } else { "worst first" }}>
                if none {
                    <p class="muted">{ "None: every byte was read and understood, and nothing contradicts anything." }</p>
                }
                <FindingList opened={props.opened.clone()} route={props.route.clone()} />
            </Card>
            <Card title="What the programs do with these files"><LoadTable opened={props.opened.clone()} /></Card>
            if !answers.check.releases.is_empty() {
                <Card title="Will it load?" note="default configuration, no modules but the release's own" class="cardFlush">
                    <ReleaseTable opened={props.opened.clone()} />
                </Card>
            }
            <Card title="Files" note="in the order a server loads them" class="cardFlush"><FileTable opened={props.opened.clone()} /></Card>
        </div>
    }
}
