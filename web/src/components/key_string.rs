//! One string, looked at as what it may be.

use snaptape_engine::{KeyQuestion, Source};
use snaptape_report::{Format, KeyAnswer, Look, LookBody, TreeLine, units};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{KeyBits, key_waiting};
use crate::hooks::{Engine, Go, Places, use_key};
use crate::key_route::KeyRoute;
use crate::one_key::{DOCUMENT_BYTES, WINDOW_BYTES};
use crate::route::Route;
use crate::words;

/// Properties of [`KeyString`].
#[derive(Clone, PartialEq, Properties)]
pub struct KeyStringProps {
    /// Has the files.
    pub engine: Engine,
    /// The source the key is in.
    pub source: Source,
    /// Where we are: which key, which window, how it is looked at.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Places inside the value.
    pub places: Places,
    /// The element it is in.
    pub element: u64,
    /// Which string of that.
    pub text: u64,
    /// May its bits be counted?
    pub bits: bool,
    /// Are the fields of a module's value without names?
    #[prop_or_default]
    pub unnamed: bool,
}

/// What it may be, how it is shown, and a window of it.
#[component]
pub fn KeyString(props: &KeyStringProps) -> Html {
    let key = props.route.key.clone().unwrap_or_else(|| KeyRoute::new(0, 0, 0));
    let from = key.at;
    let question = KeyQuestion::Text {
        element: props.element,
        text: props.text,
        from,
        len: window_bytes(&key, from),
        format: Some(key.format),
        unnamed: props.unnamed,
    };
    let (asking, control) =
        use_key(&props.engine, Some(props.source.clone()), &key, &props.places, Some(question));
    let on_format = {
        let (go, key) = (props.go.clone(), key.clone());
        Callback::from(move |event: Event| {
            let select = event.target_dyn_into::<HtmlSelectElement>();
            if let Some(format) = select.and_then(|select| Format::from_id(&select.value())) {
                go.replace(go.now().with_key_route(KeyRoute { format, at: 0, ..key.clone() }));
            }
        })
    };
    let window = match asking.answer.as_deref() {
        Some(KeyAnswer::Text(window)) if !asking.waits => Some(window),
        _ => None,
    };
    let id = format!("key-format-{}-{}", props.element, props.text);
    html! {
        <div class="keyString" data-testid="key-string" data-waits={asking.waits.to_string()}>
            <div class="keyTools">
                <label for={id.clone()} class="keyLabel">{ "Show as" }</label>
                <select class="textField" {id} onchange={on_format} data-testid="key-format">
                    { for Format::ALL.into_iter().map(|format| html! {
                        <option value={format.id()} selected={format == key.format}>{ format.name() }</option>
                    }) }
                </select>
                if let Some(look) = window.and_then(|window| window.look.as_ref()) {
                    { guesses(look) }
                }
            </div>
            if let Some(why) = &asking.failed {
                <p class="toneBad keyStopped" role="alert">{ words::full_stop(why) }</p>
            }
            if let Some(window) = window {
                if let Some(why) = &window.stopped {
                    <p class="toneBad keyStopped" role="alert">{ words::full_stop(why) }</p>
                }
                if let Some(look) = &window.look {
                    { body(look) }
                    { pager(props, &key, from, window.len_bytes.unwrap_or(0)) }
                } else {
                    <p class="muted">{ "There is no such string." }</p>
                }
            } else if asking.waits && asking.progress.1 == 0 {
                <p class="muted" role="status">{ "Reading." }</p>
            }
            { key_waiting(&asking, &props.source, &control) }
            if props.bits {
                <KeyBits engine={props.engine.clone()} source={props.source.clone()} route={props.route.clone()} places={props.places.clone()} />
            }
        </div>
    }
}

/// How much is read at a time: of what may be a document, its front is.
fn window_bytes(key: &KeyRoute, from: u64) -> u64 {
    let is_plain = matches!(key.format, Format::Text | Format::Hex | Format::Base64 | Format::Quoted);
    if is_plain || from > 0 { WINDOW_BYTES } else { DOCUMENT_BYTES }
}

