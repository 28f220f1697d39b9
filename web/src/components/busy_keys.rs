//! The keys most is written to.

use snaptape_report::{BusyKey, units};
use yew::prelude::*;

use super::Bar;
use crate::state::Opened;

/// Rows shown.
const MOST: usize = 15;

/// Properties of [`BusyKeyTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct BusyKeyTableProps {
    /// The report.
    pub opened: Opened,
}

/// By commands, most first; figures that are lower bounds say so.
#[component]
pub fn BusyKeyTable(props: &BusyKeyTableProps) -> Html {
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let keys = &tape.busiest.by_commands;
    let most = keys.first().map_or(0, |key| key.commands);
    html! {
        <>
            <table class="table" aria-label="Busiest keys" data-testid="busy-keys">
                <thead>
                    <tr>
                        <th scope="col">{ "Key" }</th>
                        <th scope="col" class="tableFigure">{ "DB" }</th>
                        <th scope="col" class="tableBar"><span class="srOnly">{ "Share" }</span></th>
                        <th scope="col" class="tableFigure">{ "Commands" }</th>
                        <th scope="col" class="tableFigure">{ "In file" }</th>
                    </tr>
                </thead>
                <tbody>
                    { for keys.iter().take(MOST).map(|key| html! {
                        <tr>
                            <th scope="row" class="code tableWrap">{ key.name.display() }</th>
                            <td class="tableFigure">{ key.db }</td>
                            <td class="tableBar"><Bar part={key.commands} whole={most} /></td>
                            <td class="tableFigure">{ at_least(key, units::count(key.commands)) }</td>
                            <td class="tableFigure">{ at_least(key, units::bytes_aligned(key.file_bytes)) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            if tape.busiest.missed_commands > 0 {
                <p class="cardMore muted">
                    { format!("There are too many keys to keep them all: one that is not listed may have up to {} more than was counted of it.", units::plural(tape.busiest.missed_commands, "command", "commands")) }
                </p>
            }
        </>
    }
}

fn at_least(key: &BusyKey, figure: String) -> String {
    if key.missed_commands == 0 { figure } else { format!("≥ {figure}") }
}
