//! While what was given is being listed.

use snaptape_report::units;
use yew::prelude::*;

/// How many files there are so far, and a way out.
pub fn listing(name: &AttrValue, files: usize, on_cancel: &Callback<()>) -> Html {
    let so_far = match files {
        0 => "Looking at what is there.".to_owned(),
        _ => format!("{} so far.", units::plural(files as u64, "file", "files")),
    };
    html! {
        <div class="reading">
            <div class="progress" data-testid="listing">
                <div class="progressHead">
                    <h2 class="progressTitle" id="progress-title">{ format!("Opening {name}") }</h2>
                    <button type="button" class="button" onclick={on_cancel.reform(|_: MouseEvent| ())} data-testid="cancel">{ "Cancel" }</button>
                </div>
                <progress class="progressBar" aria-labelledby="progress-title"></progress>
                <p class="progressFigures" role="status">{ so_far }</p>
            </div>
        </div>
    }
}
