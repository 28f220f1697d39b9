//! What removed, replaced or swapped many keys.

use snaptape_report::{Choice, DestructiveEvent, ListFrom, units};
use yew::prelude::*;

use super::UndoButtons;
use crate::state::Opened;
use crate::timeline::event_word;
use crate::words::{self, file_name};

/// Rows before the reader is asked whether there should be more.
const FEW: usize = 6;

/// Properties of [`TapeEvents`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TapeEventsProps {
    /// The report.
    pub opened: Opened,
    /// Is the worker at something?
    pub busy: bool,
    /// Called with what was chosen to be taken back.
    pub on_choice: Callback<Choice>,
    /// Called with the place of an event whose commands are to be shown.
    pub on_jump: Callback<ListFrom>,
}

/// Each of them with its place, its time, and two ways to take it back.
#[component]
pub fn TapeEvents(props: &TapeEventsProps) -> Html {
    let all = use_state(|| false);
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let shown = if *all { tape.destructive.len() } else { FEW };
    let more = tape.destructive.len().saturating_sub(shown);
    let unlisted = tape.destructive_total.saturating_sub(tape.destructive.len() as u64);
    let show_all = {
        let all = all.setter();
        Callback::from(move |_: MouseEvent| all.set(true))
    };
    html! {
        <>
            <table class="table stackTable" aria-label="Commands that remove or exchange much" role="table" data-testid="tape-events">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">{ "What" }</th>
                        <th scope="col" role="columnheader">{ "Time" }</th>
                        <th scope="col" role="columnheader">{ "Place" }</th>
                        <th scope="col" role="columnheader" class="tableFigure" title="Commands before it">{ "Before" }</th>
                        <th scope="col" role="columnheader" class="tableFigure" title="Commands after it">{ "After" }</th>
                        <th scope="col" role="columnheader"><span class="srOnly">{ "Take it back" }</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{ for tape.destructive.iter().take(shown).map(|event| row(props, event)) }</tbody>
            </table>
            if more > 0 {
                <p class="cardMore"><button type="button" class="button" onclick={show_all}>{ format!("Show {more} more") }</button></p>
            }
            if unlisted > 0 {
                <p class="cardMore muted">{ format!("{} more are not listed.", units::count(unlisted)) }</p>
            }
        </>
    }
}

fn row(props: &TapeEventsProps, event: &DestructiveEvent) -> Html {
    let time = event.time_s.map_or_else(|| "not recorded".to_owned(), units::time_s);
    let from = ListFrom::Offset { file: event.file.clone(), offset: event.offset };
    let jump = props.on_jump.reform(move |_: MouseEvent| from.clone());
    let name = format!("{} at {}", event_word(event), words::offset(event.offset));
    html! {
        <tr role="row" class="stackRow">
            <th scope="row" role="rowheader" class="tapeEventWhat stackWide"><span class="code tapeEvent">{ event_word(event) }</span>{ format!(" {}", event.what()) }</th>
            <td role="cell" data-label="Time">{ time }</td>
            <td role="cell" data-label="Place">
                <button type="button" class="linkButton code" onclick={jump} title="Show it in the list of commands">{ words::offset(event.offset) }</button>
                <span class="tapeEventFile">{ file_name(&event.file) }</span>
            </td>
            <td role="cell" class="tableFigure" data-label="Commands before">{ units::count(event.commands_before) }</td>
            <td role="cell" class="tableFigure" data-label="After">{ units::count(event.commands_after) }</td>
            <td role="cell" class="stackWide tapeEventUndo">
                <UndoButtons file={event.file.clone()} offset={event.offset} {name} single={event.kind.is_one_command()} busy={props.busy} on_choice={props.on_choice.clone()} />
            </td>
        </tr>
    }
}
