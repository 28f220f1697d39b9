//! Bytes in rows.

use core::ops::Range;

use snaptape_report::{ByteSpan, SpanKind};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use super::RowScroller;
use crate::bytes::{ByteState, VISIBLE_ROWS, Window};

/// Bytes somebody hovers over or chose.
pub type Stretch = Option<(u64, u64)>;

/// Properties of [`ByteGrid`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ByteGridProps {
    /// The bytes.
    pub state: ByteState,
    /// Where the cursor is.
    pub cursor: u64,
    /// What is chosen.
    pub chosen: Stretch,
    /// What is hovered over.
    pub hover: Stretch,
    /// Where findings are.
    pub findings: Vec<(u64, u64)>,
    /// Called with the row that is to be at the top.
    pub on_first: Callback<u64>,
    /// Called with a byte that was pressed.
    pub on_byte: Callback<u64>,
    /// Called with a byte that is hovered over.
    pub on_hover: Callback<Option<u64>>,
    /// Called with keys while the grid has the focus.
    pub on_key: Callback<KeyboardEvent>,
    /// Called when a key is let go.
    pub on_key_up: Callback<KeyboardEvent>,
}

/// The byte an event is about.
fn byte_of(event: &Event) -> Option<u64> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest("[data-at]").ok()??.get_attribute("data-at")?.parse().ok()
}

/// Rows of bytes as hex and as text, as many as are seen.
#[component]
pub fn ByteGrid(props: &ByteGridProps) -> Html {
    let state = &props.state;
    let onclick = {
        let on_byte = props.on_byte.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some(at) = byte_of(&event) {
                on_byte.emit(at);
            }
        })
    };
    let onmouseover = {
        let on_hover = props.on_hover.clone();
        Callback::from(move |event: MouseEvent| on_hover.emit(byte_of(&event)))
    };
    let onmouseleave = props.on_hover.reform(|_: MouseEvent| None);
    let seen = state.visible();
    let looks = Looks::of(props, seen);
    let last = (state.first + VISIBLE_ROWS).min(state.measures().rows);
    let active = (seen.start..seen.end).contains(&props.cursor).then(|| format!("byte-{}", props.cursor));
    html! {
        <RowScroller rows={state.measures()} first={state.first} on_first={props.on_first.clone()}>
            <table class="byteGrid" id="byte-grid" role="grid" tabindex="0" aria-label="Bytes" aria-rowcount={(state.measures().rows + 1).to_string()} aria-activedescendant={active}
                onkeydown={props.on_key.clone()} onkeyup={props.on_key_up.clone()} {onclick} {onmouseover} {onmouseleave}
                data-testid="byte-grid" data-cursor={props.cursor.to_string()} data-first={seen.start.to_string()}>
                <thead>
                    <tr aria-rowindex="1">
                        <th scope="col" class="byteOffset">{ "Offset" }</th>
                        { for (0..state.columns).map(|column| html! { <th scope="col" class="byteCell">{ format!("{column:x}") }</th> }) }
                        <th scope="col" class="byteText">{ "Text" }</th>
                    </tr>
                </thead>
                <tbody>{ for (state.first..last).map(|row| self::row(state, row, &looks)) }</tbody>
            </table>
        </RowScroller>
    }
}

fn row(state: &ByteState, row: u64, looks: &Looks) -> Html {
    let start = row * state.columns;
    let end = start + state.columns;
    let exists = |at: u64| state.total.is_none_or(|total| at < total);
    html! {
        <tr aria-rowindex={(row + 2).to_string()}>
            <th scope="row" class="byteOffset">{ format!("{start:08x}") }</th>
            { for (start..end).map(|at| {
                if !exists(at) {
                    return html! { <td class="byteCell"></td> };
                }
                let hex = state.byte(at).map_or_else(|| "··".into(), |byte| format!("{byte:02x}"));
                let chosen = looks.is_chosen(at).then_some("true");
                html! { <td class={looks.class("byteCell", at)} id={format!("byte-{at}")} data-at={at.to_string()} aria-selected={chosen}>{ hex }</td> }
            }) }
            <td class="byteText">
                { for (start..end).filter(|at| exists(*at)).map(|at| {
                    let text = match state.byte(at) {
                        Some(byte) if byte.is_ascii_graphic() || byte == b' ' => char::from(byte),
                        Some(_) => '·',
                        None => ' ',
                    };
                    html! { <span class={looks.class("byteChar", at)} data-at={at.to_string()}>{ text }</span> }
                }) }
            </td>
        </tr>
    }
}

/// How bytes look.
struct Looks {
    cursor: u64,
    chosen: Stretch,
    hover: Stretch,
    findings: Vec<(u64, u64)>,
    damage: Vec<(u64, u64)>,
    /// Where spans begin.
    starts: Vec<u64>,
}

impl Looks {
    fn of(props: &ByteGridProps, seen: Window) -> Self {
        let (mut starts, mut damage) = (Vec::new(), Vec::new());
        gather(props.state.spans(), &(seen.start..seen.end), &mut starts, &mut damage);
        starts.sort_unstable();
        Self {
            cursor: props.cursor,
            chosen: props.chosen,
            hover: props.hover,
            findings: props.findings.clone(),
            damage,
            starts,
        }
    }

    fn is_chosen(&self, at: u64) -> bool {
        within(self.chosen, at)
    }

    fn class(&self, base: &'static str, at: u64) -> Classes {
        let lies = |stretches: &[(u64, u64)]| stretches.iter().any(|stretch| within(Some(*stretch), at));
        classes!(
            base,
            self.starts.binary_search(&at).is_ok().then_some("byteStart"),
            lies(&self.damage).then_some("byteDamage"),
            lies(&self.findings).then_some("byteFinding"),
            self.is_chosen(at).then_some("byteChosen"),
            within(self.hover, at).then_some("byteHover"),
            (at == self.cursor).then_some("byteCursor"),
        )
    }
}

fn within(stretch: Stretch, at: u64) -> bool {
    stretch.is_some_and(|(start, end)| (start..end).contains(&at))
}

fn gather(spans: &[ByteSpan], seen: &Range<u64>, starts: &mut Vec<u64>, damage: &mut Vec<(u64, u64)>) {
    for span in spans.iter().filter(|span| span.start < seen.end && span.end > seen.start) {
        starts.push(span.start);
        if span.kind == SpanKind::Damage && span.children.is_empty() {
            damage.push((span.start, span.end));
        }
        gather(&span.children, seen, starts, damage);
    }
}
