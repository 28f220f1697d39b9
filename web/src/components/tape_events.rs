//! Commands that emptied or swapped databases.

use snaptape_report::units;
use yew::prelude::*;

use crate::state::Opened;
use crate::words::{self, file_name};

/// Properties of [`TapeEvents`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TapeEventsProps {
    /// The report.
    pub opened: Opened,
}

/// Each of them with its place, its time and what lies before and behind it.
#[component]
pub fn TapeEvents(props: &TapeEventsProps) -> Html {
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let more = tape.destructive_total.saturating_sub(tape.destructive.len() as u64);
    html! {
        <>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{ "Command" }</th>
                        <th scope="col">{ "Time" }</th>
                        <th scope="col" class="tableFigure">{ "Database" }</th>
                        <th scope="col">{ "File" }</th>
                        <th scope="col">{ "Offset" }</th>
                        <th scope="col" class="tableFigure">{ "Commands before" }</th>
                        <th scope="col" class="tableFigure">{ "Commands after" }</th>
                    </tr>
                </thead>
                <tbody>
                    { for tape.destructive.iter().map(|event| html! {
                        <tr>
                            <th scope="row" class="code tapeEvent">{ &event.name }</th>
                            <td>{ event.time_s.map_or_else(|| "not recorded".to_owned(), units::time_s) }</td>
                            <td class="tableFigure">{ if event.name == "FLUSHALL" { "all".to_owned() } else { event.db.to_string() } }</td>
                            <td class="code tableWrap">{ file_name(&event.file) }</td>
                            <td class="code">{ words::offset(event.offset) }</td>
                            <td class="tableFigure">{ units::count(event.commands_before) }</td>
                            <td class="tableFigure">{ units::count(event.commands_after) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            if more > 0 {
                <p class="muted">{ format!("and {} more", units::count(more)) }</p>
            }
        </>
    }
}
