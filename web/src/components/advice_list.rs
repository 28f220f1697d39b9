//! What would save memory.

use snaptape_report::{Advice, AdviceKind, units};
use yew::prelude::*;

use crate::route::{Route, View};
use crate::state::Opened;

/// Properties of [`AdviceList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AdviceListProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
}

/// Each piece of advice with its figure, what it costs, and a link to what it is about; or what was looked for.
#[component]
pub fn AdviceList(props: &AdviceListProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    // Of another release than the files were read for, sums are there at once and the rest is not.
    if dataset.quantiles.is_none() {
        return html! { <p class="muted">{ "Not worked out yet for this release." }</p> };
    }
    if dataset.advice.is_empty() {
        return html! { <p class="muted" data-testid="advice-none">{ Advice::NOTHING }</p> };
    }
    html! {
        <ul class="advice" data-testid="advice">
            { for dataset.advice.iter().map(|advice| row(advice, &props.route)) }
        </ul>
    }
}

fn row(advice: &Advice, route: &Route) -> Html {
    html! {
        <li class="adviceRow">
            <span class="adviceFigure">
                if let Some(saved) = advice.saved_bytes {
                    { units::bytes(saved) }
                } else {
                    <span class="srOnly">{ "not known" }</span><span aria-hidden="true">{ "-" }</span>
                }
            </span>
            <div class="adviceText">
                <p>{ &advice.sentence }</p>
                if let Some(setting) = &advice.setting {
                    <p><code class="code">{ setting.line() }</code></p>
                }
                { for [advice.cost.clone(), advice.examples_text()].into_iter().flatten().map(|more| html! { <p class="muted">{ more }</p> }) }
            </div>
            if let Some(view) = evidence(advice.kind) {
                <a class="adviceLink" href={route.with_view(view).to_hash()} aria-label={format!("Show {}", view.title())}>{ "show" }</a>
            }
        </li>
    }
}

/// Where to see what it is about, if that is not here.
fn evidence(kind: AdviceKind) -> Option<View> {
    match kind {
        AdviceKind::CompressibleStrings | AdviceKind::LongNames | AdviceKind::MissingTtl => {
            Some(View::Patterns)
        }
        AdviceKind::AboveLimit | AdviceKind::DominatingKey | AdviceKind::DominatingKeyOfSlot => {
            Some(View::Keys)
        }
        AdviceKind::DuplicatedValues | AdviceKind::ExpiredKeys => None,
    }
}
