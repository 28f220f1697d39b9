//! The proof of a repair.

use snaptape_report::{Receipt, ReceiptFile, units};
use yew::prelude::*;

use crate::state::Shared;
use crate::words;

/// Properties of [`ReceiptTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ReceiptTableProps {
    /// The receipt.
    pub receipt: Shared<Receipt>,
}

/// What was read and what was written, each with its SHA-256.
#[component]
pub fn ReceiptTable(props: &ReceiptTableProps) -> Html {
    let receipt = &props.receipt;
    let rows = |title: &'static str, files: &[ReceiptFile]| -> Html {
        files
            .iter()
            .map(|file| {
                html! {
                    <tr>
                        <td>{ title }</td>
                        <th scope="row" class="code receiptFile">{ &file.name }<span class="receiptSum">{ &file.sha256 }</span></th>
                        <td class="tableFigure">{ units::count(file.bytes) }</td>
                    </tr>
                }
            })
            .collect()
    };
    let summary = format!(
        "{} read, {} written, with their SHA-256",
        units::plural(receipt.inputs.len() as u64, "file", "files"),
        units::count(receipt.outputs.len() as u64),
    );
    // Of a whole directory it is long, and what to do with the copy stands below it.
    html! {
        <details class="factsMore" open={receipt.outputs.len() == 1}>
            <summary>{ summary }</summary>
            <div class="tableScroll">
                <table class="table receipt" aria-label="Files read and written" data-testid="receipt" data-verdict={words::verdict_id(receipt.verdict)}>
                    <thead>
                        <tr>
                            <th scope="col"><span class="srOnly">{ "Read or written" }</span></th>
                            <th scope="col">{ "File and its SHA-256" }</th>
                            <th scope="col" class="tableFigure">{ "Bytes" }</th>
                        </tr>
                    </thead>
                    <tbody>
                        { rows("read", &receipt.inputs) }
                        { rows("written", &receipt.outputs) }
                    </tbody>
                </table>
            </div>
        </details>
    }
}
