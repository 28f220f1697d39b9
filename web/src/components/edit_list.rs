//! The steps of a plan.

use snaptape_report::{Edit, OutputFile, Plan, units};
use yew::prelude::*;

use crate::route::Route;
use crate::state::Opened;
use crate::words;

/// Steps shown before it gets too many to read.
const MOST: usize = 200;

/// Properties of [`EditList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct EditListProps {
    /// The plan.
    pub plan: Plan,
    /// The files it is about.
    pub opened: Opened,
    /// Where we are: steps lead to their bytes.
    pub route: Route,
}

/// Every step with the bytes it speaks of, up to a limit.
#[component]
pub fn EditList(props: &EditListProps) -> Html {
    let plan = &props.plan;
    let all: usize = plan.outputs.iter().map(|output| output.edits.len()).sum();
    let steps = plan.outputs.iter().flat_map(|output| output.edits.iter().map(move |edit| (output, edit)));
    html! {
        <details class="editList">
            <summary>{ format!("{}, step by step", units::plural(all as u64, "edit", "edits")) }</summary>
            <div class="tableScroll">
                <table class="table" aria-label="What is kept and left out" data-testid="edits">
                    <thead>
                        <tr>
                            <th scope="col">{ "File" }</th>
                            <th scope="col">{ "Step" }</th>
                            <th scope="col" class="tableFigure">{ "From" }</th>
                            <th scope="col" class="tableFigure">{ "To" }</th>
                            <th scope="col" class="tableFigure">{ "Bytes" }</th>
                            <th scope="col">{ "Why" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for steps.take(MOST).map(|(output, edit)| step(props, output, edit)) }</tbody>
                </table>
            </div>
            if all > MOST {
                <p class="muted">{ format!("and {} more; the receipt lists them all.", units::count((all - MOST) as u64)) }</p>
            }
        </details>
    }
}

fn step(props: &EditListProps, output: &OutputFile, edit: &Edit) -> Html {
    let (word, span, why) = match edit {
        Edit::Keep { start, end } => ("keep", Some((*start, *end)), ""),
        Edit::Drop { start, end, why } => ("leave out", Some((*start, *end)), why.as_str()),
        Edit::Insert { why, .. } => ("insert", None, why.as_str()),
        Edit::Reframe { start, end, from, .. } => ("keep", Some((*start, *end)), from.remedy()),
        Edit::Checksum => ("insert", None, "the checksum of what stands before it"),
    };
    let bytes = match edit {
        Edit::Keep { start, end } | Edit::Drop { start, end, .. } => end.saturating_sub(*start),
        Edit::Reframe { bytes, .. } => *bytes,
        Edit::Insert { bytes, .. } => bytes.as_bytes().len() as u64,
        Edit::Checksum => 8,
    };
    let at = |offset: Option<u64>| offset.map(units::count).unwrap_or_default();
    html! {
        <tr>
            <td class="code">{ words::file_name(&output.name) }</td>
            <td>{ word }</td>
            <td class="tableFigure">{ match bytes_link(props, output, span) {
                Some(link) => html! { <a href={link.to_hash()} title="Look at the bytes" data-testid="edit-bytes">{ at(span.map(|span| span.0)) }</a> },
                None => at(span.map(|span| span.0)).into(),
            } }</td>
            <td class="tableFigure">{ at(span.map(|span| span.1)) }</td>
            <td class="tableFigure">{ units::count(bytes) }</td>
            <td class="tableWrap">{ why.to_owned() }</td>
        </tr>
    }
}

/// To the bytes a step speaks of.
fn bytes_link(props: &EditListProps, output: &OutputFile, span: Option<(u64, u64)>) -> Option<Route> {
    let (start, end) = span.filter(|(start, end)| start < end)?;
    let file = props.opened.answers.report.files.iter().position(|file| file.name == output.source)?;
    Some(props.route.with_bytes(u32::try_from(file).ok()?, start, end))
}
