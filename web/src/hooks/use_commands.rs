//! The list of commands, filled by a worker of its own: the one that reads and exports is never held up by somebody who scrolls.

use core::cell::RefCell;
use std::rc::Rc;

use snaptape_report::ListFrom;
use yew::prelude::*;

use super::Engine;
use super::link::{Link, Reply};
use crate::filter;
use crate::listing::{ListAction, Listing, MOST_MATCHES, PAGE_ROWS, Wanted, tape_for};
use crate::protocol::{CommandsAsked, Look, LookAnswer, LookRequest};
use crate::state::Opened;

/// The worker, and what it was asked last.
#[derive(Default)]
struct Lister {
    link: Option<Link<Look>>,
    asked: Rc<RefCell<Option<(u64, Wanted)>>>,
}

/// The list of the commands of these files. It asks for what it wants by itself.
#[hook]
pub fn use_commands(engine: &Engine, opened: &Opened) -> UseReducerHandle<Listing> {
    let list = use_reducer(Listing::default);
    let lister = use_mut_ref(Lister::default);
    {
        let dispatch = list.dispatcher();
        use_effect_with(opened.answers.clone(), move |answers| {
            let total = answers.report.tape.as_ref().map_or(0, |tape| tape.commands);
            dispatch.dispatch(ListAction::Reset(total));
        });
    }
    {
        let (engine, answers) = (engine.clone(), opened.answers.clone());
        let (lister, dispatch) = (lister.clone(), list.dispatcher());
        let words = list.matches.as_ref().map(|matches| matches.words.clone());
        use_effect_with(
            (list.wanted(), list.epoch, list.answers, words),
            move |(wanted, epoch, _, words)| {
                let lister = &mut *lister.borrow_mut();
                let outdated = lister.asked.borrow().as_ref().is_some_and(|(asked, _)| asked != epoch);
                // What was asked before is wanted no more: ending the worker is the fastest way to stop it.
                if outdated || lister.link.as_ref().is_some_and(Link::is_dead) {
                    lister.link = None;
                    lister.asked.take();
                }
                let idle = lister.asked.borrow().is_none();
                let Some(wanted) = wanted.as_ref().filter(|_| idle) else { return };
                if lister.link.is_none() {
                    match link(&lister.asked, dispatch.clone()) {
                        Ok(link) => lister.link = Some(link),
                        Err(message) => return dispatch.dispatch(ListAction::Failed(message.into())),
                    }
                }
                let Some(link) = &lister.link else { return };
                let (from, limit) = match wanted {
                    Wanted::Page(page) => (ListFrom::Number { number: page * PAGE_ROWS }, PAGE_ROWS),
                    Wanted::Jump(from) => (from.clone(), 1),
                    Wanted::Search => (ListFrom::Start, MOST_MATCHES),
                };
                // It was read before, when it was typed.
                let filter = words.as_deref().and_then(|words| filter::parse(words).ok()).unwrap_or_default();
                let Some(tape) = &answers.report.tape else { return };
                let request = LookRequest::Commands {
                    tape: Box::new(tape_for(tape, &from)),
                    asked: Box::new(CommandsAsked { from, filter, limit, search: *wanted == Wanted::Search }),
                    sources: answers.sources.clone(),
                };
                link.post(&request, &engine.files(), None);
                drop(lister.asked.replace(Some((*epoch, wanted.clone()))));
            },
        );
    }
    // The worker ends with the list.
    use_effect_with((), move |()| move || drop(lister.replace(Lister::default())));
    list
}

fn link(
    asked: &Rc<RefCell<Option<(u64, Wanted)>>>,
    dispatch: UseReducerDispatcher<Listing>,
) -> Result<Link<Look>, String> {
    let asked = Rc::clone(asked);
    Link::start(move |reply, _| {
        let action = match reply {
            Reply::Answer(LookAnswer::Commands(page)) => match asked.take() {
                Some((epoch, wanted)) => ListAction::Answered { epoch, wanted, page },
                None => return,
            },
            Reply::Part(LookAnswer::Found { rows, matches, done_bytes, total_bytes }) => {
                match &*asked.borrow() {
                    Some((epoch, _)) => {
                        ListAction::Found { epoch: *epoch, rows, matches, done_bytes, total_bytes }
                    }
                    None => return,
                }
            }
            Reply::Failed { message } => {
                asked.take();
                ListAction::Failed(message.into())
            }
            Reply::Progress { .. } | Reply::Part(_) | Reply::Answer(_) => return,
        };
        dispatch.dispatch(action);
    })
}
