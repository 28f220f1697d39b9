//! The memory map.

use snaptape_analysis::filter::Line;
use snaptape_report::{MapKind, units};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

use crate::components::{
    Card, MapPicture, MapTable, PartialNotice, ProgressPanel, ToneMark, breadcrumb, map_controls, map_detail,
    nesting, tile_id,
};
use crate::hooks::{Engine, Go, use_map, use_width};
use crate::map::{Drawing, MapPlace, MapStyle, Step, Tree, draw, find, step, towards};
use crate::route::{Route, View};
use crate::state::{Opened, Shared};
use crate::words::{self, Tone};

/// Properties of [`Map`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct MapProps {
    /// The report.
    pub opened: Opened,
    /// Where we are.
    pub route: Route,
    /// Ways to change it.
    pub go: Go,
    /// Has the files.
    pub engine: Engine,
}

/// Where the memory is, as rectangles, rows or a table.
#[component]
pub(super) fn Map(props: &MapProps) -> Html {
    let MapProps { opened, route, go, engine } = props;
    let place = &route.map;
    let frame = use_node_ref();
    let width = use_width(&frame);
    let maps = use_map(engine, opened, &place.nesting);
    // Until the map that was asked for is there, the last one stays.
    let ready = maps.loading.map(&place.nesting).cloned();
    let tree = ready.clone().or_else(|| maps.loading.last().map(|(_, tree)| tree.clone()));
    let root = match (&ready, &tree) {
        (Some(tree), _) => tree.find(&place.zoom),
        _ => Tree::ALL,
    };
    let drawing = use_memo(
        (tree.clone(), root, place.measure, place.style, width),
        |(tree, root, measure, style, width)| {
            let drawn = tree.as_ref().map(|tree| draw(tree, *root, *measure, *style, *width));
            Shared::new(drawn.unwrap_or_default())
        },
    );
    let found = use_memo((tree.clone(), place.find.clone()), |(tree, text)| {
        let tree = tree.as_ref().filter(|_| !text.trim().is_empty())?;
        Some(Shared::new(find(tree, text)))
    });
    // What the keyboard is on, and what the pointer is on.
    let cursor = use_state(|| None::<usize>);
    let hover = use_state(|| None::<usize>);
    {
        let (cursor, hover) = (cursor.setter(), hover.setter());
        use_effect_with(tree.clone(), move |_| {
            cursor.set(None);
            hover.set(None);
        });
    }
    let Some(tree) = tree.filter(|tree| !tree.is_empty()) else { return empty(opened, route) };
    let at = cursor.filter(|at| drawing.tile(*at).is_some()).unwrap_or(root);
    let zoom = {
        let (go, tree) = (go.clone(), tree.clone());
        Callback::from(move |to: usize| {
            let route = go.now();
            go.to(route.with_map(MapPlace { zoom: tree.names(to), ..route.map.clone() }));
        })
    };
    let on_key = {
        let (zoom, tree, drawing, measure) = (zoom.clone(), tree.clone(), (*drawing).clone(), place.measure);
        let (cursor, hover) = (cursor.clone(), hover.setter());
        Callback::from(move |event: KeyboardEvent| {
            // As it is now: the one that was drawn may lag behind keys that are held down.
            let at = cursor.filter(|at| drawing.tile(*at).is_some()).unwrap_or(root);
            match event.key().as_str() {
                "Enter" | " " => {
                    if let Some(to) = towards(&tree, root, at) {
                        zoom.emit(to);
                    }
                }
                "Escape" | "Backspace" => match tree.parent(root) {
                    Some(parent) => {
                        cursor.set(Some(root));
                        zoom.emit(parent);
                    }
                    None => return,
                },
                key => match Step::of_key(key) {
                    Some(way) => cursor.set(Some(step(&tree, &drawing, root, at, way, measure))),
                    None => return,
                },
            }
            hover.set(None);
            event.prevent_default();
        })
    };
    let on_move = {
        let (hover, drawing) = (hover.clone(), (*drawing).clone());
        Callback::from(move |event: PointerEvent| {
            let to = part_at(&drawing, &event);
            if to != *hover {
                hover.set(to);
            }
        })
    };
    let on_leave = {
        let hover = hover.setter();
        Callback::from(move |_: PointerEvent| hover.set(None))
    };
    let on_click = {
        let (cursor, tree, drawing, zoom) = (cursor.setter(), tree.clone(), (*drawing).clone(), zoom.clone());
        Callback::from(move |event: MouseEvent| {
            let Some(part) = part_at(&drawing, &event) else { return };
            cursor.set(Some(part));
            if let Some(to) = towards(&tree, root, part) {
                zoom.emit(to);
            }
        })
    };
    let shown = hover.filter(|at| drawing.tile(*at).is_some()).unwrap_or(at);
    let title = headline(&tree, place);
    let options = opened.answers.report.dataset.as_ref().map(|dataset| dataset.folding.options.clone());
    let keys = Line::of_part(tree.map(), shown, &options.unwrap_or_default())
        .map(|line| route.with_filter(line.text()).to_hash());
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict">{ title }</h1>
                <p class="lead">{ format!("Memory is an estimate for {}; the other sizes are exact.", words::target(&opened.answers.report.target)) }</p>
            </div>
            <PartialNotice opened={opened.clone()} keys=true />
            <div class="mapBar">{ nesting(route, go, opened.answers.sources.len() > 1) }</div>
            <div class="mapBar">{ map_controls(route, go) }</div>
            if let Some(meter) = maps.loading.working(&place.nesting) {
                <ProgressPanel title="Reading once more, for another nesting" meter={meter.clone()} on_cancel={{
                    let maps = maps.clone();
                    Callback::from(move |()| maps.stop())
                }} />
            }
            if let Some(why) = maps.loading.failed(&place.nesting) {
                <p role="alert" data-testid="map-failed"><ToneMark tone={Tone::Bad} />{ format!(" {why} ") }
                    <button type="button" class="button" onclick={{
                        let maps = maps.clone();
                        Callback::from(move |_: MouseEvent| maps.again())
                    }}>{ "Read again" }</button>
                </p>
            }
            <div class="mapBar">
                { breadcrumb(&tree, root, route) }
                <span class="mapGrow" />
                { finder(&tree, found.as_ref().as_ref().map(|found| &**found), route, go) }
            </div>
            <div class={classes!("mapBody", (place.style == MapStyle::Table).then_some("mapBodyWide"))} aria-busy={ready.is_none().to_string()}>
                <div class="mapFrame" ref={frame}>
                    if place.style == MapStyle::Table {
                        <MapTable tree={tree.clone()} {root} found={(*found).clone()} route={route.clone()} go={go.clone()} />
                    } else {
                        <div class="mapCanvas" role="tree" tabindex="0" aria-label={format!("Memory map, {}", place.style.title().to_lowercase())}
                            aria-activedescendant={tile_id(at)} aria-describedby="map-keys" onkeydown={on_key} onpointermove={on_move} onpointerleave={on_leave} onclick={on_click}
                            data-testid="map">
                            <MapPicture tree={tree.clone()} drawing={(*drawing).clone()} measure={place.measure} style={place.style} found={(*found).clone()} />
                            { marks(&drawing, at, cursor.is_some(), *hover) }
                        </div>
                        <p class="srOnly" id="map-keys">{ "Left and right go to the parts beside, down into a part, up out of it. Enter zooms in, Escape zooms out." }</p>
                    }
                </div>
                if place.style != MapStyle::Table {
                    <aside class="card mapDetail" aria-label="The part in figures" data-testid="map-detail" data-node={shown.to_string()}>
                        { map_detail(&tree, shown, place.measure) }
                        <p class="mapDetailButtons">
                            if let Some(to) = towards(&tree, root, shown) {
                                <button type="button" class="button" onclick={zoom.reform(move |_: MouseEvent| to)} data-testid="map-zoom-in">{ "Zoom in" }</button>
                            }
                            if let Some(keys) = keys {
                                <a href={keys} data-testid="map-keys-link">{ "Show its keys" }</a>
                            }
                        </p>
                    </aside>
                }
            </div>
            { for tree.map().sentences().into_iter().map(|sentence| html! { <p class="lead">{ sentence }</p> }) }
        </div>
    }
}

