//! The list of views.

use snaptape_report::{Dataset, units};
use yew::prelude::*;

use super::Privacy;
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
}

/// Links to the views that apply to this input, with counts.
#[component]
pub fn Rail(props: &RailProps) -> Html {
    let answers = &props.opened.answers;
    let views = applicable(answers);
    let current = shown(answers, props.route.view);
    let section = |title: &'static str, wanted: fn(View) -> bool| {
        let mut links = views.iter().enumerate().filter(|(_, view)| wanted(**view)).peekable();
        let any = links.peek().is_some();
        html! {
            if any {
                <h2 class="railTitle">{ title }</h2>
                <ul class="railList">
                    { for links.map(|(i, &view)| html! {
                        <li>
                            <a class="railLink" href={props.route.with_view(view).to_hash()} aria-current={(view == current).then_some("page")}
                                data-testid={format!("nav-{}", view.id())} title={format!("Key {}", i + 1)}>
                                <span>{ view.title() }</span>
                                <span class="railCount">{ count(answers, view) }</span>
                            </a>
                        </li>
                    }) }
                </ul>
            }
        }
    };
    html! {
        <nav class="rail" aria-label="Views">
            { section("Read", |view| !matches!(view, View::Integrity | View::Repair)) }
            { section("Judge", |view| matches!(view, View::Integrity | View::Repair)) }
            <div class="railFoot"><Privacy /></div>
        </nav>
    }
}

/// The views that have something to show for these answers, in rail order.
pub fn applicable(answers: &Answers) -> Vec<View> {
    let has_keys = answers.report.dataset.as_ref().is_some_and(|dataset| dataset.totals.keys > 0);
    View::ALL
        .into_iter()
        .filter(|view| match view {
            View::Overview | View::Integrity => true,
            View::Patterns
            | View::Keys
            | View::Expiry
            | View::Encodings
            | View::Slots
            | View::Access
            | View::Restore => has_keys,
            View::Tape => answers.report.tape.is_some(),
            View::Repair => !answers.plans.is_empty(),
        })
        .collect()
}

/// The view that is shown when `view` is asked for: itself, or the overview where it does not apply.
pub fn shown(answers: &Answers, view: View) -> View {
    if applicable(answers).contains(&view) { view } else { View::Overview }
}

fn count(answers: &Answers, view: View) -> String {
    let report = &answers.report;
    match view {
        View::Overview | View::Restore | View::Access => String::new(),
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
        View::Keys => report.dataset.as_ref().map_or_else(String::new, |dataset| {
            units::count(dataset.biggest.len().min(Dataset::MAX_BIGGEST) as u64)
        }),
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
                View::Patterns,
                View::Keys,
                View::Expiry,
                View::Encodings,
                View::Slots,
                View::Access,
                View::Restore,
                View::Integrity,
                View::Repair
            ]
        );
        answers.plans.clear();
        answers.report.dataset = None;
        answers.report.tape = Some(snaptape_report::Tape::default());
        assert_eq!(applicable(&answers), [View::Overview, View::Tape, View::Integrity]);
        assert_eq!(shown(&answers, View::Keys), View::Overview);
        assert_eq!(shown(&answers, View::Tape), View::Tape);
    }
}
