//! The biggest keys.

use snaptape_report::{KeyRow, units};
use yew::prelude::*;

use crate::components::{Bar, Card, PartialNotice, SortHead, TypeMark};
use crate::hooks::{Go, now_ms};
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
        answers.report.dataset.as_ref().map(|dataset| sort::keys(&dataset.biggest, *sort)).unwrap_or_default()
    });
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let on_sort = {
        let (go, route) = (props.go.clone(), props.route);
        Callback::from(move |keys| go.to(Route { keys, ..route }))
    };
    let listed: u64 = dataset.biggest.iter().map(|row| row.memory_bytes).sum();
    let most = dataset.totals.largest_memory_bytes;
    let now_ms = now_ms();
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ format!("The {} hold {} of all estimated memory.",
                    units::plural(dataset.biggest.len() as u64, "biggest key", "biggest keys"),
                    units::percent(listed, dataset.totals.memory_bytes)) }</h1>
                <p class="lead">{ format!("{} of {} keys. Memory is an estimate for {}; the other sizes are exact.",
                    units::count(dataset.biggest.len() as u64), units::count(dataset.totals.keys), words::target(&props.opened.answers.report.target)) }</p>
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
                    <tbody>{ for rows.iter().map(|row| key(row, most, now_ms)) }</tbody>
                </table>
            </Card>
        </div>
    }
}

fn key(row: &KeyRow, most: u64, now_ms: i64) -> Html {
    let name = row.name.display();
    let expires = row.expires_at_ms.map_or_else(|| "never".to_owned(), |at| words::expires(at, now_ms));
    let exact = row.expires_at_ms.map(units::time_ms);
    let never = exact.is_none().then_some("muted");
    html! {
        <tr key={format!("{} {} {name}", row.file.as_deref().unwrap_or_default(), row.offset)}>
            <th scope="row" class="code tableWrap">{ name.clone() }</th>
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