/// The part under the pointer.
fn part_at(drawing: &Drawing, event: &MouseEvent) -> Option<usize> {
    let canvas: Element = event.current_target()?.dyn_into().ok()?;
    let place = canvas.get_bounding_client_rect();
    drawing.at(f64::from(event.client_x()) - place.left(), f64::from(event.client_y()) - place.top())
}

/// Frames around what the keyboard and the pointer are on.
fn marks(drawing: &Drawing, at: usize, chosen: bool, hover: Option<usize>) -> Html {
    let frame = |node: usize, class: Classes| {
        let Some(tile) = drawing.tile(node) else { return Html::default() };
        let px = |n: f64| format!("{n:.1}");
        html! {
            <rect {class} x={px(tile.x + 0.5)} y={px(tile.y + 0.5)} width={px((tile.width - 2.0).max(1.0))} height={px((tile.height - 2.0).max(1.0))} rx="2" />
        }
    };
    html! {
        <svg class="mapMarks" width={drawing.width.to_string()} height={drawing.height.to_string()} aria-hidden="true" focusable="false">
            { hover.map(|node| frame(node, classes!("mapHover"))).unwrap_or_default() }
            { frame(at, classes!("mapCursor", chosen.then_some("mapCursorChosen"))) }
        </svg>
    }
}

