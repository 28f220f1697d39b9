//! What changes when another screen or view comes, beside it: the title of the page, and where the focus is.

use yew::prelude::*;

use super::{focus_element, focus_first};
use crate::route::View;
use crate::state::Screen;

/// Puts what is shown into the title, and the focus on its heading: the button or link that was pressed may be gone.
#[hook]
pub fn use_announced(screen: &Screen, view: View) {
    let title = match screen {
        Screen::Empty => "Snaptape".to_owned(),
        Screen::Listing { name, .. } => format!("Opening {name} - Snaptape"),
        Screen::Reading { subject, .. } => format!("Reading {} - Snaptape", subject.name),
        Screen::Failed { .. } => "Not read - Snaptape".to_owned(),
        Screen::Ready(opened) | Screen::Partial(opened) if view == View::Overview => {
            format!("{} - Snaptape", opened.subject.name)
        }
        Screen::Ready(opened) | Screen::Partial(opened) => {
            format!("{} - {} - Snaptape", view.title(), opened.subject.name)
        }
    };
    let first = use_mut_ref(|| true);
    use_effect_with(title, move |title| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(title);
        }
        // The page has just been opened: the browser has put the focus where it belongs.
        if !first.replace(false) && !focus_first("main h1, main h2") {
            focus_element("main");
        }
    });
}
