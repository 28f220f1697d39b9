//! The workers that read files and carry out plans, from the page's side.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Reflect;
use snaptape_report::PatternOptions;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Url};
use yew::prelude::*;

use super::link::{Link, Reply};
use super::{choose_folder, monotonic_ms, now_ms, save, settings_store};
use crate::files::{self, Given, Listed, Picked};
use crate::protocol::{
    Answers, Asked, BLOB, Export, ExportAnswer, ExportRequest, Open, OpenRequest, Program,
};
use crate::samples::Sample;
use crate::state::{Action, Delivery, Shared, State, Subject, Writing};
use snaptape_report::place;

/// A list that grows is told about this often.
const LISTING_EVERY_MS: f64 = 100.0;

/// Hands work to the workers and dispatches what comes back.
#[derive(Clone)]
pub struct Engine(Rc<Inner>);

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    dispatch: UseReducerDispatcher<State>,
    /// Reads files; it is there from the start.
    open: RefCell<Option<Link<Open>>>,
    /// Carries out plans; it is there from the first one on.
    export: RefCell<Option<Link<Export>>>,
    files: RefCell<Vec<Picked>>,
    subject: RefCell<Subject>,
    /// What the opened files are read for.
    asked: RefCell<Asked>,
    /// What files are read for at first.
    usual: RefCell<Asked>,
    /// Files that were open before, last ones first.
    earlier: RefCell<Vec<Earlier>>,
    /// Counts whatever was given: what comes of the one before is of no interest any more.
    ticket: Cell<u32>,
    /// Were the opened files read?
    answered: Cell<bool>,
    /// Name of the copy under way.
    copy_name: RefCell<AttrValue>,
    /// Called when what is open is left.
    at_leave: Cell<Option<fn()>>,
    /// Object URL of the finished copy; its blob lives until it is revoked.
    copy_url: RefCell<Option<String>>,
}

/// Files that were open, and can be again.
#[derive(Debug, Clone, PartialEq)]
struct Earlier {
    subject: Subject,
    files: Vec<Picked>,
    asked: Asked,
}

/// As many sets of files can be opened again: their handles only, nothing of their contents, and only as long as the page is.
const MOST_EARLIER: usize = 3;

impl Engine {
    fn new(dispatch: UseReducerDispatcher<State>) -> Self {
        let engine = Self(Rc::new(Inner {
            dispatch,
            open: RefCell::default(),
            export: RefCell::default(),
            files: RefCell::default(),
            subject: RefCell::default(),
            asked: RefCell::default(),
            usual: RefCell::default(),
            earlier: RefCell::default(),
            ticket: Cell::default(),
            answered: Cell::default(),
            copy_name: RefCell::default(),
            at_leave: Cell::default(),
            copy_url: RefCell::default(),
        }));
        // Loaded while the user still looks for the file.
        engine.restart();
        engine
    }

    /// Opens what was given, once it is listed; whatever was under way ends.
    pub fn take(&self, given: Given) {
        let name: AttrValue = given.name().into();
        let ticket = self.begin(name.clone());
        let engine = self.clone();
        spawn_local(async move {
            let told = Cell::new(monotonic_ms());
            let seen = |files| {
                let now_ms = monotonic_ms();
                let wanted = engine.0.ticket.get() == ticket;
                if wanted && now_ms - told.get() > LISTING_EVERY_MS {
                    told.set(now_ms);
                    engine.0.dispatch.dispatch(Action::Listing { name: name.clone(), files });
                }
                wanted
            };
            let listed = given.list(seen).await;
            engine.got(ticket, listed);
        });
    }

    /// Opens a sample, once it is fetched.
    pub fn fetch(&self, sample: &'static Sample) {
        let ticket = self.begin(sample.title.into());
        let engine = self.clone();
        spawn_local(async move {
            let fetched = files::from_sample(sample).await;
            engine.got(ticket, fetched.map(|files| Listed { files, note: String::new() }));
        });
    }

    /// Opens files that were open before once more.
    pub fn reopen(&self, index: usize) {
        let Some(Earlier { files, subject, asked }) = self.0.earlier.borrow().get(index).cloned() else {
            return;
        };
        self.begin(subject.name.clone());
        self.open(files, subject, asked);
    }

    /// What was open before, last ones first.
    pub fn earlier(&self) -> Vec<Subject> {
        self.0.earlier.borrow().iter().map(|earlier| earlier.subject.clone()).collect()
    }

