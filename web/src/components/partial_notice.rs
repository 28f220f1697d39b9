//! A word of caution over figures that cover only a part.

use yew::prelude::*;

use crate::state::{self, Opened};

/// Properties of [`PartialNotice`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PartialNoticeProps {
    /// The report.
    pub opened: Opened,
}

/// Nothing for a report of whole files.
#[component]
pub fn PartialNotice(props: &PartialNoticeProps) -> Html {
    let answers = &props.opened.answers;
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
