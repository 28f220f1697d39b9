//! Small things only a browser can do.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FocusOptions, HtmlAnchorElement, HtmlElement, Url, Window};

/// The time now, Unix milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds of this era fit an i64 many times over")]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Bytes nobody can guess, for a salt.
pub fn random_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    if let Some(crypto) = web_sys::window().and_then(|window| window.crypto().ok()) {
        // Fails for more than 64 KB alone.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

/// A clock that never goes back, for rates.
pub fn monotonic_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// One thing the page has asked a server for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its address; without the origin where that is the page's own.
    pub address: String,
    /// Is it the page's own?
    pub own: bool,
    /// Bytes that came.
    pub bytes: u64,
}

/// Everything the page has fetched, as the browser counts it: the page itself and what came after it. What a worker loads is
/// counted in the worker.
pub fn requests() -> Vec<Request> {
    let Some(window) = web_sys::window() else { return vec![] };
    let Some(performance) = window.performance() else { return vec![] };
    let origin = window.location().origin().unwrap_or_default();
    let text = |entry: &JsValue, name: &str| Reflect::get(entry, &name.into()).ok()?.as_string();
    let number = |entry: &JsValue, name: &str| Reflect::get(entry, &name.into()).ok()?.as_f64();
    ["navigation", "resource"]
        .iter()
        .flat_map(|kind| performance.get_entries_by_type(kind).to_vec())
        .filter_map(|entry| {
            let name = text(&entry, "name").filter(|name| !name.starts_with("blob:"))?;
            let rest = name.strip_prefix(&origin).filter(|rest| rest.starts_with('/'));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number below 2^53"
            )]
            let bytes = number(&entry, "encodedBodySize").unwrap_or_default() as u64;
            let address = rest.unwrap_or(&name);
            let address = address.split(['?', '#']).next().unwrap_or(address).to_owned();
            Some(Request { address, own: rest.is_some(), bytes })
        })
        .collect()
}

/// What a `<meta>` of the page holds, found by a CSS selector.
pub fn meta(selector: &str) -> Option<String> {
    web_sys::window()?.document()?.query_selector(selector).ok()??.get_attribute("content")
}

/// Gives the focus to the element with this id.
pub fn focus_element(id: &str) {
    let element = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Only elements that cannot take the focus refuse it.
        let _ = element.focus();
    }
}

/// Gives the focus to the first element this CSS selector finds, without scrolling to it. Was there one?
pub fn focus_first(selector: &str) -> bool {
    let found = web_sys::window().and_then(|window| window.document()?.query_selector(selector).ok()?);
    let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else {
        return false;
    };
    // A heading takes the focus when it is given, and is no stop of the Tab key.
    if element.tab_index() < 0 {
        element.set_tab_index(-1);
    }
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    element.focus_with_options(&options).is_ok()
}

/// Scrolls so that the element with this id is seen.
pub fn show_element(id: &str) {
    let element = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
    if let Some(element) = element {
        element.scroll_into_view();
    }
}

/// Scrolls, as little as needed, so that the element with this id is seen in its own box. The page itself stays where it is.
pub fn show_nearest(id: &str) {
    let element = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
    let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return };
    let Ok(Some(scroller)) = element.closest(".byteTreeScroll") else { return };
    let (top, height) = (element.offset_top(), element.offset_height());
    // The head of the table stays above the rows.
    let (from, to) = (scroller.scroll_top() + height, scroller.scroll_top() + scroller.client_height());
    if top < from {
        scroller.set_scroll_top(top - height);
    } else if top + height > to {
        scroller.set_scroll_top(top + height - scroller.client_height());
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
