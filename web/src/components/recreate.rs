//! What makes a key again: commands, and RESTORE.

use snaptape_engine::{KeyQuestion, Source};
use snaptape_report::{KeyAnswer, Recreation, units};
use yew::prelude::*;

use super::{ShellBlock, key_waiting};
use crate::hooks::{Engine, Places, save_key_file, use_key};
use crate::key_route::KeyRoute;
use crate::one_key;
use crate::route::Route;
use crate::words;

/// Properties of [`Recreate`].
#[derive(Clone, PartialEq, Properties)]
pub struct RecreateProps {
    /// Has the files.
    pub engine: Engine,
    /// The source the key is in.
    pub source: Source,
    /// Where we are: which key.
    pub route: Route,
    /// Its name, as it is shown.
    pub name: AttrValue,
}

/// How much of the commands is shown.
const SHOWN_BYTES: u64 = 4_000;

/// Two ways, made when they are asked for: each takes a look at all of the value.
#[component]
pub fn Recreate(props: &RecreateProps) -> Html {
    let payload = use_state(|| None::<bool>);
    let said = use_state(|| None::<AttrValue>);
    let key = props.route.key.clone().unwrap_or_else(|| KeyRoute::new(0, 0, 0));
    let place = (key.file, key.offset, key.db);
    {
        let (payload, said) = (payload.setter(), said.setter());
        use_effect_with(place, move |_| {
            payload.set(None);
            said.set(None);
        });
    }
    let question = |is_payload: bool, held_bytes: u64| {
        if is_payload { KeyQuestion::Payload { held_bytes } } else { KeyQuestion::Commands { held_bytes } }
    };
    let asked =
        payload.map(|is_payload| question(is_payload, if is_payload { 64 << 10 } else { SHOWN_BYTES }));
    let (asking, control) =
        use_key(&props.engine, Some(props.source.clone()), &key, &Places::default(), asked);
    let made = match asking.answer.as_deref() {
        Some(KeyAnswer::Commands(made)) if *payload == Some(false) => Some(made),
        Some(KeyAnswer::Payload(made)) if *payload == Some(true) => Some(made),
        _ => None,
    };
    let choose = |is_payload: bool, words: &'static str, id: &'static str| {
        let payload_now = payload.clone();
        let onclick = Callback::from(move |_: MouseEvent| payload_now.set(Some(is_payload)));
        let pressed = *payload == Some(is_payload);
        html! {
            <button type="button" class={classes!("switchButton", pressed.then_some("switchButtonPressed"))} aria-pressed={pressed.to_string()} {onclick} data-testid={id}>{ words }</button>
        }
    };
    let on_save = {
        let (engine, source, key, name) =
            (props.engine.clone(), props.source.clone(), key.clone(), props.name.clone());
        let (payload, said) = (*payload == Some(true), said.setter());
        Callback::from(move |_: MouseEvent| {
            let said_later = said.clone();
            said.set(Some("Writing the file.".into()));
            let on_done = Callback::from(move |result: Result<(), String>| {
                said_later
                    .set(Some(result.map_or_else(|why| words::full_stop(&why).into(), |()| "Saved.".into())));
            });
            let file_name = one_key::file_name(&name, if payload { "dump" } else { "redis" });
            let question = if payload {
                KeyQuestion::Payload { held_bytes: KeyQuestion::MOST_HELD_BYTES }
            } else {
                KeyQuestion::Commands { held_bytes: KeyQuestion::MOST_HELD_BYTES }
            };
            save_key_file(&engine, source.clone(), &key, question, file_name, on_done);
        })
    };
    html! {
        <div class="recreate" data-testid="recreate" data-waits={asking.waits.to_string()}>
            <div class="switch" role="group" aria-label="How">
                { choose(false, "Commands", "recreate-commands") }
                { choose(true, "RESTORE", "recreate-restore") }
            </div>
            if payload.is_none() {
                <p class="muted">{ "Commands work on every server and can be read; RESTORE takes over the bytes of the value as they stand in the file." }</p>
            }
            if let Some(why) = &asking.failed {
                <p class="toneBad keyStopped" role="alert">{ words::full_stop(why) }</p>
            }
            if let Some(made) = made {
                { shown(made, *payload == Some(true), &props.name) }
                if made.refused.is_none() {
                    <p class="keyPager">
                        <button type="button" class="button" onclick={on_save} data-testid="recreate-save">{ if *payload == Some(true) { "Save the payload" } else { "Save all commands" } }</button>
                        <span class="muted" role="status">{ said.as_ref().cloned().unwrap_or_default() }</span>
                    </p>
                }
            } else if asking.waits && asking.progress.1 == 0 {
                <p class="muted" role="status">{ "Reading the value." }</p>
            }
            { key_waiting(&asking, &props.source, &control) }
        </div>
    }
}

fn shown(made: &Recreation, is_payload: bool, name: &str) -> Html {
    if let Some(why) = &made.refused {
        return html! { <p data-testid="recreate-refused">{ why }</p> };
    }
    let text = match (&made.line, is_payload) {
        (Some(line), _) => line.clone(),
        (None, true) => {
            let file = one_key::file_name(name, "dump");
            let command = made.shell.as_deref().unwrap_or("redis-cli -x RESTORE KEY 0");
            format!("{command} < {file}")
        }
        (None, false) => whole_lines(&made.bytes),
    };
    let cut = !is_payload && (text.len() as u64) < made.len_bytes;
    html! {
        <>
            <ShellBlock {text} />
            if cut {
                <p class="muted">{ format!("The front of {} with {}: save them to have all.", units::plural(made.commands, "command", "commands"), units::bytes(made.len_bytes)) }</p>
            } else if made.line.is_some() || !is_payload {
                <p class="muted">{ "For the standard input of redis-cli: one command a line." }</p>
            }
            if is_payload && made.line.is_none() {
                <p class="muted">{ format!("The payload has {}, too many for a line: save it, and run this beside it{}.", units::bytes(made.len_bytes),
                    if made.shell.is_none() { ", the name of the key and its TTL in place of KEY and 0" } else { "" }) }</p>
            }
            { for made.notes.iter().map(|note| html! { <p class="muted">{ words::full_stop(note) }</p> }) }
        </>
    }
}

/// Without the line that is cut; a first line that is, is shown as far as it goes.
fn whole_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.rfind('\n') {
        Some(end) if end > 0 && text.matches('\n').count() > 1 => text[..=end].to_owned(),
        _ => text.into_owned(),
    }
}
