//! A string as bits.

use snaptape_engine::{KeyQuestion, Source};
use snaptape_report::{BitFacts, KeyAnswer, units};
use yew::prelude::*;

use super::key_waiting;
use crate::hooks::{Engine, Places, use_key};
use crate::key_route::KeyRoute;
use crate::route::Route;

/// Properties of [`KeyBits`].
#[derive(Clone, PartialEq, Properties)]
pub struct KeyBitsProps {
    /// Has the files.
    pub engine: Engine,
    /// The source the key is in.
    pub source: Source,
    /// Where we are: which key.
    pub route: Route,
    /// Places inside the value.
    pub places: Places,
}

/// Counts them once somebody wants it: the whole string is read for that.
#[component]
pub fn KeyBits(props: &KeyBitsProps) -> Html {
    let wanted = use_state(|| false);
    let key = props.route.key.clone().unwrap_or_else(|| KeyRoute::new(0, 0, 0));
    let question = wanted.then_some(KeyQuestion::Bits);
    let (asking, control) = use_key(&props.engine, Some(props.source.clone()), &key, &props.places, question);
    let onclick = {
        let wanted = wanted.setter();
        Callback::from(move |_: MouseEvent| wanted.set(true))
    };
    let facts = match asking.answer.as_deref() {
        Some(KeyAnswer::Bits(facts)) => Some(facts),
        _ => None,
    };
    html! {
        <div class="keyBits">
            if let Some(facts) = facts {
                { picture(facts) }
            } else {
                <button type="button" class="button" {onclick} disabled={asking.waits} data-testid="key-bits">
                    { if asking.waits { "Counting" } else { "As a bitmap" } }
                </button>
                { key_waiting(&asking, &props.source, &control) }
            }
        </div>
    }
}

fn picture(facts: &BitFacts) -> Html {
    const ROW: usize = 128;
    let rows = facts.cells.len().div_ceil(ROW).max(1);
    let bit = |bit: Option<u64>| bit.map_or_else(|| "none".to_owned(), units::count);
    let height = rows * 8;
    html! {
        <>
            <dl class="facts" data-testid="key-bit-facts">
                <dt>{ "Bits" }</dt><dd>{ units::count(facts.bits) }</dd>
                <dt>{ "Set (BITCOUNT)" }</dt><dd data-testid="key-bitcount">{ format!("{}, {}", units::count(facts.set), units::percent(facts.set, facts.bits)) }</dd>
                <dt>{ "First set" }</dt><dd>{ bit(facts.first_set) }</dd>
                <dt>{ "Last set" }</dt><dd>{ bit(facts.last_set) }</dd>
            </dl>
            <svg class="keyBitsPicture" width="100%" viewBox={format!("0 0 {} {height}", ROW * 8)} role="img"
                aria-label={format!("Where bits are set, in cells of {} from left to right and top to bottom: the denser, the darker.", units::plural(facts.cell_bits, "bit", "bits"))}>
                { for facts.cells.iter().enumerate().map(|(i, set)| {
                    // An empty cell is not drawn, and any bit is seen.
                    let share = if *set == 0 { 0.0 } else { 0.15 + 0.85 * (*set as f64 / facts.cell_bits.max(1) as f64) };
                    html! { <rect class="keyBitsCell" x={(i % ROW * 8).to_string()} y={(i / ROW * 8).to_string()} width="7" height="7" fill-opacity={format!("{share:.2}")} /> }
                }) }
            </svg>
        </>
    }
}
