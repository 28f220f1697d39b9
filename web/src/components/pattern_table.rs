//! Key patterns.

use snaptape_analysis::filter::Line;
use snaptape_report::{KeyName, PatternGroup, PatternSource, units};
use yew::prelude::*;

use super::{Bar, SortHead, TypeMark, keys_count};
use crate::hooks::{Go, now_ms};
use crate::route::Route;
use crate::sort::{self, Column, PatternColumn};
use crate::state::Opened;
use crate::words;

/// Properties of [`PatternTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PatternTableProps {
    /// The report.
    pub opened: Opened,
    /// Where we are: holds the order.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// How many rows at most; 0 for all.
    #[prop_or_default]
    pub limit: usize,
}

/// The patterns in the order the address asks for.
#[component]
pub fn PatternTable(props: &PatternTableProps) -> Html {
    let rows = use_memo((props.opened.answers.clone(), props.route.patterns), |(answers, sort)| {
        answers
            .report
            .dataset
            .as_ref()
            .map(|dataset| sort::patterns(&dataset.patterns, *sort))
            .unwrap_or_default()
    });
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let on_sort = {
        let go = props.go.clone();
        Callback::from(move |patterns| go.to(Route { patterns, ..go.now() }))
    };
    let most = dataset.patterns.iter().map(|row| row.tally.memory_bytes).max().unwrap_or_default();
    let all = dataset.totals.memory_bytes;
    let now_ms = now_ms();
    let limit = if props.limit == 0 { usize::MAX } else { props.limit };
    let other = &dataset.other_patterns;
    html! {
        <table class="table tableHeld" aria-label="Key patterns">
            <thead>
                <tr>
                    { for PatternColumn::ALL.iter().map(|&column| html! {
                        <>
                            <SortHead<PatternColumn> {column} sort={props.route.patterns} on_sort={on_sort.clone()} />
                            if column == PatternColumn::Memory {
                                <th scope="col" class="tableBar midOnly"><span class="srOnly">{ "Share of memory" }</span></th>
                                <th scope="col" class="tableFigure">{ "Share" }</th>
                            }
                            if column == PatternColumn::Average {
                                <th scope="col" class="tableFigure">{ "Median" }</th>
                                <th scope="col" class="tableFigure fullOnly">{ "p99" }</th>
                            }
                        </>
                    }) }
                </tr>
            </thead>
            <tbody>
                { for rows.iter().take(limit).map(|row| {
                    let line = Line::of_group(row);
                    pattern(row, keys_count(&props.route, Some(line.text()), row.tally.keys), most, all, now_ms)
                }) }
                if limit >= rows.len() && other.keys > 0 {
                    <tr>
                        <th scope="row" class="muted">{ units::plural(dataset.other_patterns_count, "other pattern", "other patterns") }</th>
                        <td></td>
                        <td class="tableFigure">{ units::count(other.keys) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(other.memory_bytes) }</td>
                        <td class="tableBar midOnly"><Bar part={other.memory_bytes} whole={most} /></td>
                        <td class="tableFigure">{ units::percent(other.memory_bytes, all) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(other.memory_bytes / other.keys.max(1)) }</td>
                        <td></td>
                        <td class="fullOnly"></td>
                        <td class="tableFigure">{ units::bytes_aligned(other.largest_memory_bytes) }</td>
                        <td class="tableFigure">{ units::percent(other.without_ttl(), other.keys) }</td>
                        <td></td>
                    </tr>
                }
            </tbody>
        </table>
    }
}

fn pattern(row: &PatternGroup, keys: Html, most: u64, all: u64, now_ms: i64) -> Html {
    let tally = &row.tally;
    html! {
        <tr key={format!("{:?} {}", row.source, row.pattern)}>
            <th scope="row" class="code tableWrap">
                { if row.pattern.is_empty() { html! { <span class="muted">{ words::named("") }</span> } } else if row.source == PatternSource::Segments { marked(&row.pattern) } else { html! { row.pattern.clone() } } }
                { source(row.source) }
            </th>
            <td><TypeMark type_name={row.type_name.clone()} /></td>
            <td class="tableFigure">{ keys }</td>
            <td class="tableFigure">{ units::bytes_aligned(tally.memory_bytes) }</td>
            <td class="tableBar midOnly"><Bar part={tally.memory_bytes} whole={most} type_name={row.type_name.clone()} /></td>
            <td class="tableFigure">{ units::percent(tally.memory_bytes, all) }</td>
            <td class="tableFigure">{ units::bytes_aligned(tally.memory_bytes / tally.keys.max(1)) }</td>
            <td class="tableFigure">{ quantile(row.quantiles.map(|q| q.p50)) }</td>
            <td class="tableFigure fullOnly">{ quantile(row.quantiles.map(|q| q.p99)) }</td>
            <td class="tableFigure" title={row.largest.as_ref().map(KeyName::display)}>{ quantile((tally.largest_memory_bytes > 0).then_some(tally.largest_memory_bytes)) }</td>
            <td class="tableFigure">{ units::percent(tally.without_ttl(), tally.keys) }</td>
            <td class={classes!("tableExpires", row.expires_ms.is_none().then_some("muted"))}>{ words::expiry_range(row.expires_ms, now_ms) }</td>
        </tr>
    }
}

fn quantile(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "–".to_owned(), units::bytes_aligned)
}

/// What made it a group, unless the segments did.
fn source(source: PatternSource) -> Html {
    match source {
        PatternSource::Segments => Html::default(),
        PatternSource::Template => html! { <span class="patternSource">{ "template" }</span> },
        PatternSource::Regex => html! { <span class="patternSource">{ "regular expression" }</span> },
    }
}

/// A pattern with its folded parts marked.
fn marked(pattern: &str) -> Html {
    pattern
        .split_inclusive('}')
        .map(|piece| match piece.rsplit_once('{') {
            Some((before, folded)) => {
                html! { <>{ before.to_owned() }<span class="patternFold">{ format!("{{{folded}") }</span></> }
            }
            None => html! { piece.to_owned() },
        })
        .collect()
}
