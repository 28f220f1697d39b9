//! Taking the copy of a plan away.

use snaptape_report::{PlanReport, REPAIR_SCHEMA, units};
use yew::prelude::*;

use super::{ProgressPanel, ReceiptTable, ToneMark};
use crate::hooks::{Engine, can_write_folders, save_text};
use crate::state::{Delivery, Export, Opened};
use crate::words::{self, Tone};
use snaptape_report::place;

/// Properties of [`PlanExport`].
#[derive(Clone, PartialEq, Properties)]
pub struct PlanExportProps {
    /// The report.
    pub opened: Opened,
    /// Which plan.
    pub index: usize,
    /// How an export is.
    pub export: Export,
    /// Is the worker at something?
    pub busy: bool,
    /// Carries it out.
    pub engine: Engine,
}

/// The ways out, how far the one under way is, and the receipt.
#[component]
pub fn PlanExport(props: &PlanExportProps) -> Html {
    let Some(plan) = props.opened.answers.plans.get(props.index) else { return Html::default() };
    let index = props.index;
    match &props.export {
        Export::Working { plan, meter } if *plan == index => {
            let cancel = {
                let engine = props.engine.clone();
                Callback::from(move |()| engine.cancel())
            };
            html! { <ProgressPanel title="Writing the copy and reading it again" meter={meter.clone()} on_cancel={cancel} /> }
        }
        Export::Done { plan: done, delivery, receipt } if *done == index => {
            let document = PlanReport {
                schema: REPAIR_SCHEMA.into(),
                verdict: props.opened.answers.check.verdict,
                plan: plan.clone(),
                plans: Vec::new(),
                choice: None,
                steps: None,
                receipt: Some((**receipt).clone()),
            };
            let save_receipt = Callback::from(move |_: MouseEvent| {
                // Plain data can always be written.
                save_text("receipt.json", &serde_json::to_string_pretty(&document).unwrap_or_default());
            });
            html! {
                <div class="planDone">
                    { delivered(delivery) }
                    if let Some(keys) = words::keys_held(&receipt.keys) {
                        <p data-testid="copy-holds">{ format!("A server that has replayed it holds {keys}.") }</p>
                    }
                    <ReceiptTable receipt={receipt.clone()} />
                    <p class="planExport">
                        <button type="button" class="button" onclick={save_receipt} data-testid="save-receipt">{ "Save the receipt as JSON" }</button>
                    </p>
                </div>
            }
        }
        Export::Failed { plan: failed, message } if *failed == index => html! {
            <>
                <p class="planFailed" role="alert" data-testid="error"><ToneMark tone={Tone::Bad} />{ format!(" {message}") }</p>
                { ways(props) }
            </>
        },
        Export::Idle | Export::Working { .. } | Export::Done { .. } | Export::Failed { .. } => ways(props),
    }
}

fn delivered(delivery: &Delivery) -> Html {
    match delivery {
        Delivery::File { file_name, url } => html! {
            <p class="planDoneLine">
                <ToneMark tone={Tone::Ok} />
                { " The copy was read again and found sound. If it was not saved by itself: " }
                <a class="planDoneLink" href={url.clone()} download={file_name.clone()} data-testid="export-done" data-name={file_name.clone()}>{ format!("save {file_name}") }</a>
            </p>
        },
        Delivery::Folder { name } => html! {
            <p class="planDoneLine" data-testid="export-done" data-name={name.clone()}>
                <ToneMark tone={Tone::Ok} />
                { format!(" The copy is in {name}. It was read again from there, and is sound.") }
            </p>
        },
    }
}

fn ways(props: &PlanExportProps) -> Html {
    let Some(plan) = props.opened.answers.plans.get(props.index) else { return Html::default() };
    let index = props.index;
    let file_name = place::copy_name(plan, &props.opened.subject.name);
    let save = {
        let (engine, answers) = (props.engine.clone(), props.opened.answers.clone());
        Callback::from(move |_: MouseEvent| engine.export(index, &answers))
    };
    let write = {
        let (engine, answers) = (props.engine.clone(), props.opened.answers.clone());
        Callback::from(move |_: MouseEvent| engine.export_to_folder(index, answers.clone()))
    };
    let files = units::plural(plan.outputs.len() as u64, "file", "files");
    html! {
        <div class="planExport">
            <button type="button" class="button" disabled={props.busy} onclick={save}>{ format!("Export {file_name}") }</button>
            if plan.directory && can_write_folders() {
                <button type="button" class="button" disabled={props.busy} onclick={write} data-testid="export-folder"
                    title={format!("Writes {files} into an empty folder that you choose")}>{ "Write into an empty folder" }</button>
            }
            <span class="muted">{ "The input is never written to. The copy is read again before it is offered." }</span>
        </div>
    }
}
