//! The table over all keys.

use std::rc::Rc;

use snaptape_analysis::filter::{Vocabulary, strangers};
use snaptape_report::units;
use yew::prelude::*;

use super::key_filter::{KeyFilter, Words};
use super::key_rows::{KeyRows, key_rows};
use super::{PartialNotice, RowScroller};
use crate::hooks::{Engine, Go, KeysAsked, KeysHandle, now_ms, use_keys};
use crate::key_table::{KeyAction, KeyTable as Table, Step, Written};
use crate::key_words;
use crate::one_key;
use crate::protocol::{KeysStage, KeysStatus};
use crate::route::{Route, View};
use crate::sort;
use crate::state::Opened;
use crate::words;

/// Properties of [`KeyTable`].
#[derive(Clone, PartialEq, Properties)]
pub struct KeyTableProps {
    /// The report.
    pub opened: Opened,
    /// Has the files.
    pub engine: Engine,
    /// Where we are: filter, order, row.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
}

/// The filter, what it finds, and the rows.
#[component]
pub fn KeyTable(props: &KeyTableProps) -> Html {
    let (route, answers) = (&props.route, &props.opened.answers);
    let keys = use_keys(
        &props.engine,
        &props.opened,
        KeysAsked {
            filter: route.filter.clone().into(),
            sort: route.keys.word().into(),
            row: route.row,
            budget_bytes: route.rows_mb.map(|mb| mb * 1_000_000),
        },
    );
    let table = &keys.table;
    let known = use_memo(answers.clone(), |answers| {
        let files: Vec<String> = answers.sources.iter().map(|source| source.path.clone()).collect();
        (Rc::new(Words(key_words::vocabulary(answers))), key_words::columns(answers), files)
    });
    let early =
        use_memo((answers.clone(), route.keys, route.filter.is_empty()), |(answers, order, is_all)| {
            let dataset = answers.report.dataset.as_ref().filter(|_| *is_all);
            let rows =
                dataset.map(|dataset| sort::keys(key_words::biggest(dataset), *order)).unwrap_or_default();
            rows.iter().map(|row| key_words::early(row, answers)).collect::<Vec<_>>()
        });
    // Where one is stands in the address, once one stays there.
    use_effect_with((table.active, table.epoch), {
        let go = props.go.clone();
        move |(row, epoch)| {
            let route = go.now();
            // A link may have been followed meanwhile.
            if *epoch > 0 && *row != route.row && route.view == View::Keys {
                go.replace(Route { row: *row, ..route });
            }
        }
    });
    let on_line = {
        let go = props.go.clone();
        Callback::from(move |(filter, keep): (String, bool)| {
            let route = go.now();
            let row = if filter == route.filter { route.row } else { 0 };
            let is_new = filter != route.filter;
            let next = Route { filter, row, ..route };
            match (keep, is_new) {
                (true, true) => go.to(next),
                (true, false) => go.replace(next),
                (false, true) => go.preview(next),
                (false, false) => {}
            }
        })
    };
    let on_sort = {
        let go = props.go.clone();
        Callback::from(move |keys| go.to(Route { keys, row: 0, ..go.now() }))
    };
    let on_row = {
        let dispatch = table.dispatcher();
        Callback::from(move |(row, extend, toggle)| {
            dispatch.dispatch(KeyAction::Pressed { row, extend, toggle });
        })
    };
    let on_first = {
        let dispatch = table.dispatcher();
        Callback::from(move |first| dispatch.dispatch(KeyAction::First(first)))
    };
    let on_key = on_key(&keys, props);
    let rows = KeyRows {
        table,
        early: &early,
        columns: &known.1,
        sort: route.keys,
        on_sort,
        on_row,
        on_key,
        files: if known.2.len() > 1 { &known.2 } else { &[] },
        answers,
        route,
        now_ms: now_ms(),
    };
    html! {
        <div class="keyTableView">
            <PartialNotice opened={props.opened.clone()} />
            <KeyFilter line={route.filter.clone()} vocabulary={known.0.clone()} {on_line} />
            { status(table, &route.filter, &keys, &known.0.0) }
            <RowScroller rows={table.measures()} first={table.first} {on_first}>
                <div class="keyTableWide">{ key_rows(&rows) }</div>
            </RowScroller>
            { tools(table, &keys) }
        </div>
    }
}

fn on_key(keys: &KeysHandle, props: &KeyTableProps) -> Callback<KeyboardEvent> {
    const PAGE: i64 = 19;
    let (keys, go) = (keys.clone(), props.go.clone());
    let answers = props.opened.answers.clone();
    Callback::from(move |event: KeyboardEvent| {
        let (ctrl, extend) = (event.ctrl_key() || event.meta_key(), event.shift_key());
        let step_to = |step| KeyAction::Move { step, extend };
        let action = match event.key().as_str() {
            "ArrowUp" => step_to(Step::By(-1)),
            "ArrowDown" => step_to(Step::By(1)),
            "PageUp" => step_to(Step::By(-PAGE)),
            "PageDown" => step_to(Step::By(PAGE)),
            "Home" => step_to(Step::First),
            "End" => step_to(Step::Last),
            " " => KeyAction::Toggle { extend },
            "a" if ctrl => KeyAction::All(true),
            "Enter" => {
                if let Some(line) = keys.table.row(keys.table.active) {
                    event.prevent_default();
                    go.to(one_key::route_of(&answers, &go.now(), line, keys.table.active));
                }
                return;
            }
            "c" if ctrl && !keys.table.selection.is_empty() => {
                event.prevent_default();
                return keys.copy();
            }
            _ => return,
        };
        event.prevent_default();
        keys.table.dispatch(action);
    })
}