    /// Reads all files for this at first.
    pub fn set_usual(&self, asked: Asked) {
        self.0.usual.replace(asked);
    }

    /// What all files are read for at first.
    pub fn usual(&self) -> Asked {
        self.0.usual.borrow().clone()
    }

    fn begin(&self, name: AttrValue) -> u32 {
        self.leave();
        self.0.dispatch.dispatch(Action::Listing { name, files: 0 });
        self.0.ticket.get()
    }

    fn got(&self, ticket: u32, listed: Result<Listed, String>) {
        if self.0.ticket.get() != ticket {
            return;
        }
        match listed {
            Ok(Listed { files, note }) => {
                let subject = Subject { note: note.into(), ..files::subject(&files) };
                self.open(files, subject, self.usual());
            }
            Err(message) => self.0.dispatch.dispatch(Action::Failed(message.into())),
        }
    }

    fn open(&self, files: Vec<Picked>, subject: Subject, asked: Asked) {
        self.0.subject.replace(subject.clone());
        self.0.files.replace(files);
        self.0.asked.replace(asked.clone());
        self.0.answered.set(false);
        self.0.dispatch.dispatch(Action::Opening { subject, now_ms: monotonic_ms() });
        self.post(&OpenRequest { now_ms: now_ms(), asked });
    }

    /// Leaves what is open, and keeps the way back to it.
    fn leave(&self) {
        if let Some(forget) = self.0.at_leave.take() {
            forget();
        }
        self.0.ticket.set(self.0.ticket.get().wrapping_add(1));
        self.forget_copy();
        self.0.export.take();
        if self.is_busy() {
            self.restart();
        }
        let files = self.0.files.take();
        if files.is_empty() {
            return;
        }
        let (subject, asked) = (self.0.subject.take(), self.0.asked.take());
        let mut earlier = self.0.earlier.borrow_mut();
        earlier.retain(|earlier| earlier.subject != subject);
        earlier.insert(0, Earlier { subject, files, asked });
        earlier.truncate(MOST_EARLIER);
    }

    /// Calls `forget` once when what is open is left.
    pub(super) fn at_leave(&self, forget: fn()) {
        self.0.at_leave.set(Some(forget));
    }

    /// What the opened files were read for.
    pub fn asked(&self) -> Asked {
        self.0.asked.borrow().clone()
    }

    /// Reads the opened files once more, to put their keys into groups as `options` say.
    pub fn regroup(&self, options: PatternOptions) {
        self.ask(Asked { patterns: options, ..self.asked() });
    }

    /// Reads the opened files once more, for something else.
    pub fn ask(&self, asked: Asked) {
        if self.is_busy() {
            return;
        }
        self.0.asked.replace(asked.clone());
        settings_store::remember(&asked);
        let target = asked.target.clone();
        self.0.dispatch.dispatch(Action::Rereading { now_ms: monotonic_ms(), target });
        self.post(&OpenRequest { now_ms: now_ms(), asked });
    }

    /// Carries out plan number `index` of these answers.
    pub fn export(&self, index: usize, answers: &Answers) {
        self.carry_out(index, answers, None);
    }

    /// The same into a folder that the user is asked for now; where the browser cannot, nothing happens.
    pub fn export_to_folder(&self, index: usize, answers: Shared<Answers>) {
        let engine = self.clone();
        // Asked for at once: the browser allows it only in answer to a press.
        let choice = choose_folder();
        spawn_local(async move {
            // A user who chooses none has changed his mind.
            if let Some(folder) = choice.await {
                engine.carry_out(index, &answers, Some(&folder));
            }
        });
    }

    fn carry_out(&self, index: usize, answers: &Answers, folder: Option<&JsValue>) {
        let Some(plan) = answers.plans.get(index).filter(|_| !self.is_busy()) else { return };
        self.forget_copy();
        let file_name = place::copy_name(plan, &self.0.subject.borrow().name);
        self.0.copy_name.replace(file_name.clone().into());
        self.0.dispatch.dispatch(Action::Exporting { plan: index, now_ms: monotonic_ms() });
        let packed = answers.sources.iter().filter(|source| source.is_packed()).cloned().collect();
        let (plan, verdict) = (plan.clone(), answers.check.verdict);
        let target = answers.check.target.clone();
        let request = ExportRequest {
            plan,
            target,
            is_foreign: answers.check.is_foreign(),
            verdict,
            packed,
            file_name,
            now_ms: now_ms(),
        };
        let mut link = self.0.export.borrow_mut();
        if link.as_ref().is_none_or(Link::is_dead) {
            *link = self.start(Inner::exported);
        }
        if let Some(link) = &*link {
            link.post(&request, &self.0.files.borrow(), folder);
        }
    }

