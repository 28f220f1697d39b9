//! How many shards of which node type.

use snaptape_report::NodePlan;
use yew::prelude::*;

use super::restore_sum::RestorePlanProps;

/// Sizes in the order of the columns.
const SIZES: [&str; 12] = [
    "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "10xlarge", "12xlarge",
    "16xlarge", "24xlarge",
];

/// A row for each family, a column for each size, and below why some have no number.
#[component]
pub fn RestoreShards(props: &RestorePlanProps) -> Html {
    let plan = &props.plan;
    if plan.nodes.iter().all(|node| node.shards_with_fork == Some(1)) {
        return html! { <p data-testid="restore-one-shard">{ "One shard of any node type holds the data and the rewritten pages." }</p> };
    }
    let reasons = plan.reasons();
    html! {
        <>
            <div class="tableScroll">
                <table class="table tableHeld" aria-label="Nodes for shards" data-testid="restore-shards">
                    <thead>
                        <tr>
                            <th scope="col">{ "Family" }</th>
                            { for SIZES.iter().map(|size| html! { <th scope="col" class="tableFigure">{ *size }</th> }) }
                        </tr>
                    </thead>
                    <tbody>
                        { for plan.families().into_iter().map(|(family, nodes)| html! {
                            <tr key={family}>
                                <th scope="row" class="code">{ family }</th>
                                { for SIZES.iter().map(|size| cell(nodes.iter().find(|node| node.size() == *size))) }
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
            if !reasons.is_empty() {
                <ul class="restoreNotes restoreReasons">
                    { for reasons.into_iter().map(|(why, nodes)| html! {
                        <li key={why}>{ format!("– {}: {why}.", listed(&nodes)) }</li>
                    }) }
                </ul>
            }
        </>
    }
}

fn cell(node: Option<&&NodePlan>) -> Html {
    let Some(node) = node else { return html! { <td /> } };
    let is_one = node.shards_with_fork == Some(1);
    let text = node.shards_text().replace('-', "–");
    html! { <td class={classes!("tableFigure", is_one.then_some("restoreOne"))} data-node={node.node_type.clone()}>{ text }</td> }
}

/// A few names, and how many more there are.
fn listed(names: &[&str]) -> String {
    const FEW: usize = 4;
    let some = names.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => some,
        more => format!("{some} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use snaptape_analysis::restore_plan;
    use snaptape_report::RestoreOptions;

    use super::*;
    use crate::testing;

    #[test]
    fn every_size_has_a_column() {
        let plan = restore_plan(&testing::answers().report, &RestoreOptions::default()).unwrap().unwrap();
        for node in &plan.nodes {
            assert!(SIZES.contains(&node.size()), "{}", node.node_type);
        }
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c", "d", "e", "f"]), "a, b, c, d and 2 more");
    }
}
