//! The table over all keys, which lives in a worker of its own as long as the files are open.

use core::cell::RefCell;

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Url};
use yew::prelude::*;

use super::link::{Link, Reply};
use super::use_beside::hear_beside;
use super::{Engine, copy_text, now_ms, save};
use crate::key_table::{KeyAction, KeyTable, PAGE_ROWS, Written};
use crate::protocol::{
    Answers, BLOB, KeysAnswer, KeysQuery, KeysRequest, KeysStage, Look, LookAnswer, LookRequest,
};
use crate::state::{Opened, Shared, Writing};
use snaptape_report::units;

/// What the table is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysAsked {
    /// The filter line; it can be read.
    pub filter: AttrValue,
    /// The order.
    pub sort: AttrValue,
    /// The row to be on.
    pub row: u64,
    /// What the rows may take, if not as usual.
    pub budget_bytes: Option<u64>,
}

/// The worker, and whose keys it has.
#[derive(Default)]
struct Session {
    link: Option<Link<Look>>,
    answers: Option<Shared<Answers>>,
    budget_bytes: Option<u64>,
    epoch: u64,
    /// Its filter and order.
    asked: (String, String),
    /// The last question that all was found of.
    done: u64,
    /// Has the worker answered? Before that it takes one request.
    is_up: bool,
    /// What is asked as soon as it has.
    waiting: Option<KeysQuery>,
    /// The file of keys it writes, and who is told what comes of that.
    writing: Option<(AttrValue, Engine)>,
}

impl Session {
    /// Nothing is written any more; tells what came of it.
    fn has_written(&mut self, came: fn(AttrValue) -> Writing) {
        if let Some((name, engine)) = self.writing.take() {
            engine.tell_writing(came(name));
        }
    }
}

thread_local! {
    // Outlives the view: who comes back finds the table as it was.
    static SESSION: RefCell<Session> = RefCell::default();
    static LISTENER: RefCell<Option<UseReducerDispatcher<KeyTable>>> = const { RefCell::new(None) };
}

/// Ways to do something with the table.
#[derive(Clone, PartialEq)]
pub struct Keys {
    /// What is known of it.
    pub table: UseReducerHandle<KeyTable>,
    engine: Engine,
}

impl Keys {
    /// Stops reading, or goes on.
    pub fn pause(&self, paused: bool) {
        post(KeysRequest::Pause(paused));
    }

    /// Writes what is chosen (all, where nothing is) into a file.
    pub fn export(&self, csv: bool) {
        let places = self.table.selection.ranges().to_vec();
        self.table.dispatch(KeyAction::Written(Some(Written::Working(0, 0))));
        let name = AttrValue::from(file_name(csv));
        self.engine.tell_writing(Writing::Working(name.clone()));
        SESSION.with_borrow_mut(|session| session.writing = Some((name, self.engine.clone())));
        post(KeysRequest::Export { csv, places });
    }

    /// Copies the names of what is chosen.
    pub fn copy(&self) {
        let places = self.table.selection.ranges().to_vec();
        post(KeysRequest::Names { places });
    }
}

pub(super) fn post(request: KeysRequest) {
    SESSION.with_borrow(|session| {
        if let Some(link) = &session.link {
            link.post(&LookRequest::Keys(request), &[], None);
        }
    });
}

/// The table of the keys of these files, for this question.
#[hook]
pub fn use_keys(engine: &Engine, opened: &Opened, asked: KeysAsked) -> Keys {
    let table = use_reducer(KeyTable::default);
    {
        let dispatch = table.dispatcher();
        use_effect_with((), move |()| {
            LISTENER.replace(Some(dispatch));
            || drop(LISTENER.take())
        });
    }
    {
        let (engine, dispatch) = (engine.clone(), table.dispatcher());
        let question = (opened.answers.clone(), asked.filter.clone(), asked.sort.clone(), asked.budget_bytes);
        use_effect_with(question, move |(answers, filter, sort, budget_bytes)| {
            ask(&engine, answers, filter, sort, *budget_bytes, asked.row, &dispatch);
        });
    }
    {
        let dispatch = table.dispatcher();
        use_effect_with((table.wanted(), table.epoch), move |(wanted, epoch)| {
            if let Some(page) = *wanted
                && SESSION.with_borrow(|session| session.is_up)
            {
                dispatch.dispatch(KeyAction::Wanted(page));
                post(KeysRequest::Rows { epoch: *epoch, from: page * PAGE_ROWS, most: PAGE_ROWS });
            }
        });
    }
    Keys { table, engine: engine.clone() }
}

fn ask(
    engine: &Engine,
    answers: &Shared<Answers>,
    filter: &str,
    sort: &str,
    budget_bytes: Option<u64>,
    row: u64,
    dispatch: &UseReducerDispatcher<KeyTable>,
) {
    let is_same = is_of(answers, budget_bytes);
    let asked = question(engine, answers, (filter, sort), budget_bytes);
    let epoch = SESSION.with_borrow(|session| session.epoch);
    dispatch.dispatch(KeyAction::Asked { epoch, active: row, fresh: !is_same });
    if let Err(message) = asked {
        dispatch.dispatch(KeyAction::Failed { message: message.into(), is_end: true });
    }
}

/// Is there a table of these files?
pub(super) fn is_of(answers: &Shared<Answers>, budget_bytes: Option<u64>) -> bool {
    SESSION.with_borrow(|session| {
        session.answers.as_ref() == Some(answers)
            && session.budget_bytes == budget_bytes
            && session.link.as_ref().is_some_and(|link| !link.is_dead())
    })
}

