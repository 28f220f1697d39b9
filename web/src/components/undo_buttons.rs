//! Two ways to take a command back.

use snaptape_report::{Choice, CommandPlace};
use yew::prelude::*;

/// Properties of [`UndoButtons`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct UndoButtonsProps {
    /// Path of the file.
    pub file: AttrValue,
    /// Offset of the command.
    pub offset: u64,
    /// What it is called for those who only hear the buttons: `FLUSHALL at 14:02:11`.
    pub name: AttrValue,
    /// Can it be taken out by itself? Not a burst of many, nor a SELECT, which says where the commands behind it go.
    #[prop_or(true)]
    pub single: bool,
    /// Does it stand in a MULTI ... EXEC block? Then all of it goes.
    #[prop_or_default]
    pub in_multi: bool,
    /// Is taking it out what is wanted most?
    #[prop_or_default]
    pub primary: bool,
    /// Is the worker at something?
    pub busy: bool,
    /// Called with what was chosen.
    pub on_choice: Callback<Choice>,
}

/// Without this command, or stop before it.
#[component]
pub fn UndoButtons(props: &UndoButtonsProps) -> Html {
    let place = CommandPlace { file: Some(props.file.to_string()), offset: props.offset };
    let without = {
        let choice = Choice::Without { commands: vec![place.clone()] };
        props.on_choice.reform(move |_: MouseEvent| choice.clone())
    };
    let before = {
        let choice = Choice::Before(place);
        props.on_choice.reform(move |_: MouseEvent| choice.clone())
    };
    let class = if props.primary { "button buttonPrimary" } else { "button" };
    let what = if props.in_multi { "Without this transaction" } else { "Without this command" };
    html! {
        <div class="undoButtons">
            if props.single {
                <button type="button" {class} disabled={props.busy} onclick={without} aria-label={format!("{what}: {}", props.name)} data-testid="without">{ what }</button>
            }
            <button type="button" class="button" disabled={props.busy} onclick={before} aria-label={format!("Stop before it: {}", props.name)} data-testid="before">{ "Stop before it" }</button>
        </div>
    }
}