    /// Stops the work under way, at once. What was read already stays.
    pub fn cancel(&self) {
        if self.0.answered.get() && !self.0.files.borrow().is_empty() {
            self.0.export.take();
            if self.is_busy() {
                self.restart();
            }
        } else {
            self.leave();
        }
        self.0.dispatch.dispatch(Action::Cancelled);
    }

    /// Leaves what is open.
    pub fn close(&self) {
        self.leave();
        self.0.dispatch.dispatch(Action::Closed);
    }

    fn forget_copy(&self) {
        if let Some(url) = self.0.copy_url.take() {
            // Revoking what is gone already does nothing.
            let _ = Url::revoke_object_url(&url);
        }
    }

    /// Says how a file of keys is getting on, which another worker writes.
    pub(super) fn tell_writing(&self, writing: Writing) {
        self.0.dispatch.dispatch(Action::Writing(writing));
    }

    /// Is a copy being made?
    fn is_exporting(&self) -> bool {
        self.0.export.borrow().as_ref().is_some_and(Link::is_busy)
    }

    /// Name of the copy that is being made, or was last.
    pub fn copy_name(&self) -> AttrValue {
        self.0.copy_name.borrow().clone()
    }

    /// Could an answer to an earlier request still come?
    fn is_busy(&self) -> bool {
        self.0.open.borrow().as_ref().is_some_and(Link::is_busy) || self.is_exporting()
    }

    /// Ends whatever is under way.
    fn restart(&self) {
        self.0.export.take();
        // The old one first: it may hold much memory.
        self.0.open.take();
        self.0.open.replace(self.start::<Open>(|inner, answers, _| {
            inner.answered.set(true);
            Action::Opened(Shared::new(answers))
        }));
    }

    /// Starts a worker whose answer becomes what `action` makes of it.
    fn start<P: Program>(
        &self,
        action: impl Fn(&Inner, P::Answer, &JsValue) -> Action + 'static,
    ) -> Option<Link<P>> {
        let inner = Rc::downgrade(&self.0);
        let started = Link::start(move |reply, data| {
            let Some(inner) = inner.upgrade() else { return };
            let action = match reply {
                Reply::Part(_) => return,
                Reply::Progress { done_bytes, total_bytes } => {
                    Action::Progress { now_ms: monotonic_ms(), done_bytes, total_bytes }
                }
                Reply::Answer(answer) => action(&inner, answer, data),
                Reply::Failed { message } => Action::Failed(message.into()),
            };
            inner.dispatch.dispatch(action);
        });
        match started {
            Ok(link) => Some(link),
            Err(message) => {
                self.0.dispatch.dispatch(Action::Failed(message.into()));
                None
            }
        }
    }

    fn post(&self, request: &OpenRequest) {
        if self.0.open.borrow().as_ref().is_none_or(Link::is_dead) {
            self.restart();
        }
        if let Some(link) = &*self.0.open.borrow() {
            link.post(request, &self.0.files.borrow(), None);
        }
    }

    /// The opened files, for another worker.
    pub(super) fn files(&self) -> Vec<Picked> {
        self.0.files.borrow().clone()
    }
}

impl Inner {
    fn exported(&self, answer: ExportAnswer, data: &JsValue) -> Action {
        let receipt = Shared::new(answer.receipt);
        if let Some(name) = answer.folder {
            return Action::Exported { delivery: Delivery::Folder { name: name.into() }, receipt };
        }
        let blob = Reflect::get(data, &BLOB.into()).ok().and_then(|blob| blob.dyn_into::<Blob>().ok());
        let Some(url) = blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok()) else {
            return Action::Failed("The browser did not hand over the finished copy.".into());
        };
        let file_name = self.copy_name.borrow().clone();
        self.copy_url.replace(Some(url.clone()));
        save(&url, &file_name);
        Action::Exported { delivery: Delivery::File { file_name, url: url.into() }, receipt }
    }
}

/// The workers; the one that reads is started with the page.
#[hook]
pub fn use_engine(dispatch: UseReducerDispatcher<State>) -> Engine {
    let engine = use_memo((), move |()| Engine::new(dispatch));
    (*engine).clone()
}
