//! A part of the map in figures.

use snaptape_report::{MapMeasure, MapNode, units};
use yew::prelude::*;

use super::TypeMark;
use crate::map::Tree;

/// What is known of a part.
pub fn map_detail(tree: &Tree, at: usize, measure: MapMeasure) -> Html {
    let Some(node) = tree.node(at) else { return Html::default() };
    let sums = &node.sums;
    let whole = tree.value(Tree::ALL, measure);
    let around = tree.parent(at).filter(|parent| *parent != Tree::ALL);
    let value = sums.by(measure);
    let row = |name: &'static str, figure: String, more: String| {
        html! {
            <>
                <dt>{ name }</dt>
                <dd>{ figure }if !more.is_empty() { <span class="muted">{ format!(", {more}") }</span> }</dd>
            </>
        }
    };
    html! {
        <>
            <h2 class="mapDetailTitle code" data-testid="map-detail-title">{ tree.title(at) }</h2>
            <p class="mapDetailType">{ types(node) }</p>
            <dl class="mapFacts">
                <dt>{ "Share" }</dt>
                <dd data-testid="map-detail-share"><b>{ units::percent(value, whole) }</b>{ format!(" of {}", measure.whole()) }</dd>
                if let Some(around) = around {
                    <dt class="mapFactsWithin">{ "Share of " }<span class="code">{ tree.title(around) }</span></dt>
                    <dd>{ units::percent(value, tree.value(around, measure)) }</dd>
                }
                { row("Memory", units::bytes(sums.memory_bytes), String::new()) }
                { row("In file", units::bytes(sums.file_bytes), String::new()) }
                { row("Payload", units::bytes(sums.payload_bytes), String::new()) }
                { row("Keys", units::count(sums.keys), String::new()) }
                { row("Without TTL", units::count(sums.without_ttl), units::percent(sums.without_ttl, sums.keys)) }
                { row("Average", sums.memory_bytes.checked_div(sums.keys).map_or_else(|| "–".into(), units::bytes), "memory of a key".into()) }
            </dl>
        </>
    }
}

/// The type of the keys of a part.
pub(super) fn types(node: &MapNode) -> Html {
    html! {
        <span class="mapTypes">
            if node.mixed {
                <span class="muted">{ "mostly" }</span>
            }
            <TypeMark type_name={node.type_name.clone()} />
        </span>
    }
}
