//! What a restore is planned with.

use snaptape_report::RestoreOptions;
use snaptape_report::restore::{parse_percent, parse_ratio, ratio};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::NumberField;
use crate::hooks::Go;
use crate::route::Route;

/// Properties of [`RestoreControls`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RestoreControlsProps {
    /// Where we are: holds the options.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
}

/// A slider for the share of pages rewritten, and fields for the rest.
#[component]
pub fn RestoreControls(props: &RestoreControlsProps) -> Html {
    let options = props.route.restore;
    let slid = |keep: bool| {
        let go = props.go.clone();
        move |input: Option<HtmlInputElement>| {
            let Some(share) = input.and_then(|input| parse_percent(&input.value()).ok()) else { return };
            let route = go.now();
            let restore = RestoreOptions { rewrite_percent: share, ..route.restore };
            let route = Route { restore, ..route };
            if keep {
                go.replace(route);
            } else {
                go.preview(route);
            }
        }
    };
    // The address changes when the slider comes to rest: browsers refuse hundreds of changes in a row.
    let oninput = Callback::from({
        let slid = slid(false);
        move |event: InputEvent| {
            slid(event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()));
        }
    });
    let onchange = Callback::from({
        let slid = slid(true);
        move |event: Event| slid(event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()))
    });
    let on_text = |change: fn(&str, RestoreOptions) -> Result<RestoreOptions, String>| {
        let go = props.go.clone();
        Callback::from(move |text: String| {
            let route = go.now();
            let restore = change(&text, route.restore)?;
            restore.check()?;
            go.replace(Route { restore, ..route });
            Ok(())
        })
    };
    let share = options.rewrite_percent;
    html! {
        <div class="restoreControls">
            <div class="restoreShare">
                <label class="restoreShareLabel" for="rewrite-share">
                    { "Share of the pages rewritten while a child saves" }
                    <output class="restoreShareFigure" for="rewrite-share">{ format!("{share} %") }</output>
                </label>
                <input class="restoreSlider" type="range" id="rewrite-share" data-testid="rewrite-share" min="0" max="100" step="1"
                    value={share.to_string()} aria-valuetext={format!("{share} %. {}", options.rewrite_text())} {oninput} {onchange} />
                <p class="restoreScale" aria-hidden="true">
                    <span>{ "0 %, nobody writes" }</span>
                    <span>{ "100 %, the doubling" }</span>
                </p>
                <p class={classes!("restoreShareText", (share == 100).then_some("restoreShareWorst"))}>{ options.rewrite_text() }</p>
            </div>
            <div class="restoreFields">
                <NumberField id="reserved-memory-percent" label="reserved-memory-percent" unit="%" range={["0", "100", "1"]}
                    value={options.reserved_memory_percent.to_string()}
                    on_text={on_text(|text, options| Ok(RestoreOptions { reserved_memory_percent: parse_percent(text)?, ..options }))} />
                <NumberField id="replicas" label="Replicas of each primary" range={["0", "5", "1"]}
                    value={options.replicas.to_string()}
                    on_text={on_text(|text, options| {
                        let replicas = text.parse().map_err(|_| format!("{text} is no number of replicas: expected 0 to 5"))?;
                        Ok(RestoreOptions { replicas, ..options })
                    })} />
                <NumberField id="mem-fragmentation-ratio" label="mem_fragmentation_ratio" range={["1", "10", "0.01"]}
                    value={ratio(options.mem_fragmentation_percent)}
                    on_text={on_text(|text, options| Ok(RestoreOptions { mem_fragmentation_percent: parse_ratio(text)?, ..options }))} />
            </div>
        </div>
    }
}
