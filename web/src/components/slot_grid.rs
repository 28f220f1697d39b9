//! All hash slots as a grid of heat.

use snaptape_report::{SlotCoverage, units};
use snaptape_summary::{
    Weigh,
    picture::Heat,
    slots::{self, COLUMNS},
};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::state::Opened;

/// Properties of [`SlotGrid`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SlotGridProps {
    /// The report.
    pub opened: Opened,
    /// What the heat is of.
    pub weigh: Weigh,
}

/// 128 rows of 128 slots. A cursor goes over them by arrow keys or pointer; what it is on stands beside the grid in words. Each step of
/// heat is one path: 16,384 elements would take longer to lay out than the file takes to read.
#[component]
pub fn SlotGrid(props: &SlotGridProps) -> Html {
    let heat = use_memo((props.opened.answers.clone(), props.weigh), |(answers, weigh)| {
        let loads = answers.report.slots.as_ref().and_then(|slots| slots.loads.as_ref());
        loads.map(|loads| slots::heat(loads, *weigh))
    });
    let cursor = use_state(|| None::<usize>);
    let report = &props.opened.answers.report;
    let loads = report.slots.as_ref().and_then(|slots| slots.loads.as_ref());
    let (Some(heat), Some(loads)) = (&*heat, loads) else { return Html::default() };
    let last = SlotCoverage::SLOTS as usize - 1;
    let at = *cursor;
    let on_key = {
        let cursor = cursor.clone();
        Callback::from(move |event: KeyboardEvent| {
            // As it is now: the one that was drawn may lag behind keys that are held down.
            let at = *cursor;
            let now = at.unwrap_or(0);
            let to = match event.key().as_str() {
                "ArrowLeft" => now.saturating_sub(1),
                "ArrowRight" => at.map_or(0, |at| at + 1),
                "ArrowUp" => now.checked_sub(COLUMNS).unwrap_or(now),
                "ArrowDown" => at.map_or(0, |at| if at + COLUMNS > last { at } else { at + COLUMNS }),
                "PageUp" => now.saturating_sub(COLUMNS * 16),
                "PageDown" => now + COLUMNS * 16,
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            cursor.set(Some(to.min(last)));
        })
    };
    let on_move = {
        let cursor = cursor.clone();
        Callback::from(move |event: PointerEvent| cursor.set(slot_at(&event).or(*cursor)))
    };
    let words = at.map(|slot| slots::slot_words(slot, loads, &report.shards));
    html! {
        <div class="slotGrid">
            <div class="slotGridPlot" role="slider" tabindex="0" aria-label="Hash slots, 128 in a row" aria-valuemin="0" aria-valuemax={last.to_string()}
                aria-valuenow={at.unwrap_or(0).to_string()} aria-valuetext={words.clone().unwrap_or_else(|| "no slot chosen".into())}
                onkeydown={on_key} onpointermove={on_move} data-testid="slot-grid">
                <svg viewBox={format!("0 0 {} {}", heat.columns, heat.rows)} width="100%" shape-rendering="crispEdges" aria-hidden="true" focusable="false">
                    <rect class="slotGridGround" width={heat.columns.to_string()} height={heat.rows.to_string()} />
                    { for heat.paths.iter().enumerate().filter(|(_, path)| !path.is_empty()).map(|(level, path)| html! {
                        <path class={format!("slotGridHeat heat{level}")} d={path.clone()} />
                    }) }
                    if let Some(slot) = at {
                        <rect class="slotGridCursor" x={format!("{}", slot % COLUMNS)} y={format!("{}", slot / COLUMNS)} width="1" height="1" />
                    }
                </svg>
            </div>
            <div class="slotGridSide">
                <p class="slotGridDetail" data-testid="slot-detail">{ words.unwrap_or_else(|| "Point at a slot, or go through them with the arrow keys. Slot 0 is at the top left; a row has 128.".into()) }</p>
                <ul class="slotGridLegend">
                    <li><svg width="12" height="12" aria-hidden="true" focusable="false"><rect class="slotGridGround" width="12" height="12" /></svg>{ "no key" }</li>
                    { for legend(heat, props.weigh) }
                </ul>
            </div>
        </div>
    }
}

fn legend(heat: &Heat, weigh: Weigh) -> impl Iterator<Item = Html> {
    heat.steps().into_iter().map(move |(level, from)| {
        let from = match weigh {
            Weigh::Memory => units::bytes(from),
            Weigh::Keys => units::plural(from, "key", "keys"),
        };
        html! {
            <li>
                <svg width="12" height="12" aria-hidden="true" focusable="false"><rect class={format!("slotGridHeat heat{level}")} width="12" height="12" /></svg>
                { format!("from {from}") }
            </li>
        }
    })
}

/// The slot under the pointer.
fn slot_at(event: &PointerEvent) -> Option<usize> {
    let plot: HtmlElement = event.current_target()?.dyn_into().ok()?;
    let room = plot.get_bounding_client_rect();
    let rows = SlotCoverage::SLOTS as usize / COLUMNS;
    let x = (f64::from(event.client_x()) - room.left()) / room.width().max(1.0) * COLUMNS as f64;
    let y = (f64::from(event.client_y()) - room.top()) / room.height().max(1.0) * rows as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, and the rest is held within the grid"
    )]
    let (x, y) = ((x as usize).min(COLUMNS - 1), (y as usize).min(rows - 1));
    Some(y * COLUMNS + x)
}
