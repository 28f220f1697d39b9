//! Bytes of a file and what they are, side by side.

use snaptape_report::{FileReport, Finding, Report, units};
use yew::prelude::*;

use crate::bytes::hunt::Hunt;
use crate::bytes::keys::{self, Step};
use crate::bytes::spans::{self, SpanRow};
use crate::bytes::{ByteAction, ByteState};
use crate::components::{
    ByteGrid, ByteTools, Card, byte_readings, byte_tree, finding_notice, hunt_notice, span_facts,
    unpack_notice,
};
use crate::hooks::{Engine, Go, focus_element, show_nearest, use_byte_hunt, use_bytes, use_narrow};
use crate::protocol::BytesAsked;
use crate::route::{BytesAt, Route, View};
use crate::state::Opened;
use crate::words;

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
    let at = place(&props.route, report);
    let (state, on_stop_waiting) = use_bytes(&props.engine, &props.opened, at);
    let hover = use_state_eq(|| None::<(u64, u64)>);
    let hunt = use_byte_hunt();
    let found_len = use_mut_ref(|| 1_u64);
    // Have keys moved the cursor without changing the address?
    let went = use_mut_ref(|| false);
    let narrow = use_narrow("(max-width: 760px)");
    {
        let dispatch = state.dispatcher();
        let columns = COLUMNS[usize::from(narrow)];
        use_effect_with(columns, move |columns| dispatch.dispatch(ByteAction::Columns(*columns)));
    }
    let seen = state.visible();
    let path = spans::path(state.spans(), at.start);
    let list = spans::list(state.spans(), seen, at.range());
    let chosen_span = list.span;
    // The list follows the cursor.
    use_effect_with((list.chosen, at.start), |(row, _)| {
        if let Some(row) = row {
            show_nearest(&format!("span-{row}"));
        }
    });
    {
        // What was looked for is gone to.
        let go = props.go.clone();
        let found = match &*hunt.hunt {
            Hunt::Found { place, .. } => Some(place.at),
            _ => None,
        };
        let len = found_len.clone();
        use_effect_with(found, move |found| {
            if let Some(found) = *found {
                let at = BytesAt { start: found, end: found + (*len.borrow()).max(1), inside: None, ..at };
                go.to(Route { view: View::Bytes, at: Some(at), ..go.now() });
            }
        });
    }
    let Some(file) = file_of(report, at) else {
        return html! { <div class="view"><p class="muted">{ "There are no files." }</p></div> };
    };
    // Where one is now: keys that are held down are faster than what is drawn.
    let here = {
        let (go, answers) = (props.go.clone(), props.opened.answers.clone());
        move || place(&go.now(), &answers.report)
    };
    let move_to = {
        let (go, here) = (props.go.clone(), here.clone());
        move |start: u64, end: u64, how: How| {
            let at = BytesAt { start, end: end.max(start + 1), ..here() };
            let route = Route { view: View::Bytes, at: Some(at), ..go.now() };
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
                .and_then(|byte| spans::path(state.spans(), byte).last().map(|span| (span.start, span.end)));
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
        let (go, here) = (props.go.clone(), here.clone());
        move |start: u64| {
            let at = BytesAt { inside: Some(start), start: 0, end: 1, ..here() };
            go.to(Route { view: View::Bytes, at: Some(at), ..go.now() });
        }
    };
    let back_out = {
        let (go, here) = (props.go.clone(), here.clone());
        move || {
            let at = here();
            if let Some(inside) = at.inside {
                let at = BytesAt { inside: None, start: inside, end: inside + 1, ..at };
                go.to(Route { view: View::Bytes, at: Some(at), ..go.now() });
            }
        }
    };
    // Out of the chosen span, or of what was unpacked; false where there is nothing around it.
    let ascend = {
        let (state, here, move_to, back_out) =
            (state.clone(), here.clone(), move_to.clone(), back_out.clone());
        move || {
            let at = here();
            let path = spans::path(state.spans(), at.start);
            if let Some(outer) = spans::outer(&path, &at.range()) {
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
        let (state, here, move_to, look_inside) =
            (state.clone(), here.clone(), move_to.clone(), look_inside.clone());
        move || {
            let at = here();
            let path = spans::path(state.spans(), at.start);
            let range = at.range();
            if let Some(inner) = spans::inner(&path, &range) {
                move_to(inner.start, inner.end, How::Replace);
            } else if let Some(span) = path.last().filter(|span| span.unpacks) {
                look_inside(span.start);
            }
        }
    };
    let let_go = went.clone();
    let on_key = {
        let (state, here, move_to) = (state.clone(), here.clone(), move_to.clone());
        let (ascend, descend) = (ascend.clone(), descend.clone());
        Callback::from(move |event: KeyboardEvent| {
            let at = here();
            let control = event.ctrl_key() || event.meta_key();
            let total = state.total.unwrap_or(1);
            match keys::on_grid(&event.key(), control, at.start, total, state.columns) {
                Some(Step::To(to)) => {
                    went.replace(true);
                    move_to(to, to + 1, How::Preview);
                }
                Some(Step::In) => descend(),
                Some(Step::Field) => focus_element("byte-place"),
                // Where there is nothing around it, the key means what it means elsewhere.
                Some(Step::Out) if ascend() => {}
                Some(Step::Out) | None => return,
            }
            event.prevent_default();
        })
    };
    let on_key_up = {
        // The address is written once a key is let go: browsers refuse to have it changed too often.
        let go = props.go.clone();
        Callback::from(move |_: KeyboardEvent| {
            if let_go.take() {
                go.replace(go.now());
            }
        })
    };
    let on_tree_key = {
        let (state, here, move_to) = (state.clone(), here.clone(), move_to.clone());
        let (ascend, descend) = (ascend.clone(), descend.clone());
        Callback::from(move |event: KeyboardEvent| {
            let list = spans::list(state.spans(), state.visible(), here().range());
            let row = list.chosen.unwrap_or(0) as u64;
            match keys::on_list(&event.key(), row, list.rows.len() as u64) {
                Some(Step::To(to)) => {
                    if let Some(row) = usize::try_from(to).ok().and_then(|to| list.rows.get(to)) {
                        move_to(row.span.start, row.span.end, How::Replace);
                    }
                }
                Some(Step::In) => descend(),
                Some(Step::Out) if ascend() => {}
                Some(Step::Out | Step::Field) | None => return,
            }
            event.prevent_default();
        })
    };
    let on_place = {
        let move_to = move_to.clone();
        Callback::from(move |to: u64| {
            move_to(to, to + 1, How::Step);
            focus_element("byte-grid");
        })
    };
    let on_find = {
        let hunt = hunt.clone();
        let (engine, answers) = (props.engine.clone(), props.opened.answers.clone());
        let (name, content_bytes) = (file.name.clone(), file.content_bytes());
        Callback::from(move |(needle, back): (Vec<u8>, bool)| {
            let Some(source) = answers.sources.iter().find(|source| source.path == name).cloned() else {
                return;
            };
            *found_len.borrow_mut() = needle.len() as u64;
            // From inside a string it goes on in the file around that.
            let at = here();
            let cursor = at.inside.unwrap_or(at.start);
            hunt.start(&engine, BytesAsked { source, content_bytes, needle, cursor, back });
        })
    };
    let on_stop = {
        let hunt = hunt.clone();
        Callback::from(move |()| hunt.stop())
    };
    let on_go_on = {
        let dispatch = state.dispatcher();
        Callback::from(move |()| dispatch.dispatch(ByteAction::GoOn))
    };
    let on_file = {
        let go = props.go.clone();
        Callback::from(move |file: u32| go.to(go.now().with_bytes(file, 0, 1)))
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
            <ByteTools files={report.files.iter().map(|file| words::file_name(&file.name).to_owned().into()).collect::<Vec<AttrValue>>()}
                file={at.file} total={state.total} is_inside={at.inside.is_some()} is_hunting={matches!(*hunt.hunt, Hunt::Running { .. })}
                {on_file} {on_place} {on_find} on_stop={on_stop.clone()} on_back={Callback::from(move |()| back_out())} />
            { hunt_notice(&hunt.hunt, at.start, &on_stop) }
            { unpack_notice(&state, &on_stop_waiting, &on_go_on) }
            if let Some(message) = &state.message {
                <p class="byteMessage toneBad" role="alert" data-testid="byte-message">{ message.clone() }</p>
            }
            { for here.iter().map(|finding| finding_notice(finding)) }
            <div class="byteSides">
                <div class={classes!("byteSide", narrow.then_some("byteSideNarrow"))}>
                    <ByteGrid state={(*state).clone()} cursor={at.start} {chosen} hover={*hover} findings={findings.iter().map(stretch).collect::<Vec<_>>()}
                        {on_first} {on_byte} on_hover={on_hover_byte} {on_key} {on_key_up} />
                    { byte_readings(&state, at.start) }
                </div>
                <div class="byteSide">
                    { structure(&state, &list.rows, list.chosen, &on_span, &on_hover_span, &on_tree_key) }
                    if let Some(span) = chosen_span {
                        { span_facts(span, span.unpacks.then(|| {
                            let start = span.start;
                            Callback::from(move |_: MouseEvent| look_inside(start))
                        })) }
                    }
                </div>
            </div>
            <Card title="How to get about">
                <p class="muted">{ "Arrow keys move the cursor, Page Up and Page Down by a screen, Ctrl+Home and Ctrl+End to the ends. Enter goes into the chosen part, Esc out of it, g to the offset field. In the search field Enter finds the next place and Shift+Enter the one before. Hovering over bytes shows which part they are, and the other way round." }</p>
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

/// Where the address leads; the first byte where that is nowhere.
fn place(route: &Route, report: &Report) -> BytesAt {
    route.at.filter(|at| file_of(report, *at).is_some()).unwrap_or(BytesAt::new(0, 0, 1))
}

fn file_of(report: &Report, at: BytesAt) -> Option<&FileReport> {
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
