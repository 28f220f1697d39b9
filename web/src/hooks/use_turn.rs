//! One piece of a screen a frame: a screen of many cards would hold the page up if all of it were made at once.

use core::cell::{Cell, RefCell};
use std::collections::VecDeque;

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

#[derive(Default)]
struct Turns {
    /// Whose turn comes, first come first served.
    waiting: RefCell<VecDeque<UseStateSetter<bool>>>,
    /// Was something made in this frame?
    taken: Cell<bool>,
    /// Will the next frame be heard of?
    listening: Cell<bool>,
    /// Called with it.
    frame: RefCell<Option<Closure<dyn FnMut()>>>,
}

thread_local! {
    static TURNS: Turns = Turns::default();
}

/// Is it the turn of this piece? The first of a frame does not wait; each other one has a frame to itself.
#[hook]
pub fn use_turn() -> bool {
    let turn = use_state(|| {
        TURNS.with(|turns| {
            if turns.taken.replace(true) {
                return false;
            }
            next_frame(turns);
            true
        })
    });
    let (now, setter) = (*turn, turn.setter());
    use_effect_with((), move |()| {
        if !now {
            TURNS.with(|turns| {
                turns.waiting.borrow_mut().push_back(setter);
                next_frame(turns);
            });
        }
    });
    now
}

fn next_frame(turns: &Turns) {
    if turns.listening.replace(true) {
        return;
    }
    let mut frame = turns.frame.borrow_mut();
    let each = frame.get_or_insert_with(|| Closure::new(|| TURNS.with(each_frame)));
    if let Some(window) = web_sys::window() {
        // Refused only for what is no function.
        let _ = window.request_animation_frame(each.as_ref().unchecked_ref());
    }
}

fn each_frame(turns: &Turns) {
    turns.listening.set(false);
    let next = turns.waiting.borrow_mut().pop_front();
    turns.taken.set(next.is_some());
    if let Some(next) = next {
        // Nothing happens where the piece is gone by now.
        next.set(true);
        next_frame(turns);
    }
}
