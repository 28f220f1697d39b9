//! One bar, cut into parts.

use snaptape_report::units;
use snaptape_summary::{
    Weigh,
    picture::{self, Bar},
};
use yew::prelude::*;

use super::column_chart::{legend_item, percent};

/// The least a part is wide, as a share.
const LEAST: f64 = 0.008;

/// The bar, and below it each part with its name, its figure and its share.
pub fn stack_bar(bar: &Bar, weigh: Weigh) -> Html {
    let whole = bar.value();
    let words = bar.parts.iter().filter(|part| part.value > 0).map(|part| {
        (
            part.fill,
            format!("{} {}, {}", part.name, units::percent(part.value, whole), weigh.words(part.value)),
        )
    });
    html! {
        <div class="stackBar">
            <svg width="100%" height="18" aria-hidden="true" focusable="false">
                { for picture::stack(bar, LEAST).into_iter().map(|piece| html! {
                    <rect class={classes!("pictureFill", "stackBarPart", piece.fill.classes().to_vec())} x={percent(piece.x)} width={percent(piece.width)} height="18" />
                }) }
            </svg>
            <p class="pictureLegend">{ for words.map(|(fill, words)| legend_item(fill, &words)) }</p>
        </div>
    }
}
