//! Hash slots, and shards.

use snaptape_report::{SlotCoverage, units};
use snaptape_summary::slots;
use yew::prelude::*;

use crate::components::{Card, PartialNotice, ShardTable, SlotGrid, slot_ranges, weigh_switch};
use crate::hooks::Go;
use crate::route::Route;
use crate::state::Opened;
use crate::words;

/// All slots as a grid of heat, how uneven it is, the heaviest slots, and the shards with their ranges.
pub(super) fn slots(opened: &Opened, route: &Route, go: &Go) -> Html {
    let report = &opened.answers.report;
    let coverage = report.slots.as_ref();
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict" data-testid="slots-verdict">{ words::tied(&slots::verdict(report)) }</h1>
                if coverage.is_none() {
                    <p class="lead">{ slots::NONE }</p>
                } else {
                    <p class="lead">{ "A slot is the least that can move between the nodes of a cluster: what stands in one slot, no other node can relieve." }</p>
                }
            </div>
            <PartialNotice opened={opened.clone()} />
            if let Some(coverage) = coverage {
                <div class="columns columnsTop">
                    <Card title="All 16,384 slots" note="the stronger, the more">
                        { weigh_switch(route, go) }
                        <SlotGrid opened={opened.clone()} weigh={route.weigh} />
                    </Card>
                    <div class="stack">
                        <Card title="How even it is">
                            <dl class="facts" data-testid="balance">
                                { for slots::balance(coverage, &report.shards).figures.into_iter().map(|(what, figure)| html! { <><dt>{ what }</dt><dd>{ figure }</dd></> }) }
                            </dl>
                        </Card>
                        if !report.shards.is_empty() {
                            <Card title="Slots of each shard" note="from 0 to 16,383, as far as its keys show">{ slot_ranges(report) }</Card>
                        }
                    </div>
                </div>
                <Card title="Heaviest slots" class="cardFlush">{ heaviest(coverage) }</Card>
            }
            if !report.shards.is_empty() {
                <Card title="Shards" class="cardFlush"><ShardTable opened={opened.clone()} /></Card>
            }
        </div>
    }
}

fn heaviest(coverage: &SlotCoverage) -> Html {
    let all: u64 =
        coverage.loads.iter().flat_map(|loads| &loads.memory_bytes).copied().fold(0, u64::saturating_add);
    html! {
        <table class="table" aria-label="Heaviest slots" data-testid="heavy-slots">
            <thead>
                <tr>
                    <th scope="col">{ "Slot" }</th>
                    <th scope="col" class="tableFigure">{ "Keys" }</th>
                    <th scope="col" class="tableFigure">{ "Memory" }</th>
                    <th scope="col" class="tableFigure">{ "Share" }</th>
                    <th scope="col">{ "Largest key" }</th>
                    <th scope="col" class="tableFigure midOnly">{ "Of its slot" }</th>
                </tr>
            </thead>
            <tbody>
                { for coverage.heaviest.iter().map(|slot| html! {
                    <tr key={slot.slot}>
                        <th scope="row">{ units::count(slot.slot.into()) }</th>
                        <td class="tableFigure">{ units::count(slot.keys) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(slot.memory_bytes) }</td>
                        <td class="tableFigure">{ units::percent(slot.memory_bytes, all) }</td>
                        <td class="code tableWrap">{ slot.largest.display() }</td>
                        <td class="tableFigure midOnly">{ units::percent(slot.largest_memory_bytes, slot.memory_bytes) }</td>
                    </tr>
                }) }
            </tbody>
        </table>
    }
}
