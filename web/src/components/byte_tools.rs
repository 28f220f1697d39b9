//! Ways to a place among bytes: a file, an offset, a search.

use snaptape_report::units;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Properties of [`ByteTools`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ByteToolsProps {
    /// Names of the files.
    pub files: Vec<AttrValue>,
    /// The one that is looked at.
    pub file: u32,
    /// How many bytes there are, if that is known.
    pub total: Option<u64>,
    /// Are they what a string unpacks to?
    pub is_inside: bool,
    /// Is a search under way?
    pub is_hunting: bool,
    /// Called with the number of a file.
    pub on_file: Callback<u32>,
    /// Called with an offset.
    pub on_place: Callback<u64>,
    /// Called with bytes to look for, and whether backwards.
    pub on_find: Callback<(Vec<u8>, bool)>,
    /// Called to end the search.
    pub on_stop: Callback<()>,
    /// Called to go back to the file.
    pub on_back: Callback<()>,
}

/// Fields and buttons, and what is wrong with what was typed into them.
#[component]
pub fn ByteTools(props: &ByteToolsProps) -> Html {
    let (place, needle) = (use_node_ref(), use_node_ref());
    let wrong = use_state_eq(|| None::<String>);
    let on_go = {
        let (wrong, place, total) = (wrong.setter(), place.clone(), props.total);
        let on_place = props.on_place.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let words = text_of(&place);
            match (units::parse_offset(&words), total) {
                (Some(to), Some(total)) if to >= total => {
                    wrong.set(Some(format!("There are only {}.", units::plural(total, "byte", "bytes"))));
                }
                (Some(to), _) => {
                    wrong.set(None);
                    on_place.emit(to);
                }
                (None, _) => wrong.set(Some(format!("\"{words}\" is no offset like 4096 or 0x1000."))),
            }
        })
    };
    let find = {
        let (wrong, needle, on_find) = (wrong.setter(), needle.clone(), props.on_find.clone());
        Callback::from(move |back: bool| match units::parse_needle(&text_of(&needle)) {
            Ok(needle) => {
                wrong.set(None);
                on_find.emit((needle, back));
            }
            Err(why) => wrong.set(Some(why)),
        })
    };
    let on_next = {
        let find = find.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            find.emit(false);
        })
    };
    let on_previous = find.reform(|_: MouseEvent| true);
    let on_needle_key = {
        let (on_stop, is_hunting) = (props.on_stop.clone(), props.is_hunting);
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if event.shift_key() => {
                event.prevent_default();
                find.emit(true);
            }
            "Escape" if is_hunting => {
                event.prevent_default();
                on_stop.emit(());
            }
            _ => {}
        })
    };
    let on_file = {
        let on_file = props.on_file.clone();
        Callback::from(move |event: Event| {
            let field = event.target_dyn_into::<HtmlSelectElement>();
            if let Some(file) = field.and_then(|field| field.value().parse().ok()) {
                on_file.emit(file);
            }
        })
    };
    html! {
        <>
            <div class="byteTools">
                if props.files.len() > 1 {
                    <label class="srOnly" for="byte-file">{ "File" }</label>
                    <select class="textField" id="byte-file" onchange={on_file} data-testid="byte-file">
                        { for (0..).zip(&props.files).map(|(index, name): (u32, _)| html! {
                            <option value={index.to_string()} selected={index == props.file}>{ name.clone() }</option>
                        }) }
                    </select>
                }
                <form class="byteForm" onsubmit={on_go}>
                    <label class="srOnly" for="byte-place">{ "Go to an offset" }</label>
                    <input class="textField bytePlace" id="byte-place" ref={place} placeholder="offset, 4096 or 0x1000" autocomplete="off" spellcheck="false" data-testid="byte-place" />
                    <button class="button" data-testid="byte-go">{ "Go" }</button>
                </form>
                <form class="byteForm byteFind" onsubmit={on_next} role="search">
                    <label class="srOnly" for="byte-needle">{ "Find text, or hex behind 0x" }</label>
                    <input class="textField byteNeedle" id="byte-needle" ref={needle} placeholder="text, or 0xfe00" autocomplete="off" spellcheck="false" onkeydown={on_needle_key} data-testid="byte-needle" />
                    <button class="button" title="Enter in the field" data-testid="byte-find">{ "Find next" }</button>
                    <button type="button" class="button" title="Shift+Enter in the field" onclick={on_previous} data-testid="byte-find-back">{ "Find previous" }</button>
                </form>
                if props.is_inside {
                    <button type="button" class="button" onclick={props.on_back.reform(|_: MouseEvent| ())} data-testid="byte-back">{ "Back to the file" }</button>
                }
            </div>
            if let Some(why) = &*wrong {
                <p class="byteMessage toneBad" role="alert" data-testid="byte-wrong">{ why }</p>
            }
        </>
    }
}

fn text_of(field: &NodeRef) -> String {
    field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default()
}
