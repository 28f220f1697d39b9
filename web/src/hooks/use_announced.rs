//! What changes when another screen comes, beside the screen: the title of the page, and where the focus is.

use yew::prelude::*;

use super::focus_element;
use crate::state::Screen;

/// Puts the name of what is opened into the title, and the focus on the new screen: the button that was pressed is gone.
#[hook]
pub fn use_announced(screen: &Screen) {
    let title = match screen {
        Screen::Empty => "Snaptape".to_owned(),
        Screen::Reading { subject, .. } => format!("Reading {} - Snaptape", subject.name),
        Screen::Failed { .. } => "Not read - Snaptape".to_owned(),
        Screen::Ready(opened) | Screen::Partial(opened) => format!("{} - Snaptape", opened.subject.name),
    };
    let first = use_mut_ref(|| true);
    use_effect_with(title, move |title| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(title);
        }
        // The page has just been opened: the browser has put the focus where it belongs.
        if !first.replace(false) {
            focus_element("main");
        }
    });
}
