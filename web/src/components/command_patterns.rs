//! Commands by the shape of the names of their keys.

use snaptape_report::units;
use yew::prelude::*;

use super::Bar;
use crate::state::Opened;

/// Rows shown.
const MOST: usize = 15;

/// Properties of [`CommandPatternTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CommandPatternTableProps {
    /// The report.
    pub opened: Opened,
}

/// Most bytes first, and what the rest comes to.
#[component]
pub fn CommandPatternTable(props: &CommandPatternTableProps) -> Html {
    let Some(tape) = &props.opened.answers.report.tape else { return Html::default() };
    let patterns = &tape.patterns;
    let most = patterns.listed.iter().map(|row| row.file_bytes).max().unwrap_or_default();
    let hidden = patterns.listed.iter().skip(MOST);
    let (other_commands, other_bytes) = hidden
        .fold((patterns.other_commands, patterns.other_file_bytes), |(commands, bytes), row| {
            (commands + row.commands, bytes + row.file_bytes)
        });
    let others = patterns.listed.len().saturating_sub(MOST) as u64 + patterns.other_patterns;
    html! {
        <table class="table" aria-label="Patterns of written keys" data-testid="command-patterns">
            <thead>
                <tr>
                    <th scope="col">{ "Pattern" }</th>
                    <th scope="col" class="tableBar"><span class="srOnly">{ "Share" }</span></th>
                    <th scope="col" class="tableFigure">{ "Commands" }</th>
                    <th scope="col" class="tableFigure">{ "In file" }</th>
                </tr>
            </thead>
            <tbody>
                { for patterns.listed.iter().take(MOST).map(|row| html! {
                    <tr key={row.pattern.clone()}>
                        <th scope="row" class="code tableWrap">{ &row.pattern }</th>
                        <td class="tableBar"><Bar part={row.file_bytes} whole={most} /></td>
                        <td class="tableFigure">{ units::count(row.commands) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(row.file_bytes) }</td>
                    </tr>
                }) }
                if others > 0 {
                    <tr>
                        <th scope="row" class="muted">{ units::plural(others, "other pattern", "other patterns") }</th>
                        <td class="tableBar"><Bar part={other_bytes} whole={most} /></td>
                        <td class="tableFigure">{ units::count(other_commands) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(other_bytes) }</td>
                    </tr>
                }
            </tbody>
        </table>
    }
}
