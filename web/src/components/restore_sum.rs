//! The memory a restore needs, line by line.

use std::rc::Rc;

use snaptape_report::{MemoryLine, RestorePlan, units};
use yew::prelude::*;

use super::Bar;

/// Properties of the tables of a restore plan.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RestorePlanProps {
    /// The plan.
    pub plan: Rc<RestorePlan>,
}

/// Every addend with where it comes from, and the sums.
#[component]
pub fn RestoreSum(props: &RestorePlanProps) -> Html {
    let plan = &props.plan;
    let (counted, beyond): (Vec<_>, Vec<_>) = plan.parts.iter().partition(|line| line.part.is_in_maxmemory());
    html! {
        <table class="table" aria-label="What the memory is for" data-testid="restore-sum">
            <thead>
                <tr>
                    <th scope="col">{ "Memory" }</th>
                    <th scope="col" class="tableFigure">{ "Bytes" }</th>
                    <th scope="col" class="tableBar"><span class="srOnly">{ "Beside the worst case" }</span></th>
                </tr>
            </thead>
            <tbody>
                { for counted.into_iter().map(|line| addend(line, plan)) }
                { total("restore-maxmemory", "maxmemory, at least", plan.maxmemory_bytes, plan, "the server holds it against the data and the backlog") }
                { for beyond.into_iter().map(|line| addend(line, plan)) }
                { total("restore-ram", "Memory of the machine", plan.ram_bytes, plan, "for this server, while it saves") }
                { total("restore-worst", "Worst case, the doubling", plan.worst_ram_bytes, plan, "every page rewritten while a child saves") }
            </tbody>
        </table>
    }
}

fn addend(line: &MemoryLine, plan: &RestorePlan) -> Html {
    html! {
        <tr key={line.part.name()}>
            <th scope="row" class="restorePart">{ line.part.name() }<p class="restoreWhy">{ &line.why }</p></th>
            <td class="tableFigure" title={exact(line.bytes)}>{ units::bytes_aligned(line.bytes) }</td>
            <td class="tableBar"><Bar part={line.bytes} whole={plan.worst_ram_bytes} /></td>
        </tr>
    }
}

fn total(id: &'static str, name: &'static str, bytes: u64, plan: &RestorePlan, why: &'static str) -> Html {
    html! {
        <tr key={id} class="restoreTotal" data-testid={id} data-value={bytes.to_string()}>
            <th scope="row" class="restorePart">{ name }<p class="restoreWhy">{ why }</p></th>
            <td class="tableFigure" title={exact(bytes)}>{ units::bytes_aligned(bytes) }</td>
            <td class="tableBar"><Bar part={bytes} whole={plan.worst_ram_bytes} /></td>
        </tr>
    }
}

fn exact(bytes: u64) -> String {
    units::plural(bytes, "byte", "bytes")
}
