//! The shell: holds the state, listens to the window, shows the screen.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::components::{HelpDialog, Rail, TopBar, applicable, shown};
use crate::files;
use crate::hooks::{
    Press, SEARCH_FIELD, focus_element, use_announced, use_drop, use_engine, use_keyboard, use_route,
    use_scrollers,
};
use crate::route::{Route, View};
use crate::samples::Sample;
use crate::state::{Export, Screen, State};
use crate::views::{
    self, Arrival, Failed, Integrity, Keys, Overview, Patterns, Reading, Repair, Restore, Tape,
};

/// Starts the page.
pub fn start() {
    yew::Renderer::<App>::new().render();
}

/// Everything.
#[component]
pub fn App() -> Html {
    let state = use_reducer(State::default);
    let engine = use_engine(state.dispatcher());
    let (route, go) = use_route();
    let help = use_state(|| false);

    // Whatever is opened next, its verdict comes first.
    let reset = {
        let (go, route) = (go.clone(), route.clone());
        move || {
            if route.view != View::Overview {
                go.replace(Route { theme: route.theme, ..Route::default() });
            }
        }
    };
    let on_pick = {
        let (engine, reset) = (engine.clone(), reset.clone());
        Callback::from(move |picked| {
            reset();
            engine.open(picked);
        })
    };
    let on_drop = {
        let (engine, reset) = (engine.clone(), reset.clone());
        Callback::from(move |dropped: files::Dropped| {
            let engine = engine.clone();
            reset();
            spawn_local(async move {
                match dropped.list().await {
                    Ok(picked) => engine.open(picked),
                    Err(message) => engine.fail(message),
                }
            });
        })
    };
    let on_sample = {
        let (engine, reset) = (engine.clone(), reset.clone());
        Callback::from(move |sample: &'static Sample| {
            let engine = engine.clone();
            reset();
            spawn_local(async move {
                match files::from_sample(sample).await {
                    Ok(picked) => engine.open(picked),
                    Err(message) => engine.fail(message),
                }
            });
        })
    };
    let on_cancel = {
        let engine = engine.clone();
        Callback::from(move |()| engine.cancel())
    };
    let on_another = {
        let engine = engine.clone();
        Callback::from(move |()| {
            reset();
            engine.close();
        })
    };
    let on_help = {
        let help = help.setter();
        Callback::from(move |open: bool| help.set(open))
    };
    let hovering = use_drop(on_drop);
    let on_press = {
        let (engine, go, on_help, state) = (engine.clone(), go.clone(), on_help.clone(), state.clone());
        let route = route.clone();
        Callback::from(move |press| match press {
            Press::Help => on_help.emit(true),
            Press::Search => focus_element(SEARCH_FIELD),
            Press::Escape if state.is_working() => engine.cancel(),
            Press::Escape => {
                if state.screen.opened().is_some() && route.view != View::Overview {
                    go.to(route.with_view(View::Overview));
                }
            }
            Press::Digit(digit) => {
                if let Some(opened) = state.screen.opened()
                    && let Some(&view) = applicable(&opened.answers).get(digit - 1)
                {
                    go.to(route.with_view(view));
                }
            }
        })
    };
    use_keyboard(on_press);
    use_announced(&state.screen);
    use_scrollers();

    let main = match &state.screen {
        Screen::Empty => html! { <Arrival {on_pick} {on_sample} /> },
        Screen::Reading { subject, meter } => {
            html! { <Reading subject={subject.clone()} meter={meter.clone()} {on_cancel} /> }
        }
        Screen::Failed { subject, message } => {
            html! { <Failed name={subject.name.clone()} message={message.clone()} {on_pick} /> }
        }
        Screen::Ready(opened) | Screen::Partial(opened) => {
            let (opened, export) = (opened.clone(), state.export.clone());
            match shown(&opened.answers, route.view) {
                View::Overview => {
                    let (regroup, busy) = (state.regroup.clone(), matches!(export, Export::Working { .. }));
                    html! { <Overview {opened} route={route.clone()} go={go.clone()} {engine} {regroup} {busy} /> }
                }
                View::Patterns => {
                    let (regroup, busy) = (state.regroup.clone(), matches!(export, Export::Working { .. }));
                    html! { <Patterns {opened} route={route.clone()} go={go.clone()} {engine} {regroup} {busy} /> }
                }
                View::Keys => html! { <Keys {opened} route={route.clone()} go={go.clone()} /> },
                View::Expiry => views::expiry(&opened, &route, &go),
                View::Encodings => views::encodings(&opened, &route, &go),
                View::Slots => views::slots(&opened, &route, &go),
                View::Access => views::access(&opened, &route, &go),
                View::Restore => html! { <Restore {opened} route={route.clone()} go={go.clone()} /> },
                View::Tape => {
                    let (regroup, busy) = (state.regroup.clone(), state.is_working());
                    html! { <Tape {opened} route={route.clone()} go={go.clone()} {engine} {regroup} {busy} /> }
                }
                View::Integrity => html! { <Integrity {opened} /> },
                View::Repair => {
                    let busy = state.is_working();
                    html! { <Repair {opened} route={route.clone()} go={go.clone()} {export} {busy} {engine} /> }
                }
            }
        }
    };
    let opened = state.screen.opened().cloned();
    html! {
        <div class={classes!("shell", opened.is_some().then_some("shellWithRail"))}>
            <a class="skipLink" href={route.to_hash()} onclick={focus_main}>{ "Skip to the report" }</a>
            <TopBar screen={state.screen.clone()} route={route.clone()} {go} {on_another} on_help={on_help.reform(|()| true)} />
            if let Some(opened) = opened {
                <Rail {opened} {route} />
            }
            <main class="main" id="main" tabindex="0">
                { main }
            </main>
            if hovering {
                <div class="dropVeil" aria-hidden="true"><p class="dropVeilText">{ "Let go to open" }</p></div>
            }
            <HelpDialog open={*help} on_close={on_help.reform(|()| false)} />
        </div>
    }
}

/// Moves the focus past the rail without changing the address.
fn focus_main(event: MouseEvent) {
    event.prevent_default();
    focus_element("main");
}
