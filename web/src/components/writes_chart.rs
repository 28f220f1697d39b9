//! Writes over time, or over the files.
//!
//! Our own few lines of SVG. yew-chart 0.6 and visualize-yew 0.21 are made for Yew 0.21, have no stacked bars with a cursor for the
//! keyboard, and bring chrono; yew-plotly loads plotly.js, several megabytes; plotters draws to a canvas, which no reader can follow.
//! All of them set style attributes, which the policy of the page forbids.

use snaptape_report::{CommandFamily, ListFrom, units};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::state::{Opened, Shared};
use crate::timeline::{Axis, Timeline, TimelineBar, family_word, timeline};

/// Height of the bars, px.
const HEIGHT: f64 = 120.0;
/// Room above them for names of events, px.
const HEAD: f64 = 18.0;

/// Properties of [`WritesChart`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct WritesChartProps {
    /// The report.
    pub opened: Opened,
    /// What the bars stand on.
    pub axis: Axis,
    /// Called with where a chosen bar begins.
    pub on_jump: Callback<ListFrom>,
}

/// Bars stacked by kind of command. A cursor goes over them by arrow keys or pointer; what it is on stands below in words.
#[component]
pub fn WritesChart(props: &WritesChartProps) -> Html {
    let chart = {
        let answers = props.opened.answers.clone();
        use_memo((answers, props.axis), |(answers, axis)| {
            answers.report.tape.as_ref().and_then(|tape| timeline(tape, *axis)).map(Shared::new)
        })
    };
    let cursor = use_state(|| None::<usize>);
    let Some(chart) = &*chart else { return Html::default() };
    let last = chart.bars.len().saturating_sub(1);
    let at = cursor.map(|at| at.min(last));
    let on_key = {
        let (cursor, on_jump, chart) = (cursor.clone(), props.on_jump.clone(), chart.clone());
        Callback::from(move |event: KeyboardEvent| {
            // As it is now: the one that was drawn may lag behind keys that are held down.
            let at = cursor.map(|at| at.min(last));
            let to = match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => at.map_or(last, |at| at.saturating_sub(1)),
                "ArrowRight" | "ArrowUp" => at.map_or(0, |at| (at + 1).min(last)),
                "PageDown" => at.map_or(last, |at| at.saturating_sub(10)),
                "PageUp" => at.map_or(0, |at| (at + 10).min(last)),
                "Home" => 0,
                "End" => last,
                "Enter" => {
                    if let Some(bar) = at.and_then(|at| chart.bars.get(at)) {
                        event.prevent_default();
                        on_jump.emit(bar.from.clone());
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            cursor.set(Some(to));
        })
    };
    let on_move = {
        let (cursor, chart) = (cursor.clone(), chart.clone());
        Callback::from(move |event: PointerEvent| cursor.set(bar_at(&chart, &event).or(*cursor)))
    };
    let on_click = {
        let (cursor, on_jump, chart) = (cursor.clone(), props.on_jump.clone(), chart.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(bar) = cursor.and_then(|at| chart.bars.get(at)) {
                on_jump.emit(bar.from.clone());
            }
        })
    };
    let words = at.and_then(|at| chart.bars.get(at)).map(|bar| bar.text(&chart.families));
    html! {
        <div class="writesChart">
            <div class="writesChartLegend">
                { for chart.families.iter().map(|family| html! {
                    <span class="writesChartKey">
                        <svg class={family_class(*family)} width="10" height="10" aria-hidden="true" focusable="false"><rect class="writesChartFill" width="10" height="10" rx="2" /></svg>
                        { family_word(*family) }
                    </span>
                }) }
                <span class="writesChartScale">{ format!("one bar = {}; the highest has {}", chart.bar_words, units::plural(chart.most, "command", "commands")) }</span>
            </div>
            <div class="writesChartPlot" role="slider" tabindex="0" aria-label="Writes, bar by bar. Enter lists the commands of a bar."
                aria-valuemin="1" aria-valuemax={(last + 1).to_string()} aria-valuenow={at.map_or(1, |at| at + 1).to_string()}
                aria-valuetext={words.clone().unwrap_or_else(|| "no bar chosen".into())}
                onkeydown={on_key} onpointermove={on_move} onclick={on_click} data-testid="writes-chart">
                <svg width="100%" height={(HEIGHT + HEAD).to_string()} aria-hidden="true" focusable="false">
                    <line class="writesChartGround" x1="0" x2="100%" y1={(HEIGHT + HEAD - 0.5).to_string()} y2={(HEIGHT + HEAD - 0.5).to_string()} />
                    { for chart.bars.iter().map(|bar| stack(chart, bar)) }
                    if let Some(bar) = at.and_then(|at| chart.bars.get(at)) {
                        <rect class="writesChartCursor" x={percent(bar.x)} width={percent(bar.width)} y={HEAD.to_string()} height={HEIGHT.to_string()} />
                    }
                    { events(chart) }
                </svg>
            </div>
            <div class="writesChartTicks" aria-hidden="true">{ for chart.ticks.iter().map(|tick| html! { <span>{ tick }</span> }) }</div>
            <p class="writesChartDetail">
                { words.unwrap_or_else(|| "Point at a bar, or go through them with the arrow keys; Enter or a click lists its commands.".into()) }
            </p>
            if chart.left_out > 0 {
                <p class="muted">{ format!("{} before the first time stamp are not drawn.", units::plural(chart.left_out, "command", "commands")) }</p>
            }
            { table(chart) }
        </div>
    }
}

/// The bar under the pointer, or the last one before it.
fn bar_at(chart: &Timeline, event: &PointerEvent) -> Option<usize> {
    let plot: HtmlElement = event.current_target()?.dyn_into().ok()?;
    let box_ = plot.get_bounding_client_rect();
    let x = (f64::from(event.client_x()) - box_.left()) / box_.width().max(1.0);
    chart.bars.iter().rposition(|bar| bar.x <= x)
}

fn percent(part: f64) -> String {
    format!("{:.3}%", part * 100.0)
}

fn stack(chart: &Timeline, bar: &TimelineBar) -> Html {
    let scale = HEIGHT / chart.most.max(1) as f64;
    // A gap between bars, about as wide whatever their number.
    let width = bar.width * (1.0 - 0.0025 * chart.bars.len().clamp(4, 56) as f64);
    // What is there can be seen, however little it is.
    let least =
        if bar.commands as f64 * scale < 1.5 { 1.5 / (bar.commands.max(1) as f64 * scale) } else { 1.0 };
    let mut y = HEIGHT + HEAD;
    chart
        .families
        .iter()
        .zip(&bar.families)
        .filter(|(_, commands)| **commands > 0)
        .map(|(family, commands)| {
            let height = *commands as f64 * scale * least;
            y -= height;
            html! {
                <rect class={classes!("writesChartFill", family_class(*family))} x={percent(bar.x)} width={percent(width)}
                    y={format!("{y:.2}")} height={format!("{height:.2}")} />
            }
        })
        .collect()
}

fn events(chart: &Timeline) -> Html {
    let lines = chart.events.iter().map(|event| {
        let bottom = (HEIGHT + HEAD).to_string();
        let (anchor, dx) = if event.x > 0.5 { ("end", "-4") } else { ("start", "4") };
        html! {
            <>
                if event.width > 0.0 {
                    <rect class="writesChartSpan" x={percent(event.x)} width={percent(event.width)} y="4" height={(HEIGHT + HEAD - 4.0).to_string()} />
                }
                <line class="writesChartEvent" x1={percent(event.x)} x2={percent(event.x)} y1="2" y2={bottom} />
                if let Some(label) = &event.label {
                    <text class="writesChartLabel" x={percent(event.x)} {dx} y="12" text-anchor={anchor}>{ label }</text>
                }
            </>
        }
    });
    lines.collect()
}

/// The same figures for those who cannot see the bars.
fn table(chart: &Timeline) -> Html {
    let title = match chart.axis {
        Axis::Time => "From",
        Axis::Offset => "Place",
    };
    html! {
        <details class="writesChartTable">
            <summary>{ "The same as a table" }</summary>
            <div class="tableScroll">
                <table class="table" aria-label="Writes" data-testid="writes-table">
                    <thead>
                        <tr>
                            <th scope="col">{ title }</th>
                            <th scope="col" class="tableFigure">{ "Commands" }</th>
                            <th scope="col" class="tableFigure">{ "In file" }</th>
                            { for chart.families.iter().map(|family| html! { <th scope="col" class="tableFigure">{ family_word(*family) }</th> }) }
                        </tr>
                    </thead>
                    <tbody>
                        { for chart.bars.iter().map(|bar| html! {
                            <tr>
                                <th scope="row">{ &bar.label }</th>
                                <td class="tableFigure">{ units::count(bar.commands) }</td>
                                <td class="tableFigure">{ units::bytes_aligned(bar.file_bytes) }</td>
                                { for bar.families.iter().map(|commands| html! { <td class="tableFigure">{ units::count(*commands) }</td> }) }
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
        </details>
    }
}

/// The class that gives a kind its colour.
fn family_class(family: CommandFamily) -> &'static str {
    match family {
        CommandFamily::String => "typeString",
        CommandFamily::List => "typeList",
        CommandFamily::Set => "typeSet",
        CommandFamily::Zset => "typeZset",
        CommandFamily::Hash => "typeHash",
        CommandFamily::Stream => "typeStream",
        CommandFamily::Expire => "familyExpire",
        CommandFamily::Delete => "familyDelete",
        CommandFamily::Flush => "familyFlush",
        CommandFamily::Other => "familyOther",
    }
}
