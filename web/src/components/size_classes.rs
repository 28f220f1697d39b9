//! How large keys are.

use snaptape_report::units;
use yew::prelude::*;

use super::Bar;
use crate::state::Opened;
use crate::words;

/// Properties of [`SizeClasses`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SizeClassesProps {
    /// The report.
    pub opened: Opened,
}

/// Keys and memory by powers of two of estimated memory, and the quantiles in a sentence.
#[component]
pub fn SizeClasses(props: &SizeClassesProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let most = dataset.size_classes.iter().map(|class| class.memory_bytes).max().unwrap_or_default();
    let all = dataset.totals.memory_bytes;
    html! {
        <>
            if let Some(q) = &dataset.quantiles {
                <p class="muted">{ words::tied(&format!("Half of the keys take at most {}, 90 % at most {}, 99 % at most {} (each at most {} % too high); the largest takes {}.",
                    units::bytes(q.p50), units::bytes(q.p90), units::bytes(q.p99), f64::from(q.error_per_mille) / 10.0, units::bytes(q.max))) }</p>
            }
            <table class="table" aria-label="Keys by their memory" data-testid="size-classes">
                <thead>
                    <tr>
                        <th scope="col">{ "Memory of a key" }</th>
                        <th scope="col" class="tableBar"><span class="srOnly">{ "Share of memory" }</span></th>
                        <th scope="col" class="tableFigure">{ "Share" }</th>
                        <th scope="col" class="tableFigure">{ "Memory" }</th>
                        <th scope="col" class="tableFigure">{ "Keys" }</th>
                    </tr>
                </thead>
                <tbody>
                    { for dataset.size_classes.iter().map(|class| html! {
                        <tr key={class.from_bytes.to_string()}>
                            <th scope="row">{ format!("from {}", units::bytes(class.from_bytes)) }</th>
                            <td class="tableBar"><Bar part={class.memory_bytes} whole={most} /></td>
                            <td class="tableFigure">{ units::percent(class.memory_bytes, all) }</td>
                            <td class="tableFigure">{ units::bytes_aligned(class.memory_bytes) }</td>
                            <td class="tableFigure">{ units::count(class.keys) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </>
    }
}
