//! What is pasted: files as they are, text as the bytes it stands for.

use core::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element, Event};
use yew::prelude::*;

use super::link::{Link, Reply};
use crate::files::{self, Given, Picked};
use crate::protocol::Paste;

/// What became of pasted text.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Pasting {
    /// Nothing was pasted, or what was is open.
    #[default]
    Idle,
    /// It is being read.
    Working,
    /// It can be opened, but something speaks against it.
    Doubtful {
        /// What; one sentence.
        doubt: AttrValue,
        /// The file it became.
        picked: Picked,
    },
    /// It cannot be opened; one sentence says why.
    Failed(AttrValue),
}

/// Ways to open text.
#[derive(Clone)]
pub struct Paster {
    /// What became of the last one.
    pub pasting: UseStateHandle<Pasting>,
    link: Rc<RefCell<Option<Link<Paste>>>>,
    on_pick: Callback<Given>,
}

impl Paster {
    /// Opens what the text stands for.
    pub fn open(&self, text: String) {
        let (setter, on_pick) = (self.pasting.setter(), self.on_pick.clone());
        setter.set(Pasting::Working);
        let done = setter.clone();
        let link = Link::<Paste>::start(move |reply, _| match reply {
            Reply::Answer(pasted) => {
                let Some(file) = files::from_bytes(&pasted.name, &pasted.bytes) else {
                    return done.set(Pasting::Failed("The browser could not make a file of it.".into()));
                };
                let picked = Picked { path: pasted.name, file };
                if let Some(doubt) = pasted.doubt {
                    done.set(Pasting::Doubtful { doubt: doubt.into(), picked });
                } else {
                    done.set(Pasting::Idle);
                    on_pick.emit(Given::made(vec![picked]));
                }
            }
            Reply::Failed { message } => done.set(Pasting::Failed(message.into())),
            Reply::Progress { .. } | Reply::Part(_) => {}
        });
        match link {
            Ok(link) => {
                link.post(&text, &[], None);
                self.link.replace(Some(link));
            }
            Err(message) => setter.set(Pasting::Failed(message.into())),
        }
    }
}

/// Opens what is pasted anywhere but into a field.
#[hook]
pub fn use_pasted(on_pick: &Callback<Given>) -> Paster {
    let pasting = use_state(Pasting::default);
    let link = (*use_state(|| Rc::new(RefCell::new(None)))).clone();
    let paster = Paster { pasting, link: Rc::clone(&link), on_pick: on_pick.clone() };
    {
        let paster = paster.clone();
        use_effect_with(on_pick.clone(), move |_| {
            let listener = web_sys::window()
                .map(|window| EventListener::new(&window, "paste", move |event| pasted(event, &paster)));
            move || drop(listener)
        });
    }
    use_effect_with((), move |()| move || drop(link.take()));
    paster
}

fn pasted(event: &Event, paster: &Paster) {
    let in_field =
        event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|target| {
            target.closest("input:not([type=file]), textarea, select, dialog[open]").ok().flatten().is_some()
        });
    let Some(transfer) = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data) else {
        return;
    };
    if transfer.types().includes(&"Files".into(), 0) {
        paster.on_pick.emit(Given::dropped(&transfer));
    } else if !in_field && let Ok(text) = transfer.get_data("text/plain") {
        paster.open(text);
    }
}
