//! Findings.

use snaptape_report::{Finding, FindingKind, Report, units};
use yew::prelude::*;

use super::ToneMark;
use crate::route::Route;
use crate::standouts;
use crate::state::Opened;
use crate::words::{self, Tone};

/// Properties of [`FindingList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct FindingListProps {
    /// The report.
    pub opened: Opened,
    /// Where we are: findings lead to their bytes.
    pub route: Route,
}

/// What is wrong or worth knowing, worst first, each with its place.
#[component]
pub fn FindingList(props: &FindingListProps) -> Html {
    let report = &props.opened.answers.report;
    html! {
        <ul class="findings" data-testid="findings">
            { for report.findings.iter().map(|each| finding(each, bytes_link(&props.route, report, each))) }
        </ul>
    }
}

fn finding(finding: &Finding, link: Option<Route>) -> Html {
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
                        if let Some(link) = link {
                            <a href={link.to_hash()} data-testid="finding-bytes">{ "Look at the bytes" }</a>
                        }
                    }
                </p>
            </div>
        </li>
    }
}

/// To the bytes of a finding; nothing where it is about none, or about those of a container.
fn bytes_link(route: &Route, report: &Report, finding: &Finding) -> Option<Route> {
    let is_about_bytes =
        finding.kind != FindingKind::ContainerDamaged && (finding.start > 0 || finding.end > 0);
    is_about_bytes
        .then(|| standouts::bytes_of(report, route, &finding.file, finding.start, finding.end))
        .flatten()
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
