//! Maps that are nested by something else than the first one, made by a worker of their own.

use core::cell::RefCell;
use std::rc::Rc;

use snaptape_report::MapNesting;
use yew::prelude::*;

use super::link::{Link, Reply};
use super::{Engine, monotonic_ms, now_ms};
use crate::map::{Load, Loading};
use crate::protocol::{Look, LookAnswer, LookRequest};
use crate::state::Opened;

/// The maps of the opened files, and the worker that makes another.
#[derive(Clone)]
pub struct Maps {
    /// Those there are, and how far the next one is.
    pub loading: UseReducerHandle<Loading>,
    link: Rc<RefCell<Option<Link<Look>>>>,
}

impl Maps {
    /// Ends the work under way.
    pub fn stop(&self) {
        self.link.take();
        self.loading.dispatch(Load::Stopped);
    }

    /// Asks once more for what failed or was stopped.
    pub fn again(&self) {
        self.loading.dispatch(Load::Again);
    }
}

/// The maps of these files. The one that is nested so is asked for where it is missing.
#[hook]
pub fn use_map(engine: &Engine, opened: &Opened, nesting: &MapNesting) -> Maps {
    let first = opened.answers.map.clone();
    let loading = use_reducer(move || {
        let state = Rc::new(Loading::default());
        Rc::unwrap_or_clone(state.reduce(Load::Reset(first)))
    });
    let link = use_mut_ref(|| None::<Link<Look>>);
    let known = use_mut_ref(|| opened.answers.clone());
    {
        let (link, dispatch) = (link.clone(), loading.dispatcher());
        use_effect_with(opened.answers.clone(), move |answers| {
            if *known.borrow() != *answers {
                known.replace(answers.clone());
                link.take();
                dispatch.dispatch(Load::Reset(answers.map.clone()));
            }
        });
    }
    {
        let (engine, link, dispatch) = (engine.clone(), link.clone(), loading.dispatcher());
        let has_keys = opened.answers.report.dataset.as_ref().is_some_and(|dataset| dataset.totals.keys > 0);
        let lacks = has_keys && loading.lacks(nesting);
        use_effect_with((nesting.clone(), lacks), move |(nesting, lacks)| {
            if !lacks {
                return;
            }
            // What was asked before is wanted no more.
            link.take();
            dispatch.dispatch(Load::Asked { nesting: nesting.clone(), now_ms: monotonic_ms() });
            match start(&dispatch) {
                Ok(started) => {
                    let request = LookRequest::Map {
                        now_ms: now_ms(),
                        asked: engine.asked(),
                        nesting: nesting.clone(),
                    };
                    started.post(&request, &engine.files(), None);
                    link.replace(Some(started));
                }
                Err(message) => dispatch.dispatch(Load::Failed(message.into())),
            }
        });
    }
    {
        // The worker ends with the view.
        let link = link.clone();
        use_effect_with((), move |()| move || drop(link.take()));
    }
    Maps { loading, link }
}

fn start(dispatch: &UseReducerDispatcher<Loading>) -> Result<Link<Look>, String> {
    let dispatch = dispatch.clone();
    Link::start(move |reply, _| {
        let action = match reply {
            Reply::Progress { done_bytes, total_bytes } => {
                Load::Progress { now_ms: monotonic_ms(), done_bytes, total_bytes }
            }
            Reply::Answer(LookAnswer::Map(map)) => Load::Made(*map),
            Reply::Failed { message } => Load::Failed(message.into()),
            Reply::Part(_) | Reply::Answer(_) => return,
        };
        dispatch.dispatch(action);
    })
}
