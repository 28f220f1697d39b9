//! What is said while a key is read.

use snaptape_engine::Source;
use yew::prelude::*;

use crate::hooks::{AskControl, Asking};
use crate::one_key;

/// How far it is and a way to stop it; after that, a way to go on. Nothing where nobody waits, or not yet for long.
pub fn key_waiting(asking: &Asking, source: &Source, control: &AskControl) -> Html {
    let (done, total) = asking.progress;
    let (sentence, word, on_press) = if asking.waits && total > 0 {
        (one_key::waiting(done, total, source.is_packed()), "Stop", &control.stop)
    } else if asking.stopped {
        ("Stopped before it was read.".to_owned(), "Read it", &control.again)
    } else {
        return Html::default();
    };
    html! {
        <p class="keyStatus muted" role="status" data-testid="key-waiting">
            { sentence }
            <button type="button" class="button" onclick={on_press.reform(|_: MouseEvent| ())} data-testid="key-wait-press">{ word }</button>
        </p>
    }
}
