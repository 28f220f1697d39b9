//! Several snapshots as one data set.

use snaptape_report::units;
use yew::prelude::*;

use super::Bar;
use crate::state::Opened;

/// Properties of [`ShardTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ShardTableProps {
    /// The report.
    pub opened: Opened,
}

/// Each snapshot with what it holds, and the hash slots it covers.
#[component]
pub fn ShardTable(props: &ShardTableProps) -> Html {
    let report = &props.opened.answers.report;
    let has_slots = report.slots.is_some();
    let most = report.shards.iter().map(|shard| shard.memory_bytes).max().unwrap_or_default();
    html! {
        <table class="table tableHeld" aria-label="Shards">
            <thead>
                <tr>
                    <th scope="col">{ "File" }</th>
                    <th scope="col" class="tableBar midOnly"><span class="srOnly">{ "Share of memory" }</span></th>
                    <th scope="col" class="tableFigure">{ "Memory" }</th>
                    <th scope="col" class="tableFigure">{ "Keys" }</th>
                    <th scope="col" class="tableFigure">{ "In file" }</th>
                    if has_slots {
                        <th scope="col" class="tableFigure">{ "Slots" }</th>
                        <th scope="col">{ "From - to" }</th>
                    }
                </tr>
            </thead>
            <tbody>
                { for report.shards.iter().map(|shard| html! {
                    <tr key={shard.file.clone()}>
                        <th scope="row" class="code tableWrap">{ &shard.file }</th>
                        <td class="tableBar midOnly"><Bar part={shard.memory_bytes} whole={most} /></td>
                        <td class="tableFigure">{ units::bytes_aligned(shard.memory_bytes) }</td>
                        <td class="tableFigure">{ units::count(shard.keys) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(shard.file_bytes) }</td>
                        if has_slots {
                            <td class="tableFigure">{ units::count(u64::from(shard.slots)) }</td>
                            <td class="code">{ shard.ranges_text() }</td>
                        }
                    </tr>
                }) }
            </tbody>
        </table>
    }
}
