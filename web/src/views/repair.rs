//! Plans, and the copy they make.

use snaptape_report::units;
use yew::prelude::*;

use crate::components::PlanCard;
use crate::hooks::Engine;
use crate::state::{Export, Opened};
use crate::words;

/// Properties of [`Repair`].
#[derive(Clone, PartialEq, Properties)]
pub struct RepairProps {
    /// The report.
    pub opened: Opened,
    /// How the export is.
    pub export: Export,
    /// Carries plans out.
    pub engine: Engine,
}

/// Every plan as a card, best first.
#[component]
pub fn Repair(props: &RepairProps) -> Html {
    let plans = &props.opened.answers.plans;
    let title = match plans.first() {
        Some(best) if best.losses.bytes == 0 => format!("{} can be kept.", words::kept(best)),
        Some(best) => format!(
            "{} can be kept, {} cannot.",
            words::kept(best),
            units::plural(best.losses.bytes, "byte", "bytes")
        ),
        None => "Nothing here can be repaired, or needs to be.".to_owned(),
    };
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ title }</h1>
            </div>
            { for (0..plans.len()).map(|index| html! {
                <PlanCard key={index} opened={props.opened.clone()} {index} export={props.export.clone()} engine={props.engine.clone()} />
            }) }
        </div>
    }
}
