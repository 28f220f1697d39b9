//! The figures on top of the overview, each with the name of what it measures.

use snaptape_report::units;
use snaptape_summary::verdict::whose;
use yew::prelude::*;

use crate::state::Opened;
use crate::words;

/// Properties of [`Sizes`] and [`TapeSizes`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SizesProps {
    /// The report.
    pub opened: Opened,
}

/// Keys, and their three sizes.
#[component]
pub fn Sizes(props: &SizesProps) -> Html {
    let answers = &props.opened.answers;
    let Some(dataset) = &answers.report.dataset else { return Html::default() };
    let totals = &dataset.totals;
    let target = words::target(&answers.report.target);
    html! {
        <>
        <div class="sizes">
            { size("total-keys", totals.keys, units::count(totals.keys), if totals.keys == 1 { "key" } else { "keys" }, format!("{} with {}", whose(&answers.report), units::plural(totals.elements, "element", "elements"))) }
            { size("total-file-bytes", totals.file_bytes, units::bytes(totals.file_bytes), "in the file", format!(", of {} in all", units::bytes(props.opened.subject.total_bytes))) }
            { size("total-payload-bytes", totals.payload_bytes, units::bytes(totals.payload_bytes), "payload", ", key and element bytes".into()) }
            { size("total-memory-bytes", totals.memory_bytes, units::bytes(totals.memory_bytes), "memory", format!(", the keys as MEMORY USAGE counts them in {target}")) }
            { size("dataset-bytes", dataset.instance.dataset_bytes, units::bytes(dataset.instance.dataset_bytes), "used_memory", format!(" grows by it: {} of it for the tables of keys", units::bytes(dataset.instance.tables_bytes))) }
        </div>
        if let Some(figures) = dataset.reconciliation {
            <p class="muted" data-testid="reconciliation">{ words::tied(&figures.sentence()) }</p>
        }
        </>
    }
}

/// Commands, and what they come to.
#[component]
pub fn TapeSizes(props: &SizesProps) -> Html {
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let databases = &props.opened.answers.check.loads.default.keys;
    let time = match (tape.first_time_s, tape.last_time_s) {
        (Some(first), Some(last)) => {
            let seconds = u64::try_from(last.saturating_sub(first)).unwrap_or_default();
            Some((
                units::duration_ms(seconds.saturating_mul(1_000)),
                format!(" from {}", units::time_span_s(first, last)),
            ))
        }
        _ => None,
    };
    html! {
        <div class="sizes">
            if let Some(keys) = words::keys_held(databases).filter(|_| tape.commands > 0) {
                { size("keys-after-replay", databases.iter().map(|database| database.keys_max).sum(), keys.trim_end_matches(" keys").trim_end_matches(" key").to_owned(), if keys == "1 key" { "key" } else { "keys" }, " after the tape has been replayed".into()) }
            }
            { size("tape-commands", tape.commands, units::count(tape.commands), if tape.commands == 1 { "command" } else { "commands" }, format!(" in {}", units::plural(tape.databases.len() as u64, "database", "databases"))) }
            { size("tape-file-bytes", tape.file_bytes, units::bytes(tape.file_bytes), "on the tape", ", commands and annotations".into()) }
            { size("tape-transactions", tape.transactions, units::count(tape.transactions), if tape.transactions == 1 { "transaction" } else { "transactions" }, ", MULTI to EXEC".into()) }
            if let Some((figure, text)) = time {
                <div class="size"><b class="sizeFigure">{ figure }</b><span class="sizeName"><span class="sizeWord">{ "recorded" }</span>{ text }</span></div>
            } else {
                <div class="size"><b class="sizeFigure">{ "–" }</b><span class="sizeName"><span class="sizeWord">{ "no times" }</span>{ ": written without aof-timestamp-enabled" }</span></div>
            }
        </div>
    }
}

fn size(testid: &'static str, value: u64, figure: String, word: &'static str, rest: String) -> Html {
    html! {
        <div class="size" data-testid={testid} data-value={value.to_string()}>
            <b class="sizeFigure">{ figure }</b>
            <span class="sizeName"><span class="sizeWord">{ word }</span>{ words::tied(&rest) }</span>
        </div>
    }
}
