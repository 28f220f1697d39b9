//! The filter line over keys, with what could be written next.

use snaptape_analysis::filter::{Completion, FilterError, Vocabulary, complete, parse};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::key_words::EXAMPLES;

/// Properties of [`KeyFilter`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct KeyFilterProps {
    /// The line that is in force.
    pub line: AttrValue,
    /// What there is to complete with.
    pub vocabulary: std::rc::Rc<Words>,
    /// Called with each line that can be read; the flag says that it is meant to stay.
    pub on_line: Callback<(String, bool)>,
}

/// [`Vocabulary`] as a property.
#[derive(Debug, Clone, PartialEq)]
pub struct Words(pub Vocabulary);

/// What is typed, and what is offered.
#[derive(Debug, Clone, Default, PartialEq)]
struct Typed {
    offer: Completion,
    active: Option<usize>,
    wrong: Option<FilterError>,
}

fn place(input: &HtmlInputElement) -> usize {
    let units = input.selection_start().ok().flatten().unwrap_or(u32::MAX);
    // The browser counts in UTF-16, we in characters.
    let mut left = usize::try_from(units).unwrap_or(usize::MAX);
    input
        .value()
        .chars()
        .take_while(|c| {
            let fits = left >= c.len_utf16();
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .count()
}

/// A field with a list below it.
#[component]
pub fn KeyFilter(props: &KeyFilterProps) -> Html {
    let field = use_node_ref();
    let typed = use_state(Typed::default);
    // The address may have changed, as by the back button.
    use_effect_with(props.line.clone(), {
        let (field, typed) = (field.clone(), typed.setter());
        move |line| {
            if let Some(input) = field.cast::<HtmlInputElement>()
                && parse(&input.value()) != parse(line)
            {
                input.set_value(line);
                // What was said of the line before is not true of this one.
                typed.set(Typed::default());
            }
        }
    });
    let look = {
        let (typed, words, on_line) = (typed.setter(), props.vocabulary.clone(), props.on_line.clone());
        move |input: &HtmlInputElement, keep: bool| {
            let line = input.value();
            let offer = complete(&line, place(input), &words.0);
            let wrong = wrong(&line);
            if wrong.is_none() && (keep || !offer.begins_a_field()) {
                on_line.emit((line, keep));
            }
            typed.set(Typed { offer, active: None, wrong });
        }
    };
    let accept = {
        let (field, typed, look) = (field.clone(), typed.clone(), look.clone());
        Callback::from(move |at: usize| {
            let Some((input, candidate)) =
                field.cast::<HtmlInputElement>().zip(typed.offer.candidates.get(at))
            else {
                return;
            };
            let line = input.value();
            let mut next: String = line.chars().take(typed.offer.start).collect();
            next.push_str(&candidate.text);
            let end = u32::try_from(next.encode_utf16().count()).unwrap_or(u32::MAX);
            next.extend(line.chars().skip(typed.offer.end));
            input.set_value(&next);
            // A place in a text field can always be set.
            let _ = input.set_selection_range(end, end);
            let _ = input.focus();
            look(&input, false);
        })
    };
    let oninput = {
        let look = look.clone();
        Callback::from(move |event: InputEvent| {
            event.target_dyn_into::<HtmlInputElement>().iter().for_each(|input| look(input, false));
        })
    };
    let onfocus = {
        let (typed, words) = (typed.clone(), props.vocabulary.clone());
        Callback::from(move |event: FocusEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                let offer = complete(&input.value(), place(&input), &words.0);
                typed.set(Typed { offer, active: None, wrong: typed.wrong.clone() });
            }
        })
    };
    let onblur = {
        let (typed, on_line) = (typed.clone(), props.on_line.clone());
        Callback::from(move |event: FocusEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>()
                && wrong(&input.value()).is_none()
            {
                on_line.emit((input.value(), true));
            }
            typed.set(Typed { offer: Completion::default(), active: None, wrong: typed.wrong.clone() });
        })
    };
    let onkeydown = {
        let (typed, accept, look) = (typed.clone(), accept.clone(), look.clone());
        Callback::from(move |event: KeyboardEvent| {
            let many = typed.offer.candidates.len();
            let go = |active| typed.set(Typed { active, ..(*typed).clone() });
            match event.key().as_str() {
                "ArrowDown" if many > 0 => go(Some(typed.active.map_or(0, |at| (at + 1) % many))),
                "ArrowUp" if many > 0 => go(Some(typed.active.map_or(many - 1, |at| (at + many - 1) % many))),
                "Enter" => match (typed.active, event.target_dyn_into::<HtmlInputElement>()) {
                    (Some(at), _) => accept.emit(at),
                    (None, Some(input)) => {
                        look(&input, true);
                        typed.set(Typed { wrong: wrong(&input.value()), ..Typed::default() });
                    }
                    (None, None) => return,
                },
                "Escape" if many > 0 => typed.set(Typed { wrong: typed.wrong.clone(), ..Typed::default() }),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let is_open = !typed.offer.candidates.is_empty();
    let wrong = typed.wrong.as_ref();
    let on_example = |line: &'static str| {
        let (field, on_line, typed) = (field.clone(), props.on_line.clone(), typed.setter());
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = field.cast::<HtmlInputElement>() {
                input.set_value(line);
            }
            typed.set(Typed::default());
            on_line.emit((line.to_owned(), true));
        })
    };
    html! {
        <div class="keyFilter" role="search">
            <label class="srOnly" for="key-filter">{ "Filter keys: type:hash mem>1mb ttl:none match:user:* or text of the name" }</label>
            <input class="textField keyFilterField" id="key-filter" ref={field.clone()} role="combobox" autocomplete="off" spellcheck="false"
                aria-expanded={is_open.to_string()} aria-controls="key-filter-list" aria-autocomplete="list" aria-invalid={wrong.is_some().to_string()}
                aria-describedby={wrong.map(|_| "key-filter-wrong")} aria-activedescendant={typed.active.map(option_id)}
                placeholder="type:hash mem>1mb ttl:none match:user:*" data-testid="key-filter" data-search="keys" {oninput} {onfocus} {onblur} {onkeydown} />
            <ul class={classes!("keyFilterList", (!is_open).then_some("keyFilterListClosed"))} id="key-filter-list" role="listbox" aria-label="What could be written">
                { for typed.offer.candidates.iter().enumerate().map(|(at, candidate)| {
                    let is_active = typed.active == Some(at);
                    let onmousedown = accept.reform(move |event: MouseEvent| {
                        // The field keeps the focus.
                        event.prevent_default();
                        at
                    });
                    html! {
                        <li class={classes!("keyFilterOption", is_active.then_some("keyFilterOptionActive"))} id={option_id(at)} role="option" aria-selected={is_active.to_string()} {onmousedown} data-testid="key-option">
                            <span class="code">{ &candidate.text }</span>
                            <span class="muted">{ &candidate.note }</span>
                        </li>
                    }
                }) }
            </ul>
            if let Some(error) = wrong {
                <p class="keyFilterWrong toneBad" id="key-filter-wrong" role="alert" data-testid="key-wrong">{ format!("{error}. {}", still_listed(&props.line)) }</p>
            }
            if props.line.is_empty() {
                <p class="keyFilterExamples">
                    <span class="muted">{ "Try" }</span>
                    { for EXAMPLES.iter().map(|(line, note)| html! {
                        <button type="button" class="keyFilterExample code" title={*note} onclick={on_example(line)} data-testid="key-example">{ *line }</button>
                    }) }
                </p>
            }
        </div>
    }
}

fn wrong(line: &str) -> Option<FilterError> {
    parse(line).and_then(|filter| filter.check()).err()
}

/// What the figures and rows below a line that cannot be read are of.
fn still_listed(line: &str) -> String {
    match line {
        "" => "Below are still all keys.".to_owned(),
        line => format!("Below is still what {line} finds."),
    }
}

fn option_id(at: usize) -> String {
    format!("key-option-{at}")
}
