//! How values are stored.

use snaptape_analysis::filter::Line;
use snaptape_report::{Dataset, Group, units};
use snaptape_summary::encodings::{self, TypeShares};
use yew::prelude::*;

use crate::components::{AdviceList, Card, PartialNotice, TypeMark, keys_count, stack_bar, weigh_switch};
use crate::hooks::Go;
use crate::route::Route;
use crate::state::Opened;
use crate::words;

/// A bar of encodings for each type with the limits that decide, a table of the same, and the limits that cost something.
pub(super) fn encodings(opened: &Opened, route: &Route, go: &Go) -> Html {
    let report = &opened.answers.report;
    let Some(dataset) = &report.dataset else { return Html::default() };
    let types = encodings::types(dataset, route.weigh);
    let target = words::target(&report.target);
    if types.is_empty() {
        return html! {
            <div class="view">
                <div class="viewHead">
                    <h1 class="verdict" data-testid="encodings-verdict">{ format!("Encodings are not worked out for {target}.") }</h1>
                    <p class="lead">{ "Of another release than the files were read for, sums are there at once and encodings are not: read the files for it on the overview, under Memory by release." }</p>
                </div>
            </div>
        };
    }
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict" data-testid="encodings-verdict">{ words::tied(&encodings::verdict(dataset)) }</h1>
                <p class="lead">{ format!("Encodings are those of the file, in the words of OBJECT ENCODING; limits are those {target} starts with. A packed value is one block, searched from its front: small, and slow once it is long.") }</p>
            </div>
            <PartialNotice opened={opened.clone()} keys=true />
            <Card title="Type by type">
                { weigh_switch(route, go) }
                <ul class="encodingTypes" data-testid="encoding-types">{ for types.iter().map(|shares| type_row(shares, route)) }</ul>
            </Card>
            <div class="columns columnsTop">
                <Card title="The same as a table" class="cardFlush">{ table(dataset, &types, route) }</Card>
                <Card title="Limits that cost something" note={format!("on {target}, with the limits it starts with")}>
                    <AdviceList opened={opened.clone()} route={route.clone()} limits_only={true} />
                </Card>
            </div>
        </div>
    }
}

fn type_row(shares: &TypeShares, route: &Route) -> Html {
    html! {
        <li class="encodingType" key={shares.type_name.clone()}>
            <h3 class="encodingTypeHead">
                <TypeMark type_name={shares.type_name.clone()} />
                <span class="muted">{ format!("{} in {}", units::bytes(shares.memory_bytes), units::plural(shares.keys, "key", "keys")) }</span>
            </h3>
            { stack_bar(&shares.bar, route.weigh) }
            <p class="encodingRule">{ &shares.rule }</p>
        </li>
    }
}

fn table(dataset: &Dataset, types: &[TypeShares], route: &Route) -> Html {
    let keys = |group: &Group| {
        let line = Line::default().field("type", &group.type_name).field("encoding", &group.name);
        keys_count(route, Some(line.text()), group.tally.keys)
    };
    html! {
        <table class="table" aria-label="Encodings" data-testid="encoding-table">
            <thead>
                <tr>
                    <th scope="col">{ "Type" }</th>
                    <th scope="col">{ "Encoding" }</th>
                    <th scope="col" class="tableFigure">{ "Keys" }</th>
                    <th scope="col" class="tableFigure">{ "Memory" }</th>
                    <th scope="col" class="tableFigure midOnly">{ "Of its type" }</th>
                    <th scope="col" class="tableFigure">{ "Of all" }</th>
                    <th scope="col" class="tableFigure midOnly">{ "Median" }</th>
                </tr>
            </thead>
            <tbody>
                { for types.iter().flat_map(|shares| shares.encodings.iter().map(move |group| (shares, group))).map(|(shares, group)| html! {
                    <tr key={format!("{} {}", group.type_name, group.name)}>
                        <th scope="row"><TypeMark type_name={group.type_name.clone()} /></th>
                        <td>{ &group.name }</td>
                        <td class="tableFigure">{ keys(group) }</td>
                        <td class="tableFigure">{ units::bytes_aligned(group.tally.memory_bytes) }</td>
                        <td class="tableFigure midOnly">{ units::percent(group.tally.memory_bytes, shares.memory_bytes) }</td>
                        <td class="tableFigure">{ units::percent(group.tally.memory_bytes, dataset.totals.memory_bytes) }</td>
                        <td class="tableFigure midOnly">{ group.quantiles.map_or_else(|| "–".to_owned(), |q| units::bytes_aligned(q.p50)) }</td>
                    </tr>
                }) }
            </tbody>
        </table>
    }
}
