//! What the memory of a key is for.

use snaptape_report::{KeySurvey, units};
use yew::prelude::*;

/// Units the bar is wide.
const WIDTH: u64 = 1_000;

/// A bar of its parts, and the same as a table.
pub fn key_memory(survey: &KeySurvey) -> Html {
    let whole = survey.memory_bytes.max(1);
    let width = |bytes: u64| bytes.saturating_mul(WIDTH) / whole;
    let mut before = 0_u64;
    let parts: Vec<(u64, u64, &str)> = survey
        .memory_parts
        .iter()
        .map(|part| {
            let x = width(before);
            before = before.saturating_add(part.memory_bytes);
            (x, width(before).saturating_sub(x).max(1), part.part.as_str())
        })
        .collect();
    html! {
        <>
            <svg class="keyMemoryBar" width="100%" height="18" viewBox="0 0 1000 18" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                { for parts.into_iter().map(|(x, width, part)| html! {
                    <rect class={part_class(part)} x={x.to_string()} width={width.to_string()} height="18" />
                }) }
            </svg>
            <table class="table" aria-label="Where its memory goes" data-testid="key-memory" data-value={survey.memory_bytes.to_string()}>
                <thead class="srOnly"><tr><th scope="col">{ "Part" }</th><th scope="col">{ "Bytes" }</th><th scope="col">{ "Share" }</th></tr></thead>
                <tbody>
                    { for survey.memory_parts.iter().map(|part| html! {
                        <tr>
                            <th scope="row" class="keyMemoryPart"><svg class="keyMemorySign" width="10" height="10" aria-hidden="true" focusable="false"><rect class={part_class(&part.part)} width="10" height="10" /></svg>{ &part.what }</th>
                            <td class="tableFigure" data-value={part.memory_bytes.to_string()}>{ units::bytes_aligned(part.memory_bytes) }</td>
                            <td class="tableFigure">{ units::percent(part.memory_bytes, survey.memory_bytes) }</td>
                        </tr>
                    }) }
                    <tr>
                        <th scope="row"><b>{ "Memory" }</b></th>
                        <td class="tableFigure"><b>{ units::bytes_aligned(survey.memory_bytes) }</b></td>
                        <td class="tableFigure"></td>
                    </tr>
                </tbody>
            </table>
        </>
    }
}

fn part_class(part: &str) -> &'static str {
    match part {
        "key" => "keyPartKey",
        "header" => "keyPartHeader",
        "table" => "keyPartTable",
        "groups" => "keyPartGroups",
        _ => "keyPartElements",
    }
}
