//! What stands out.

use snaptape_report::units;
use yew::prelude::*;

use super::ToneMark;
use crate::protocol::Answers;
use crate::route::Route;
use crate::standouts::{self, Part, Standout};
use crate::state::Opened;
use crate::words;

/// Properties of [`StandoutList`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct StandoutListProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
}

/// At most five sentences, each with a link to the place that shows more.
#[component]
pub fn StandoutList(props: &StandoutListProps) -> Html {
    let found = use_memo(props.opened.answers.clone(), |answers| standouts::standouts(answers));
    if found.is_empty() {
        return html! { <p class="muted">{ standouts::NOTHING }</p> };
    }
    html! {
        <ul class="standouts">
            { for found.iter().map(|standout| row(standout, &props.opened.answers, &props.route)) }
        </ul>
    }
}

fn row(standout: &Standout, answers: &Answers, route: &Route) -> Html {
    let place = standouts::place(standout, answers, route);
    html! {
        <li class="standout">
            <ToneMark tone={standout.tone} />
            <span class="standoutText">{ for standout.parts.iter().map(part) }</span>
            <a class="standoutLink" href={place.to_hash()} aria-label={format!("Show {}", place.view.title())}>{ "show" }</a>
        </li>
    }
}

fn part(part: &Part) -> Html {
    match part {
        Part::Text(text) | Part::Message(_, text) => html! { words::tied(text) },
        Part::Word(text) => html! { <code class="code">{ text }</code> },
        Part::Pattern(pattern) => {
            html! { <code class="code">{ units::printable(pattern.as_bytes()) }</code> }
        }
        Part::Key(name) => html! { <code class="code">{ name.display() }</code> },
        Part::Figure(text) => html! { <b>{ words::tied(text) }</b> },
    }
}
