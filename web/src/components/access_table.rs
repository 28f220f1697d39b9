//! When keys were used last, or how often.

use snaptape_report::{AccessGroup, units};
use yew::prelude::*;

use super::Bar;
use crate::state::Opened;

/// Properties of [`AccessTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AccessTableProps {
    /// The report.
    pub opened: Opened,
}

/// Keys and memory by idle time and by LFU counter; where the file says neither, what would make a writer say it.
#[component]
pub fn AccessTable(props: &AccessTableProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let Some(access) = &dataset.access else {
        return html! {
            <p class="muted">
                { "The file does not say when its keys were used. A server writes idle times with a " }
                <code class="code">{ "maxmemory-policy" }</code>{ " of the LRU kind (" }<code class="code">{ "allkeys-lru" }</code>
                { "), and counters with one of the LFU kind (" }<code class="code">{ "allkeys-lfu" }</code>{ ")." }
            </p>
        };
    };
    let all = dataset.totals.memory_bytes;
    html! {
        <>
            if !access.idle.is_empty() { { table("Idle for", &access.idle, all) } }
            if !access.frequency.is_empty() { { table("LFU counter", &access.frequency, all) } }
            if access.unknown_keys > 0 {
                <p class="muted">{ format!("Of {} it is not known.", units::plural(access.unknown_keys, "key", "keys")) }</p>
            }
        </>
    }
}

fn table(title: &str, groups: &[AccessGroup], all: u64) -> Html {
    let most = groups.iter().map(|group| group.memory_bytes).max().unwrap_or_default();
    html! {
        <table class="table" aria-label="Keys by their last use" data-testid="access">
            <thead>
                <tr>
                    <th scope="col">{ title }</th>
                    <th scope="col" class="tableBar midOnly"><span class="srOnly">{ "Share of memory" }</span></th>
                    <th scope="col" class="tableFigure midOnly">{ "Share" }</th>
                    <th scope="col" class="tableFigure">{ "Memory" }</th>
                    <th scope="col" class="tableFigure">{ "Keys" }</th>
                    <th scope="col" class="tableFigure">{ "Never expires" }</th>
                </tr>
            </thead>
            <tbody>
                { for groups.iter().map(|group| html! {
                    <tr key={group.name.clone()} class={classes!((group.keys == 0).then_some("muted"))}>
                        <th scope="row">{ &group.name }</th>
                        <td class="tableBar midOnly"><Bar part={group.memory_bytes} whole={most} /></td>
                        <td class="tableFigure midOnly">{ units::percent(group.memory_bytes, all) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(group.memory_bytes) }</td>
                        <td class="tableFigure">{ units::count(group.keys) }</td>
                        <td class="tableFigure">{ never(group) }</td>
                    </tr>
                }) }
            </tbody>
        </table>
    }
}

/// What of a group never expires, where something does.
fn never(group: &AccessGroup) -> Html {
    if group.without_ttl_keys == 0 {
        return html! { "–" };
    }
    let keys = units::plural(group.without_ttl_keys, "key", "keys");
    html! { <>{ units::bytes_aligned(group.without_ttl_memory_bytes) }<span class="midOnly">{ format!(" in {keys}") }</span></> }
}
