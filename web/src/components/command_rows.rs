//! The commands that are on the screen.

use snaptape_report::{CommandRow, units};
use yew::prelude::*;

use crate::command_words;
use crate::listing::{Listing, VISIBLE_ROWS};
use crate::words;

/// Properties of [`CommandRows`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CommandRowsProps {
    /// The list.
    pub listing: Listing,
    /// Has the tape times?
    pub timed: bool,
    /// Called with the row that was pressed.
    pub on_row: Callback<u64>,
    /// Called with a key that was pressed while the list has the focus.
    pub on_key: Callback<KeyboardEvent>,
}

/// A table of as many rows as are seen; it says how many there are, and which these are.
#[component]
pub fn CommandRows(props: &CommandRowsProps) -> Html {
    let listing = &props.listing;
    let rows = listing.rows();
    let last = listing.first.saturating_add(VISIBLE_ROWS).min(rows);
    let active = (listing.active >= listing.first && listing.active < last).then(|| row_id(listing.active));
    html! {
        <table class="commandRows" role="grid" tabindex="0" aria-label="Commands" aria-rowcount={(rows + 1).to_string()} aria-activedescendant={active}
            onkeydown={props.on_key.clone()} data-testid="commands" data-first={listing.first.to_string()} data-rows={rows.to_string()}>
            <thead>
                <tr aria-rowindex="1">
                    <th scope="col" class="commandRowsNumber">{ "Number" }</th>
                    <th scope="col" class="commandRowsOffset">{ "Offset" }</th>
                    if props.timed {
                        <th scope="col" class="commandRowsTime">{ "Time" }</th>
                    }
                    <th scope="col" class="commandRowsDb">{ "DB" }</th>
                    <th scope="col">{ "Command" }</th>
                    <th scope="col" class="commandRowsBytes">{ "In file" }</th>
                </tr>
            </thead>
            <tbody>{ for (listing.first..last).map(|index| row(props, index)) }</tbody>
        </table>
    }
}

fn row_id(index: u64) -> String {
    format!("command-{index}")
}

fn row(props: &CommandRowsProps, index: u64) -> Html {
    let listing = &props.listing;
    let onclick = props.on_row.reform(move |_: MouseEvent| index);
    let is_active = index == listing.active;
    let class = classes!("commandRow", is_active.then_some("commandRowActive"));
    let Some(row) = listing.row(index) else {
        return html! {
            <tr {class} id={row_id(index)} aria-rowindex={(index + 2).to_string()} aria-selected={is_active.to_string()}>
                <td class="commandRowsNumber muted">{ units::count(index + 1) }</td>
                <td colspan={if props.timed { "5" } else { "4" }} class="muted">{ "…" }</td>
            </tr>
        };
    };
    let time = row.time_s.map(units::time_s).unwrap_or_default();
    html! {
        <tr {class} id={row_id(index)} {onclick} aria-rowindex={(index + 2).to_string()} aria-selected={is_active.to_string()} data-offset={row.offset.to_string()}>
            <td class="commandRowsNumber muted">{ row.number.map_or_else(|| "–".to_owned(), |number| units::count(number + 1)) }</td>
            <td class="commandRowsOffset code">{ units::count(row.offset) }</td>
            if props.timed {
                <td class="commandRowsTime" title={time.clone()}>{ clock(&time) }</td>
            }
            <td class="commandRowsDb">{ row.db.map_or_else(|| "?".to_owned(), |db| db.to_string()) }</td>
            <td class="code commandRowsWords">{ command(row) }</td>
            <td class="commandRowsBytes">{ units::bytes(row.end.saturating_sub(row.offset)) }</td>
        </tr>
    }
}

fn command(row: &CommandRow) -> Html {
    let class = classes!("commandName", row.destructive.is_some().then_some("commandNameDestructive"));
    html! {
        <>
            if row.in_multi {
                <span class="commandTag" title="in a transaction">{ "tx" }</span>
            }
            if row.behind_damage {
                <span class="commandTag commandTagBad" title="behind damage: no server reads it as the file is">{ "behind damage" }</span>
            }
            <span {class}>{ &row.name }</span>
            { " " }
            { command_words::line(row) }
        </>
    }
}

/// `14:02:11` of `2026-11-20 14:02:11 UTC`; the day is in the title.
fn clock(time: &str) -> String {
    time.split(' ').nth(1).unwrap_or(time).to_owned()
}

/// A command in a few words, for headings: `FLUSHALL at 7,994 (0x1f3a)`.
pub(super) fn named(row: &CommandRow) -> String {
    format!("{} at {}", row.name, words::offset(row.offset))
}
