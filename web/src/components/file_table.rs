//! The files of the input.

use snaptape_report::{Role, units};
use yew::prelude::*;

use super::ToneMark;
use crate::state::Opened;
use crate::words::{self, Tone};

/// Properties of [`FileTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct FileTableProps {
    /// The report.
    pub opened: Opened,
}

/// Each file with its role, its length, what is in it, and how far it is sound.
#[component]
pub fn FileTable(props: &FileTableProps) -> Html {
    let files = &props.opened.answers.report.files;
    // A column of nothing but dashes only takes room.
    let has_keys = files.iter().any(|file| file.keys > 0);
    let has_commands = files.iter().any(|file| file.commands > 0);
    html! {
        <table class="table stackTable" aria-label="Files" role="table">
            <thead role="rowgroup">
                <tr role="row">
                    <th scope="col" role="columnheader">{ "File" }</th>
                    <th scope="col" role="columnheader">{ "Role" }</th>
                    <th scope="col" role="columnheader">{ "Sound up to" }</th>
                    <th scope="col" role="columnheader" class="tableFigure">{ "Bytes" }</th>
                    if has_keys {
                        <th scope="col" role="columnheader" class="tableFigure">{ "Keys" }</th>
                    }
                    if has_commands {
                        <th scope="col" role="columnheader" class="tableFigure">{ "Commands" }</th>
                    }
                </tr>
            </thead>
            <tbody role="rowgroup">
                { for files.iter().map(|file| {
                    let judged = matches!(file.role, Role::Rdb | Role::Aof | Role::Base | Role::Incr);
                    let whole = file.is_whole();
                    html! {
                        <tr role="row" class="stackRow" key={file.name.clone()}>
                            <th scope="row" role="rowheader" class="code tableWrap stackWide">{ &file.name }</th>
                            <td role="cell" data-label="Role">
                                { words::role(file.role) }
                                if let Some(container) = &file.container {
                                    <span class="muted">{ format!(" in {}", words::containers(container)) }</span>
                                }
                            </td>
                            <td role="cell" data-label="Sound up to">
                                if !judged {
                                    <span class="muted">{ "not judged" }</span>
                                } else if whole {
                                    <ToneMark tone={Tone::Ok} />{ " the end" }
                                } else {
                                    <ToneMark tone={Tone::Bad} />{ format!(" {}", words::offset(file.sound_up_to)) }
                                    <span class="muted">{ match file.content_bytes().saturating_sub(file.sound_up_to) {
                                        0 => ", where it is cut off".to_owned(),
                                        behind => format!(", {} behind it", units::bytes(behind)),
                                    } }</span>
                                }
                            </td>
                            <td role="cell" class="tableFigure" data-label="Bytes">{ units::count(file.bytes) }</td>
                            if has_keys {
                                <td role="cell" class={classes!("tableFigure", (file.keys == 0).then_some("stackNone"))} data-label="Keys">{ figure(file.keys) }</td>
                            }
                            if has_commands {
                                <td role="cell" class={classes!("tableFigure", (file.commands == 0).then_some("stackNone"))} data-label="Commands">{ figure(file.commands) }</td>
                            }
                        </tr>
                    }
                }) }
            </tbody>
        </table>
    }
}

/// A figure, or a dash where there is nothing to count.
fn figure(n: u64) -> String {
    if n == 0 { "–".into() } else { units::count(n) }
}
