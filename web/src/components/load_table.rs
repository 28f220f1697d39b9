//! What the programs make of the files.

use snaptape_report::{FileReport, Holds, Load, LoadOption};
use yew::prelude::*;

use super::ToneMark;
use crate::state::Opened;
use crate::words::{self, Tone, file_name};

/// Properties of [`LoadTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct LoadTableProps {
    /// The report.
    pub opened: Opened,
}

/// The server with both settings of `aof-load-truncated`, settings that would make it start, and its check tool.
#[component]
pub fn LoadTable(props: &LoadTableProps) -> Html {
    let check = &props.opened.answers.check;
    let target = words::target(&check.target);
    let tool = &check.check_tool;
    let tool_tone = if tool.exit == 0 { Tone::Ok } else { Tone::Bad };
    // The default is an option, too: what it costs stands with what it does.
    let is_default = |option: &&LoadOption| option.setting == "aof-load-truncated" && option.value == "yes";
    let default_option = check.loads.options.iter().find(is_default);
    let others = check.loads.options.iter().filter(|option| !is_default(option));
    html! {
        <dl class="loads">
            { server(&format!("{target}, aof-load-truncated yes (the default)"), &check.loads.default, default_option, &check.files) }
            { server(&format!("{target}, aof-load-truncated no"), &check.loads.strict, None, &check.files) }
            { for others.map(|option| start_option(option, &check.files)) }
            <div class="load">
                <dt class="loadWho code">{ &tool.tool }</dt>
                <dd class="loadWhat">
                    <p class="loadAnswer"><ToneMark tone={tool_tone} />{ format!(" exits with {}, ok up to {}", tool.exit, words::offset(tool.ok_up_to)) }</p>
                    if tool.files.len() > 1 {
                        <ul class="loadFiles">
                            { for tool.files.iter().map(|file| html! {
                                <li><span class="code">{ file_name(&file.file) }</span>{ format!(" ok up to {}", words::offset(file.ok_up_to)) }</li>
                            }) }
                        </ul>
                    }
                </dd>
            </div>
        </dl>
    }
}

/// A setting that makes it start all the same, and what that costs.
fn start_option(option: &LoadOption, files: &[FileReport]) -> Html {
    let since = option.since.as_ref().map(|since| format!(" (exists since {since})")).unwrap_or_default();
    html! {
        <div class="load" data-testid="load-option">
            <dt class="loadWho">{ "with " }<span class="code">{ format!("{} {}", option.setting, option.value) }</span>{ since }</dt>
            <dd class="loadWhat">
                { answer(&option.load, files) }
                { costs(option) }
            </dd>
        </div>
    }
}

fn costs(option: &LoadOption) -> Html {
    html! {
        <p class="loadLoses"><span class="loadLosesWord">{ "Costs:" }</span>{ format!(" {}", words::full_stop(&option.loses)) }</p>
    }
}

fn server(who: &str, load: &Load, option: Option<&LoadOption>, files: &[FileReport]) -> Html {
    html! {
        <div class="load">
            <dt class="loadWho">{ who.to_owned() }</dt>
            <dd class="loadWhat">
                { answer(load, files) }
                { for option.map(costs) }
            </dd>
        </div>
    }
}

fn answer(load: &Load, files: &[FileReport]) -> Html {
    let (tone, answer) = match (load.starts, load.holds) {
        (true, Holds::This) => (Tone::Ok, " starts"),
        (true, Holds::Nothing) => (Tone::Bad, " starts EMPTY"),
        (true, Holds::OldStyleFile) => (Tone::Bad, " starts with another file"),
        (false, _) => (Tone::Bad, " does not start"),
    };
    // Said only where something is cut and the reason has not named the place.
    let place = words::offset(load.kept_up_to);
    let cut = files.iter().any(|file| file.name == load.file && load.kept_up_to < file.content_bytes());
    let kept = (load.starts && cut && !load.why.contains(&place))
        .then(|| format!(" It keeps {} up to {place}.", file_name(&load.file)));
    let keys = words::keys_after_start(&load.keys);
    html! {
        <>
            <p class="loadAnswer"><ToneMark {tone} />{ answer }</p>
            <p class="loadWhy">
                { words::sentence(&load.why) }
                if let Some(kept) = kept {
                    <span class="muted">{ kept }</span>
                }
            </p>
            if !keys.is_empty() {
                <p class="loadWhy" data-testid="load-keys">{ keys }</p>
            }
        </>
    }
}
