//! A map as a table whose rows open.

use std::collections::BTreeSet;

use snaptape_report::{MapMeasure, MapSums, units};
use yew::prelude::*;

use super::Bar;
use super::map_detail::types;
use crate::hooks::{Go, focus_element};
use crate::map::{Found, MapPlace, Row, Tree, rows};
use crate::route::Route;
use crate::state::Shared;

/// Properties of [`MapTable`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct MapTableProps {
    /// The map.
    pub tree: Shared<Tree>,
    /// What is shown of it.
    pub root: usize,
    /// What is looked for.
    pub found: Option<Shared<Found>>,
    /// Where we are.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
}

fn row_id(node: usize) -> String {
    format!("map-row-{node}")
}

/// Every part as a row below the one it is within. Rows open and close by the arrow keys; Enter zooms.
#[component]
pub fn MapTable(props: &MapTableProps) -> Html {
    let open = use_state(BTreeSet::<usize>::new);
    let long = use_state(BTreeSet::<usize>::new);
    let at = use_state(|| None::<usize>);
    {
        let (open, long, at) = (open.setter(), long.setter(), at.setter());
        use_effect_with(props.tree.clone(), move |_| {
            open.set(BTreeSet::new());
            long.set(BTreeSet::new());
            at.set(None);
        });
    }
    let MapTableProps { tree, root, found, route, go } = props;
    let (root, measure) = (*root, route.map.measure);
    // What is listed now, and where one is on it: keys that are held down are faster than what is drawn.
    let listed = {
        let (open, long, at) = (open.clone(), long.clone(), at.clone());
        let (tree, found) = (tree.clone(), found.clone());
        move || {
            let rows = rows(&tree, root, measure, &open, &long, found.as_deref());
            let current =
                at.filter(|at| rows.iter().any(|row| matches!(row, Row::Part { node, .. } if node == at)));
            (rows, current.unwrap_or(root))
        }
    };
    let (rows, current) = listed();
    let toggle = {
        let open = open.clone();
        Callback::from(move |(node, to): (usize, bool)| {
            let mut next = (*open).clone();
            if to {
                next.insert(node);
            } else {
                next.remove(&node);
            }
            open.set(next);
        })
    };
    let on_key = {
        let (at, toggle, tree, go) = (at.setter(), toggle.clone(), tree.clone(), go.clone());
        Callback::from(move |event: KeyboardEvent| {
            let (rows, current) = listed();
            let parts = || {
                rows.iter().filter_map(|row| match row {
                    Row::Part { node, open, .. } => Some((*node, *open)),
                    Row::More { .. } => None,
                })
            };
            let Some(place) = parts().position(|(node, _)| node == current) else { return };
            let is_open = parts().nth(place).and_then(|(_, open)| open);
            let to = match event.key().as_str() {
                "ArrowDown" => parts().nth(place + 1).map(|(node, _)| node),
                "ArrowUp" => {
                    place.checked_sub(1).and_then(|before| parts().nth(before)).map(|(node, _)| node)
                }
                "Home" => parts().next().map(|(node, _)| node),
                "End" => parts().next_back().map(|(node, _)| node),
                "ArrowRight" if is_open == Some(false) => {
                    toggle.emit((current, true));
                    Some(current)
                }
                "ArrowRight" if is_open == Some(true) => parts().nth(place + 1).map(|(node, _)| node),
                "ArrowLeft" if is_open == Some(true) && current != root => {
                    toggle.emit((current, false));
                    Some(current)
                }
                "ArrowLeft" if current != root => tree.parent(current),
                "Enter" if is_open.is_some() && current != root => {
                    let route = go.now();
                    go.to(route.with_map(MapPlace { zoom: tree.names(current), ..route.map.clone() }));
                    Some(current)
                }
                "Escape" | "Backspace" if root != Tree::ALL => {
                    let route = go.now();
                    go.to(route.with_map(route.map.up()));
                    Some(root)
                }
                _ => return,
            };
            event.prevent_default();
            if let Some(to) = to {
                at.set(Some(to));
                focus_element(&row_id(to));
            }
        })
    };
    let on_focus = {
        let at = at.setter();
        Callback::from(move |node: usize| at.set(Some(node)))
    };
    let whole = tree.value(Tree::ALL, measure);
    let most = tree.within(root, measure).first().map_or(0, |first| tree.value(*first, measure));
    let part = |node: usize, depth: usize, is_open: Option<bool>, place: usize, beside: usize| {
        let Some(part) = tree.node(node) else { return Html::default() };
        let value = part.sums.by(measure);
        let zoomed = route.with_map(MapPlace { zoom: tree.names(node), ..route.map.clone() });
        let twisty = is_open.filter(|_| node != root).map(|is_open| {
            let onclick = toggle.reform(move |_: MouseEvent| (node, !is_open));
            html! { <button type="button" class="mapTwisty" tabindex="-1" aria-hidden="true" {onclick}>{ if is_open { "▾" } else { "▸" } }</button> }
        });
        html! {
            <tr key={node} id={row_id(node)} class="mapRow" tabindex={if node == current { "0" } else { "-1" }} aria-level={(depth + 1).to_string()}
                aria-expanded={is_open.map(|is_open| is_open.to_string())} aria-posinset={place.to_string()} aria-setsize={beside.to_string()}
                onfocusin={on_focus.reform(move |_: FocusEvent| node)} data-node={node.to_string()} data-value={value.to_string()}
                data-found={found.as_ref().map(|found| (found.standing(node) == crate::map::Standing::Found).to_string())}>
                <th scope="row" class="mapName">
                    <span class="mapNameIn">
                        { twisty.unwrap_or_else(|| html! { <span class="mapTwisty" /> }) }
                        if is_open.is_some() && node != root {
                            <a class="code" tabindex="-1" href={zoomed.to_hash()} title="Zoom to it">{ part.label() }</a>
                        } else {
                            <span class="code">{ part.label() }</span>
                        }
                    </span>
                </th>
                <td class="tableBar midOnly">if node != root { <Bar part={value} whole={most} type_name={part.type_name.clone()} /> }</td>
                <td class="tableFigure">{ units::percent(value, whole) }</td>
                { figures(&part.sums) }
                <td>{ types(part) }</td>
            </tr>
        }
    };
    let heading = |measured: MapMeasure| {
        let active = measured == measure;
        let go = go.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            let route = go.now();
            go.to(route.with_map(MapPlace { measure: measured, ..route.map.clone() }));
        });
        html! {
            <th scope="col" class="tableFigure" aria-sort={active.then_some("descending")}>
                <button type="button" class={classes!("sortHead", active.then_some("sortHeadActive"))} {onclick}>
                    { measured.title() }<span class="sortHeadArrow" aria-hidden="true">{ if active { "▾" } else { "\u{a0}" } }</span>
                </button>
            </th>
        }
    };
    html! {
        <div class="card tableScroll">
            <table class="table tableHeld mapTable" role="treegrid" aria-label="The map as a table" data-testid="map-table-rows" onkeydown={on_key}>
                <thead>
                    <tr>
                        <th scope="col">{ "Part" }</th>
                        <th scope="col" class="tableBar midOnly"><span class="srOnly">{ "Beside the largest" }</span></th>
                        <th scope="col" class="tableFigure">{ "Share" }</th>
                        { for MapMeasure::ALL.into_iter().map(heading) }
                        <th scope="col">{ "Type" }</th>
                    </tr>
                </thead>
                <tbody>
                    { for rows.iter().map(|row| match *row {
                        Row::Part { node, depth, open, place, beside } => part(node, depth, open, place, beside),
                        Row::More { around, depth, parts } => {
                            let long = long.clone();
                            let onclick = Callback::from(move |_: MouseEvent| {
                                let mut next = (*long).clone();
                                next.insert(around);
                                long.set(next);
                            });
                            html! {
                                <tr key={format!("more {around}")} class="mapRow" aria-level={(depth + 1).to_string()}>
                                    <td class="mapName" colspan="9"><span class="mapNameIn"><span class="mapTwisty" />
                                        <button type="button" class="linkButton" {onclick}>{ format!("Show {} more", units::plural(parts as u64, "part", "parts")) }</button>
                                    </span></td>
                                </tr>
                            }
                        }
                    }) }
                </tbody>
                if let Some(found) = found {
                    <tfoot>
                        <tr class="mapFoot">
                            <th scope="row">{ units::plural(found.parts as u64, "part found", "parts found") }</th>
                            <td class="tableBar midOnly" />
                            <td class="tableFigure">{ units::percent(found.sums.by(measure), whole) }</td>
                            { figures(&found.sums) }
                            <td />
                        </tr>
                    </tfoot>
                }
            </table>
        </div>
    }
}

fn figures(sums: &MapSums) -> Html {
    MapMeasure::ALL
        .into_iter()
        .map(|measure| {
            let value = sums.by(measure);
            let text = if measure.is_bytes() { units::bytes_aligned(value) } else { units::count(value) };
            html! { <td class="tableFigure">{ text }</td> }
        })
        .collect()
}
