//! Bytes of a file and what they are, side by side.

use snaptape_report::{FileReport, Finding, units};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::bytes::{self, ByteAction, ByteState, SpanRow};
use crate::components::{ByteGrid, Card, ToneMark, byte_tree, span_facts};
use crate::hooks::{Engine, Go, Hunt, focus_element, show_nearest, use_byte_hunt, use_bytes, use_narrow};
use crate::protocol::BytesAsked;
use crate::route::{BytesAt, Route, View};
use crate::state::Opened;
use crate::words::{self, Tone};

/// Bytes of a row, on wide screens and on narrow ones.
const COLUMNS: [u64; 2] = [16, 8];

/// Properties of [`Bytes`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct BytesProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Has the files.
    pub engine: Engine,
}

/// A grid of bytes, the list of what they are, and ways to a place.
#[component]
pub(super) fn Bytes(props: &BytesProps) -> Html {
    let report = &props.opened.answers.report;
    let at = props.route.at.filter(|at| file_of(report, *at).is_some()).unwrap_or(BytesAt::new(0, 0, 1));
    let state = use_bytes(&props.engine, &props.opened, at);
    let hover = use_state_eq(|| None::<(u64, u64)>);
    let wrong = use_state_eq(|| None::<String>);
    let hunt = use_byte_hunt();
    let found_len = use_mut_ref(|| 1_u64);
    // Where keys went last: one that is let go at once is heard of before the view knows.
    let went = use_mut_ref(|| None::<u64>);
    let narrow = use_narrow("(max-width: 760px)");
    {
        let dispatch = state.dispatcher();
        let columns = COLUMNS[usize::from(narrow)];
        use_effect_with(columns, move |columns| dispatch.dispatch(ByteAction::Columns(*columns)));
    }
    let seen = state.visible();
    let path = bytes::path(state.spans(), at.start);
    let chosen_span = bytes::chosen(&path, &(at.start..at.end)).and_then(|level| path.get(level).copied());
    let rows = bytes::span_rows(state.spans(), seen, at.start);
    let chosen_row = chosen_span.and_then(|span| rows.iter().position(|row| core::ptr::eq(row.span, span)));
    // The list follows the cursor.
    use_effect_with((chosen_row, at.start), |(row, _)| {
        if let Some(row) = row {
            show_nearest(&format!("span-{row}"));
        }
    });
    {
        // What was looked for is gone to.
        let (go, route) = (props.go.clone(), props.route.clone());
        let found = match &*hunt.hunt {
            Hunt::Found(found) => Some(*found),
            _ => None,
        };
        let len = found_len.clone();
        use_effect_with(found, move |found| {
            if let Some(found) = *found {
                let at = BytesAt { start: found, end: found + (*len.borrow()).max(1), inside: None, ..at };
                go.to(Route { view: View::Bytes, at: Some(at), ..route });
            }
        });
    }
    let Some(file) = file_of(report, at) else {
        return html! { <div class="view"><p class="muted">{ "There are no files." }</p></div> };
    };
    let move_to = {
        let (go, route) = (props.go.clone(), props.route.clone());
        move |start: u64, end: u64, how: How| {
            let at = BytesAt { start, end: end.max(start + 1), ..at };
            let route = Route { view: View::Bytes, at: Some(at), ..route.clone() };
            match how {
                How::Replace => go.replace(route),
                How::Step => go.to(route),
                How::Preview => go.preview(route),
            }
        }
    };
    let on_byte = {
        let move_to = move_to.clone();
        Callback::from(move |byte: u64| move_to(byte, byte + 1, How::Replace))
    };
    let on_span = {
        let move_to = move_to.clone();
        Callback::from(move |(start, end): (u64, u64)| move_to(start, end, How::Replace))
    };
    let on_hover_byte = {
        let (hover, state) = (hover.setter(), state.clone());
        Callback::from(move |byte: Option<u64>| {
            let leaf = byte
                .and_then(|byte| bytes::path(state.spans(), byte).last().map(|span| (span.start, span.end)));
            hover.set(leaf.or(byte.map(|byte| (byte, byte + 1))));
        })
    };
    let on_hover_span = {
        let hover = hover.setter();
        Callback::from(move |span: Option<(u64, u64)>| hover.set(span))
    };
    let on_first = {
        let dispatch = state.dispatcher();
        Callback::from(move |first| dispatch.dispatch(ByteAction::First(first)))
    };
    let look_inside = {
        let (go, route) = (props.go.clone(), props.route.clone());
        move |start: u64| {
            let at = BytesAt { inside: Some(start), start: 0, end: 1, ..at };
            go.to(Route { view: View::Bytes, at: Some(at), ..route.clone() });
        }
    };
    let back_out = {
        let (go, route) = (props.go.clone(), props.route.clone());
        move || {
            if let Some(inside) = at.inside {
                let at = BytesAt { inside: None, start: inside, end: inside + 1, ..at };
                go.to(Route { view: View::Bytes, at: Some(at), ..route.clone() });
            }
        }
    };
    // Out of the chosen span, or of what was unpacked; false where there is nothing around it.
    let ascend = {
        let (state, move_to, back_out) = (state.clone(), move_to.clone(), back_out.clone());
        move || {
            let path = bytes::path(state.spans(), at.start);
            if let Some(outer) = bytes::outer(&path, &(at.start..at.end)) {
                move_to(outer.start, outer.end, How::Replace);
            } else if at.inside.is_some() {
                back_out();
            } else {
                return false;
            }
            true
        }
    };
    let descend = {
        let (state, move_to, look_inside) = (state.clone(), move_to.clone(), look_inside.clone());
        move || {
            let path = bytes::path(state.spans(), at.start);
            let range = at.start..at.end;
            if let Some(inner) = bytes::inner(&path, &range) {
                move_to(inner.start, inner.end, How::Replace);
            } else if let Some(span) = path.last().filter(|span| span.unpacks) {
                look_inside(span.start);
            }
        }
    };
    let let_go = went.clone();
    let on_key = {
        let (state, move_to, ascend, descend) =
            (state.clone(), move_to.clone(), ascend.clone(), descend.clone());
        Callback::from(move |event: KeyboardEvent| {
            let columns = state.columns;
            let page = columns * (bytes::VISIBLE_ROWS - 1);
            let last = state.total.unwrap_or(1).saturating_sub(1);
            let row = at.start / columns * columns;
            let to = match event.key().as_str() {
                "ArrowLeft" => at.start.saturating_sub(1),
                "ArrowRight" => at.start + 1,
                "ArrowUp" => at.start.checked_sub(columns).unwrap_or(at.start),
                "ArrowDown" if at.start + columns > last => at.start,
                "ArrowDown" => at.start + columns,
                "PageUp" => at.start.saturating_sub(page),
                "PageDown" => at.start + page,
                "Home" if event.ctrl_key() => 0,
                "End" if event.ctrl_key() => last,
                "Home" => row,
                "End" => row + columns - 1,
                "Enter" => {
                    event.prevent_default();
                    return descend();
                }
                "Escape" => {
                    if ascend() {
                        event.prevent_default();
                    }
                    return;
                }
                "g" if !event.ctrl_key() && !event.meta_key() => {
                    event.prevent_default();
                    return focus_element("byte-place");
                }
                _ => return,
            };
            event.prevent_default();
            let to = to.min(last);
            went.replace(Some(to));
            move_to(to, to + 1, How::Preview);
        })
    };
    let on_key_up = {
        // The address is written once a key is let go: browsers refuse to have it changed too often.
        let move_to = move_to.clone();
        Callback::from(move |_: KeyboardEvent| {
            if let Some(to) = let_go.take() {
                move_to(to, to + 1, How::Replace);
            }
        })
    };
    let on_tree_key = {
        let spans: Vec<(u64, u64)> = rows.iter().map(|row| (row.span.start, row.span.end)).collect();
        let (move_to, ascend, descend) = (move_to.clone(), ascend.clone(), descend.clone());
        Callback::from(move |event: KeyboardEvent| {
            let row = chosen_row.unwrap_or(0);
            let to = match event.key().as_str() {
                "ArrowUp" => row.checked_sub(1),
                "ArrowDown" => Some(row + 1),
                "Home" => Some(0),
                "End" => spans.len().checked_sub(1),
                "ArrowRight" | "Enter" => {
                    event.prevent_default();
                    return descend();
                }
                "ArrowLeft" | "Escape" => {
                    if ascend() {
                        event.prevent_default();
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            if let Some(&(start, end)) = to.and_then(|to| spans.get(to)) {
                move_to(start, end, How::Replace);
            }
        })
    };
    let (place, needle, which) = (use_node_ref(), use_node_ref(), use_node_ref());
    let on_go = {
        let (move_to, wrong, place, total) = (move_to.clone(), wrong.setter(), place.clone(), state.total);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let words = place.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            match (units::parse_offset(&words), total) {
                (Some(to), Some(total)) if to >= total => {
                    wrong.set(Some(format!("There are only {}.", units::plural(total, "byte", "bytes"))));
                }
                (Some(to), _) => {
                    wrong.set(None);
                    move_to(to, to + 1, How::Step);
                    focus_element("byte-grid");
                }
                (None, _) => wrong.set(Some(format!("\"{words}\" is no offset like 4096 or 0x1000."))),
            }
        })
    };
    let on_find = {
        let (wrong, needle, hunt) = (wrong.setter(), needle.clone(), hunt.clone());
        let (engine, answers) = (props.engine.clone(), props.opened.answers.clone());
        let (name, content_bytes) = (file.name.clone(), file.content_bytes());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let words = needle.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            let Some(source) = answers.sources.iter().find(|source| source.path == name) else { return };
            match units::parse_needle(&words) {
                Ok(needle) => {
                    wrong.set(None);
                    *found_len.borrow_mut() = needle.len() as u64;
                    let from = if at.inside.is_none() { at.start + 1 } else { 0 };
                    hunt.start(&engine, BytesAsked { source: source.clone(), content_bytes, needle, from });
                }
                Err(why) => wrong.set(Some(why)),
            }
        })
    };
    let on_stop = {
        let hunt = hunt.clone();
        Callback::from(move |_: MouseEvent| hunt.stop())
    };
    let on_file = {
        let (go, route) = (props.go.clone(), props.route.clone());
        Callback::from(move |event: Event| {
            let Some(file) =
                event.target_dyn_into::<HtmlSelectElement>().and_then(|field| field.value().parse().ok())
            else {
                return;
            };
            go.to(route.with_bytes(file, 0, 1));
        })
    };
    let findings: Vec<&Finding> = match at.inside {
        None => report.findings.iter().filter(|finding| finding.file == file.name).collect(),
        Some(_) => Vec::new(),
    };
    let stretch = |finding: &&Finding| (finding.start, finding.end.max(finding.start + 1));
    let in_sight = |finding: &&&Finding| {
        let (start, end) = stretch(finding);
        // What is said of the whole file is no news here.
        start < seen.end && end > seen.start && (start > 0 || finding.end > 0)
    };
    let here: Vec<&Finding> = findings.iter().filter(in_sight).copied().take(3).collect();
    let leaf = path.last().map(|span| (span.start, span.end));
    let chosen = if at.end > at.start + 1 { Some((at.start, at.end)) } else { leaf };
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ "Bytes" }</h1>
                <p class="muted" data-testid="byte-subject">{ subject(file, at, &state) }</p>
            </div>
            <div class="byteTools">
                if report.files.len() > 1 {
                    <label class="srOnly" for="byte-file">{ "File" }</label>
                    <select class="textField" id="byte-file" ref={which} onchange={on_file} data-testid="byte-file">
                        { for report.files.iter().enumerate().map(|(i, file)| html! {
                            <option value={i.to_string()} selected={u32::try_from(i).is_ok_and(|i| i == at.file)}>{ words::file_name(&file.name) }</option>
                        }) }
                    </select>
                }
                <form class="byteForm" onsubmit={on_go}>
                    <label class="srOnly" for="byte-place">{ "Go to an offset" }</label>
                    <input class="textField bytePlace" id="byte-place" ref={place} placeholder="offset, 4096 or 0x1000" autocomplete="off" spellcheck="false" data-testid="byte-place" />
                    <button class="button" data-testid="byte-go">{ "Go" }</button>
                </form>
                <form class="byteForm byteFind" onsubmit={on_find} role="search">
                    <label class="srOnly" for="byte-needle">{ "Find text, or hex behind 0x" }</label>
                    <input class="textField byteNeedle" id="byte-needle" ref={needle} placeholder="text, or 0xfe00" autocomplete="off" spellcheck="false" data-testid="byte-needle" />
                    <button class="button" data-testid="byte-find">{ "Find next" }</button>
                </form>
                if at.inside.is_some() {
                    <button type="button" class="button" onclick={Callback::from(move |_: MouseEvent| back_out())} data-testid="byte-back">{ "Back to the file" }</button>
                }
            </div>
            { hunting(&hunt.hunt, &on_stop) }
            if let Some(why) = &*wrong {
                <p class="byteMessage toneBad" role="alert" data-testid="byte-wrong">{ why }</p>
            }
            if let Some(message) = &state.message {
                <p class="byteMessage toneBad" role="alert" data-testid="byte-message">{ message.clone() }</p>
            }
            { for here.iter().map(|finding| finding_here(finding)) }
            <div class="byteSides">
                <div class={classes!("byteSide", narrow.then_some("byteSideNarrow"))}>
                    <ByteGrid state={(*state).clone()} cursor={at.start} {chosen} hover={*hover} findings={findings.iter().map(stretch).collect::<Vec<_>>()}
                        {on_first} {on_byte} on_hover={on_hover_byte} {on_key} {on_key_up} />
                    { reading(&state, at) }
                </div>
                <div class="byteSide">
                    { structure(&state, &rows, chosen_row, &on_span, &on_hover_span, &on_tree_key) }
                    if let Some(span) = chosen_span {
                        { span_facts(span, span.unpacks.then(|| {
                            let start = span.start;
                            Callback::from(move |_: MouseEvent| look_inside(start))
                        })) }
                    }
                </div>
            </div>
            <Card title="How to get about">
                <p class="muted">{ "Arrow keys move the cursor, Page Up and Page Down by a screen, Ctrl+Home and Ctrl+End to the ends. Enter goes into the chosen part, Esc out of it, g to the offset field. Hovering over bytes shows which part they are, and the other way round." }</p>
            </Card>
        </div>
    }
}