fn guesses(look: &Look) -> Html {
    if look.guesses.is_empty() {
        return Html::default();
    }
    let words: Vec<String> = look
        .guesses
        .iter()
        .take(4)
        .map(|guess| format!("{} {}", guess.certainty.word(), guess.what))
        .collect();
    html! { <span class="muted" data-testid="key-guesses">{ words.join(" · ") }</span> }
}

fn body(look: &Look) -> Html {
    html! {
        <>
            if !look.layers.is_empty() {
                <p class="keyStatus" data-testid="key-layers">{ format!("Inside: {}.", look.layers.join(", then ")) }</p>
            }
            <div class="keyBody" tabindex="0" role="region" aria-label="The string" data-testid="key-body" data-format={look.format.id()}>
                { match &look.body {
                    LookBody::Text(text) => html! { <pre class="keyPre">{ text }</pre> },
                    LookBody::Hex(from, bytes) => html! { <pre class="keyPre keyHex">{ hex(*from, bytes) }</pre> },
                    LookBody::Tree(lines) => tree(lines),
                    LookBody::Facts(facts) => html! {
                        <dl class="facts keyFacts">{ for facts.iter().map(|(name, words)| html! { <><dt>{ name }</dt><dd>{ words }</dd></> }) }</dl>
                    },
                } }
            </div>
            if let Some(note) = &look.note {
                <p class="keyStatus muted">{ words::full_stop(note) }</p>
            }
        </>
    }
}

/// Lines of a tree; how deep each stands is said to readers by its level.
fn tree(lines: &[TreeLine]) -> Html {
    html! {
        <ul class="keyTree" data-testid="key-tree">
            { for lines.iter().map(|line| {
                // Deeper than that, the indent says no more.
                let indent = "\u{a0}\u{a0}".repeat(usize::try_from(line.depth.min(24)).unwrap_or(0));
                html! {
                    <li class="keyTreeLine">
                        <span aria-hidden="true">{ indent }</span>
                        if !line.key.is_empty() {
                            <span class="keyTreeKey">{ &line.key }</span><span class="muted">{ ": " }</span>
                        }
                        { tree_value(line) }
                    </li>
                }
            }) }
        </ul>
    }
}

fn tree_value(line: &TreeLine) -> Html {
    match line.kind.as_str() {
        "object" => {
            html! { <span class="muted">{ format!("object, {}", units::plural(line.children, "field", "fields")) }</span> }
        }
        "array" => {
            html! { <span class="muted">{ format!("array, {}", units::plural(line.children, "element", "elements")) }</span> }
        }
        "string" => html! { <span>{ format!("\"{}\"", line.text) }</span> },
        _ if line.text.is_empty() => html! { <span class="keyTreeWord">{ &line.kind }</span> },
        "number" => html! { <span class="keyTreeWord">{ &line.text }</span> },
        kind => html! { <span>{ format!("{kind} {}", line.text) }</span> },
    }
}

/// Rows of sixteen bytes.
fn hex(from: u64, bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len() * 5);
    for (i, row) in bytes.chunks(16).enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(out, "{:08x}  ", from + 16 * i as u64);
        for byte in row {
            let _ = write!(out, "{byte:02x} ");
        }
        out.extend(core::iter::repeat_n(' ', 3 * (16 - row.len()) + 1));
        out.extend(row.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }));
        out.push('\n');
    }
    out
}

/// Which window it is, and the ways to the others.
fn pager(props: &KeyStringProps, key: &KeyRoute, from: u64, len: u64) -> Html {
    let size = window_bytes(key, from);
    if len <= size && from == 0 {
        return Html::default();
    }
    let to = |at: u64| props.route.with_key_route(KeyRoute { at, ..key.clone() }).to_hash();
    let end = from.saturating_add(size).min(len);
    html! {
        <p class="keyPager keyStatus">
            <span class="muted">{ format!("Bytes {} to {} of {}.", units::count(from), units::count(end), units::count(len)) }</span>
            if from > 0 {
                <a class="button" href={to(from.saturating_sub(WINDOW_BYTES))}>{ "Before" }</a>
            }
            if end < len {
                <a class="button" href={to(end)} data-testid="key-further">{ "Further" }</a>
            }
        </p>
    }
}
