//! The commands of a tape.

use snaptape_report::units;
use yew::prelude::*;

use crate::components::{Bar, Card, CommandTable, FileTable, PartialNotice, TapeEvents, TapeSizes};
use crate::state::Opened;

/// Properties of [`Tape`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TapeProps {
    /// The report.
    pub opened: Opened,
}

/// What was written, when, where, and what destroyed it.
#[component]
pub fn Tape(props: &TapeProps) -> Html {
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let title = match tape.destructive.first() {
        Some(event) => format!(
            "{}{} after {}.",
            event.name,
            event.time_s.map_or_else(String::new, |time| format!(" at {}", units::time_s(time))),
            units::plural(event.commands_before, "command", "commands")
        ),
        None => format!(
            "{}, none of which empties a database.",
            units::plural(tape.commands, "command", "commands")
        ),
    };
    let most = tape.databases.iter().map(|row| row.commands).max().unwrap_or_default();
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ title }</h1>
                if let Some(event) = tape.destructive.first() {
                    <p class="lead">{ format!("What was written before it is still on the tape; {} after it.", units::plural(event.commands_after, "command follows", "commands follow")) }</p>
                }
            </div>
            <PartialNotice opened={props.opened.clone()} />
            <TapeSizes opened={props.opened.clone()} />
            if !tape.destructive.is_empty() {
                <Card title="Commands that empty or swap databases" class="cardFlush"><TapeEvents opened={props.opened.clone()} /></Card>
            }
            <div class="columns columnsTop">
                <Card title="Commands" note="bars: how often"><CommandTable opened={props.opened.clone()} /></Card>
                <Card title="Databases" note="bars: commands">
                    <table class="table">
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
                                    <td class="tableFigure">{ units::bytes(row.file_bytes) }</td>
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </Card>
            </div>
            <Card title="Files" note="in the order a server loads them" class="cardFlush"><FileTable opened={props.opened.clone()} /></Card>
        </div>
    }
}
