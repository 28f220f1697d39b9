//! What the page has asked the network for.

use snaptape_report::units;
use yew::prelude::*;

use crate::hooks::foreign_requests;

/// The count of requests, as the browser keeps it.
#[component]
pub fn Privacy() -> Html {
    let (all, foreign) = foreign_requests();
    html! {
        <p class="privacy" data-testid="privacy">
            <b>{ "Nothing leaves this page." }</b>
            { format!(
                " It has fetched {} of its own and {} from elsewhere; its security policy allows no other address.",
                units::plural((all - foreign) as u64, "file", "files"),
                units::count(foreign as u64),
            ) }
        </p>
    }
}
