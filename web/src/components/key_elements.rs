//! The elements of a key: a page of them, or those that match.

use snaptape_engine::{ElementSearch, ElementsAsked, KeyQuestion, Source};
use snaptape_report::{ElementRow, ElementText, KeyAnswer, units};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{KeyString, key_waiting};
use crate::hooks::{Engine, Go, Places, use_key};
use crate::key_route::KeyRoute;
use crate::one_key::{self, PAGE_ROWS, ROW_TEXT_BYTES, RowKind};
use crate::route::Route;
use crate::words;

/// Properties of [`KeyElements`].
#[derive(Clone, PartialEq, Properties)]
pub struct KeyElementsProps {
    /// Has the files.
    pub engine: Engine,
    /// The source the key is in.
    pub source: Source,
    /// Where we are: which key, which page, what is searched for.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Places inside the value.
    pub places: Places,
    /// The type, in the words of the TYPE command.
    pub type_name: AttrValue,
    /// What the rows are.
    pub rows: RowKind,
    /// How many there are, where that is known.
    pub total: Option<u64>,
}

/// Bytes of a string of a module's that are shown in its row where it is no text.
const BINARY_BYTES: usize = 16;

/// Ways to a page and to a text, the rows, and the string that was opened.
#[component]
pub fn KeyElements(props: &KeyElementsProps) -> Html {
    let key = props.route.key.clone().unwrap_or_else(|| KeyRoute::new(0, 0, 0));
    let search = (!key.find.is_empty())
        .then(|| ElementSearch { bytes: key.find.clone().into_bytes(), any_case: true });
    let is_search = search.is_some();
    let question = KeyQuestion::Elements(ElementsAsked {
        from: if is_search { 0 } else { key.from },
        limit: if is_search { 1_000 } else { PAGE_ROWS },
        text_bytes: ROW_TEXT_BYTES,
        search,
        unnamed: props.rows == RowKind::Fields,
    });
    let (asking, control) =
        use_key(&props.engine, Some(props.source.clone()), &key, &props.places, Some(question));
    let page = match asking.answer.as_deref() {
        Some(KeyAnswer::Page(page)) if !asking.waits => Some(page),
        _ => None,
    };
    {
        let (places, answer) = (props.places.clone(), asking.answer.clone());
        use_effect_with(answer, move |answer| {
            if let Some(KeyAnswer::Page(page)) = answer.as_deref() {
                one_key::join_places(&mut places.borrow_mut(), &page.places);
            }
        });
    }
    let to = |key: KeyRoute| props.route.with_key_route(key).to_hash();
    let (find, jump) = (use_node_ref(), use_node_ref());
    let on_find = {
        let (go, find, key) = (props.go.clone(), find.clone(), key.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let find = find.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            go.to(go.now().with_key_route(KeyRoute { find, from: 0, open: None, at: 0, ..key.clone() }));
        })
    };
    let on_jump = {
        let (go, jump, key) = (props.go.clone(), jump.clone(), key.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let words = jump.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            if let Ok(number) = words.trim().replace(',', "").parse::<u64>() {
                let from = number.saturating_sub(1) / PAGE_ROWS * PAGE_ROWS;
                go.to(go.now().with_key_route(KeyRoute {
                    from,
                    find: String::new(),
                    open: None,
                    ..key.clone()
                }));
            }
        })
    };
    let (one, many) = props.rows.words(&props.type_name);
    let rows = page.map_or(asking.rows.as_slice(), |page| page.rows.as_slice());
    let last = props.total.map(|total| total.saturating_sub(1) / PAGE_ROWS * PAGE_ROWS);
    let link = |from: u64, words: &'static str, id: &'static str, on: bool| {
        if on {
            let href = to(KeyRoute { from, open: None, at: 0, ..key.clone() });
            html! { <a class="button" {href} data-testid={id}>{ words }</a> }
        } else {
            html! { <span class="button keyPagerOff" aria-disabled="true">{ words }</span> }
        }
    };
    let is_last = page.is_some_and(|page| page.at_end) || last.is_some_and(|last| key.from >= last);
    html! {
        <div class="keyElements" data-testid="key-elements" data-waits={asking.waits.to_string()} data-first={key.from.to_string()}>
            <div class="keyTools">
                <form class="keyForm keyFind" onsubmit={on_find} role="search">
                    <label class="srOnly" for="key-find">{ format!("Find {many} with this text") }</label>
                    <input class="textField keyFindField" id="key-find" ref={find} value={key.find.clone()} placeholder={format!("find {many} with this text")} autocomplete="off" spellcheck="false" data-testid="key-find" />
                    <button class="button" data-testid="key-find-go">{ "Find" }</button>
                </form>
                if !is_search {
                    <form class="keyForm" onsubmit={on_jump}>
                        <label class="srOnly" for="key-jump">{ format!("Number of the {one}") }</label>
                        <input class="textField keyJump" id="key-jump" ref={jump} placeholder="number" inputmode="numeric" autocomplete="off" data-testid="key-jump" />
                        <button class="button" data-testid="key-jump-go">{ "Go" }</button>
                    </form>
                    <div class="keyPager">
                        { link(0, "First", "key-first", key.from > 0) }
                        { link(key.from.saturating_sub(PAGE_ROWS), "Previous", "key-previous", key.from > 0) }
                        { link(key.from.saturating_add(PAGE_ROWS), "Next", "key-next", !is_last) }
                        if let Some(last) = last {
                            { link(last, "Last", "key-last", key.from < last) }
                        }
                    </div>
                }
            </div>
            if let Some(why) = &asking.failed {
                <p class="toneBad keyStopped" role="alert">{ words::full_stop(why) }</p>
            }
            if let Some(why) = page.and_then(|page| page.stopped.as_ref()) {
                <p class="toneBad keyStopped" role="alert">{ words::full_stop(why) }</p>
            }
            <p class="keyStatus muted" role="status" data-testid="key-status">
                { status(props, &key, page.map(|page| (page.matches, rows.len(), page.at_end)), rows, asking.matches, asking.waits) }
                if asking.waits && is_search {
                    <button type="button" class="button" onclick={control.stop.reform(|_: MouseEvent| ())}>{ "Stop" }</button>
                }
                if is_search {
                    <a href={to(KeyRoute { find: String::new(), ..key.clone() })}>{ format!("all {many}") }</a>
                }
            </p>
            if !is_search {
                { key_waiting(&asking, &props.source, &control) }
            }
            if !rows.is_empty() {
                { table(props, &key, rows) }
            }
            if let Some((element, text)) = key.open {
                <section class="keyOpened" aria-label="The opened string" data-testid="key-opened">
                    <h3 class="keyOpenedTitle">{ format!("{} {}, {}", capital(one), units::count(element + 1), text_word(&props.type_name, text)) }</h3>
                    <KeyString engine={props.engine.clone()} source={props.source.clone()} route={props.route.clone()} go={props.go.clone()} places={props.places.clone()} {element} {text} bits=false unnamed={props.rows == RowKind::Fields} />
                </section>
            }
        </div>
    }
}

