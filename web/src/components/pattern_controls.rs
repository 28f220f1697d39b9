//! How the names are put into patterns.

use snaptape_report::PatternOptions;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::{ProgressPanel, ToneMark};
use crate::grouping::Form;
use crate::hooks::Engine;
use crate::state::{Opened, Regroup};
use crate::words::Tone;

/// Properties of [`PatternControls`].
#[derive(Clone, PartialEq, Properties)]
pub struct PatternControlsProps {
    /// The report.
    pub opened: Opened,
    /// Reads the files again.
    pub engine: Engine,
    /// How far that is.
    pub regroup: Regroup,
    /// Is the worker at something else?
    pub busy: bool,
}

/// Separators, templates, a regular expression; the files are read again when they are applied.
#[component]
pub fn PatternControls(props: &PatternControlsProps) -> Html {
    let (separators, regex, skip) = (use_node_ref(), use_node_ref(), use_node_ref());
    let templates = use_node_ref();
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let options = &dataset.folding.options;
    let form = Form::of(options);
    if let Regroup::Working { meter } = &props.regroup {
        let on_cancel = {
            let engine = props.engine.clone();
            Callback::from(move |()| engine.cancel())
        };
        return html! { <ProgressPanel title="Reading once more, with other groups" meter={meter.clone()} {on_cancel} /> };
    }
    let onsubmit = {
        let engine = props.engine.clone();
        let (separators, regex, skip, templates) =
            (separators.clone(), regex.clone(), skip.clone(), templates.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let input = |field: &NodeRef| field.cast::<HtmlInputElement>();
            let form = Form {
                separators: input(&separators).map(|field| field.value()).unwrap_or_default(),
                templates: templates
                    .cast::<HtmlTextAreaElement>()
                    .map(|field| field.value())
                    .unwrap_or_default(),
                regex: input(&regex).map(|field| field.value()).unwrap_or_default(),
                skip_first_segment: input(&skip).is_some_and(|field| field.checked()),
            };
            engine.regroup(form.options());
        })
    };
    let on_usual = {
        let engine = props.engine.clone();
        Callback::from(move |_: MouseEvent| engine.regroup(PatternOptions::default()))
    };
    let on_skip = {
        let (engine, options) = (props.engine.clone(), options.clone());
        Callback::from(move |_: MouseEvent| {
            engine.regroup(PatternOptions { skip_first_segment: true, ..options.clone() });
        })
    };
    html! {
        <form class="patternControls" data-testid="pattern-controls" {onsubmit}>
            <div class="patternField">
                <label for="pattern-separators">{ "Separators" }</label>
                <input class="patternInput code" id="pattern-separators" ref={separators} value={form.separators} autocomplete="off" spellcheck="false" />
                <span class="patternHint">{ "The characters between segments." }</span>
            </div>
            <div class="patternField">
                <label for="pattern-regex">{ "Regular expression" }</label>
                <input class="patternInput code" id="pattern-regex" ref={regex} value={form.regex} placeholder="^tenant-([a-z]+)" autocomplete="off" spellcheck="false" />
                <span class="patternHint">{ "What its first group finds names a group of keys; without a group, all it finds." }</span>
            </div>
            <div class="patternField">
                <label for="pattern-templates">{ "Templates, one a line" }</label>
                <textarea class="patternInput code" id="pattern-templates" ref={templates} rows="3" placeholder="user:*:cart" spellcheck="false" value={form.templates} />
                <span class="patternHint">{ "They come before everything else. * stays within a segment, ** does not." }</span>
            </div>
            <div class="patternButtons">
                <label><input type="checkbox" ref={skip} checked={form.skip_first_segment} />{ " Leave out the first segment" }</label>
                <button type="submit" class="button buttonPrimary" disabled={props.busy} data-testid="regroup">{ "Group again" }</button>
                if *options != PatternOptions::default() {
                    <button type="button" class="button" disabled={props.busy} onclick={on_usual}>{ "As usual" }</button>
                }
                if dataset.folding.shared_first_segment.is_some() {
                    <button type="button" class="button" disabled={props.busy} onclick={on_skip}>{ "Leave out the shared segment" }</button>
                }
            </div>
            if let Regroup::Failed { message } = &props.regroup {
                <p class="patternFailed" role="alert" data-testid="error"><ToneMark tone={Tone::Bad} />{ format!(" {message}") }</p>
            }
        </form>
    }
}
