//! A word of caution over figures that cover only a part.

use snaptape_summary::verdict::{after_replay, whose};
use yew::prelude::*;

use crate::protocol::Answers;
use crate::state::{self, Opened};

/// Properties of [`PartialNotice`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PartialNoticeProps {
    /// The report.
    pub opened: Opened,
    /// Are the figures of keys, which are those of the snapshot in front of a tape, where there is one?
    #[prop_or_default]
    pub keys: bool,
}

/// Nothing for a report of whole files without a tape.
#[component]
pub fn PartialNotice(props: &PartialNoticeProps) -> Html {
    let answers = &props.opened.answers;
    html! {
        <>
            { partial(answers) }
            if props.keys && !whose(&answers.report).is_empty() {
                <p class="partialNotice" role="note" data-testid="snapshot-only">
                    { format!("The keys here are those{}. {}", whose(&answers.report), after_replay(answers.facts()).unwrap_or_default()) }
                </p>
            }
        </>
    }
}

fn partial(answers: &Answers) -> Html {
    if !state::is_partial(answers) {
        return Html::default();
    }
    let what = match (answers.report.dataset.is_some(), answers.report.tape.is_some()) {
        (true, true) => "keys and commands",
        (false, true) => "commands",
        _ => "keys",
    };
    html! {
        <p class="partialNotice" role="note" data-testid="partial">
            { format!("Not every file could be read to its end: the figures cover the {what} that could be read.") }
        </p>
    }
}
