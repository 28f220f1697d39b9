//! A document for a ticket.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::components::Card;
use crate::hooks::{Go, Written, copy_text, save_text, use_report};
use crate::protocol::NamesAsked;
use crate::route::Route;
use crate::state::Opened;

/// Properties of [`Report`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ReportProps {
    /// The report.
    pub opened: Opened,
    /// Where we are: holds how names are given.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
}

/// How names of keys are given, ways to take the document away, and what it says.
#[component]
pub(super) fn Report(props: &ReportProps) -> Html {
    let written = use_report(&props.opened, props.route.names, props.route.restore);
    let said = use_state(|| "Copy Markdown");
    let switch = |names: NamesAsked, words: &'static str| {
        let go = props.go.clone();
        let onclick = Callback::from(move |_: MouseEvent| go.replace(Route { names, ..go.now() }));
        let pressed = props.route.names == names;
        html! {
            <button type="button" class={classes!("switchButton", pressed.then_some("switchButtonPressed"))} aria-pressed={pressed.to_string()} {onclick}
                data-testid={format!("names-{}", names.id())}>{ words }</button>
        }
    };
    let done = match &written {
        // A document with names in it must not be taken for one without.
        Written::Done(answer) if answer.names == props.route.names => Some(answer.clone()),
        _ => None,
    };
    let stem = format!("{}-report", props.opened.subject.name.rsplit('/').next().unwrap_or("snaptape"));
    let button = |id: &'static str, words: &'static str, onclick: Callback<MouseEvent>| {
        html! { <button type="button" class="button" data-testid={id} disabled={done.is_none()} {onclick}>{ words }</button> }
    };
    let save = |end: &'static str| {
        let (done, name) = (done.clone(), format!("{stem}.{end}"));
        Callback::from(move |_: MouseEvent| {
            if let Some(answer) = &done {
                save_text(&name, if end == "html" { &answer.html } else { &answer.markdown });
            }
        })
    };
    let on_copy = {
        let (done, said) = (done.clone(), said.setter());
        Callback::from(move |_: MouseEvent| {
            let (done, said) = (done.clone(), said.clone());
            spawn_local(async move {
                if let Some(answer) = &done {
                    said.set(if copy_text(&answer.markdown).await {
                        "Copied"
                    } else {
                        "Select the text and copy it"
                    });
                }
            });
        })
    };
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ "A document for a ticket." }</h1>
                <p class="lead">{ "What this page found, in one file without script: verdict, sizes, findings with their offsets, plans, keys by type, expiry and pattern. Never a value; names of keys as you choose." }</p>
            </div>
            <Card title="Names of keys" note="in every part of the document">
                <div class="reportControls">
                    <div class="switch" role="group" aria-label="How names of keys are given">
                        { switch(NamesAsked::Shown, "Shown") }
                        { switch(NamesAsked::Masked, "Masked") }
                        { switch(NamesAsked::Hashed, "Hashed") }
                    </div>
                    { button("report-html", "Download HTML", save("html")) }
                    { button("report-markdown", "Download Markdown", save("md")) }
                    { button("report-copy", *said, on_copy) }
                </div>
                <p class="reportNote">{ explanation(props.route.names) }</p>
                if let Some((digits, recipe)) = done.as_ref().and_then(|answer| answer.salt.clone()) {
                    <p class="reportNote">{ "The salt is " }<code class="code" data-testid="report-salt">{ digits }</code>
                        { "; it is not in the document. Keep it to find names again: " }<code class="code">{ recipe }</code></p>
                }
            </Card>
            <Card title="What it says" note="as Markdown; the HTML has pictures too">
                if let Some(answer) = &done {
                    <pre class="reportText" tabindex="0" data-testid="report-text" data-names={answer.names.id()}>{ &answer.markdown }</pre>
                } else if let Written::Failed(message) = &written {
                    <p class="error" role="alert">{ message.clone() }</p>
                } else {
                    <p class="muted" role="status">{ "It is being written." }</p>
                }
            </Card>
        </div>
    }
}

fn explanation(names: NamesAsked) -> &'static str {
    match names {
        NamesAsked::Shown => {
            "Names are in it as they are. They may hold user names, addresses, tokens: look before you send it."
        }
        NamesAsked::Masked => {
            "Letters become x, digits 9, separators stay, and a number tells names apart. Messages that could quote a name are replaced by what \
             kind of finding it is; offsets stay."
        }
        NamesAsked::Hashed => {
            "Each name becomes twelve hex digits of its SHA-256 with a salt drawn for this report, so that equal names can be seen to be equal. \
             Without the salt nobody can try names. Messages that could quote a name are replaced as when masked."
        }
    }
}
