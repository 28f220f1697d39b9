//! The keys before and behind the one that is looked at.

use core::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::use_keyboard::is_for_a_field;
use super::use_keys::{is_of, last_question, post, question};
use super::{Engine, Go};
use crate::key_route::KeyRoute;
use crate::one_key::{self, Way};
use crate::protocol::{Beside, KeysAnswer, KeysRequest};
use crate::route::Route;
use crate::state::Opened;

type Listener = Rc<dyn Fn(&KeysAnswer)>;

thread_local! {
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Takes what the table of keys says to who asked what is beside a key.
pub(super) fn hear_beside(answer: &KeysAnswer) {
    if let Some(listener) = LISTENER.with_borrow(Clone::clone) {
        listener(answer);
    }
}

/// What is known of the keys beside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Known {
    /// Nothing: nobody has asked.
    #[default]
    Nothing,
    /// Nothing of this key yet: the answer is on its way.
    Asked,
    /// The keys are being listed: bytes read, and of how many.
    Looking(u64, u64),
    /// These. None where the table does not hold them.
    Found(Option<Box<Beside>>),
}

/// Ways to the keys beside one.
#[derive(Clone, PartialEq)]
pub struct Steps {
    /// What is known.
    pub known: Known,
    /// Goes there, as soon as it is known where that is.
    pub step: Callback<Way>,
}

/// The keys beside the one of the address: in the table it was opened from, else in its file. They are listed when somebody wants to
/// go there, or were listed before.
#[hook]
pub fn use_beside(engine: &Engine, opened: &Opened, route: &Route, go: &Go) -> Steps {
    let known = use_state(Known::default);
    let pending = use_mut_ref(|| None::<Way>);
    let key = route.key.clone().unwrap_or_else(|| KeyRoute::new(0, 0, 0));
    let source = one_key::source_number(&opened.answers, key.file);
    let asked = (route.filter.clone(), route.keys.word());
    let budget_bytes = route.rows_mb.map(|mb| mb * 1_000_000);
    let ask = {
        let (asked, offset, place) = (asked.clone(), key.offset, route.row);
        Rc::new(move || match (last_question((&asked.0, &asked.1)), source) {
            (Some((epoch, true)), Some(file)) => {
                post(KeysRequest::Beside { epoch, file, offset, place });
                true
            }
            _ => false,
        })
    };
    let arrive = {
        let (go, opened) = (go.clone(), opened.clone());
        Rc::new(move |way: Way, beside: &Beside| {
            if let Some(next) = one_key::step(&opened.answers, &go.now(), beside, way) {
                go.replace(next);
            }
        })
    };
    {
        let (known, pending, ask) = (known.clone(), pending.clone(), ask.clone());
        let (answers, arrive) = (opened.answers.clone(), arrive.clone());
        let offset = key.offset;
        use_effect_with((answers, key.file, key.offset, route.row, asked.clone()), move |(answers, ..)| {
            let setter = known.setter();
            LISTENER.replace(Some(Rc::new({
                let ask = ask.clone();
                move |answer: &KeysAnswer| match answer {
                    KeysAnswer::Beside { offset: of, beside, .. } if *of == offset => {
                        if let (Some(way), Some(beside)) = (pending.take(), beside) {
                            arrive(way, beside);
                        }
                        setter.set(Known::Found(beside.clone()));
                    }
                    KeysAnswer::Status(status) if pending.borrow().is_some() && !ask() => {
                        setter.set(Known::Looking(status.done_bytes, status.total_bytes));
                    }
                    _ => {}
                }
            })));
            // What was known is of another key.
            let is_asked = is_of(answers, budget_bytes) && ask();
            known.set(if is_asked { Known::Asked } else { Known::Nothing });
            || drop(LISTENER.take())
        });
    }
    let step = {
        let (engine, answers, known, pending) =
            (engine.clone(), opened.answers.clone(), known.clone(), pending);
        Callback::from(move |way: Way| match &*known {
            Known::Found(Some(beside)) => arrive(way, beside),
            Known::Found(None) => {}
            Known::Asked | Known::Looking(..) => {
                pending.replace(Some(way));
            }
            Known::Nothing => {
                pending.replace(Some(way));
                known.set(Known::Looking(0, 0));
                let is_asked = is_of(&answers, budget_bytes) && last_question((&asked.0, &asked.1)).is_some();
                // Where nothing can be started the buttons stay without effect, and the table says why.
                if !is_asked && question(&engine, &answers, (&asked.0, &asked.1), budget_bytes).is_err() {
                    known.set(Known::Found(None));
                }
            }
        })
    };
    {
        let step = step.clone();
        use_effect_with(step, |step| {
            let step = step.clone();
            let listener = web_sys::window().map(|window| {
                gloo_events::EventListener::new(&window, "keydown", move |event| {
                    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                    if event.default_prevented() || is_for_a_field(target.as_ref()) {
                        return;
                    }
                    match event.key().as_str() {
                        "[" => step.emit(Way::Previous),
                        "]" => step.emit(Way::Next),
                        _ => {}
                    }
                })
            });
            move || drop(listener)
        });
    }
    Steps { known: (*known).clone(), step }
}
