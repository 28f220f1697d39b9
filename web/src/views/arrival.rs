//! Before anything is opened.

use yew::prelude::*;

use crate::components::{OpenControls, Privacy};
use crate::files::Picked;
use crate::samples::{SAMPLES, Sample};

/// Properties of [`Arrival`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ArrivalProps {
    /// Called with the files chosen.
    pub on_pick: Callback<Vec<Picked>>,
    /// Called with the sample chosen.
    pub on_sample: Callback<&'static Sample>,
}

/// One place to drop things, four samples, and why it is safe.
#[component]
pub fn Arrival(props: &ArrivalProps) -> Html {
    html! {
        <div class="arrival">
            <h1 class="verdict">{ "Open a Redis or Valkey snapshot, or its append-only tape." }</h1>
            <p class="lead">{ "See where the memory went and whether the files are sound, and take away a repaired copy. All of it happens on this machine." }</p>
            <section class="dropZone" data-testid="drop" aria-label="Open files">
                <svg class="dropZoneIcon" width="44" height="44" viewBox="0 0 44 44" aria-hidden="true" focusable="false">
                    <rect class="dropZoneFrame" x="5" y="9" width="34" height="26" rx="4" />
                    <path class="dropZoneArrow" d="M22 14v14m-6-6 6 6 6-6" />
                </svg>
                <p class="dropZoneTitle">{ "Drop files or a folder anywhere on this page" }</p>
                <p class="muted">{ "dump.rdb, several shards of one data set, appendonly.aof, a whole appendonlydir; of any length, also in gzip, zip, zstd or LZ4" }</p>
                <OpenControls on_pick={props.on_pick.clone()} />
            </section>
            <h2 class="arrivalHeading">{ "Or look at a sample, written by a real server" }</h2>
            <ul class="samples">
                { for SAMPLES.iter().map(|sample| {
                    let onclick = props.on_sample.reform(move |_: MouseEvent| sample);
                    html! {
                        <li>
                            <button type="button" class="sample" {onclick} data-testid={format!("sample-{}", sample.id)}>
                                <b class="sampleTitle">{ sample.title }</b>
                                <span class="sampleLine">{ sample.line }</span>
                            </button>
                        </li>
                    }
                }) }
            </ul>
            <div class="arrivalFacts">
                <Privacy />
                <p class="privacy">
                    <b>{ "Nothing is changed." }</b>
                    { " Files are opened for reading only, slice by slice, by a worker of this page; a repaired copy is a new file." }
                </p>
                <p class="privacy">
                    <b>{ "What it reads:" }</b>
                    { " RDB versions 1 to 12 of Redis and RDB 80 of Valkey, append-only files with or without an RDB preamble, multi-part directories with their manifest." }
                </p>
            </div>
        </div>
    }
}
