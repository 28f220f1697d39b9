//! What remains of each file, drawn to scale.

use yew::prelude::*;

use super::strip_bar::{StripBar, legend, strip_text};
use crate::strip::{Fate, Strip};
use crate::words;

/// Properties of [`StripChart`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct StripChartProps {
    /// The strips.
    pub strips: Vec<Strip>,
}

/// One strip per file, with words beside it.
#[component]
pub fn StripChart(props: &StripChartProps) -> Html {
    html! {
        <>
            <ul class="strips">
                { for props.strips.iter().enumerate().map(|(i, strip)| row(i, strip)) }
            </ul>
            <p class="stripLegend" aria-hidden="true">
                { for [(Fate::Keep, "kept"), (Fate::Hole, "cut out"), (Fate::Lost, "lost")].into_iter().filter(|(fate, _)| {
                    props.strips.iter().flat_map(|strip| &strip.stretches).any(|stretch| stretch.fate == *fate)
                }).map(|(fate, word)| legend(fate, word)) }
            </p>
        </>
    }
}

fn row(i: usize, strip: &Strip) -> Html {
    html! {
        <li class="strip">
            <span class="code stripName">{ words::file_name(&strip.name) }</span>
            <StripBar strip={strip.clone()} id={format!("strip-{i}")} />
            <span class="stripText">{ strip_text(strip) }</span>
        </li>
    }
}
