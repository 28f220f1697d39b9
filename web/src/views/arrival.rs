//! Before anything is opened.

use yew::prelude::*;

use crate::components::{OpenControls, PasteField, privacy};
use crate::files::Given;
use crate::hooks::{Engine, Go, settings_store};
use crate::samples::{SAMPLES, Sample};
use crate::settings;
use crate::views::earlier;

/// Properties of [`Arrival`].
#[derive(Clone, PartialEq, Properties)]
pub struct ArrivalProps {
    /// What was to be read and was stopped; empty where nothing was.
    pub stopped: AttrValue,
    /// The view the address asks for.
    pub leads_to: Option<&'static str>,
    /// Called with what was chosen.
    pub on_given: Callback<Given>,
    /// Called with the sample chosen.
    pub on_sample: Callback<&'static Sample>,
    /// Called with the number of what is to be opened again.
    pub on_reopen: Callback<usize>,
    /// Called to show why nothing leaves the page.
    pub on_privacy: Callback<()>,
    /// Knows what was open, and how files are read.
    pub engine: Engine,
    /// Ways to change the theme.
    pub go: Go,
}

/// These two stand in `index.html`, too: they are the first thing that is seen.
const HEADLINE: &str = "Open a Redis or Valkey snapshot, or its append-only tape.";
const LEAD: &str = "See where the memory went and whether the files are sound, and take away a repaired copy. All of it happens on this machine.";

/// What is read, in three lines.
const READS: [(&str, &str); 3] = [
    ("Snapshots", "RDB versions 1 to 15 of Redis, 80 and 81 of Valkey; those of KeyDB, too"),
    ("Tapes", "append-only files with or without an RDB preamble, whole directories with their manifest"),
    ("Packed in", "gzip, zip, zstd, LZ4, or a captured replication stream; of any length"),
];

/// One place to drop things, four samples, and why it is safe.
#[component]
pub fn Arrival(props: &ArrivalProps) -> Html {
    html! {
        <div class="arrival">
            <h1 class="verdict">{ HEADLINE }</h1>
            <p class="lead">{ LEAD }</p>
            if !props.stopped.is_empty() {
                <p role="status" data-testid="stopped">{ format!("Reading {} was stopped. Nothing of it is kept.", props.stopped) }</p>
            }
            if let Some(view) = props.leads_to {
                <p role="status" data-testid="leads-to">{ format!("The address leads to {view}. It is shown as soon as the files it speaks of are open.") }</p>
            }
            <section class="dropZone" data-testid="drop" aria-label="Open files">
                <svg class="dropZoneIcon" width="44" height="44" viewBox="0 0 44 44" aria-hidden="true" focusable="false">
                    <rect class="dropZoneFrame" x="5" y="9" width="34" height="26" rx="4" />
                    <path class="dropZoneArrow" d="M22 14v14m-6-6 6 6 6-6" />
                </svg>
                <p class="dropZoneTitle">{ "Drop files or a folder anywhere on this page" }</p>
                <p class="muted">{ "dump.rdb, all shards of a cluster, appendonly.aof, a whole appendonlydir" }</p>
                <OpenControls on_pick={props.on_given.clone()} />
                <PasteField on_pick={props.on_given.clone()} />
                { earlier(&props.engine.earlier(), &props.on_reopen) }
            </section>
            <h2 class="arrivalHeading">{ "Or look at a sample, written by a real server" }</h2>
            <ul class="samples">
                { for SAMPLES.iter().map(|sample| {
                    let onclick = props.on_sample.reform(move |_: MouseEvent| sample);
                    html! {
                        <li>
                            <button type="button" class="sample" {onclick} data-testid={format!("sample-{}", sample.id)}>
                                <b class="sampleTitle">{ sample.title }</b>
                                <span>{ sample.teaches }</span>
                                <span class="sampleLine">{ sample.line }</span>
                            </button>
                        </li>
                    }
                }) }
            </ul>
            <div class="arrivalFacts">
                <dl class="arrivalReads">
                    { for READS.iter().map(|(what, which)| html! { <><dt>{ what }</dt><dd>{ which }</dd></> }) }
                </dl>
                <div class="stack">
                    { privacy(&props.on_privacy) }
                    <p class="privacy">
                        <b>{ "Nothing is changed." }</b>
                        { " Files are opened for reading only; a repaired copy is a new file." }
                    </p>
                    <Remembered engine={props.engine.clone()} go={props.go.clone()} />
                </div>
            </div>
        </div>
    }
}

/// Properties of [`Remembered`].
#[derive(Clone, PartialEq, Properties)]
struct RememberedProps {
    engine: Engine,
    go: Go,
}

/// How files were looked at last time, to be used again or forgotten.
#[component]
fn Remembered(props: &RememberedProps) -> Html {
    let update = use_force_update();
    let recent = settings_store::recent();
    let theme = settings_store::theme();
    if recent.is_none() && theme.is_none() {
        return Html::default();
    }
    let in_use = recent.as_ref().is_some_and(|recent| props.engine.usual() == *recent);
    let on_use = {
        let (engine, update, asked) =
            (props.engine.clone(), update.clone(), recent.clone().filter(|_| !in_use));
        Callback::from(move |_: MouseEvent| {
            engine.set_usual(asked.clone().unwrap_or_default());
            update.force_update();
        })
    };
    let on_forget = {
        let (engine, go) = (props.engine.clone(), props.go.clone());
        Callback::from(move |_: MouseEvent| {
            engine.set_usual(crate::protocol::Asked::default());
            go.theme(None);
            settings_store::forget();
            update.force_update();
        })
    };
    let mut words: Vec<String> = recent.iter().map(settings::in_words).collect();
    words.extend(theme.map(|theme| format!("{} theme", theme.id())));
    html! {
        <p class="privacy" data-testid="remembered">
            <b>{ "Remembered here:" }</b>
            { format!(" {}. Settings only, never anything of a file. ", words.join(", ")) }
            if recent.is_some() {
                <button type="button" class="linkButton" onclick={on_use} aria-pressed={in_use.to_string()} data-testid="remembered-use">
                    { if in_use { "Read files as usual" } else { "Read files like that" } }
                </button>
                { " " }
            }
            <button type="button" class="linkButton" onclick={on_forget} data-testid="remembered-forget">{ "Forget" }</button>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_begins_with_the_same_words() {
        let index = include_str!("../../../index.html");
        for words in [HEADLINE, LEAD] {
            assert!(index.contains(&format!(">{words}<")), "{words}");
        }
    }
}
