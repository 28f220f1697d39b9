//! The shell: holds the state, listens to the window, shows the screen.

use snaptape_report::Verdict;
use yew::prelude::*;

use crate::components::{Modal, Rail, TopBar, applicable, help_text, leave_question, privacy_text, shown};
use crate::hooks::{
    Press, Show, Views, focus_element, use_announced, use_drop, use_engine, use_keyboard, use_route,
    use_scrollers, use_unfinished, use_views, use_way_back,
};
use crate::leaving::{Wish, question};
use crate::route::{Route, View};
use crate::samples::SAMPLES;
use crate::state::{Export, Screen, State};
use crate::views::{Arrival, Failed, Overview, Reading, Shown, earlier, listing, without_views};

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
    let dialog = use_state(|| None::<Dialog>);

    // Whatever is opened next, its verdict comes first.
    let reset = {
        let go = go.clone();
        move || {
            let route = go.now();
            if route.view != View::Overview || route.sample.is_some() {
                go.replace(Route { theme: route.theme, ..Route::default() });
            }
        }
    };
    let fulfil = {
        let engine = engine.clone();
        let is_first = matches!(state.screen, Screen::Empty);
        Callback::from(move |wish: Wish| {
            // Who follows a link wants what it leads to, also where the link came first and the files come now.
            let is_led = match &wish {
                Wish::Linked(_) => true,
                Wish::Given(_) | Wish::Reopen(_) => is_first,
                Wish::Sample(_) | Wish::Another => false,
            };
            if !is_led {
                reset();
            }
            match wish {
                Wish::Given(given) => engine.take(given),
                Wish::Sample(sample) | Wish::Linked(sample) => engine.fetch(sample),
                Wish::Reopen(index) => engine.reopen(index),
                Wish::Another => engine.close(),
            }
        })
    };
    // What is being made is not thrown away without a word.
    let wish = use_state(|| None::<Wish>);
    let on_wish = {
        let (fulfil, wish, is_making) = (fulfil.clone(), wish.setter(), state.is_making());
        Callback::from(move |new| if is_making { wish.set(Some(new)) } else { fulfil.emit(new) })
    };
    let on_given = on_wish.reform(Wish::Given);
    let on_sample = on_wish.reform(Wish::Sample);
    let on_reopen = on_wish.reform(Wish::Reopen);
    let on_another = on_wish.reform(|()| Wish::Another);
    use_unfinished(state.is_making());
    {
        // An address may name a sample, at the beginning or any time later.
        let on_wish = on_wish.clone();
        use_effect_with(route.sample, move |id| {
            if let Some(sample) = SAMPLES.iter().find(|sample| Some(sample.id) == *id) {
                on_wish.emit(Wish::Linked(sample));
            }
        });
    }
    let on_stay = {
        let go = go.clone();
        let is_linked = matches!(*wish, Some(Wish::Linked(_)));
        // The address no longer names what is not opened.
        Callback::from(move |()| {
            if is_linked {
                go.replace(Route { sample: None, ..go.now() });
            }
        })
    };
    let on_cancel = {
        let engine = engine.clone();
        Callback::from(move |()| engine.cancel())
    };
    let on_dialog = {
        let dialog = dialog.setter();
        Callback::from(move |which| dialog.set(which))
    };
    let on_help = on_dialog.reform(|()| Some(Dialog::Help));
    let on_privacy = on_dialog.reform(|()| Some(Dialog::Privacy));
    let hovering = use_drop(on_given.clone());
    let on_press = {
        let (engine, go, on_help, state) = (engine.clone(), go.clone(), on_help.clone(), state.clone());
        Callback::from(move |press| {
            let route = go.now();
            match press {
                Press::Help => on_help.emit(()),
                Press::Escape if state.is_working() => engine.cancel(),
                Press::Escape if route.view == View::Map && !route.map.zoom.is_empty() => {
                    go.to(route.with_map(route.map.up()));
                }
                Press::Escape => {
                    if state.screen.opened().is_some() && route.view != View::Overview {
                        go.to(route.with_view(View::Overview));
                    }
                }
                Press::Digit(_) | Press::Next | Press::Previous => {
                    let Some(opened) = state.screen.opened() else { return };
                    let views = applicable(&opened.answers);
                    let current = views.iter().position(|view| *view == route.view).unwrap_or_default();
                    let index = match press {
                        Press::Digit(digit) => Some(digit - 1),
                        Press::Next => Some(current + 1),
                        _ => current.checked_sub(1),
                    };
                    if let Some(&view) = index.and_then(|index| views.get(index)) {
                        go.to(route.with_view(view));
                    }
                }
            }
        })
    };
    use_keyboard(on_press);
    let view = state.screen.opened().map_or(View::Overview, |opened| shown(&opened.answers, route.view));
    use_announced(&state.screen, view);
    use_way_back();
    use_scrollers();

    let asked = wish.as_ref().map(|new| question(new, &state.export, &state.writing, &engine.copy_name()));
    let (views, load_views) = use_views(state.screen.opened().is_some());

    let main = match &state.screen {
        Screen::Empty => {
            let (engine, go) = (engine.clone(), go.clone());
            let stopped = state.stopped.clone();
            let leads_to =
                (route.view != View::Overview && route.sample.is_none()).then(|| route.view.title());
            html! { <Arrival {stopped} {leads_to} {on_given} {on_sample} {on_reopen} on_privacy={on_privacy.clone()} {engine} {go} /> }
        }
        Screen::Listing { name, files } => listing(name, *files, &on_cancel),
        Screen::Reading { subject, meter } => {
            html! { <Reading subject={subject.clone()} meter={meter.clone()} {on_cancel} /> }
        }
        Screen::Failed { subject, message } => {
            let earlier = earlier(&engine.earlier(), &on_reopen);
            html! { <Failed name={subject.name.clone()} message={message.clone()} {on_given} {earlier} /> }
        }
        Screen::Ready(opened) | Screen::Partial(opened) => {
            let (opened, export) = (opened.clone(), state.export.clone());
            match (view, views) {
                (View::Overview, _) => {
                    let (regroup, busy) = (state.regroup.clone(), matches!(export, Export::Working { .. }));
                    // Who opened the wrong file wants the other one back.
                    let back = match opened.answers.check.verdict {
                        Verdict::Unusable => earlier(&engine.earlier(), &on_reopen),
                        _ => Html::default(),
                    };
                    html! {
                        <>
                            <Overview {opened} route={route.clone()} go={go.clone()} {engine} {regroup} {busy} />
                            { back }
                        </>
                    }
                }
                (_, Views::Here(Show(show))) => {
                    let (route, go, state) = (route.clone(), go.clone(), (*state).clone());
                    show(Shown { view, opened, route, go, engine, state })
                }
                (_, Views::Missing) => without_views(&load_views),
                (_, Views::Coming) => html! { <p class="lead" role="status">{ "Loading this view." }</p> },
            }
        }
    };
    let opened = state.screen.opened().cloned();
    let over = match asked {
        Some(asked) => leave_question(asked, wish, &fulfil, on_stay),
        None => html! {
            <Modal title={dialog.map(Dialog::title)} on_close={on_dialog.reform(|()| None)}>
                { dialog.map(Dialog::text) }
            </Modal>
        },
    };
    html! {
        <div class={classes!("shell", opened.is_some().then_some("shellWithRail"))}>
            <a class="skipLink" href={route.to_hash()} onclick={focus_main}>{ "Skip to the report" }</a>
            <TopBar screen={state.screen.clone()} route={route.clone()} {go} {on_another} {on_help} />
            if let Some(opened) = &opened {
                <Rail opened={opened.clone()} {route} {on_privacy} />
            }
            <main class="main" id="main" tabindex="0">
                if let Some(note) = opened.map(|opened| opened.subject.note).filter(|note| !note.is_empty()) {
                    <p class="besideNote" role="note" data-testid="beside">{ note }</p>
                }
                { main }
            </main>
            if hovering {
                <div class="dropVeil" aria-hidden="true"><p class="dropVeilText">{ "Let go to open" }</p></div>
            }
            { over }
        </div>
    }
}

/// What can lie over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialog {
    Help,
    Privacy,
}

impl Dialog {
    fn title(self) -> AttrValue {
        match self {
            Self::Help => "Keyboard".into(),
            Self::Privacy => "Why nothing leaves this page".into(),
        }
    }

    fn text(self) -> Html {
        match self {
            Self::Help => help_text(),
            Self::Privacy => privacy_text(),
        }
    }
}

/// Moves the focus past the rail without changing the address.
fn focus_main(event: MouseEvent) {
    event.prevent_default();
    focus_element("main");
}
