//! Columns side by side.

use snaptape_summary::{
    Weigh,
    picture::{self, Columns, Fill},
};
use yew::prelude::*;

/// Height of the columns, px.
const HEIGHT: f64 = 132.0;
/// Room above them for figures, px.
const HEAD: f64 = 18.0;
/// The least a column with anything in it is high, as a share.
const LEAST: f64 = 0.012;

/// The columns with a figure above and a word below each, and a legend where there is more than one filling. A table beside it says the
/// same; readers are told so.
pub fn column_chart(columns: &Columns, weigh: Weigh, label: &str) -> Html {
    let legend = columns.legend();
    let most = columns.most().max(1) as f64;
    let step = 1.0 / columns.bars.len().max(1) as f64;
    let foot = HEIGHT + HEAD;
    html! {
        <figure class="columnChart" data-testid="column-chart">
            if legend.len() > 1 {
                <figcaption class="pictureLegend">{ for legend.iter().map(|(fill, name)| legend_item(*fill, name)) }</figcaption>
            }
            <svg class="columnChartPlot" width="100%" height={(foot + 1.0).to_string()} role="img" aria-label={format!("{label}. The table says the same.")} focusable="false">
                { for picture::line_up(columns, LEAST).into_iter().map(|piece| html! {
                    <rect class={classes!("pictureFill", piece.fill.classes().to_vec())} x={percent(piece.x)} width={percent(piece.width)}
                        y={format!("{:.2}", foot - (piece.y + piece.height) * HEIGHT)} height={format!("{:.2}", piece.height * HEIGHT)} />
                }) }
                { for columns.bars.iter().enumerate().filter(|(_, bar)| bar.value() > 0).map(|(i, bar)| {
                    let top = foot - (bar.value() as f64 / most).max(LEAST) * HEIGHT;
                    html! {
                        <text class="columnChartFigure" text-anchor="middle" x={percent((i as f64 + 0.5) * step)} y={format!("{:.2}", top - 5.0)}>
                            { weigh.figure(bar.value()) }
                        </text>
                    }
                }) }
                <line class="columnChartGround" x1="0" x2="100%" y1={(foot + 0.5).to_string()} y2={(foot + 0.5).to_string()} />
            </svg>
            <div class="columnChartLabels" aria-hidden="true">
                { for columns.bars.iter().map(|bar| html! { <span class="columnChartLabel" title={bar.label.clone()}>{ &bar.short }</span> }) }
            </div>
        </figure>
    }
}

/// A sample of a filling beside its name.
pub(super) fn legend_item(fill: Fill, name: &str) -> Html {
    html! {
        <span class="pictureLegendItem">
            <svg width="10" height="10" aria-hidden="true" focusable="false"><rect class={classes!("pictureFill", fill.classes().to_vec())} width="10" height="10" rx="2" /></svg>
            { name.to_owned() }
        </span>
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}
