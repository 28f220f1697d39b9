//! What the byte under the cursor could mean.

use snaptape_report::units;
use yew::prelude::*;

use crate::bytes::ByteState;
use crate::bytes::readings::readings;

/// Where the cursor is, and the bytes from there on as numbers and text.
pub fn byte_readings(state: &ByteState, cursor: u64) -> Html {
    html! {
        <dl class="byteReadings" data-testid="byte-readings">
            <div><dt>{ "cursor" }</dt><dd>{ units::offset(cursor) }</dd></div>
            { for readings(state.bytes_from(cursor)).into_iter().map(|(what, value)| html! {
                <div><dt>{ what }</dt><dd>{ value }</dd></div>
            }) }
        </dl>
    }
}
