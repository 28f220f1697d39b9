//! How fast was written, how much at once, and how much for nothing.

use snaptape_report::{ListFrom, Tape, units};
use yew::prelude::*;

use crate::state::Opened;
use crate::words;

/// Gaps and transactions shown.
const MOST: usize = 5;

/// Properties of [`TapeFigures`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TapeFiguresProps {
    /// The report.
    pub opened: Opened,
    /// Called with a place whose commands are to be shown.
    pub on_jump: Callback<ListFrom>,
}

/// Rate, silences, transactions, and what a rewrite would leave out.
#[component]
pub fn TapeFigures(props: &TapeFiguresProps) -> Html {
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let jump = |file: &str, offset: u64, words: String| {
        let from = ListFrom::Offset { file: file.to_owned(), offset };
        let onclick = props.on_jump.reform(move |_: MouseEvent| from.clone());
        html! { <button type="button" class="linkButton" {onclick} title="Show it in the list of commands">{ words }</button> }
    };
    html! {
        <dl class="facts" data-testid="tape-figures">
            <dt>{ "A rewrite would save" }</dt>
            <dd>{ rewrite(tape) }</dd>
            <dt>{ "Writes per second" }</dt>
            if let Some(rate) = &tape.rate {
                <dd>
                    { format!("{:.1} on average", rate.mean()) }
                    if let Some(second) = &rate.busiest {
                        { format!("; {} in the busiest second, ", units::count(second.commands)) }
                        { jump(&second.file, second.offset, units::time_s(second.time_s)) }
                    }
                </dd>
                if !rate.gaps.is_empty() {
                    <dt>{ "Nothing was written for" }</dt>
                    <dd>
                        <ul class="tapeFigures">
                            { for rate.gaps.iter().take(MOST).map(|gap| {
                                let ms = gap.to_s.saturating_sub(gap.from_s).max(0).unsigned_abs().saturating_mul(1_000);
                                html! { <li>{ format!("{} until ", units::duration_ms(ms)) }{ jump(&gap.file, gap.offset, units::time_s(gap.to_s)) }</li> }
                            }) }
                        </ul>
                    </dd>
                }
                if rate.backwards > 0 {
                    <dt>{ "Time goes back" }</dt>
                    <dd>{ format!("{}: the clock was set back, or the files are in a wrong order", units::plural(rate.backwards, "time", "times")) }</dd>
                }
            } else {
                <dd>{ "not known: the tape has no time stamps (aof-timestamp-enabled no)" }</dd>
            }
            <dt>{ "Transactions" }</dt>
            <dd>
                { match tape.transactions {
                    0 => "none".to_owned(),
                    transactions => format!("{} with {} in them", units::count(transactions), units::plural(tape.transaction_commands, "command", "commands")),
                } }
            </dd>
            if !tape.largest_transactions.is_empty() {
                <dt>{ "The largest" }</dt>
                <dd>
                    <ul class="tapeFigures">
                        { for tape.largest_transactions.iter().take(MOST).map(|block| html! {
                            <li>{ format!("{} at ", units::plural(block.commands, "command", "commands")) }{ jump(&block.file, block.offset, words::offset(block.offset)) }</li>
                        }) }
                    </ul>
                </dd>
            }
            <dt>{ "Annotations" }</dt>
            <dd>{ units::count(tape.annotations) }</dd>
        </dl>
    }
}

fn rewrite(tape: &Tape) -> String {
    match &tape.rewrite {
        Some(savings) if savings.commands > 0 => format!(
            "at least {} and {}: later commands made them void",
            units::plural(savings.commands, "command", "commands"),
            units::bytes(savings.file_bytes)
        ),
        Some(_) => "nothing that is certain".into(),
        None => "not worked out".into(),
    }
}
