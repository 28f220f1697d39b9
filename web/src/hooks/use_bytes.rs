//! The bytes of a file and what they are, fetched by a worker of its own as they come into sight.

use core::cell::RefCell;
use std::rc::Rc;

use snaptape_report::{FilePlaces, FileReport, StructureQuery};
use yew::prelude::*;

use super::Engine;
use super::link::{Link, Reply};
use crate::bytes::{ByteAction, ByteState, Window};
use crate::protocol::{Look, LookAnswer, LookRequest, RegionAsked};
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

/// The bytes around a place, and a way to wait for them no longer. It asks for what it wants by itself.
#[hook]
pub fn use_bytes(
    engine: &Engine,
    opened: &Opened,
    at: BytesAt,
) -> (UseReducerHandle<ByteState>, Callback<()>) {
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
    let on_stop = {
        let (looker, dispatch) = (Rc::clone(&looker), state.dispatcher());
        Callback::from(move |()| {
            if let Some(link) = &looker.borrow().link {
                link.post(&LookRequest::StopRegion, &[], None);
            }
            dispatch.dispatch(ByteAction::Stop);
        })
    };
    // The worker ends with the view.
    use_effect_with((), move |()| move || drop(looker.replace(Looker::default())));
    (state, on_stop)
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
            Reply::Progress { done_bytes, total_bytes } => {
                ByteAction::Unpacking { epoch, done_bytes, total_bytes }
            }
            Reply::Failed { message } => ByteAction::Failed { epoch, message: message.into() },
            Reply::Part(_) | Reply::Answer(_) => return,
        };
        dispatch.dispatch(action);
    })
}
