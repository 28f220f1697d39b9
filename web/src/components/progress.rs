//! Work under way.

use snaptape_report::units;
use yew::prelude::*;

use crate::meter::Meter;

/// Properties of [`ProgressPanel`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ProgressPanelProps {
    /// What is being done.
    pub title: AttrValue,
    /// How far it is.
    pub meter: Meter,
    /// Called to stop it.
    pub on_cancel: Callback<()>,
}

/// Bytes, rate, time left, and a way out.
#[component]
pub fn ProgressPanel(props: &ProgressPanelProps) -> Html {
    let meter = &props.meter;
    let rate = meter
        .rate()
        .map_or_else(|| "measuring the rate".to_owned(), |rate| format!("{}/s", units::bytes(rate)));
    let left = meter.left_ms().map_or_else(String::new, |ms| format!("{} left", units::duration_ms(ms)));
    let percent = units::percent(meter.done_bytes, meter.total_bytes);
    // Read aloud at every tenth: ten messages a second would drown everything else.
    let tenth = meter.done_bytes.saturating_mul(10).checked_div(meter.total_bytes).unwrap_or_default() * 10;
    let onclick = props.on_cancel.reform(|_: MouseEvent| ());
    html! {
        <div class="progress" data-testid="progress">
            <div class="progressHead">
                <h2 class="progressTitle" id="progress-title">{ props.title.clone() }</h2>
                <button type="button" class="button" {onclick} data-testid="cancel">{ "Cancel" }</button>
            </div>
            <progress class="progressBar" aria-labelledby="progress-title" value={meter.done_bytes.to_string()} max={meter.total_bytes.max(1).to_string()}>{ percent.clone() }</progress>
            <p class="srOnly" aria-live="polite" aria-atomic="true">{ format!("{tenth} %") }</p>
            <p class="progressFigures">
                <b>{ percent }</b>
                <span>{ format!("{} of {}", units::bytes(meter.done_bytes), units::bytes(meter.total_bytes)) }</span>
                <span>{ rate }</span>
                <span>{ left }</span>
            </p>
        </div>
    }
}
