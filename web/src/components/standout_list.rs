//! What stands out.

use yew::prelude::*;

use super::ToneMark;
use crate::route::Route;
use crate::standouts::{self, Part, Standout};
use crate::state::Opened;

/// Properties of [`StandoutList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct StandoutListProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
}

/// At most five sentences, each with a link to the view that shows more.
#[component]
pub fn StandoutList(props: &StandoutListProps) -> Html {
    let found = use_memo(props.opened.answers.clone(), |answers| standouts::standouts(answers));
    if found.is_empty() {
        return html! { <p class="muted">{ "Nothing does: no oversized key, no forgotten expiry, no damage." }</p> };
    }
    html! {
        <ul class="standouts">
            { for found.iter().map(|standout| row(standout, &props.route)) }
        </ul>
    }
}

fn row(standout: &Standout, route: &Route) -> Html {
    html! {
        <li class="standout">
            <ToneMark tone={standout.tone} />
            <span class="standoutText">{ for standout.parts.iter().map(part) }</span>
            if let Some(view) = standout.view {
                <a class="standoutLink" href={route.with_view(view).to_hash()} aria-label={format!("Show {}", view.title())}>{ "show" }</a>
            }
        </li>
    }
}

fn part(part: &Part) -> Html {
    match part {
        Part::Text(text) => html! { text },
        Part::Code(text) => html! { <code class="code">{ text }</code> },
        Part::Figure(text) => html! { <b>{ text }</b> },
    }
}
