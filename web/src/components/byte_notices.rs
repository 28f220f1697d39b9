//! What is under way among bytes, and what came of it.

use snaptape_report::{Finding, units};
use yew::prelude::*;

use super::ToneMark;
use crate::bytes::hunt::Hunt;
use crate::bytes::{ByteState, Waiting};
use crate::words::{self, Tone};

/// How a search is going; `cursor` is where one is now.
pub fn hunt_notice(hunt: &Hunt, cursor: u64, on_stop: &Callback<()>) -> Html {
    let Some(sentence) = hunt.sentence(cursor) else { return Html::default() };
    let failed = matches!(hunt, Hunt::Failed(_));
    let running = matches!(hunt, Hunt::Running { .. });
    html! {
        <p class={classes!("byteMessage", failed.then_some("toneBad"))} role={if failed { "alert" } else { "status" }} data-testid="byte-hunt">
            { sentence }
            if running {
                <button type="button" class="button" onclick={on_stop.reform(|_: MouseEvent| ())} data-testid="byte-stop">{ "Stop" }</button>
            }
        </p>
    }
}

/// How far a packed file is unpacked on the way to what is seen, and a way to stop that, and to go on.
pub fn unpack_notice(state: &ByteState, on_stop: &Callback<()>, on_again: &Callback<()>) -> Html {
    let (sentence, word, on_press) = match state.waiting {
        Waiting::No => return Html::default(),
        Waiting::For { done_bytes, total_bytes } => (
            format!(
                "A packed file can only be read from its front: {} of {} unpacked on the way to this place.",
                units::percent(done_bytes, total_bytes),
                units::bytes(total_bytes)
            ),
            "Stop",
            on_stop,
        ),
        Waiting::Stopped => ("Stopped before this place was unpacked.".to_owned(), "Go on", on_again),
    };
    html! {
        <p class="byteMessage" role="status" data-testid="byte-unpacking">
            { sentence }
            <button type="button" class="button" onclick={on_press.reform(|_: MouseEvent| ())} data-testid="byte-unpack-press">{ word }</button>
        </p>
    }
}

/// A finding about bytes in sight.
pub fn finding_notice(finding: &Finding) -> Html {
    let tone = Tone::of_severity(finding.severity);
    html! {
        <p class="byteFindingHere" data-testid="byte-finding">
            <ToneMark {tone} />
            <span>
                <b class={classes!("findingSeverity", tone.class())}>{ words::severity(finding.severity) }</b>
                { format!(" at {}: {}", units::offset(finding.start), finding.message) }
            </span>
        </p>
    }
}
