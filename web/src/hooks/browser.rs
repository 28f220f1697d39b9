//! Small things only a browser can do.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlAnchorElement, HtmlElement, Url, Window};

/// The time now, Unix milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds of this era fit an i64 many times over")]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// A clock that never goes back, for rates.
pub fn monotonic_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// How many files the page has fetched, and how many of them from elsewhere.
pub fn foreign_requests() -> (usize, usize) {
    let Some(window) = web_sys::window() else { return (0, 0) };
    let Some(performance) = window.performance() else { return (0, 0) };
    let origin = window.location().origin().unwrap_or_default();
    let names: Vec<String> = performance
        .get_entries_by_type("resource")
        .iter()
        .filter_map(|entry| Reflect::get(&entry, &"name".into()).ok()?.as_string())
        .filter(|name| !name.starts_with("blob:"))
        .collect();
    let foreign = names.iter().filter(|name| !name.starts_with(&origin)).count();
    (names.len(), foreign)
}

/// Gives the focus to the element with this id.
pub fn focus_element(id: &str) {
    let element = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Only elements that cannot take the focus refuse it.
        let _ = element.focus();
    }
}

/// Is there an element with this id?
pub fn element_exists(id: &str) -> bool {
    web_sys::window().and_then(|window| window.document()?.get_element_by_id(id)).is_some()
}

/// Scrolls so that the element with this id is seen.
pub fn show_element(id: &str) {
    let element = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
    if let Some(element) = element {
        element.scroll_into_view();
    }
}

/// Saves what an object URL holds, as a press on a link to it would.
pub fn save(url: &str, file_name: &str) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Ok(link) = document.create_element("a") else { return };
    let link: HtmlAnchorElement = link.unchecked_into();
    link.set_href(url);
    link.set_download(file_name);
    link.unchecked_ref::<HtmlElement>().click();
}

/// Saves a text as a file.
pub fn save_text(file_name: &str, text: &str) {
    let parts = Array::of1(&JsValue::from_str(text));
    let Ok(blob) = Blob::new_with_str_sequence(&parts) else { return };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    save(&url, file_name);
    // The download has begun, and keeps its blob by itself.
    let _ = Url::revoke_object_url(&url);
}

/// What asks for a folder, in browsers that can write into one.
fn folder_picker() -> Option<(Window, Function)> {
    let window = web_sys::window()?;
    let picker = Reflect::get(&window, &"showDirectoryPicker".into()).ok()?.dyn_into().ok()?;
    Some((window, picker))
}

/// Can the browser write into a folder the user chooses?
pub fn can_write_folders() -> bool {
    folder_picker().is_some()
}

/// Asks for a folder to write into; call it while a press is being answered. Nothing where the user chose none.
pub fn choose_folder() -> impl Future<Output = Option<JsValue>> {
    let options = Object::new();
    // Properties of new plain objects can always be set.
    let _ = Reflect::set(&options, &"mode".into(), &"readwrite".into());
    let _ = Reflect::set(&options, &"id".into(), &"snaptape-copy".into());
    let choice = folder_picker()
        .and_then(|(window, picker)| picker.call1(&window, &options).ok()?.dyn_into::<Promise>().ok());
    async move { JsFuture::from(choice?).await.ok() }
}

/// Puts text on the clipboard; false where the browser does not allow it.
pub async fn copy_text(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    // Absent on pages that are neither local nor encrypted.
    if !window.is_secure_context() {
        return false;
    }
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}
