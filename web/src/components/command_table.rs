//! Commands by name.

use snaptape_report::units;
use yew::prelude::*;

use super::Bar;
use crate::state::Opened;

/// Properties of [`CommandTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CommandTableProps {
    /// The report.
    pub opened: Opened,
}

/// How often each command is on the tape, and how much of it that takes.
#[component]
pub fn CommandTable(props: &CommandTableProps) -> Html {
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let most = tape.by_name.iter().map(|row| row.commands).max().unwrap_or_default();
    html! {
        <table class="table" aria-label="Commands by name">
            <thead>
                <tr>
                    <th scope="col">{ "Command" }</th>
                    <th scope="col" class="tableBar"><span class="srOnly">{ "Share" }</span></th>
                    <th scope="col" class="tableFigure">{ "Share" }</th>
                    <th scope="col" class="tableFigure">{ "Commands" }</th>
                    <th scope="col" class="tableFigure">{ "In file" }</th>
                </tr>
            </thead>
            <tbody>
                { for tape.by_name.iter().map(|row| html! {
                    <tr key={row.name.clone()}>
                        <th scope="row" class="code">{ &row.name }</th>
                        <td class="tableBar"><Bar part={row.commands} whole={most} /></td>
                        <td class="tableFigure">{ units::percent(row.commands, tape.commands) }</td>
                        <td class="tableFigure">{ units::count(row.commands) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(row.file_bytes) }</td>
                    </tr>
                }) }
            </tbody>
        </table>
    }
}
