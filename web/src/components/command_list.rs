//! The list of all commands of a tape.

use snaptape_report::{CommandRow, ListFrom, units};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::{CommandRows, RowScroller};
use crate::command_words;
use crate::hooks::{Engine, use_commands};
use crate::listing::{ListAction, Search, VISIBLE_ROWS};
use crate::state::{Opened, Shared};
use crate::words;

/// Properties of [`CommandList`].
#[derive(Clone, PartialEq, Properties)]
pub struct CommandListProps {
    /// The report.
    pub opened: Opened,
    /// Has the files.
    pub engine: Engine,
    /// Where the list is to go, and a number that is another one each time.
    pub jump: Option<(u64, ListFrom)>,
    /// Called with the command that is looked at.
    pub on_command: Callback<Shared<CommandRow>>,
}

/// Ways to a place, a filter, and the rows.
#[component]
pub fn CommandList(props: &CommandListProps) -> Html {
    let list = use_commands(&props.engine, &props.opened);
    let dispatch = list.dispatcher();
    let wrong = use_state(|| None::<String>);
    {
        let dispatch = dispatch.clone();
        use_effect_with((props.jump.clone(), props.opened.answers.clone()), move |(jump, _)| {
            if let Some((_, from)) = jump {
                dispatch.dispatch(ListAction::Jump(from.clone()));
            }
        });
    }
    // What the keyboard is on is what is looked at.
    let at = list.row(list.active).cloned();
    {
        let on_command = props.on_command.clone();
        use_effect_with(at, move |row| {
            if let Some(row) = row {
                on_command.emit(Shared::new(row.clone()));
            }
        });
    }
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let on_key = {
        let (dispatch, active) = (dispatch.clone(), list.active);
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowUp" => active.saturating_sub(1),
                "ArrowDown" => active.saturating_add(1),
                "PageUp" => active.saturating_sub(VISIBLE_ROWS - 1),
                "PageDown" => active.saturating_add(VISIBLE_ROWS - 1),
                "Home" => 0,
                "End" => u64::MAX,
                "Enter" => {
                    crate::hooks::focus_element("command-panel");
                    return event.prevent_default();
                }
                _ => return,
            };
            event.prevent_default();
            dispatch.dispatch(ListAction::Active(to));
        })
    };
    let on_first = {
        let dispatch = dispatch.clone();
        Callback::from(move |first| dispatch.dispatch(ListAction::First(first)))
    };
    let on_row = {
        let dispatch = dispatch.clone();
        Callback::from(move |row| dispatch.dispatch(ListAction::Active(row)))
    };
    let (place, file, filter) = (use_node_ref(), use_node_ref(), use_node_ref());
    let on_go = {
        let (dispatch, wrong, answers) = (dispatch.clone(), wrong.setter(), props.opened.answers.clone());
        let (place, file) = (place.clone(), file.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(tape) = &answers.report.tape else { return };
            let words = place.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            let file = file.cast::<HtmlSelectElement>().map(|field| field.value());
            let file = file.or_else(|| tape.files.first().map(|file| file.file.clone())).unwrap_or_default();
            match command_words::place(&words, &file, tape) {
                Ok(from) => {
                    wrong.set(None);
                    dispatch.dispatch(ListAction::Jump(from));
                }
                Err(why) => wrong.set(Some(why)),
            }
        })
    };
    let on_filter = {
        let (dispatch, wrong, filter) = (dispatch.clone(), wrong.setter(), filter.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let words = filter.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            match crate::filter::parse(&words) {
                Ok(_) => {
                    wrong.set(None);
                    dispatch.dispatch(ListAction::Filter(words.into()));
                }
                Err(why) => wrong.set(Some(why)),
            }
        })
    };
    let on_all = {
        let (dispatch, filter) = (dispatch.clone(), filter.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(field) = filter.cast::<HtmlInputElement>() {
                field.set_value("");
            }
            dispatch.dispatch(ListAction::Filter(AttrValue::default()));
        })
    };
    let on_stop = {
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.dispatch(ListAction::Stop))
    };
    html! {
        <div class="commandList">
            <div class="commandListTools">
                <form class="commandListForm" onsubmit={on_go}>
                    <label class="srOnly" for="command-place">{ "Go to an offset, a time, or a number" }</label>
                    <input class="textField commandListPlace" id="command-place" ref={place} placeholder="offset, time or #number" autocomplete="off" spellcheck="false" data-testid="command-place" />
                    if tape.files.len() > 1 {
                        <label class="srOnly" for="command-file">{ "File of the offset" }</label>
                        <select class="textField" id="command-file" ref={file}>
                            { for tape.files.iter().enumerate().map(|(i, file)| html! {
                                // Said outright: options come into the page last one first, and the first to come would be chosen.
                                <option value={file.file.clone()} selected={i == 0}>{ words::file_name(&file.file) }</option>
                            }) }
                        </select>
                    }
                    <button class="button" data-testid="command-go">{ "Go" }</button>
                </form>
                <form class="commandListForm commandListSearch" onsubmit={on_filter} role="search">
                    <label class="srOnly" for="command-filter">{ "Filter: words, name:, key:, db:" }</label>
                    <input class="textField commandListFilter" id="command-filter" ref={filter} placeholder="name:del key:user:* db:0 some text" autocomplete="off" spellcheck="false" data-testid="command-filter" />
                    <button class="button" data-testid="command-search">{ "Filter" }</button>
                </form>
            </div>
            if let Some(why) = &*wrong {
                <p class="commandListWrong toneBad" role="alert" data-testid="command-wrong">{ why }</p>
            }
            if let Some(message) = &list.message {
                <p class="commandListWrong toneBad" role="alert" data-testid="command-message">{ message.clone() }</p>
            }
            if let Some(matches) = &list.matches {
                <p class="commandListStatus" role="status" data-testid="command-status" data-search={matches.search.id()} data-value={matches.found.to_string()}>
                    <b>{ units::plural(matches.found, "match", "matches") }</b>
                    if matches.found > list.rows() && matches.search != Search::Running {
                        <span>{ format!("the first {} are listed", units::count(list.rows())) }</span>
                    }
                    { match matches.search {
                        Search::Running => html! {
                            <>
                                <span>{ format!("{} of the tape looked through", units::percent(matches.done_bytes, matches.total_bytes)) }</span>
                                <button type="button" class="button" onclick={on_stop} data-testid="command-stop">{ "Stop" }</button>
                            </>
                        },
                        Search::Stopped => html! { <span>{ format!("stopped after {} of the tape", units::percent(matches.done_bytes, matches.total_bytes)) }</span> },
                        Search::Finished => html! { <span>{ format!("in {}", units::plural(list.total, "command", "commands")) }</span> },
                    } }
                    <button type="button" class="button" onclick={on_all} data-testid="command-all">{ "All commands" }</button>
                </p>
            }
            <RowScroller rows={list.measures()} first={list.first} {on_first}>
                <CommandRows listing={(*list).clone()} timed={tape.times.is_some()} {on_row} {on_key} />
            </RowScroller>
        </div>
    }
}
