//! When keys expire.

use snaptape_analysis::filter::Line;
use snaptape_report::{Dataset, PatternGroup, units};
use snaptape_summary::expiry;
use yew::prelude::*;

use crate::components::{Card, PartialNotice, column_chart, keys_count, weigh_switch};
use crate::hooks::{Go, now_ms};
use crate::route::{Route, View};
use crate::state::Opened;
use crate::words;

/// Patterns that are listed.
const PATTERNS: usize = 12;

/// Columns over the time left, the same as a table with what is freed when, and the patterns whose keys stay.
pub(super) fn expiry(opened: &Opened, route: &Route, go: &Go) -> Html {
    let Some(dataset) = &opened.answers.report.dataset else { return Html::default() };
    let columns = expiry::columns(dataset, route.weigh);
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict" data-testid="expiry-verdict">{ words::tied(&expiry::verdict(dataset, snaptape_summary::verdict::whose(&opened.answers.report))) }</h1>
                <p class="lead">{ words::tied(&expiry::lead(dataset)) }</p>
            </div>
            <PartialNotice opened={opened.clone()} keys=true />
            <Card title="By the time left" note={format!("counted from {}", units::time_ms(dataset.as_of_ms))}>
                { weigh_switch(route, go) }
                { column_chart(&columns, route.weigh, "Keys by the time left to them") }
            </Card>
            <div class="columns columnsTop">
                <Card title="What is freed when" class="cardFlush">{ table(dataset, route) }</Card>
                <Card title="Patterns whose keys stay" note="memory of keys that never expire" class="cardFlush">{ patterns(dataset, route) }</Card>
            </div>
        </div>
    }
}

fn table(dataset: &Dataset, route: &Route) -> Html {
    let totals = &dataset.totals;
    html! {
        <table class="table" aria-label="What is freed when" data-testid="expiry-table">
            <thead>
                <tr>
                    <th scope="col">{ "Expires" }</th>
                    <th scope="col" class="tableFigure">{ "Keys" }</th>
                    <th scope="col" class="tableFigure">{ "Memory" }</th>
                    <th scope="col" class="tableFigure wideOnly">{ "Share" }</th>
                    <th scope="col" class="tableFigure">{ "Gone by then" }</th>
                </tr>
            </thead>
            <tbody>
                { for expiry::rows(dataset).into_iter().map(|row| html! {
                    <tr key={row.name} class={classes!((row.keys == 0).then_some("muted"))}>
                        <th scope="row">{ row.name }</th>
                        <td class="tableFigure">{ keys_count(route, row.freed_bytes.is_none().then_some("ttl:none"), row.keys) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(row.memory_bytes) }</td>
                        <td class="tableFigure wideOnly">{ units::percent(row.memory_bytes, totals.memory_bytes) }</td>
                        <td class="tableFigure">{ row.freed_bytes.map_or_else(|| "–".to_owned(), units::bytes_aligned) }</td>
                    </tr>
                }) }
            </tbody>
        </table>
    }
}

fn patterns(dataset: &Dataset, route: &Route) -> Html {
    let mut stay: Vec<&PatternGroup> =
        dataset.patterns.iter().filter(|group| group.without_ttl_memory_bytes > 0).collect();
    stay.sort_by_key(|group| core::cmp::Reverse(group.without_ttl_memory_bytes));
    if stay.is_empty() {
        return html! { <p class="muted cardPad">{ "Every key of every pattern expires." }</p> };
    }
    let now_ms = now_ms();
    html! {
        <>
            <table class="table" aria-label="Patterns whose keys stay" data-testid="expiry-patterns">
                <thead>
                    <tr>
                        <th scope="col">{ "Pattern" }</th>
                        <th scope="col" class="tableFigure">{ "Memory" }</th>
                        <th scope="col" class="tableFigure">{ "Keys that stay" }</th>
                        <th scope="col" class="wideOnly">{ "The others expire" }</th>
                    </tr>
                </thead>
                <tbody>
                    { for stay.iter().take(PATTERNS).map(|group| html! {
                        <tr key={group.pattern.clone()}>
                            <th scope="row" class="code tableWrap">{ &group.pattern }</th>
                            <td class="tableFigure">{ units::bytes_aligned(group.without_ttl_memory_bytes) }</td>
                            <td class="tableFigure">{ staying(group, route) }{ format!(" of {}", units::count(group.tally.keys)) }</td>
                            <td class="tableExpires wideOnly">{ others(group, now_ms) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            <p class="cardMore"><a href={route.clone().with_view(View::Patterns).to_hash()}>{ "All key patterns" }</a></p>
        </>
    }
}

/// How many keys of a pattern never expire.
fn staying(group: &PatternGroup, route: &Route) -> Html {
    let line = Line::of_group(group).field("ttl", "none");
    keys_count(route, Some(line.text()), group.tally.without_ttl())
}

/// When the keys of a pattern that do expire do so.
fn others(group: &PatternGroup, now_ms: i64) -> Html {
    match group.expires_ms {
        None => html! { <span class="muted">{ "–" }</span> },
        range => html! { words::expiry_range(range, now_ms) },
    }
}