fn status(table: &Table, filter: &str, keys: &KeysHandle, vocabulary: &Vocabulary) -> Html {
    let Some(known) = &table.status else {
        if let Some(message) = &table.message {
            return html! { <p class="toneBad keyFilterWrong" role="alert" data-testid="key-message">{ words::full_stop(message) }</p> };
        }
        let text = "Reading the keys once more, to list them all; the biggest are here already.";
        return html! { <p class="keyTableStatus muted" role="status">{ text }</p> };
    };
    // Nothing goes on where the files cannot be read any more. Of a line that cannot be read nothing is known.
    let is_halted = table.failed || table.message.is_some() && known.epoch == table.epoch && !table.is_done();
    let pause = match known.stage {
        _ if is_halted => None,
        KeysStage::Reading => Some(("Stop", true)),
        KeysStage::Paused => Some(("Go on", false)),
        _ => None,
    };
    let stage = match is_halted {
        true => format!("{} was read", units::percent(known.done_bytes, known.total_bytes)),
        false if known.epoch == table.epoch => key_words::stage(known),
        false => "looking".to_owned(),
    };
    html! {
        <>
            // Figures of the line before have nothing to say of one that cannot be read.
            if table.message.is_none() || known.epoch == table.epoch {
                <p class="keyTableStatus" role="status" data-testid="key-status" data-done={table.is_done().to_string()}
                    data-keys={known.found.keys.to_string()} data-held={known.held_bytes.to_string()} data-ms={known.elapsed_ms.to_string()} data-search={known.is_search.to_string()}>
                    <b>{ words::tied(&key_words::found(known, filter)) }</b>
                    <span class="muted">{ stage }</span>
                    if let Some((words, paused)) = pause {
                        <button type="button" class="button" onclick={let keys = keys.clone(); move |_: MouseEvent| keys.pause(paused)} data-testid="key-pause">{ words }</button>
                    }
                </p>
            }
            if let Some(words) = key_words::beyond(known) {
                <p class="keyTableBeyond" data-testid="key-beyond">{ words }</p>
            }
            if let Some(message) = &table.message {
                <p class="toneBad keyFilterWrong" role="alert" data-testid="key-message">{ words::full_stop(message) }</p>
            }
            if table.is_done() && known.found.keys == 0 {
                { nothing(known, filter, vocabulary) }
            }
        </>
    }
}

fn nothing(known: &KeysStatus, filter: &str, vocabulary: &Vocabulary) -> Html {
    let strangers = strangers(filter, vocabulary);
    let text = if filter.trim().is_empty() {
        "There are no keys.".to_owned()
    } else if !strangers.is_empty() {
        strangers.join(" ")
    } else {
        format!(
            "None of the {} is like that. Words without a field, such as user:42, are looked for in names as they stand, upper and lower case apart.",
            units::plural(known.seen.keys, "key", "keys")
        )
    };
    html! { <p class="keyTableNothing" data-testid="key-nothing">{ text }</p> }
}

fn tools(table: &Table, keys: &KeysHandle) -> Html {
    let chosen = table.selection.len();
    let what = match chosen {
        0 => "all that match".to_owned(),
        n => units::plural(n, "row", "rows"),
    };
    let act = |work: fn(&KeysHandle)| {
        let keys = keys.clone();
        Callback::from(move |_: MouseEvent| work(&keys))
    };
    let is_busy = matches!(table.written, Some(Written::Working(..)));
    let is_writable =
        !is_busy && table.is_done() && table.status.as_ref().is_some_and(|status| status.found.keys > 0);
    html! {
        <div class="keyTableTools">
            <span class="muted" data-testid="key-chosen" data-value={chosen.to_string()}>
                { if chosen == 0 { "nothing selected".to_owned() } else { format!("{what} selected") } }
            </span>
            <button type="button" class="button" disabled={table.rows() == 0} onclick={act(|keys| keys.table.dispatch(KeyAction::All(true)))} data-testid="key-all">{ "Select all" }</button>
            if chosen > 0 {
                <button type="button" class="button" onclick={act(|keys| keys.table.dispatch(KeyAction::All(false)))} data-testid="key-none">{ "Select none" }</button>
                <button type="button" class="button" onclick={act(KeysHandle::copy)} data-testid="key-copy">{ "Copy names" }</button>
            }
            <button type="button" class="button" disabled={!is_writable} onclick={act(|keys| keys.export(true))} data-testid="key-csv">{ format!("CSV of {what}") }</button>
            <button type="button" class="button" disabled={!is_writable} onclick={act(|keys| keys.export(false))} data-testid="key-jsonl">{ format!("JSON lines of {what}") }</button>
            <span class="keyTableWritten" role="status" data-testid="key-written">{ match &table.written {
                None => String::new(),
                Some(Written::Working(rows, bytes)) => format!("writing: {}, {}", units::plural(*rows, "row", "rows"), units::bytes(*bytes)),
                Some(Written::Done(words)) => words.to_string(),
            } }</span>
        </div>
    }
}