/// How the address is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// It stays the same step.
    Replace,
    /// The back button leads back.
    Step,
    /// Later.
    Preview,
}

fn file_of(report: &snaptape_report::Report, at: BytesAt) -> Option<&FileReport> {
    report.files.get(usize::try_from(at.file).ok()?)
}

fn subject(file: &FileReport, at: BytesAt, state: &ByteState) -> String {
    let name = words::file_name(&file.name);
    let total = state.total.map(|total| units::plural(total, "byte", "bytes")).unwrap_or_default();
    match (at.inside, &file.container) {
        (Some(inside), _) => {
            format!("What the compressed string at {} of {name} unpacks to: {total}.", words::offset(inside))
        }
        (None, Some(container)) => {
            format!(
                "{name}: {total} that were unpacked from {}; offsets are those of the contents.",
                words::containers(container)
            )
        }
        (None, None) => format!("{name}: {total}."),
    }
}

fn hunting(hunt: &Hunt, on_stop: &Callback<MouseEvent>) -> Html {
    match hunt {
        Hunt::Idle | Hunt::Found(_) => Html::default(),
        Hunt::Running { done_bytes, total_bytes } => html! {
            <p class="byteMessage" role="status" data-testid="byte-hunt">
                { format!("{} looked through", units::percent(*done_bytes, *total_bytes)) }
                <button type="button" class="button" onclick={on_stop.clone()} data-testid="byte-stop">{ "Stop" }</button>
            </p>
        },
        Hunt::Nowhere => html! {
            <p class="byteMessage" role="status" data-testid="byte-hunt">{ "Nowhere from the cursor to the end of the file." }</p>
        },
        Hunt::Failed(why) => {
            html! { <p class="byteMessage toneBad" role="alert" data-testid="byte-hunt">{ why.clone() }</p> }
        }
    }
}

