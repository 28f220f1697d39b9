//! What would save memory.

use snaptape_report::{Advice, AdviceKind, units};
use yew::prelude::*;

use crate::route::{Route, View};
use crate::state::Opened;
use crate::words;

/// Properties of [`AdviceList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AdviceListProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
    /// Only what is about limits of encodings?
    #[prop_or_default]
    pub limits_only: bool,
}

/// Each piece of advice with its figure, what it costs, and a link to what it is about; or what was looked for.
#[component]
pub fn AdviceList(props: &AdviceListProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    // Of another release than the files were read for, sums are there at once and the rest is not.
    if dataset.quantiles.is_none() {
        return html! { <p class="muted">{ "Not worked out yet for this release." }</p> };
    }
    let wanted = |advice: &&Advice| !props.limits_only || advice.kind == AdviceKind::AboveLimit;
    if props.limits_only && !dataset.advice.iter().any(|advice| wanted(&advice)) {
        return html! { <p class="muted" data-testid="advice-none">{ "None: no setting, raised to at most twice its default, would save half a per cent and 64 KB." }</p> };
    }
    if dataset.advice.is_empty() {
        return html! { <p class="muted" data-testid="advice-none">{ Advice::NOTHING }</p> };
    }
    // What has a figure comes first; where nothing has one, there is no column for it.
    let (mut rows, others): (Vec<&Advice>, Vec<&Advice>) =
        dataset.advice.iter().filter(wanted).partition(|advice| advice.saved_bytes.is_some());
    let plain = rows.is_empty().then_some("advicePlain");
    rows.extend(others);
    html! {
        <ul class={classes!("advice", plain)} data-testid="advice">
            { for rows.into_iter().map(|advice| row(advice, &props.route, !props.limits_only)) }
        </ul>
    }
}

fn row(advice: &Advice, route: &Route, linked: bool) -> Html {
    html! {
        <li class="adviceRow">
            <span class="adviceFigure">
                if let Some(saved) = advice.saved_bytes {
                    { units::bytes(saved) }
                }
            </span>
            <div class="adviceText">
                <p>{ words::tied(&advice.sentence) }</p>
                if let Some(setting) = &advice.setting {
                    <p><code class="code">{ setting.line() }</code></p>
                }
                { for [advice.cost.clone(), advice.examples_text()].into_iter().flatten().map(|more| html! { <p class="muted">{ more }</p> }) }
            </div>
            if let Some(view) = evidence(advice.kind).filter(|_| linked) {
                <a class="adviceLink" href={route.with_view(view).to_hash()} aria-label={format!("Show {}", view.title())}>{ "show" }</a>
            }
        </li>
    }
}

/// Where to see what it is about, if that is not here.
fn evidence(kind: AdviceKind) -> Option<View> {
    match kind {
        AdviceKind::CompressibleStrings | AdviceKind::LongNames => Some(View::Patterns),
        AdviceKind::AboveLimit => Some(View::Encodings),
        AdviceKind::DominatingKey => Some(View::Keys),
        AdviceKind::DominatingKeyOfSlot => Some(View::Slots),
        AdviceKind::ExpiredKeys | AdviceKind::MissingTtl => Some(View::Expiry),
        AdviceKind::DuplicatedValues => None,
    }
}
