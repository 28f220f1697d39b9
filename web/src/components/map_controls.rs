//! What a map is of, and where on it we are.

use snaptape_report::{MapDimension, MapMeasure, MapNesting, units};
use yew::prelude::*;

use crate::hooks::Go;
use crate::map::{MapPlace, MapStyle, Tree};
use crate::route::{Route, View};

/// A row of buttons of which one is pressed.
fn switch<T: Copy + PartialEq>(
    label: &'static str,
    words: impl Iterator<Item = (T, &'static str, &'static str)>,
    now: T,
    go: impl Fn(T) -> Callback<MouseEvent>,
) -> Html {
    html! {
        <div class="switch mapSwitch" role="group" aria-label={label}>
            { for words.map(|(value, id, title)| {
                let pressed = value == now;
                html! {
                    <button type="button" class={classes!("switchButton", pressed.then_some("switchButtonPressed"))} aria-pressed={pressed.to_string()}
                        onclick={go(value)} data-testid={format!("map-{id}")}>{ title }</button>
                }
            }) }
        </div>
    }
}

/// A press that changes where on the map we are.
fn press(go: &Go, change: impl Fn(&mut MapPlace) + 'static) -> Callback<MouseEvent> {
    let go = go.clone();
    Callback::from(move |_| {
        let mut route = go.now();
        change(&mut route.map);
        go.to(route.with_view(View::Map));
    })
}

/// What parts are as large as, and how they are drawn.
pub fn map_controls(route: &Route, go: &Go) -> Html {
    let place = &route.map;
    let measures = MapMeasure::ALL.into_iter().map(|measure| (measure, measure.id(), measure.title()));
    let styles = MapStyle::ALL.into_iter().map(|style| (style, style.id(), style.title()));
    html! {
        <>
            { switch("What parts are as large as", measures, place.measure, |measure| press(go, move |map| map.measure = measure)) }
            <span class="mapGrow" />
            { switch("How the map is drawn", styles, place.style, |style| press(go, move |map| map.style = style)) }
        </>
    }
}

fn title(dimension: MapDimension) -> &'static str {
    match dimension {
        MapDimension::Pattern => "Pattern",
        MapDimension::Type => "Type",
        MapDimension::Encoding => "Encoding",
        MapDimension::Database => "Database",
        MapDimension::Slot => "Slot",
        MapDimension::File => "File",
    }
}

/// What keys are nested by: each can be moved outwards or taken away, others can be added; files where there are several.
pub fn nesting(route: &Route, go: &Go, several_files: bool) -> Html {
    let now = route.map.nesting.dimensions();
    // What something else is nested by has other parts: the way to the one that is shown leads nowhere.
    let to = |dimensions: Vec<MapDimension>| {
        let nesting = MapNesting::new(dimensions).unwrap_or_default();
        press(go, move |map| {
            map.nesting = nesting.clone();
            map.zoom.clear();
        })
    };
    let chip = |(i, dimension): (usize, &MapDimension)| {
        let (id, title) = (dimension.id(), title(*dimension));
        let outwards = i.checked_sub(1).map(|before| {
            let mut moved = now.to_vec();
            moved.swap(before, i);
            to(moved)
        });
        let away = (now.len() > 1).then(|| to(now.iter().copied().filter(|d| d != dimension).collect()));
        html! {
            <li class="mapChip">
                if let Some(onclick) = outwards {
                    <button type="button" class="mapChipButton" {onclick} aria-label={format!("Move {title} outwards")} title="Move outwards" data-testid={format!("map-move-{id}")}>{ "◂" }</button>
                }
                <span class="mapChipName">{ title }</span>
                if let Some(onclick) = away {
                    <button type="button" class="mapChipButton" {onclick} aria-label={format!("Do not nest by {title}")} title="Take away" data-testid={format!("map-remove-{id}")}>{ "×" }</button>
                }
            </li>
        }
    };
    let others = MapDimension::ALL
        .into_iter()
        .filter(|dimension| !now.contains(dimension) && (several_files || *dimension != MapDimension::File));
    html! {
        <div class="mapNesting" role="group" aria-label="What keys are nested by">
            <ol class="mapChips" aria-label="From the outside in">{ for now.iter().enumerate().map(chip) }</ol>
            { for others.map(|dimension| {
                let onclick = to(now.iter().copied().chain([dimension]).collect());
                let title = title(dimension);
                html! {
                    <button type="button" class="mapAdd" {onclick} aria-label={format!("Nest by {title}, too")} data-testid={format!("map-add-{}", dimension.id())}>{ format!("+ {title}") }</button>
                }
            }) }
        </div>
    }
}

/// The way from all keys to what is shown, each part a link.
pub fn breadcrumb(tree: &Tree, root: usize, route: &Route) -> Html {
    let measure = route.map.measure;
    let way = tree.way(root);
    let whole = tree.value(Tree::ALL, measure);
    html! {
        <nav class="mapWay" aria-label="Zoom">
            { for way.iter().enumerate().map(|(i, &at)| {
                let value = measure.text(tree.value(at, measure));
                let share = if at == Tree::ALL { value } else { format!("{value}, {}", units::percent(tree.value(at, measure), whole)) };
                let name = tree.node(at).map(|node| node.label().to_owned()).unwrap_or_default();
                let last = i + 1 == way.len();
                let href = route.with_map(MapPlace { zoom: tree.names(at), ..route.map.clone() }).to_hash();
                html! {
                    <>
                        if i > 0 {
                            <span class="mapWayMark" aria-hidden="true">{ "›" }</span>
                        }
                        if last {
                            <b class="mapWayHere" aria-current="location" data-testid="map-here">{ name }</b>
                        } else {
                            <a {href} data-testid={format!("map-way-{i}")}>{ name }</a>
                        }
                        if last || i == 0 {
                            <span class="muted">{ share }</span>
                        }
                    </>
                }
            }) }
        </nav>
    }
}
