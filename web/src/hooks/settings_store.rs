//! The browser's store for settings. It may refuse, or not be there at all (a page from a file, a private window): then they last as
//! long as the page.

use web_sys::Storage;

use crate::protocol::Asked;
use crate::route::Theme;
use crate::settings;

const THEME: &str = "snaptape.theme";
const SETTINGS: &str = "snaptape.settings";

fn store() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn get(name: &str) -> Option<String> {
    store()?.get_item(name).ok()?
}

fn set(name: &str, value: Option<&str>) {
    let Some(store) = store() else { return };
    // See above.
    let _ = match value {
        Some(value) => store.set_item(name, value),
        None => store.remove_item(name),
    };
}

/// The theme chosen last.
pub fn theme() -> Option<Theme> {
    Theme::from_id(&get(THEME)?)
}

/// Remembers the theme, or none.
pub fn remember_theme(theme: Option<Theme>) {
    set(THEME, theme.map(Theme::id));
}

/// What was asked for last, where that is not the usual.
pub fn recent() -> Option<Asked> {
    get(SETTINGS).map(|text| settings::parse(&text))
}

/// Remembers what is asked for, unless it is the usual.
pub fn remember(asked: &Asked) {
    if let Some(text) = settings::to_text(asked) {
        set(SETTINGS, Some(&text));
    }
}

/// Forgets everything.
pub fn forget() {
    set(SETTINGS, None);
    set(THEME, None);
}
