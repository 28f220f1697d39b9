//! Commands by database.

use snaptape_report::units;
use yew::prelude::*;

use super::Bar;
use crate::state::Opened;

/// Properties of [`DatabaseCommandTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DatabaseCommandTableProps {
    /// The report.
    pub opened: Opened,
}

/// How much was written to each.
#[component]
pub fn DatabaseCommandTable(props: &DatabaseCommandTableProps) -> Html {
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let most = tape.databases.iter().map(|row| row.commands).max().unwrap_or_default();
    html! {
        <table class="table" aria-label="Commands by database">
            <thead>
                <tr>
                    <th scope="col">{ "Database" }</th>
                    <th scope="col" class="tableBar"><span class="srOnly">{ "Share" }</span></th>
                    <th scope="col" class="tableFigure">{ "Commands" }</th>
                    <th scope="col" class="tableFigure">{ "In file" }</th>
                </tr>
            </thead>
            <tbody>
                { for tape.databases.iter().map(|row| html! {
                    <tr key={row.db.to_string()}>
                        <th scope="row">{ row.db }</th>
                        <td class="tableBar"><Bar part={row.commands} whole={most} /></td>
                        <td class="tableFigure">{ units::count(row.commands) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(row.file_bytes) }</td>
                    </tr>
                }) }
            </tbody>
        </table>
    }
}
