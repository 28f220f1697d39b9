//! One distribution: by type, by database.

use snaptape_analysis::filter::Line;
use snaptape_report::{Group, Tally, units};
use yew::prelude::*;

use super::{Bar, TypeMark, keys_count};
use crate::route::Route;
use crate::state::Opened;

/// What the keys are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Logical type.
    Type,
    /// Database number.
    Database,
}

/// Properties of [`GroupTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct GroupTableProps {
    /// The report.
    pub opened: Opened,
    /// The grouping.
    pub by: By,
    /// Where we are: groups lead to their keys.
    pub route: Route,
}

/// A table with a bar for each group's share of the estimated memory.
#[component]
pub fn GroupTable(props: &GroupTableProps) -> Html {
    let Some(dataset) = &props.opened.answers.report.dataset else { return Html::default() };
    let totals = &dataset.totals;
    let (title, field, groups) = match props.by {
        By::Type => ("Type", "type", &dataset.types),
        By::Database => ("Database", "db", &dataset.databases),
    };
    let name = |group: &Group| match props.by {
        By::Type => html! { <TypeMark type_name={group.name.clone()} /> },
        By::Database => html! { &group.name },
    };
    let keys = |group: &Group| {
        keys_count(&props.route, Some(Line::default().field(field, &group.name).text()), group.tally.keys)
    };
    memory_table(title, groups, totals, name, keys)
}

fn memory_table(
    title: &str,
    groups: &[Group],
    totals: &Tally,
    name: impl Fn(&Group) -> Html,
    keys: impl Fn(&Group) -> Html,
) -> Html {
    let most = groups.iter().map(|group| group.tally.memory_bytes).max().unwrap_or_default();
    html! {
        <table class="table" aria-label={format!("By {}", title.to_ascii_lowercase())}>
            <thead>
                <tr>
                    <th scope="col">{ title }</th>
                    <th scope="col" class="tableBar"><span class="srOnly">{ "Share of memory" }</span></th>
                    <th scope="col" class="tableFigure">{ "Share" }</th>
                    <th scope="col" class="tableFigure">{ "Memory" }</th>
                    <th scope="col" class="tableFigure">{ "Keys" }</th>
                    <th scope="col" class="tableFigure midOnly">{ "Median" }</th>
                    <th scope="col" class="tableFigure midOnly">{ "p99" }</th>
                </tr>
            </thead>
            <tbody>
                { for groups.iter().map(|group| html! {
                    <tr key={format!("{} {}", group.type_name, group.name)}>
                        <th scope="row">{ name(group) }</th>
                        <td class="tableBar"><Bar part={group.tally.memory_bytes} whole={most} type_name={bar_type(group)} /></td>
                        <td class="tableFigure">{ units::percent(group.tally.memory_bytes, totals.memory_bytes) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(group.tally.memory_bytes) }</td>
                        <td class="tableFigure">{ keys(group) }</td>
                        <td class="tableFigure midOnly">{ quantile(group.quantiles.map(|q| q.p50)) }</td>
                        <td class="tableFigure midOnly">{ quantile(group.quantiles.map(|q| q.p99)) }</td>
                    </tr>
                }) }
            </tbody>
        </table>
    }
}

fn quantile(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "–".to_owned(), units::bytes_aligned)
}

/// A database has no type, so its bar has the accent.
fn bar_type(group: &Group) -> AttrValue {
    if group.name.bytes().all(|byte| byte.is_ascii_digit()) {
        AttrValue::default()
    } else {
        group.type_name.clone().into()
    }
}
