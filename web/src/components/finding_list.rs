//! Findings.

use snaptape_report::{Finding, FindingKind, units};
use yew::prelude::*;

use super::ToneMark;
use crate::state::Opened;
use crate::words::{self, Tone};

/// Properties of [`FindingList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct FindingListProps {
    /// The report.
    pub opened: Opened,
}

/// What is wrong or worth knowing, worst first, each with its place.
#[component]
pub fn FindingList(props: &FindingListProps) -> Html {
    html! {
        <ul class="findings" data-testid="findings">
            { for props.opened.answers.report.findings.iter().map(finding) }
        </ul>
    }
}

fn finding(finding: &Finding) -> Html {
    let tone = Tone::of_severity(finding.severity);
    html! {
        <li class="finding" data-kind={kind_id(finding.kind)}>
            <ToneMark {tone} />
            <div class="findingText">
                <p class="findingMessage">{ &finding.message }</p>
                <p class="findingPlace">
                    <span class={classes!("findingSeverity", tone.class())}>{ words::severity(finding.severity) }</span>
                    if !finding.file.is_empty() {
                        <span class="code findingFile">{ &finding.file }</span>
                        <span>{ place(finding) }</span>
                    }
                </p>
            </div>
        </li>
    }
}

fn place(finding: &Finding) -> String {
    let at = format!("at {}", words::offset(finding.start));
    match finding.end.saturating_sub(finding.start) {
        0 | 1 => at,
        len => format!("{at}, {} long", units::plural(len, "byte", "bytes")),
    }
}

/// The stable word of a kind, as it is in the JSON documents.
fn kind_id(kind: FindingKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
