//! One command of the tape, whole.

use snaptape_report::{Choice, CommandRow, units};
use yew::prelude::*;

use super::UndoButtons;
use super::command_rows::named;
use crate::state::Shared;
use crate::words;

/// Properties of [`CommandPanel`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CommandPanelProps {
    /// The command.
    pub row: Shared<CommandRow>,
    /// Is the worker at something?
    pub busy: bool,
    /// Called with what was chosen to be taken back.
    pub on_choice: Callback<Choice>,
}

/// Where it stands, every argument with its length, and two ways to take it back.
#[component]
pub fn CommandPanel(props: &CommandPanelProps) -> Html {
    let row = &*props.row;
    let unshown = row.argument_count.saturating_sub(row.arguments.len() as u64);
    html! {
        <div class="commandPanel" data-testid="command" data-offset={row.offset.to_string()}>
            <p class="commandPanelName code">{ &row.name }</p>
            <dl class="facts">
                if let Some(number) = row.number {
                    <dt>{ "Number" }</dt><dd>{ units::count(number + 1) }</dd>
                }
                <dt>{ "File" }</dt><dd class="code">{ words::file_name(&row.file) }</dd>
                <dt>{ "Bytes" }</dt><dd>{ format!("{} to {}, {} long", words::offset(row.offset), words::offset(row.end), units::bytes(row.end.saturating_sub(row.offset))) }</dd>
                <dt>{ "Time" }</dt><dd>{ row.time_s.map_or_else(|| "not recorded".to_owned(), units::time_s) }</dd>
                <dt>{ "Database" }</dt><dd>{ row.db.map_or_else(|| "not known: it stands behind damage".to_owned(), |db| db.to_string()) }</dd>
                if row.in_multi {
                    <dt>{ "Transaction" }</dt><dd>{ "inside MULTI ... EXEC, which comes or goes as a whole" }</dd>
                }
            </dl>
            if row.behind_damage {
                <p class="commandPanelNote">{ "It stands behind damage: no server reads it as the file is." }</p>
            }
            if !row.arguments.is_empty() {
                <div class="tableScroll commandArguments">
                    <table class="table" aria-label="Arguments">
                        <thead>
                            <tr>
                                <th scope="col" class="tableFigure">{ "Length" }</th>
                                <th scope="col">{ "Argument" }</th>
                            </tr>
                        </thead>
                        <tbody>
                            { for row.arguments.iter().map(|argument| html! {
                                <tr>
                                    <td class="tableFigure">{ units::bytes_aligned(argument.len_bytes) }</td>
                                    <td class="code commandArgument">
                                        { &argument.text }
                                        if argument.cut {
                                            <span class="muted">{ " … goes on" }</span>
                                        }
                                    </td>
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </div>
            }
            if unshown > 0 {
                <p class="muted">{ format!("and {} that are not shown", units::plural(unshown, "argument", "arguments")) }</p>
            }
            if !row.behind_damage {
                <UndoButtons file={row.file.clone()} offset={row.offset} name={named(row)} in_multi={row.in_multi} single={row.in_multi || row.name != "SELECT"} primary={row.destructive.is_some()}
                    busy={props.busy} on_choice={props.on_choice.clone()} />
                <p class="muted commandPanelNote">{ "The input is never changed. What comes of it is shown under Repair first." }</p>
            }
        </div>
    }
}
