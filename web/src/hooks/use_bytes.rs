//! The bytes of a file and what they are, fetched by a worker of its own as they come into sight.

use core::cell::RefCell;
use std::rc::Rc;

use snaptape_report::{FilePlaces, FileReport, StructureQuery};
use yew::prelude::*;

use super::Engine;
use super::link::{Link, Reply};
use crate::bytes::{ByteAction, ByteState, Window};
use crate::protocol::{BytesAsked, Look, LookAnswer, LookRequest, RegionAsked};
use crate::route::BytesAt;
use crate::state::Opened;

/// What was asked last: its number, for what, and which bytes.
type LastAsked = Rc<RefCell<Option<(u64, u64, Window)>>>;

/// The worker, and what it was asked last.
#[derive(Default)]
struct Looker {
    link: Option<Link<Look>>,
    asked: LastAsked,
    number: u64,
}

/// The bytes around a place. It asks for what it wants by itself.
#[hook]
pub fn use_bytes(engine: &Engine, opened: &Opened, at: BytesAt) -> UseReducerHandle<ByteState> {
    let state = use_reducer(ByteState::default);
    let looker = use_mut_ref(Looker::default);
    let file = usize::try_from(at.file).unwrap_or(usize::MAX);
    {
        let dispatch = state.dispatcher();
        use_effect_with((opened.answers.clone(), at.file, at.inside), move |(answers, _, inside)| {
            let total = match inside {
                Some(_) => None,
                None => Some(answers.report.files.get(file).map_or(0, FileReport::content_bytes)),
            };
            dispatch.dispatch(ByteAction::Open { total, at: at.start });
        });
    }
    {
        let dispatch = state.dispatcher();
        use_effect_with(at.start, move |start| dispatch.dispatch(ByteAction::Reveal(*start)));
    }
    {
        let (engine, answers) = (engine.clone(), opened.answers.clone());
        let (looker, dispatch) = (looker.clone(), state.dispatcher());
        use_effect_with((state.wanted(), state.epoch), move |(wanted, epoch)| {
            let looker = &mut *looker.borrow_mut();
            let Some(window) = *wanted else { return };
            let from = at.inside.unwrap_or(window.start);
            let Some(places) = FilePlaces::of(&answers.report, file, from) else { return };
            let Some(source) = answers.sources.iter().find(|source| source.path == places.file) else {
                return;
            };
            if looker.link.as_ref().is_none_or(Link::is_dead) {
                match link(&looker.asked, dispatch.clone()) {
                    Ok(link) => looker.link = Some(link),
                    Err(message) => {
                        let (epoch, message) = (*epoch, message.into());
                        return dispatch.dispatch(ByteAction::Failed { epoch, message });
                    }
                }
            }
            let Some(link) = &looker.link else { return };
            looker.number += 1;
            let number = looker.number;
            let query =
                StructureQuery { start: window.start, len: window.end - window.start, inside: at.inside };
            looker.asked.replace(Some((number, *epoch, window)));
            let asked = RegionAsked { number, places, query, source: source.clone() };
            link.post(&LookRequest::Region(Box::new(asked)), &engine.files(), None);
        });
    }
    // The worker ends with the view.
    use_effect_with((), move |()| move || drop(looker.replace(Looker::default())));
    state
}

fn link(asked: &LastAsked, dispatch: UseReducerDispatcher<ByteState>) -> Result<Link<Look>, String> {
    let asked = Rc::clone(asked);
    Link::start(move |reply, _| {
        let Some((wanted, epoch, window)) = *asked.borrow() else { return };
        let action = match reply {
            Reply::Part(LookAnswer::Bytes { number, bytes }) if number == wanted => {
                ByteAction::Bytes { epoch, window, bytes }
            }
            Reply::Answer(LookAnswer::Region { number, page: Some(page) }) if number == wanted => {
                ByteAction::Structure { epoch, window, page }
            }
            Reply::Failed { message } => ByteAction::Failed { epoch, message: message.into() },
            Reply::Progress { .. } | Reply::Part(_) | Reply::Answer(_) => return,
        };
        dispatch.dispatch(action);
    })
}

/// How a search for bytes is going.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Hunt {
    /// There is none.
    #[default]
    Idle,
    /// It is under way.
    Running {
        /// Bytes looked through.
        done_bytes: u64,
        /// Bytes to look through.
        total_bytes: u64,
    },
    /// They stand there.
    Found(u64),
    /// They stand nowhere behind the place it began at.
    Nowhere,
    /// It could not be done; one sentence says why.
    Failed(AttrValue),
}

/// A search for bytes.
#[derive(Clone)]
pub struct ByteHunt {
    /// How it is going.
    pub hunt: UseStateHandle<Hunt>,
    link: Rc<RefCell<Option<Link<Look>>>>,
}

impl ByteHunt {
    /// Starts one; another one that is under way ends.
    pub fn start(&self, engine: &Engine, asked: BytesAsked) {
        let setter = self.hunt.setter();
        let total_bytes = asked.content_bytes.saturating_sub(asked.from);
        setter.set(Hunt::Running { done_bytes: 0, total_bytes });
        let each = setter.clone();
        let link = Link::start(move |reply, _| match reply {
            Reply::Progress { done_bytes, total_bytes } => {
                each.set(Hunt::Running { done_bytes, total_bytes });
            }
            Reply::Answer(LookAnswer::FoundBytes(at)) => each.set(at.map_or(Hunt::Nowhere, Hunt::Found)),
            Reply::Failed { message } => each.set(Hunt::Failed(message.into())),
            Reply::Part(_) | Reply::Answer(_) => {}
        });
        match link {
            Ok(link) => {
                link.post(&LookRequest::FindBytes(Box::new(asked)), &engine.files(), None);
                self.link.replace(Some(link));
            }
            Err(message) => setter.set(Hunt::Failed(message.into())),
        }
    }

    /// Ends it.
    pub fn stop(&self) {
        self.link.take();
        self.hunt.set(Hunt::Idle);
    }
}

/// Searches for bytes, one at a time.
#[hook]
pub fn use_byte_hunt() -> ByteHunt {
    let hunt = use_state(Hunt::default);
    let link = (*use_state(|| Rc::new(RefCell::new(None)))).clone();
    {
        let link = Rc::clone(&link);
        use_effect_with((), move |()| move || drop(link.take()));
    }
    ByteHunt { hunt, link }
}
