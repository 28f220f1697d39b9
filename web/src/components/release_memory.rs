//! What each release needs for the data set, and the choice among them.

use snaptape_report::units;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{Bar, ProgressPanel};
use crate::hooks::Engine;
use crate::protocol::Asked;
use crate::state::{Opened, Regroup};
use crate::words;

/// The allocators one can assume, by the engine's word.
const ALLOCATORS: [(&str, &str); 5] = [
    ("", "as each release was checked"),
    ("jemalloc-bundled", "jemalloc as bundled (Docker, source)"),
    ("jemalloc-packaged", "jemalloc of a distribution"),
    ("jemalloc-5.3.1", "jemalloc 5.3.1 of a distribution"),
    ("libc", "libc malloc"),
];

/// Properties of [`ReleaseMemory`].
#[derive(Clone, PartialEq, Properties)]
pub struct ReleaseMemoryProps {
    /// The report.
    pub opened: Opened,
    /// Reads the files again.
    pub engine: Engine,
    /// How far that is.
    pub regroup: Regroup,
    /// Is the worker at something else?
    pub busy: bool,
}

/// A row a release, the chosen one marked; choosing another answers at once as far as sums go, and reads the files again for the
/// rest.
#[component]
pub fn ReleaseMemory(props: &ReleaseMemoryProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let instance = &dataset.instance;
    let most = instance.by_release.0.into_iter().max().unwrap_or_default();
    let asked = props.engine.asked();
    let working = matches!(props.regroup, Regroup::Working { .. });
    let idle = !props.busy && !working;
    let choose = |release: &str| {
        let (engine, target) = (props.engine.clone(), release.to_owned());
        Callback::from(move |_: Event| engine.ask(Asked { target: Some(target.clone()), ..engine.asked() }))
    };
    let on_allocator = {
        let engine = props.engine.clone();
        Callback::from(move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value());
            let allocator = chosen.filter(|word| !word.is_empty());
            engine.ask(Asked { allocator, ..engine.asked() });
        })
    };
    let on_cancel = {
        let engine = props.engine.clone();
        Callback::from(move |()| engine.cancel())
    };
    html! {
        <>
            <table class="table" aria-label="Memory by release" data-testid="release-memory">
                <thead>
                    <tr>
                        <th scope="col">{ "Loaded by" }</th>
                        <th scope="col" class="tableBar midOnly"><span class="srOnly">{ "Beside the others" }</span></th>
                        <th scope="col" class="tableFigure"><span class="code">{ "used_memory" }</span>{ " grows by" }</th>
                        <th scope="col" class="tableFigure">{ "Difference" }</th>
                    </tr>
                </thead>
                <tbody>
                    { for dataset.releases.iter().zip(instance.by_release.0).enumerate().map(|(i, (release, bytes))| {
                        let chosen = i == instance.release;
                        html! {
                            <tr key={release.clone()} data-value={bytes.to_string()}>
                                <th scope="row">
                                    <label class="releasePick">
                                        <input type="radio" name="release" checked={chosen} disabled={!idle} onchange={choose(release)} />
                                        { words::target(release) }
                                    </label>
                                </th>
                                <td class="tableBar midOnly"><Bar part={bytes} whole={most} /></td>
                                <td class="tableFigure">{ units::bytes_aligned(bytes) }</td>
                                <td class="tableFigure muted">{ if chosen { String::new() } else { units::difference(bytes, instance.dataset_bytes) } }</td>
                            </tr>
                        }
                    }) }
                </tbody>
            </table>
            <div class="releaseAllocator">
                <label for="allocator">{ "Allocator" }</label>
                <select class="select" id="allocator" disabled={!idle} onchange={on_allocator}>
                    { for ALLOCATORS.map(|(word, name)| html! {
                        <option value={word} selected={asked.allocator.as_deref().unwrap_or_default() == word}>{ name }</option>
                    }) }
                </select>
            </div>
            if let Regroup::Working { meter } = &props.regroup {
                <ProgressPanel title="Reading once more, for what the sums do not tell" meter={meter.clone()} {on_cancel} />
            }
        </>
    }
}
