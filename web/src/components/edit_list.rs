//! The steps of a plan.

use snaptape_report::{Edit, OutputFile, Plan, units};
use yew::prelude::*;

use crate::words;

/// Steps shown before it gets too many to read.
const MOST: usize = 200;

/// Properties of [`EditList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct EditListProps {
    /// The plan.
    pub plan: Plan,
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
                <table class="table" data-testid="edits">
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
                    <tbody>{ for steps.take(MOST).map(|(output, edit)| step(output, edit)) }</tbody>
                </table>
            </div>
            if all > MOST {
                <p class="muted">{ format!("and {} more; the receipt lists them all.", units::count((all - MOST) as u64)) }</p>
            }
        </details>
    }
}

fn step(output: &OutputFile, edit: &Edit) -> Html {
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
            <td class="tableFigure">{ at(span.map(|span| span.0)) }</td>
            <td class="tableFigure">{ at(span.map(|span| span.1)) }</td>
            <td class="tableFigure">{ units::count(bytes) }</td>
            <td class="tableWrap">{ why.to_owned() }</td>
        </tr>
    }
}
