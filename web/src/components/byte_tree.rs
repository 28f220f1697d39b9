//! What the bytes are.

use snaptape_report::{ByteSpan, SpanKind, units};
use yew::prelude::*;

use crate::bytes::spans::SpanRow;
use crate::words;

/// Deepest level that is set in further.
const MOST_DEPTH: usize = 6;

/// The list of spans: `chosen` is the row that is chosen. Pressing or hovering over one calls back with its bytes.
pub fn byte_tree(
    rows: &[SpanRow<'_>],
    chosen: Option<usize>,
    on_span: &Callback<(u64, u64)>,
    on_hover: &Callback<Option<(u64, u64)>>,
    on_key: &Callback<KeyboardEvent>,
) -> Html {
    let active = chosen.map(|row| format!("span-{row}"));
    html! {
        <div class="byteTreeScroll" tabindex="-1">
            <table class="byteTree" role="treegrid" tabindex="0" aria-label="Structure" aria-activedescendant={active} onkeydown={on_key.clone()} onmouseleave={on_hover.reform(|_: MouseEvent| None)} data-testid="byte-tree">
                <thead>
                    <tr>
                        <th scope="col" class="byteTreeOffset">{ "Offset" }</th>
                        <th scope="col">{ "What it is" }</th>
                        <th scope="col">{ "Value" }</th>
                    </tr>
                </thead>
                <tbody>
                    { for rows.iter().enumerate().map(|(index, row)| span_row(index, row, chosen == Some(index), on_span, on_hover)) }
                </tbody>
            </table>
        </div>
    }
}

fn span_row(
    index: usize,
    row: &SpanRow<'_>,
    chosen: bool,
    on_span: &Callback<(u64, u64)>,
    on_hover: &Callback<Option<(u64, u64)>>,
) -> Html {
    let span = row.span;
    let bytes = (span.start, span.end);
    let damaged = span.kind == SpanKind::Damage;
    let quiet = matches!(span.kind, SpanKind::Frame | SpanKind::Length | SpanKind::Opaque);
    let expanded = (!span.children.is_empty()).then(|| row.open.to_string());
    let mark = match (span.children.is_empty(), row.open) {
        (true, _) => "",
        (false, true) => "▾",
        (false, false) => "▸",
    };
    html! {
        <tr id={format!("span-{index}")} class={classes!("byteTreeRow", chosen.then_some("byteTreeRowChosen"), damaged.then_some("byteTreeRowDamaged"), quiet.then_some("byteTreeRowQuiet"))}
            aria-level={(row.depth + 1).to_string()} aria-expanded={expanded} aria-selected={chosen.to_string()}
            onclick={on_span.reform(move |_: MouseEvent| bytes)} onmouseenter={on_hover.reform(move |_: MouseEvent| Some(bytes))}
            data-start={span.start.to_string()} data-end={span.end.to_string()} data-kind={span.kind.id()}>
            <td class="byteTreeOffset code">{ format!("{:x}", span.start) }</td>
            <td class={format!("byteTreeLabel byteTreeDepth{}", row.depth.min(MOST_DEPTH))}>
                <span class="byteTreeMark" aria-hidden="true">{ mark }</span>
                { if damaged { "✕ " } else { "" } }
                { &span.label }
            </td>
            <td class="byteTreeValue code">{ &span.value }</td>
        </tr>
    }
}

/// What there is to say of the chosen span.
pub fn span_facts(span: &ByteSpan, on_inside: Option<Callback<MouseEvent>>) -> Html {
    let len = span.end - span.start;
    let goes_on = if span.goes_on { " so far" } else { "" };
    html! {
        <div class="spanFacts" data-testid="span-facts">
            <p class="spanFactsTitle">
                <b>{ &span.label }</b>
                <span class="muted">{ format!("{}{goes_on}, from {} on", units::plural(len, "byte", "bytes"), words::offset(span.start)) }</span>
            </p>
            if !span.value.is_empty() {
                <p class="code spanFactsValue">{ &span.value }</p>
            }
            if !span.about.is_empty() {
                <p class="spanFactsAbout">{ &span.about }</p>
            }
            if let Some(onclick) = on_inside {
                <button type="button" class="button" {onclick} data-testid="look-inside">{ "Look at what it unpacks to" }</button>
            }
        </div>
    }
}
