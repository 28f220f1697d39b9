//! When the chunk with the views could not be loaded.

use yew::prelude::*;

/// Why there is nothing to see, and the way to try again.
pub fn without_views(on_again: &Callback<()>) -> Html {
    html! {
        <div class="failed" role="alert" data-testid="without-views">
            <h1 class="verdict">{ "This view could not be loaded." }</h1>
            <p class="lead">{ "A part of the page is missing. Its files must still be where it came from. What was read is not lost." }</p>
            <button type="button" class="button" data-testid="views-again" onclick={on_again.reform(|_: MouseEvent| ())}>{ "Try again" }</button>
        </div>
    }
}