/// What stands out, in one sentence.
fn headline(tree: &Tree, place: &MapPlace) -> String {
    let measure = place.measure;
    let whole = tree.value(Tree::ALL, measure);
    if whole == 0 {
        return format!("There are no {}: choose another measure.", measure.whole());
    }
    let largest = tree.within(Tree::ALL, measure);
    let largest = largest.into_iter().find(|part| {
        tree.node(*part).is_some_and(|node| !matches!(node.kind, MapKind::Others | MapKind::Rest))
    });
    match largest {
        Some(part) if tree.value(part, measure) < whole => format!(
            "{} {} {} of {}.",
            tree.title(part),
            if measure.is_bytes() { "takes" } else { "has" },
            units::percent(tree.value(part, measure), whole),
            measure.whole()
        ),
        Some(part) => format!("{} has all {}.", tree.title(part), measure.whole()),
        None => format!("{} in all.", measure.text(whole)),
    }
}

/// A field for what parts are called, and how much of everything is called so.
fn finder(tree: &Tree, found: Option<&crate::map::Found>, route: &Route, go: &Go) -> Html {
    let measure = route.map.measure;
    let oninput = {
        let go = go.clone();
        Callback::from(move |event: InputEvent| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let route = go.now();
            go.replace(route.with_map(MapPlace { find: field.value(), ..route.map.clone() }));
        })
    };
    let words = found.map(|found| {
        if found.parts == 0 {
            return "no part is called so".to_owned();
        }
        let value = found.sums.by(measure);
        format!(
            "{}, {} of {} ({})",
            units::plural(found.parts as u64, "part", "parts"),
            units::percent(value, tree.value(Tree::ALL, measure)),
            measure.whole(),
            measure.text(value)
        )
    });
    let value = found.map(|found| found.sums.by(measure).to_string());
    html! {
        <div class="mapFind">
            <output class="mapFindWords muted" for="map-find" aria-live="polite" data-testid="map-found" data-value={value}>{ words.unwrap_or_default() }</output>
            <input class="textField mapFindField" id="map-find" type="search" placeholder="Find in the map" aria-label="Find in the map" value={route.map.find.clone()} {oninput}
                autocomplete="off" spellcheck="false" data-testid="map-find" />
        </div>
    }
}

/// Why there is no map.
fn empty(opened: &Opened, route: &Route) -> Html {
    let report = &opened.answers.report;
    let (title, words, to) = if report.tape.is_some() {
        (
            "A tape has no map.",
            "Sizes are known for the keys of snapshots only; BGREWRITEAOF makes a server write one in front of its tape. What the commands touch is in Tape.",
            Some(View::Tape),
        )
    } else if report.dataset.is_some() {
        ("There are no keys.", "A map is of the keys of snapshots, and this one holds none.", None)
    } else {
        ("There is nothing to map.", "No snapshot could be read.", Some(View::Integrity))
    };
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict" data-testid="map-empty">{ title }</h1>
                <p class="lead">{ words }
                    if let Some(view) = to {
                        { " " }<a href={route.with_view(view).to_hash()}>{ format!("Go to {}", view.title()) }</a>
                    }
                </p>
            </div>
            <Card title="What a map shows">
                <p>{ "Each part is as large as the keys in it: by estimated memory, bytes in the file, payload, or number. Parts are nested by key pattern, type, encoding, database, hash slot and file, in any order." }</p>
            </Card>
        </div>
    }
}
