//! The bar on top.

use snaptape_report::units;
use yew::prelude::*;

use super::{ThemeSwitch, ToneMark};
use crate::hooks::Go;
use crate::route::Route;
use crate::state::{Screen, Subject};
use crate::summary;

/// Properties of [`TopBar`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TopBarProps {
    /// The screen.
    pub screen: Screen,
    /// Where we are.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Called to open something else.
    pub on_another: Callback<()>,
    /// Called to show the keyboard.
    pub on_help: Callback<()>,
}

/// The name, what is opened, the verdict, and the controls that are always there.
#[component]
pub fn TopBar(props: &TopBarProps) -> Html {
    let subject = match &props.screen {
        Screen::Empty | Screen::Listing { .. } => None,
        Screen::Reading { subject, .. } | Screen::Failed { subject, .. } => Some(subject),
        Screen::Ready(opened) | Screen::Partial(opened) => Some(&opened.subject),
    };
    let verdict = props
        .screen
        .opened()
        .map(|opened| (summary::tone(&opened.answers.check), summary::chip(&opened.answers.check)));
    html! {
        <header class="topBar">
            <span class="wordmark">
                <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" focusable="false">
                    <rect class="wordmarkFrame" x="1.5" y="1.5" width="19" height="19" rx="4" />
                    <circle class="wordmarkLens" cx="11" cy="9.6" r="4" />
                    <path class="wordmarkTape" d="M1.5 16.2h19" />
                </svg>
                <span class="wordmarkName">{ "snaptape" }</span>
            </span>
            if let Some(subject) = subject.filter(|subject| subject.files > 0) {
                <span class="chip chipSubject code" title={subject.name.clone()}>{ subject.name.clone() }</span>
                <span class="chip chipWide">{ extent(subject) }</span>
            }
            if let Some((tone, word)) = verdict {
                <span class={classes!("chip", "chipTone", tone.class())}><ToneMark {tone} />{ word }</span>
            }
            <span class="topBarGap"></span>
            if props.screen != Screen::Empty {
                <button type="button" class="button" onclick={props.on_another.reform(|_: MouseEvent| ())} data-testid="open-another">{ "Open another" }</button>
            }
            <ThemeSwitch route={props.route.clone()} go={props.go.clone()} />
            <button type="button" class="button topBarHelp" aria-label="Keyboard shortcuts" title="Keyboard shortcuts" onclick={props.on_help.reform(|_: MouseEvent| ())}>{ "?" }</button>
        </header>
    }
}

fn extent(subject: &Subject) -> String {
    let files = units::plural(subject.files as u64, "file", "files");
    let bytes = units::bytes(subject.total_bytes);
    // Files that have no folder in common are called by their number already.
    if subject.files == 1 || subject.name == files { bytes } else { format!("{files}, {bytes}") }
}
