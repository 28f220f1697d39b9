//! What can be done about a command, or a time.

use snaptape_report::{Choice, CommandRow, units};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{CommandPanel, ProgressPanel, ToneMark};
use crate::command_words;
use crate::hooks::Engine;
use crate::state::{Opened, Regroup, Shared};
use crate::words::Tone;

/// Properties of [`UndoCard`].
#[derive(Clone, PartialEq, Properties)]
pub struct UndoCardProps {
    /// The report.
    pub opened: Opened,
    /// The command that is looked at.
    pub row: Option<Shared<CommandRow>>,
    /// Reads the tape again.
    pub engine: Engine,
    /// How far that is.
    pub regroup: Regroup,
    /// Is the worker at something?
    pub busy: bool,
    /// Called with what was chosen.
    pub on_choice: Callback<Choice>,
}

/// The command, the ways to take it back, and a time to stop before; while the tape is read again, how far that is.
#[component]
pub fn UndoCard(props: &UndoCardProps) -> Html {
    let (field, wrong) = (use_node_ref(), use_state(|| None::<String>));
    if let Regroup::Working { meter } = &props.regroup {
        let on_cancel = {
            let engine = props.engine.clone();
            Callback::from(move |()| engine.cancel())
        };
        return html! { <ProgressPanel title="Reading the tape again for what you chose" meter={meter.clone()} {on_cancel} /> };
    }
    let last_time = props.opened.answers.report.tape.as_ref().and_then(|tape| tape.last_time_s);
    let onsubmit = {
        let (field, wrong, answers) = (field.clone(), wrong.setter(), props.opened.answers.clone());
        let on_choice = props.on_choice.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(tape) = &answers.report.tape else { return };
            let words = field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            match command_words::time(&words, tape) {
                Ok(time_s) => {
                    wrong.set(None);
                    on_choice.emit(Choice::BeforeTime { time_s });
                }
                Err(why) => wrong.set(Some(why)),
            }
        })
    };
    html! {
        <div class="undoCard" id="command-panel" tabindex="-1">
            if let Regroup::Failed { message } = &props.regroup {
                <p class="planFailed" role="alert" data-testid="error"><ToneMark tone={Tone::Bad} />{ format!(" {message}") }</p>
            }
            if let Some(row) = &props.row {
                <CommandPanel row={row.clone()} busy={props.busy} on_choice={props.on_choice.clone()} />
            } else {
                <p class="muted">{ "Choose a command of the list to see all of it, and to take it back." }</p>
            }
            if let Some(last_time) = last_time {
                <form class="undoTime" {onsubmit}>
                    <label for="undo-time">{ "Or stop before everything later than" }</label>
                    <input class="textField" id="undo-time" ref={field} placeholder={units::time_s(last_time)} autocomplete="off" spellcheck="false" data-testid="undo-time" />
                    <button class="button" disabled={props.busy} data-testid="undo-time-go">{ "Stop there" }</button>
                    if let Some(why) = &*wrong {
                        <p class="undoTimeWrong toneBad" role="alert">{ why }</p>
                    }
                </form>
            }
        </div>
    }
}