/// The number of the last question and whether everything was found, where this was it.
pub(super) fn last_question(asked: (&str, &str)) -> Option<(u64, bool)> {
    SESSION.with_borrow(|session| {
        let is_it = (session.asked.0.as_str(), session.asked.1.as_str()) == asked;
        is_it.then_some((session.epoch, session.done == session.epoch))
    })
}

/// Asks the table of these files for keys that a filter takes, in an order; starts one where there is none.
pub(super) fn question(
    engine: &Engine,
    answers: &Shared<Answers>,
    (filter, sort): (&str, &str),
    budget_bytes: Option<u64>,
) -> Result<(), String> {
    let is_same = is_of(answers, budget_bytes);
    SESSION.with_borrow_mut(|session| {
        session.epoch += 1;
        session.asked = (filter.into(), sort.into());
        let query = KeysQuery { epoch: session.epoch, filter: filter.into(), sort: sort.into() };
        if is_same {
            match &session.link {
                Some(link) if session.is_up => {
                    link.post(&LookRequest::Keys(KeysRequest::Ask(query)), &[], None);
                }
                _ => session.waiting = Some(query),
            }
            return Ok(());
        }
        // The old one first: it may hold much memory.
        session.link = None;
        session.has_written(Writing::Failed);
        (session.is_up, session.waiting, session.budget_bytes) = (false, None, budget_bytes);
        session.answers = Some(answers.clone());
        let link = Link::start(heard)?;
        engine.at_leave(forget_keys);
        let asked = engine.asked();
        let request = KeysRequest::Open {
            now_ms: now_ms(),
            target: asked.target,
            allocator: asked.allocator,
            patterns: asked.patterns,
            budget_bytes,
            query,
        };
        link.post(&LookRequest::Keys(request), &engine.files(), None);
        session.link = Some(link);
        Ok(())
    })
}

/// Ends the table: the files it is of are not open any more.
fn forget_keys() {
    SESSION.take();
}

/// Takes what the worker says to whoever shows it now.
fn heard(reply: Reply<LookAnswer>, data: &wasm_bindgen::JsValue) {
    if !matches!(reply, Reply::Progress { .. }) {
        SESSION.with_borrow_mut(|session| {
            session.is_up = true;
            if let (Some(query), Some(link)) = (session.waiting.take(), &session.link) {
                link.post(&LookRequest::Keys(KeysRequest::Ask(query)), &[], None);
            }
        });
    }
    if let Reply::Part(LookAnswer::Keys(answer)) | Reply::Answer(LookAnswer::Keys(answer)) = &reply {
        if let KeysAnswer::Status(status) = answer
            && status.stage == KeysStage::Done
        {
            SESSION.with_borrow_mut(|session| session.done = status.epoch);
        }
        hear_beside(answer);
    }
    // Whoever left the view still wants the file.
    let written = match &reply {
        Reply::Answer(LookAnswer::Keys(KeysAnswer::Exported { rows, bytes, csv })) => {
            let blob = Reflect::get(data, &BLOB.into()).ok().and_then(|blob| blob.dyn_into::<Blob>().ok());
            let came = if blob.is_some() { Writing::Done } else { Writing::Failed };
            SESSION.with_borrow_mut(|session| session.has_written(came));
            Some(finished(blob, *rows, *bytes, *csv))
        }
        Reply::Failed { .. } => {
            SESSION.with_borrow_mut(|session| session.has_written(Writing::Failed));
            None
        }
        _ => None,
    };
    let Some(dispatch) = LISTENER.with_borrow(Clone::clone) else { return };
    let action = match reply {
        _ if written.is_some() => KeyAction::Written(written),
        Reply::Part(LookAnswer::Keys(answer)) | Reply::Answer(LookAnswer::Keys(answer)) => match answer {
            KeysAnswer::Status(status) => KeyAction::Status(status),
            KeysAnswer::Rows { epoch, from, rows } => KeyAction::Rows { epoch, from, rows },
            KeysAnswer::Wrong { message, .. } => KeyAction::Failed { message: message.into(), is_end: false },
            KeysAnswer::Exported { rows, bytes, .. } => {
                KeyAction::Written(Some(Written::Working(rows, bytes)))
            }
            KeysAnswer::Names { text, names } => {
                spawn_local(async move {
                    let said = if copy_text(text.trim_end()).await {
                        format!("{} copied.", units::plural(names, "name", "names"))
                    } else {
                        "The browser does not let the page copy.".to_owned()
                    };
                    dispatch.dispatch(KeyAction::Written(Some(Written::Done(said.into()))));
                });
                return;
            }
            KeysAnswer::Heard | KeysAnswer::Beside { .. } => return,
        },
        Reply::Failed { message } => {
            let is_end = SESSION.with_borrow(|session| session.link.as_ref().is_none_or(Link::is_dead));
            KeyAction::Failed { message: message.into(), is_end }
        }
        Reply::Progress { .. } | Reply::Part(_) | Reply::Answer(_) => return,
    };
    dispatch.dispatch(action);
}

fn file_name(csv: bool) -> &'static str {
    if csv { "keys.csv" } else { "keys.jsonl" }
}

fn finished(blob: Option<Blob>, rows: u64, bytes: u64, csv: bool) -> Written {
    let name = file_name(csv);
    let url = blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok());
    Written::Done(
        match url {
            Some(url) => {
                save(&url, name);
                format!(
                    "{name}: {}, {}.",
                    units::plural(rows, "row", "rows"),
                    units::plural(bytes, "byte", "bytes")
                )
            }
            None => "The browser did not hand over the file.".to_owned(),
        }
        .into(),
    )
}
