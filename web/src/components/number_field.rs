//! A number with a name, a unit, and a range it is held to.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`NumberField`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct NumberFieldProps {
    /// What it is; also names it for scripts and tests.
    pub id: AttrValue,
    /// Its name, as people and settings say it.
    pub label: AttrValue,
    /// The value now.
    pub value: AttrValue,
    /// Behind the value: `%`.
    #[prop_or_default]
    pub unit: AttrValue,
    /// Smallest, largest, and the distance of two values.
    pub range: [&'static str; 3],
    /// Called with what was typed, once it is complete; an error is shown and the value stays.
    pub on_text: Callback<String, Result<(), String>>,
}

/// A labelled field. What is out of range is refused with a sentence.
#[component]
pub fn NumberField(props: &NumberFieldProps) -> Html {
    let error = use_state(|| None::<String>);
    let onchange = {
        let (on_text, error) = (props.on_text.clone(), error.setter());
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(input) = input {
                error.set(on_text.emit(input.value()).err());
            }
        })
    };
    let [min, max, step] = props.range;
    let error_id = format!("{}-error", props.id);
    html! {
        <div class="numberField">
            <label class="numberFieldLabel" for={props.id.clone()}>{ props.label.clone() }</label>
            <span class="numberFieldValue">
                <input class="numberFieldInput" type="number" id={props.id.clone()} data-testid={props.id.clone()}
                    {min} {max} {step} value={props.value.clone()} {onchange}
                    aria-invalid={error.is_some().then_some("true")}
                    aria-describedby={error.is_some().then(|| error_id.clone())} />
                { props.unit.clone() }
            </span>
            <span class="numberFieldError toneBad" id={error_id} role="status">{ error.as_deref().unwrap_or_default() }</span>
        </div>
    }
}
