//! Which slots each shard answers for.

use snaptape_report::{Report, SlotCoverage, SlotRange};
use yew::prelude::*;

use super::column_chart::percent;
use crate::words::file_name;

/// One strip for each shard, from slot 0 to 16,383, and one for what nobody answers for.
pub fn slot_ranges(report: &Report) -> Html {
    let missing = report.slots.as_ref().map(|slots| slots.missing.as_slice()).unwrap_or_default();
    html! {
        <div class="slotRanges" data-testid="slot-ranges">
            { for report.shards.iter().map(|shard| strip(file_name(&shard.file), &shard.ranges_text(), &shard.ranges, "slotRangesHeld")) }
            if !missing.is_empty() {
                { strip("no file", "", missing, "slotRangesMissing") }
            }
        </div>
    }
}

fn strip(name: &str, text: &str, ranges: &[SlotRange], class: &'static str) -> Html {
    let all = f64::from(SlotCoverage::SLOTS);
    html! {
        <div class="slotRange">
            <span class="code slotRangeName">{ name.to_owned() }</span>
            <svg class="slotRangeBar" width="100%" height="12" aria-hidden="true" focusable="false">
                <rect class="slotGridGround" width="100%" height="12" />
                { for ranges.iter().map(|range| {
                    // One slot of 16,384 is thinner than a hair.
                    let width = (f64::from(range.slots()) / all).max(0.002);
                    html! { <rect {class} x={percent((f64::from(range.first) / all).min(1.0 - width))} width={percent(width)} height="12" /> }
                }) }
            </svg>
            <span class="slotRangeText">{ text.to_owned() }</span>
        </div>
    }
}
