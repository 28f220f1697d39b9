//! One plan: what it keeps, what it loses, and its export.

use snaptape_report::{Plan, units};
use yew::prelude::*;

use super::{Card, ProgressPanel, ReceiptTable, ShellBlock, StripChart, ToneMark};
use crate::hooks::Engine;
use crate::place;
use crate::state::{Export, Opened};
use crate::strip;
use crate::words::{self, Tone};

/// Properties of [`PlanCard`].
#[derive(Clone, PartialEq, Properties)]
pub struct PlanCardProps {
    /// The report.
    pub opened: Opened,
    /// Which plan.
    pub index: usize,
    /// How its export is.
    pub export: Export,
    /// Carries it out.
    pub engine: Engine,
}

/// A plan as a card. The best one comes first and has the prominent button.
#[component]
pub fn PlanCard(props: &PlanCardProps) -> Html {
    let Some(plan) = props.opened.answers.plans.get(props.index) else { return Html::default() };
    let strips = strip::strips(plan, &props.opened.answers.report.files);
    html! {
        <Card title={plan.name.clone()} note={kept(plan)} class="planCard">
            <p class="planSummary">{ &plan.summary }</p>
            <div class="planFigures">
                { figure(units::count(plan.losses.bytes), "bytes are left out") }
                if plan.losses.keys > 0 {
                    { figure(units::count(plan.losses.keys), "keys are lost, as far as the file says how many there were") }
                }
                if plan.losses.commands > 0 {
                    { figure(units::count(plan.losses.commands), "whole commands among them, at least") }
                }
                if plan.losses.files > 0 {
                    { figure(units::count(plan.losses.files), "files are left out") }
                }
            </div>
            <StripChart {strips} />
            { export(props, plan) }
        </Card>
    }
}

fn kept(plan: &Plan) -> String {
    format!("keeps {}", words::kept(plan))
}

fn figure(figure: String, what: &'static str) -> Html {
    html! { <p class="planFigure"><b>{ figure }</b>{ format!(" {what}") }</p> }
}

fn export(props: &PlanCardProps, plan: &Plan) -> Html {
    let (index, engine) = (props.index, &props.engine);
    let start = {
        let (engine, answers) = (engine.clone(), props.opened.answers.clone());
        Callback::from(move |_: MouseEvent| engine.export(index, &answers))
    };
    let file_name = place::copy_name(plan, &props.opened.subject.name);
    // Other plans wait while one is carried out.
    let other_works = matches!(props.export, Export::Working { plan, .. } if plan != index);
    let button = |label: String| {
        let class = if index == 0 { "button buttonPrimary" } else { "button" };
        // One export button has the hook for tests: that of the best plan.
        let testid = (index == 0).then_some("export");
        html! {
            <div class="planExport">
                <button type="button" {class} disabled={other_works} onclick={start.clone()} data-testid={testid}>{ label }</button>
                <span class="muted">{ "The input is never written to. The copy is read again before it is offered." }</span>
            </div>
        }
    };
    match &props.export {
        Export::Working { plan, meter } if *plan == index => {
            let cancel = {
                let engine = engine.clone();
                Callback::from(move |()| engine.cancel())
            };
            html! { <ProgressPanel title="Writing the copy and reading it again" meter={meter.clone()} on_cancel={cancel} /> }
        }
        Export::Done { plan: done, file_name, url, receipt } if *done == index => {
            let target = &props.opened.answers.check.target;
            let commands = place::commands(plan, &props.opened.subject.name, file_name, target);
            html! {
                <div class="planDone">
                    <p class="planDoneLine">
                        <ToneMark tone={Tone::Ok} />
                        { " The copy was read again and found sound. If it was not saved by itself: " }
                        <a class="planDoneLink" href={url.clone()} download={file_name.clone()} data-testid="export-done" data-name={file_name.clone()}>{ format!("save {file_name}") }</a>
                    </p>
                    <h3 class="planHeading">{ "Receipt" }</h3>
                    <ReceiptTable receipt={receipt.clone()} />
                    <h3 class="planHeading">{ "Put it in place" }</h3>
                    <p class="muted">{ "In the folder the server keeps its data in, with the copy beside the original. The original stays under another name." }</p>
                    <ShellBlock text={commands} />
                </div>
            }
        }
        Export::Failed { plan: failed, message } if *failed == index => html! {
            <>
                <p class="planFailed" role="alert" data-testid="error"><ToneMark tone={Tone::Bad} />{ format!(" {message}") }</p>
                { button(format!("Try again: {file_name}")) }
            </>
        },
        Export::Idle | Export::Working { .. } | Export::Done { .. } | Export::Failed { .. } => {
            button(format!("Export {file_name}"))
        }
    }
}
