//! One question about one key after the other, answered by a worker.

use core::cell::RefCell;
use std::rc::Rc;

use js_sys::Reflect;
use snaptape_engine::{KeyAsked, KeyQuestion, Source};
use snaptape_report::{ElementRow, KeyAnswer, KeyPlace};
use wasm_bindgen::JsCast;
use web_sys::{Blob, Url};
use yew::prelude::*;

use super::link::{Link, Reply};
use super::{Engine, save};
use crate::key_route::KeyRoute;
use crate::one_key::place_before;
use crate::protocol::{BLOB, Look, LookAnswer, LookRequest};
use crate::state::Shared;

/// Places inside the value that answers gave out: the next question begins at one of them.
pub type Places = Rc<RefCell<Vec<KeyPlace>>>;

/// What there is of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asking {
    /// The last answer; it stays while the next one is waited for.
    pub answer: Option<Shared<KeyAnswer>>,
    /// Rows of a search under way.
    pub rows: Rc<Vec<ElementRow>>,
    /// Matches so far.
    pub matches: u64,
    /// Bytes behind us, and at most to come.
    pub progress: (u64, u64),
    /// Is an answer on its way?
    pub waits: bool,
    /// Did somebody stop that?
    pub stopped: bool,
    /// Why there is none.
    pub failed: Option<AttrValue>,
}

/// What changes it.
#[derive(Debug)]
pub enum AskAction {
    /// A question was posted.
    Asked,
    /// A part of the answer.
    Found {
        /// Rows since the last part.
        rows: Vec<ElementRow>,
        /// Matches so far.
        matches: u64,
        /// Bytes behind us, and at most to come.
        progress: (u64, u64),
    },
    /// The answer, or what is left of it.
    Answered(KeyAnswer),
    /// There is none.
    Failed(String),
    /// Nobody wants it any more.
    Stopped,
}

impl Reducible for Asking {
    type Action = AskAction;

    fn reduce(self: Rc<Self>, action: AskAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            AskAction::Asked => {
                let answer = next.answer;
                next = Self { answer, waits: true, ..Self::default() };
            }
            AskAction::Found { rows, matches, progress } => {
                if !rows.is_empty() {
                    Rc::make_mut(&mut next.rows).extend(rows);
                }
                (next.matches, next.progress) = (matches, progress);
            }
            AskAction::Answered(mut answer) => {
                if let KeyAnswer::Page(page) = &mut answer {
                    let mut rows = core::mem::take(Rc::make_mut(&mut next.rows));
                    rows.append(&mut page.rows);
                    page.rows = rows;
                }
                (next.answer, next.waits, next.failed) = (Some(Shared::new(answer)), false, None);
            }
            AskAction::Failed(why) => {
                (next.failed, next.waits, next.answer) = (Some(why.into()), false, None);
            }
            AskAction::Stopped => (next.waits, next.stopped) = (false, true),
        }
        Rc::new(next)
    }
}

/// Ways to wait no longer, and to wait after all.
#[derive(Clone, PartialEq)]
pub struct AskControl {
    /// Ends the work.
    pub stop: Callback<()>,
    /// Asks the same once more.
    pub again: Callback<()>,
}

/// Asks whenever the question changes; what was asked before is then wanted no more.
#[hook]
pub fn use_key(
    engine: &Engine,
    source: Option<Source>,
    key: &KeyRoute,
    places: &Places,
    question: Option<KeyQuestion>,
) -> (UseReducerHandle<Asking>, AskControl) {
    let asking = use_reducer(Asking::default);
    let times = use_state_eq(|| 0_u32);
    let link = use_mut_ref(|| None::<Link<Look>>);
    {
        let (engine, places, link, dispatch) =
            (engine.clone(), places.clone(), link.clone(), asking.dispatcher());
        let asked = (source, key.offset, key.db, question, *times);
        use_effect_with(asked, move |(source, offset, db, question, _)| {
            let mut link = link.borrow_mut();
            // Ending the worker is the fastest way to stop it.
            if link.as_ref().is_some_and(|link| link.is_busy() || link.is_dead()) {
                *link = None;
            }
            let (Some(source), Some(question)) = (source.clone(), question.clone()) else { return };
            dispatch.dispatch(AskAction::Asked);
            if link.is_none() {
                match start(dispatch.clone()) {
                    Ok(started) => *link = Some(started),
                    Err(why) => return dispatch.dispatch(AskAction::Failed(why)),
                }
            }
            let element = match &question {
                KeyQuestion::Elements(asked) => asked.from,
                KeyQuestion::Text { element, .. } => *element,
                _ => 0,
            };
            let place = place_before(&places.borrow(), element);
            let asked = Box::new(KeyAsked { offset: *offset, db: *db, place, question });
            if let Some(link) = &*link {
                link.post(&LookRequest::Key { asked, source, as_file: false }, &engine.files(), None);
            }
        });
    }
    {
        let link = link.clone();
        // The worker ends with what asks.
        use_effect_with((), move |()| move || drop(link.take()));
    }
    let stop = {
        let (link, dispatch) = (link, asking.dispatcher());
        Callback::from(move |()| {
            link.take();
            dispatch.dispatch(AskAction::Stopped);
        })
    };
    let again = Callback::from(move |()| times.set(*times + 1));
    (asking, AskControl { stop, again })
}

fn start(dispatch: UseReducerDispatcher<Asking>) -> Result<Link<Look>, String> {
    Link::start(move |reply, _| {
        dispatch.dispatch(match reply {
            Reply::Part(LookAnswer::KeyFound { rows, matches, done_bytes, total_bytes }) => {
                AskAction::Found { rows, matches, progress: (done_bytes, total_bytes) }
            }
            Reply::Answer(LookAnswer::Key(answer)) => AskAction::Answered(*answer),
            Reply::Failed { message } => AskAction::Failed(message),
            Reply::Progress { .. } | Reply::Part(_) | Reply::Answer(_) => return,
        });
    })
}

/// Has a worker write commands or a payload into a file, however long, and saves that. The worker lives until it is done.
pub fn save_key_file(
    engine: &Engine,
    source: Source,
    key: &KeyRoute,
    question: KeyQuestion,
    file_name: String,
    on_done: Callback<Result<(), String>>,
) {
    let kept = Rc::new(RefCell::new(None::<Link<Look>>));
    let started = {
        let kept = Rc::clone(&kept);
        Link::<Look>::start(move |reply, data| {
            let result = match reply {
                Reply::Answer(_) => {
                    let blob =
                        Reflect::get(data, &BLOB.into()).ok().and_then(|blob| blob.dyn_into::<Blob>().ok());
                    match blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok()) {
                        Some(url) => {
                            save(&url, &file_name);
                            // The download has begun, and keeps its blob by itself.
                            let _ = Url::revoke_object_url(&url);
                            Ok(())
                        }
                        None => Err("The browser did not hand over the file.".to_owned()),
                    }
                }
                Reply::Failed { message } => Err(message),
                Reply::Progress { .. } | Reply::Part(_) => return,
            };
            on_done.emit(result);
            // Not while it is being called.
            let kept = Rc::clone(&kept);
            wasm_bindgen_futures::spawn_local(async move { drop(kept.take()) });
        })
    };
    if let Ok(link) = started {
        let asked = Box::new(KeyAsked { offset: key.offset, db: key.db, place: None, question });
        link.post(&LookRequest::Key { asked, source, as_file: true }, &engine.files(), None);
        kept.replace(Some(link));
    }
}
