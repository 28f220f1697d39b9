//! The biggest keys.

use snaptape_report::{Dataset, KeyRow, units};
use yew::prelude::*;

use crate::components::{Bar, Card, KeyList, PartialNotice, Ranking, SortHead, TypeMark};
use crate::hooks::{Go, now_ms};
use crate::one_key;
use crate::route::Route;
use crate::sort::{self, Column, KeyColumn};
use crate::state::Opened;
use crate::words;

/// Properties of [`Keys`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct KeysProps {
    /// The report.
    pub opened: Opened,
    /// Where we are: holds the order.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
}

/// The keys with the most memory, in the order the address asks for.
#[component]
pub fn Keys(props: &KeysProps) -> Html {
    let rows = use_memo((props.opened.answers.clone(), props.route.keys), |(answers, sort)| {
        answers.report.dataset.as_ref().map(|dataset| sort::keys(listed(dataset), *sort)).unwrap_or_default()
    });
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let on_sort = {
        let (go, route) = (props.go.clone(), props.route.clone());
        Callback::from(move |keys| go.to(Route { keys, ..route.clone() }))
    };
    let biggest = listed(dataset);
    let memory_bytes: u64 = biggest.iter().map(|row| row.memory_bytes).sum();
    let most = dataset.totals.largest_memory_bytes;
    let now_ms = now_ms();
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ format!("The {} hold {} of all estimated memory.",
                    units::plural(biggest.len() as u64, "biggest key", "biggest keys"),
                    units::percent(memory_bytes, dataset.totals.memory_bytes)) }</h1>
                <p class="lead">{ format!("{} of {} keys. Memory is an estimate for {}; the other sizes are exact.",
                    units::count(biggest.len() as u64), units::count(dataset.totals.keys), words::target(&props.opened.answers.report.target)) }</p>
            </div>
            <PartialNotice opened={props.opened.clone()} />
            <Card title="Keys" note="press a heading to sort" class="cardFlush">
                <table class="table" data-testid="keys">
                    <thead>
                        <tr>
                            { for KeyColumn::ALL.iter().map(|&column| html! {
                                <>
                                    <SortHead<KeyColumn> {column} sort={props.route.keys} on_sort={on_sort.clone()} />
                                    if column == KeyColumn::Memory {
                                        <th scope="col" class="tableBar"><span class="srOnly">{ "Beside the biggest" }</span></th>
                                    }
                                </>
                            }) }
                        </tr>
                    </thead>
                    <tbody>{ for rows.iter().map(|row| key(row, most, now_ms, one_key::href(&props.opened.answers, &props.route, row))) }</tbody>
                </table>
            </Card>
            <div class="columns">
                <Card title="Most elements" class="cardFlush"><KeyList opened={props.opened.clone()} ranking={Ranking::MostElements} /></Card>
                <Card title="Longest element" class="cardFlush"><KeyList opened={props.opened.clone()} ranking={Ranking::LargestElement} /></Card>
            </div>
            if dataset.access.is_some() {
                <div class="columns">
                    <Card title="Coldest keys" note="nobody asks for them" class="cardFlush"><KeyList opened={props.opened.clone()} ranking={Ranking::Coldest} /></Card>
                    <Card title="Hottest keys" class="cardFlush"><KeyList opened={props.opened.clone()} ranking={Ranking::Hottest} /></Card>
                </div>
            }
            <Card title="Longest names" note={names_note(dataset)} class="cardFlush">
                <KeyList opened={props.opened.clone()} ranking={Ranking::LongestName} />
            </Card>
        </div>
    }
}

fn names_note(dataset: &Dataset) -> String {
    let totals = &dataset.totals;
    format!(
        "all names together take {}, {} of the payload; {} on average",
        units::bytes(totals.name_bytes),
        units::percent(totals.name_bytes, totals.payload_bytes),
        units::bytes(totals.name_bytes / totals.keys.max(1))
    )
}

fn key(row: &KeyRow, most: u64, now_ms: i64, href: Option<String>) -> Html {
    let name = row.name.display();
    let expires = row.expires_at_ms.map_or_else(|| "never".to_owned(), |at| words::expires(at, now_ms));
    let exact = row.expires_at_ms.map(units::time_ms);
    let never = exact.is_none().then_some("muted");
    html! {
        <tr key={format!("{} {} {name}", row.file.as_deref().unwrap_or_default(), row.offset)}>
            <th scope="row" class="code tableWrap"><a class="keyText" {href} data-testid="key-link">{ name.clone() }</a></th>
            <td><TypeMark type_name={row.type_name.0.clone()} /></td>
            <td class="tableFigure">{ units::bytes(row.memory_bytes) }</td>
            <td class="tableBar"><Bar part={row.memory_bytes} whole={most} type_name={row.type_name.0.clone()} /></td>
            <td class="tableFigure">{ row.elements.map_or_else(|| "–".to_owned(), units::count) }</td>
            <td>{ &row.encoding }</td>
            <td class="tableFigure">{ units::bytes(row.payload_bytes) }</td>
            <td class="tableFigure">{ units::bytes(row.file_bytes) }</td>
            <td class={classes!(never)} title={exact}>{ expires }</td>
            <td class="tableFigure">{ row.db }</td>
            <td class="tableFigure code" title={row.file.clone()}>{ format!("0x{:x}", row.offset) }</td>
        </tr>
    }
}

/// The biggest in the chosen release; the report has a few more, for the others.
fn listed(dataset: &Dataset) -> &[KeyRow] {
    dataset.biggest.get(..Dataset::MAX_BIGGEST).unwrap_or(&dataset.biggest)
}
