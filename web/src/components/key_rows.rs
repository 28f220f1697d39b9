//! The rows of the table of keys that are on the screen.

use snaptape_report::units;
use yew::prelude::*;

use super::{SortHead, TypeMark};
use crate::key_table::{KeyTable, VISIBLE_ROWS};
use crate::one_key;
use crate::protocol::{Answers, KeyLine};
use crate::route::Route;
use crate::sort::{KeyColumn, Sort};
use crate::words;

/// What rows are drawn with.
pub(super) struct KeyRows<'a> {
    /// The table.
    pub(super) table: &'a KeyTable,
    /// Rows to show before it has any.
    pub(super) early: &'a [KeyLine],
    /// The columns.
    pub(super) columns: &'a [KeyColumn],
    /// The order.
    pub(super) sort: Sort<KeyColumn>,
    /// Called with another one.
    pub(super) on_sort: Callback<Sort<KeyColumn>>,
    /// Called with the row that was pressed, and how.
    pub(super) on_row: Callback<(u64, bool, bool)>,
    /// Called with a key that was pressed on the table.
    pub(super) on_key: Callback<KeyboardEvent>,
    /// The paths of the files, where there are several.
    pub(super) files: &'a [String],
    /// What the files are: rows lead to their keys.
    pub(super) answers: &'a Answers,
    /// Where we are.
    pub(super) route: &'a Route,
    /// The time now.
    pub(super) now_ms: i64,
}

/// A grid of as many rows as are seen; it says how many there are, and which these are.
pub(super) fn key_rows(props: &KeyRows<'_>) -> Html {
    let table = props.table;
    let rows = if table.status.is_some() { table.rows() } else { props.early.len() as u64 };
    let last = table.first.saturating_add(VISIBLE_ROWS).min(rows);
    let active = (table.active >= table.first && table.active < last).then(|| row_id(table.active));
    html! {
        <table class={classes!("keyTable", (!props.files.is_empty()).then_some("keyTableOfFiles"))} role="grid" tabindex="0" aria-label="Keys" aria-multiselectable="true" aria-rowcount={(rows + 1).to_string()} aria-activedescendant={active}
            onkeydown={props.on_key.clone()} data-testid="keys" data-first={table.first.to_string()} data-rows={rows.to_string()} data-done={table.is_done().to_string()}>
            <thead>
                <tr aria-rowindex="1">
                    { for props.columns.iter().map(|&column| html! {
                        <>
                            <SortHead<KeyColumn> {column} sort={props.sort} on_sort={props.on_sort.clone()} />
                            if column == KeyColumn::Key && !props.files.is_empty() {
                                <th scope="col" class="keyTableFile">{ "File" }</th>
                            }
                        </>
                    }) }
                </tr>
            </thead>
            <tbody>{ for (table.first..last).map(|place| row(props, place)) }</tbody>
        </table>
    }
}

fn row_id(place: u64) -> String {
    format!("key-{place}")
}

fn row(props: &KeyRows<'_>, place: u64) -> Html {
    let table = props.table;
    let early = || props.early.get(usize::try_from(place).ok()?).filter(|_| table.status.is_none());
    let (is_active, is_chosen) = (place == table.active, table.selection.contains(place));
    let class = classes!(
        "keyTableRow",
        is_active.then_some("keyTableRowActive"),
        is_chosen.then_some("keyTableRowSelected")
    );
    // Places that roll by are the same elements: only their words change.
    let key = (place % (VISIBLE_ROWS + 1)).to_string();
    let Some(line) = table.row(place).or_else(early) else {
        return html! {
            <tr {key} {class} id={row_id(place)} aria-rowindex={(place + 2).to_string()} aria-selected={is_chosen.to_string()}>
                <td class="muted" colspan={(props.columns.len() + usize::from(!props.files.is_empty())).to_string()}>{ format!("row {}", units::count(place + 1)) }</td>
            </tr>
        };
    };
    let onclick = props
        .on_row
        .reform(move |event: MouseEvent| (place, event.shift_key(), event.ctrl_key() || event.meta_key()));
    html! {
        <tr {key} {class} id={row_id(place)} {onclick} aria-rowindex={(place + 2).to_string()} aria-selected={is_chosen.to_string()} data-offset={line.offset.to_string()}>
            { for props.columns.iter().map(|column| cell(*column, line, place, props)) }
        </tr>
    }
}

fn cell(column: KeyColumn, line: &KeyLine, place: u64, props: &KeyRows<'_>) -> Html {
    let figure = |text: String| html! { <td class="tableFigure">{ text }</td> };
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    match column {
        KeyColumn::Key => {
            let href = one_key::route_of(props.answers, props.route, line, place).to_hash();
            let file = usize::try_from(line.file).ok().and_then(|file| props.files.get(file));
            html! {
                <>
                    <th scope="row" class="code keyTableName" title={line.name.clone()}>
                        // The table is one stop of the Tab key, and Enter opens the row it is on.
                        <a class="keyText" {href} tabindex="-1" data-testid="key-link">{ words::named(&line.name) }</a>
                    </th>
                    if let Some(file) = file {
                        <td class="code" title={file.clone()} data-testid="key-file">{ words::file_name(file) }</td>
                    }
                </>
            }
        }
        KeyColumn::Type => html! { <td><TypeMark type_name={line.type_name.clone()} /></td> },
        KeyColumn::Memory => figure(units::bytes_aligned(line.memory_bytes)),
        // Bytes are not elements, however many there are.
        KeyColumn::Elements if line.type_name == "string" => {
            html! { <td class="tableFigure muted">{ or_none(line.elements.map(|bytes| format!("{} B", units::count(bytes)))) }</td> }
        }
        KeyColumn::Elements => figure(or_none(line.elements.map(units::count))),
        KeyColumn::Encoding => html! { <td>{ &line.encoding }</td> },
        KeyColumn::Payload => figure(units::bytes_aligned(line.payload_bytes)),
        KeyColumn::File => figure(units::bytes_aligned(line.file_bytes)),
        KeyColumn::Expires => match line.expires_at_ms {
            Some(at) => html! { <td title={units::time_ms(at)}>{ words::expires(at, props.now_ms) }</td> },
            None => html! { <td class="muted">{ "never" }</td> },
        },
        KeyColumn::Idle => figure(or_none(line.idle_s.map(|s| units::duration_ms(s.saturating_mul(1_000))))),
        KeyColumn::Freq => figure(or_none(line.freq.map(|n| n.to_string()))),
        KeyColumn::Db => figure(line.db.to_string()),
        KeyColumn::Slot => figure(units::count(line.slot.into())),
        KeyColumn::Offset => html! { <td class="tableFigure code">{ units::count(line.offset) }</td> },
    }
}
