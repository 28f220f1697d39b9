//! ElastiCache nodes one of which is enough.

use snaptape_report::{ForkRoom, NodePlan, units};
use yew::prelude::*;

use super::restore_sum::RestorePlanProps;
use super::{Bar, ToneMark};
use crate::words::Tone;

/// Rows that are shown at first.
const FEW: usize = 10;

/// The node types that hold everything, smallest first, with the room they leave for a saving child.
#[component]
pub fn RestoreNodes(props: &RestorePlanProps) -> Html {
    let all = use_state(|| false);
    let nodes: Vec<&NodePlan> = props.plan.single_nodes().collect();
    if nodes.is_empty() {
        return html! { <p class="muted">{ "No single node type holds it. More shards do, below, or a smaller reserve." }</p> };
    }
    let shown = if *all { nodes.len() } else { FEW.min(nodes.len()) };
    let on_all = {
        let (all, next) = (all.setter(), !*all);
        Callback::from(move |_: MouseEvent| all.set(next))
    };
    html! {
        <>
            <div class="tableScroll">
                <table class="table tableHeld" aria-label="Nodes" data-testid="restore-nodes">
                    <thead>
                        <tr>
                            <th scope="col">{ "Node type" }</th>
                            <th scope="col" class="tableFigure">{ "maxmemory" }</th>
                            <th scope="col" class="tableFigure">{ "For data" }</th>
                            <th scope="col" class="tableBar midOnly"><span class="srOnly">{ "Used of that" }</span></th>
                            <th scope="col" class="tableFigure">{ "Used" }</th>
                            <th scope="col">{ "Rewritten pages" }</th>
                            <th scope="col" class="tableFigure">{ "Share that fits" }</th>
                            <th scope="col">{ "Remarks" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for nodes.iter().take(shown).map(|node| row(node)) }</tbody>
                </table>
            </div>
            if nodes.len() > FEW {
                <button type="button" class="button restoreMore" aria-expanded={all.to_string()} onclick={on_all}>
                    { if *all { "Show the smallest".to_owned() } else { format!("Show all {}", nodes.len()) } }
                </button>
            }
        </>
    }
}

fn row(node: &NodePlan) -> Html {
    let tone = match node.fork_room {
        ForkRoom::Reserve => Tone::Ok,
        ForkRoom::EmptyCapacity => Tone::Warn,
        ForkRoom::None => Tone::Bad,
    };
    let up_to = node.max_rewrite_percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"));
    html! {
        <tr key={node.node_type.clone()} data-node={node.node_type.clone()}>
            <th scope="row" class="code">{ &node.node_type }</th>
            <td class="tableFigure">{ units::bytes_aligned(node.maxmemory_bytes) }</td>
            <td class="tableFigure">{ units::bytes_aligned(node.capacity_bytes) }</td>
            <td class="tableBar midOnly"><Bar part={node.shard_bytes} whole={node.capacity_bytes} /></td>
            <td class="tableFigure">{ units::percent(node.shard_bytes, node.capacity_bytes) }</td>
            <td><ToneMark {tone} />{ format!(" {}", node.fork_room.text()) }</td>
            <td class="tableFigure">{ up_to }</td>
            <td class="muted">{ node.remarks() }</td>
        </tr>
    }
}
