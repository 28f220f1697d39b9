//! The list of views.

use snaptape_report::units;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::privacy;
use crate::hooks::use_narrow;
use crate::protocol::Answers;
use crate::route::{Route, View};
use crate::state::Opened;

/// Properties of [`Rail`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RailProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
    /// Called to show why nothing leaves the page.
    pub on_privacy: Callback<()>,
}

/// Links to the views that apply to this input, with counts.
#[component]
pub fn Rail(props: &RailProps) -> Html {
    let answers = &props.opened.answers;
    let views = applicable(answers);
    let current = shown(answers, props.route.view);
    let node = use_node_ref();
    let is_line = use_narrow("(max-width: 760px)");
    use_effect_with((current, is_line, node.clone()), |(.., node)| show_current(node));
    html! {
        <nav class="rail" aria-label="Views" ref={node}>
            { for views.chunk_by(|one, next| group(*one) == group(*next)).map(|chunk| {
                let before = views.iter().take_while(|view| Some(view) != chunk.first().as_ref()).count();
                section(props, answers, chunk, before, current)
            }) }
            <div class="railFoot">{ privacy(&props.on_privacy) }</div>
        </nav>
    }
}

/// On narrow screens the rail is one line that scrolls: the view that is shown is in sight.
fn show_current(node: &NodeRef) {
    let rail = node.cast::<HtmlElement>();
    let link = rail.as_ref().and_then(|rail| rail.query_selector("[aria-current]").ok()?);
    if let (Some(rail), Some(link)) = (rail, link.and_then(|link| link.dyn_into::<HtmlElement>().ok())) {
        let (left, right) = (link.offset_left(), link.offset_left() + link.offset_width());
        if left < rail.scroll_left() || right > rail.scroll_left() + rail.client_width() {
            rail.set_scroll_left(left - (rail.client_width() - link.offset_width()) / 2);
        }
    }
}

fn section(props: &RailProps, answers: &Answers, views: &[View], before: usize, current: View) -> Html {
    let title = views.first().map_or("", |view| group(*view));
    html! {
        <>
            <h2 class="railTitle">{ title }</h2>
            <ul class="railList">
                { for views.iter().enumerate().map(|(i, &view)| {
                    let digit = before + i + 1;
                    let title = if digit <= 9 { format!("Key {digit}") } else { String::new() };
                    html! {
                        <li>
                            <a class="railLink" href={props.route.with_view(view).to_hash()} aria-current={(view == current).then_some("page")}
                                data-testid={format!("nav-{}", view.id())} {title}>
                                <span>{ view.title() }</span>
                                <span class="railCount">{ count(answers, view) }</span>
                            </a>
                        </li>
                    }
                }) }
            </ul>
        </>
    }
}

/// What belongs together on the rail.
fn group(view: View) -> &'static str {
    match view.id() {
        "overview" | "map" | "patterns" | "keys" => "Data",
        "expiry" | "encodings" | "slots" | "access" => "Breakdown",
        "restore" | "tape" => "Server",
        "integrity" | "repair" | "bytes" => "File",
        _ => "Take away",
    }
}

/// The views that have something to show for these answers, in rail order.
pub fn applicable(answers: &Answers) -> Vec<View> {
    let has_keys = answers.report.dataset.as_ref().is_some_and(|dataset| dataset.totals.keys > 0);
    View::ALL
        .into_iter()
        .filter(|view| match view {
            View::Overview | View::Integrity | View::Bytes | View::Report => true,
            View::Map
            | View::Patterns
            | View::Keys
            | View::Expiry
            | View::Encodings
            | View::Slots
            | View::Access
            | View::Restore => has_keys,
            View::Tape => answers.report.tape.is_some(),
            View::Repair => !answers.plans.is_empty(),
            View::Key => false,
        })
        .collect()
}

/// The view that is shown when `view` is asked for: itself, or the overview where it does not apply. The map says itself why there is none.
pub fn shown(answers: &Answers, view: View) -> View {
    // Keys lead to one of them: where there are none, no address can.
    let wanted = if view == View::Key { View::Keys } else { view };
    if view == View::Map || applicable(answers).contains(&wanted) { view } else { View::Overview }
}

fn count(answers: &Answers, view: View) -> String {
    let report = &answers.report;
    match view {
        View::Overview
        | View::Map
        | View::Restore
        | View::Access
        | View::Bytes
        | View::Key
        | View::Report => String::new(),
        View::Expiry => report.dataset.as_ref().map_or_else(String::new, |d| units::count(d.totals.with_ttl)),
        View::Encodings => {
            report.dataset.as_ref().map_or_else(String::new, |d| units::count(d.encodings.len() as u64))
        }
        View::Slots => {
            report.slots.as_ref().map_or_else(String::new, |slots| units::count(u64::from(slots.covered)))
        }
        View::Patterns => report.dataset.as_ref().map_or_else(String::new, |dataset| {
            units::count(dataset.patterns.len() as u64 + dataset.other_patterns_count)
        }),
        View::Keys => {
            report.dataset.as_ref().map_or_else(String::new, |dataset| units::count(dataset.totals.keys))
        }
        View::Tape => report.tape.as_ref().map_or_else(String::new, |tape| units::count(tape.commands)),
        View::Integrity => units::count(report.findings.len() as u64),
        View::Repair => units::plural(answers.plans.len() as u64, "plan", "plans"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn what_does_not_apply_is_hidden() {
        let mut answers = testing::answers();
        assert_eq!(
            applicable(&answers),
            [
                View::Overview,
                View::Map,
                View::Patterns,
                View::Keys,
                View::Expiry,
                View::Encodings,
                View::Slots,
                View::Access,
                View::Restore,
                View::Integrity,
                View::Repair,
                View::Bytes,
                View::Report
            ]
        );
        answers.plans.clear();
        answers.report.dataset = None;
        answers.report.tape = Some(snaptape_report::Tape::default());
        assert_eq!(
            applicable(&answers),
            [View::Overview, View::Tape, View::Integrity, View::Bytes, View::Report]
        );
        assert_eq!(shown(&answers, View::Keys), View::Overview);
        assert_eq!(shown(&answers, View::Tape), View::Tape);
    }
}