fn finding_here(finding: &Finding) -> Html {
    let tone = Tone::of_severity(finding.severity);
    html! {
        <p class="byteFindingHere" data-testid="byte-finding">
            <ToneMark {tone} />
            <span>
                <b class={classes!("findingSeverity", tone.class())}>{ words::severity(finding.severity) }</b>
                { format!(" at {}: {}", words::offset(finding.start), finding.message) }
            </span>
        </p>
    }
}

fn structure(
    state: &ByteState,
    rows: &[SpanRow<'_>],
    chosen: Option<usize>,
    on_span: &Callback<(u64, u64)>,
    on_hover: &Callback<Option<(u64, u64)>>,
    on_key: &Callback<KeyboardEvent>,
) -> Html {
    if rows.is_empty() {
        let words =
            if state.total == Some(0) { "The file is empty." } else { "Reading what these bytes are ..." };
        return html! { <p class="byteTreeNone muted" role="status">{ words }</p> };
    }
    byte_tree(rows, chosen, on_span, on_hover, on_key)
}

/// What the byte under the cursor could mean.
fn reading(state: &ByteState, at: BytesAt) -> Html {
    html! {
        <dl class="byteReadings" data-testid="byte-readings">
            <div><dt>{ "cursor" }</dt><dd>{ words::offset(at.start) }</dd></div>
            { for bytes::readings(state.bytes_from(at.start)).into_iter().map(|(what, value)| html! {
                <div><dt>{ what }</dt><dd>{ value }</dd></div>
            }) }
        </dl>
    }
}