fn status(
    props: &KeyElementsProps,
    key: &KeyRoute,
    found: Option<(u64, usize, bool)>,
    rows: &[ElementRow],
    matches: u64,
    waits: bool,
) -> String {
    let (one, many) = props.rows.words(&props.type_name);
    if !key.find.is_empty() {
        let n = found.map_or(matches, |(n, ..)| n);
        let listed = rows.len() as u64;
        let more = if n > listed {
            format!(", the first {} are listed", units::count(listed))
        } else {
            String::new()
        };
        let state = if waits { ", looking on" } else { "" };
        return format!(
            "{}{more}{state}; upper and lower case are the same.",
            units::plural(n, "match", "matches")
        );
    }
    match (found, rows.first(), rows.last()) {
        (_, Some(first), Some(last)) => {
            let of = props.total.map(|total| format!(" of {}", units::count(total))).unwrap_or_default();
            format!(
                "{} {} to {}{of}, in the order of the file.",
                capital(many),
                units::count(first.index + 1),
                units::count(last.index + 1)
            )
        }
        (Some(_), ..) => format!("There is no {one} here."),
        _ if waits => "Reading.".into(),
        _ => String::new(),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn text_word(type_name: &str, text: u64) -> &'static str {
    match (type_name, text) {
        ("hash", 0) => "its name",
        ("hash", _) => "its value",
        ("stream", n) if n % 2 == 0 => "a field",
        ("stream", _) => "a value",
        _ => "whole",
    }
}

fn table(props: &KeyElementsProps, key: &KeyRoute, rows: &[ElementRow]) -> Html {
    if props.rows == RowKind::Named {
        return named(props, key, rows);
    }
    let type_name = props.type_name.as_str();
    let has_label = rows.iter().any(|row| row.label.is_some());
    let has_expiry = rows.iter().any(|row| row.expires_at_ms.is_some());
    let is_zset = type_name == "zset";
    // One score that is none (a counter beside positions) hides no others.
    let is_geo = is_zset && rows.iter().any(|row| row.position.is_some());
    let strings: &[&str] = match type_name {
        "hash" => &["Field", "Value"],
        "list" => &["Item"],
        "set" | "zset" => &["Member"],
        "stream" => &["Fields and values"],
        _ if props.rows == RowKind::Fields => &["Field"],
        _ => &["Element"],
    };
    html! {
        <div class="tableScroll" tabindex="0" role="region" aria-label="Elements">
            <table class="table elementTable" aria-label="Elements" data-testid="key-rows">
                <thead><tr>
                    <th scope="col" class="tableFigure">{ "Number" }</th>
                    if has_label {
                        <th scope="col">{ match type_name { "stream" => "ID", "array" => "Index", _ => "Kind" } }</th>
                    }
                    { for strings.iter().map(|word| html! { <th scope="col">{ *word }</th> }) }
                    if is_zset { <th scope="col" class="tableFigure">{ "Score" }</th> }
                    if is_geo { <th scope="col" class="tableFigure">{ "Longitude, latitude, if it is a position" }</th> }
                    if has_expiry { <th scope="col">{ "Expires" }</th> }
                </tr></thead>
                <tbody>
                    { for rows.iter().map(|row| html! {
                        <tr data-index={row.index.to_string()}>
                            <td class="tableFigure muted">{ units::count(row.index + 1) }</td>
                            if has_label { <td class="code">{ row.label.clone().unwrap_or_default() }</td> }
                            if type_name == "stream" {
                                <td class="keyCell">{ for row.texts.chunks(2).enumerate().map(|(i, pair)| pair_html(props, key, row.index, i as u64, pair)) }{ more(row.more_texts) }</td>
                            } else {
                                { for strings.iter().enumerate().map(|(i, _)| html! {
                                    <td class="keyCell">{ for row.texts.get(i).map(|text| text_html(props, key, row.index, i as u64, text)) }</td>
                                }) }
                            }
                            if is_zset { <td class="tableFigure">{ row.score.clone().unwrap_or_default() }</td> }
                            if is_geo { <td class="tableFigure" data-testid="key-position">{ position(row) }</td> }
                            if has_expiry { <td>{ row.expires_at_ms.map_or_else(|| "never".to_owned(), units::time_ms) }</td> }
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

/// What a module's value holds: names, and values, of which a row may have several.
fn named(props: &KeyElementsProps, key: &KeyRoute, rows: &[ElementRow]) -> Html {
    html! {
        <div class="tableScroll" tabindex="0" role="region" aria-label="The value">
            <table class="table elementTable" aria-label="The value" data-testid="key-rows">
                <thead><tr><th scope="col">{ "Name" }</th><th scope="col">{ "Value" }</th></tr></thead>
                <tbody>
                    { for rows.iter().map(|row| html! {
                        <tr data-index={row.index.to_string()}>
                            <th scope="row" class="keyRowName">{ row.label.clone().unwrap_or_else(|| "no name".into()) }</th>
                            <td class="keyCell">
                                if let [text] = row.texts.as_slice() {
                                    { text_html(props, key, row.index, 0, &calm(text)) }
                                } else {
                                    { for row.texts.chunks(2).enumerate().map(|(i, pair)| named_pair(props, key, row.index, i as u64, pair)) }
                                    { more(row.more_texts) }
                                }
                            </td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

/// One of several values of a row, behind what it is.
fn named_pair(
    props: &KeyElementsProps,
    key: &KeyRoute,
    element: u64,
    pair: u64,
    texts: &[ElementText],
) -> Html {
    let [name, value] = texts else { return Html::default() };
    html! {
        <span class="keyPair">
            <span class="muted">{ units::printable(&name.bytes) }{ " = " }</span>
            { text_html(props, key, element, 2 * pair + 1, &calm(value)) }
        </span>
    }
}

/// Bytes that are no text say little at length: a few of them.
fn calm(text: &ElementText) -> ElementText {
    let is_text = core::str::from_utf8(&text.bytes).is_ok_and(|text| !text.chars().any(char::is_control));
    let most = if is_text { text.bytes.len() } else { BINARY_BYTES };
    ElementText { len_bytes: text.len_bytes, bytes: text.bytes.iter().take(most).copied().collect() }
}

fn position(row: &ElementRow) -> String {
    row.position.as_ref().map_or_else(String::new, |(lon, lat)| format!("{lon}, {lat}"))
}

fn more(more: u64) -> Html {
    if more == 0 {
        return Html::default();
    }
    html! { <span class="muted">{ format!(" and {}", units::plural(more, "string more", "strings more")) }</span> }
}

fn pair_html(
    props: &KeyElementsProps,
    key: &KeyRoute,
    element: u64,
    pair: u64,
    texts: &[ElementText],
) -> Html {
    html! {
        <span class="keyPair">
            { for texts.iter().enumerate().map(|(i, text)| html! {
                <>
                    if i == 1 { <span class="muted">{ " = " }</span> }
                    { text_html(props, key, element, 2 * pair + i as u64, text) }
                </>
            }) }
        </span>
    }
}

/// A string, or its front: a press shows it whole.
fn text_html(props: &KeyElementsProps, key: &KeyRoute, element: u64, text: u64, found: &ElementText) -> Html {
    let open = Some((element, text));
    let href = props.route.with_key_route(KeyRoute { open, at: 0, ..key.clone() }).to_hash();
    let shown = match units::printable(&found.bytes) {
        words if words.is_empty() => "(empty)".to_owned(),
        words => words,
    };
    let class = classes!("code", "keyText", (key.open == open).then_some("keyTextOpen"));
    html! {
        <a {class} {href} title="Show it whole">
            { shown }
            if found.is_cut() {
                <span class="muted">{ format!(" … {}", units::bytes(found.len_bytes)) }</span>
            }
        </a>
    }
}
