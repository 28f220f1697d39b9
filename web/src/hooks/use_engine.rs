//! The worker, from the page's side.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Object, Reflect};
use snaptape_report::PatternOptions;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, ErrorEvent, MessageEvent, Url, Worker};
use yew::prelude::*;

use super::{choose_folder, monotonic_ms, now_ms, save};
use crate::files::{self, Picked};
use crate::place;
use crate::protocol::{Answers, Asked, BLOB, FILES, FOLDER, MESSAGE, Reply, Request};
use crate::state::{Action, Delivery, Shared, State, Subject};

/// Loads `worker.js`, whose program then says [`Reply::Ready`].
const WORKER_SCRIPT: &str = "worker-boot.js";

/// Hands work to a worker and dispatches what comes back.
#[derive(Clone)]
pub struct Engine(Rc<Inner>);

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    dispatch: UseReducerDispatcher<State>,
    running: RefCell<Option<Running>>,
    files: RefCell<Vec<Picked>>,
    subject: RefCell<Subject>,
    /// What the opened files are read for.
    asked: RefCell<Asked>,
    /// Name of the copy under way.
    copy_name: RefCell<AttrValue>,
    /// Object URL of the finished copy; its blob lives until it is revoked.
    copy_url: RefCell<Option<String>>,
}

/// A worker and its listeners. Dropping it ends the worker at once, whatever it is doing.
struct Running {
    worker: Worker,
    ready: Rc<Cell<bool>>,
    /// What is posted as soon as it is ready.
    waiting: Rc<RefCell<Option<JsValue>>>,
    /// Does it owe an answer?
    busy: Rc<Cell<bool>>,
    /// Did it die?
    dead: Rc<Cell<bool>>,
    _listeners: [EventListener; 2],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Engine {
    fn new(dispatch: UseReducerDispatcher<State>) -> Self {
        let engine = Self(Rc::new(Inner {
            dispatch,
            running: RefCell::default(),
            files: RefCell::default(),
            subject: RefCell::default(),
            asked: RefCell::default(),
            copy_name: RefCell::default(),
            copy_url: RefCell::default(),
        }));
        // Loaded while the user still looks for the file.
        engine.restart();
        engine
    }

    /// Opens files; whatever was under way ends.
    pub fn open(&self, picked: Vec<Picked>) {
        let picked = match files::checked(picked) {
            Ok(picked) => picked,
            Err(message) => {
                self.close();
                self.0.dispatch.dispatch(Action::Failed(message.into()));
                return;
            }
        };
        let subject = files::subject(&picked);
        self.forget_copy();
        if self.is_busy() {
            self.restart();
        }
        self.0.subject.replace(subject.clone());
        self.0.files.replace(picked);
        self.0.asked.take();
        self.0.dispatch.dispatch(Action::Opening { subject, now_ms: monotonic_ms() });
        self.post(&Request::Open { now_ms: now_ms(), asked: self.0.asked.borrow().clone() }, None);
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
        let target = asked.target.clone();
        self.0.dispatch.dispatch(Action::Rereading { now_ms: monotonic_ms(), target });
        self.post(&Request::Open { now_ms: now_ms(), asked }, None);
    }

    /// Says that opening failed before there were files.
    pub fn fail(&self, message: String) {
        self.close();
        self.0.dispatch.dispatch(Action::Failed(message.into()));
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
        let (plan, packed, verdict) = (Box::new(plan.clone()), answers.packed.clone(), answers.check.verdict);
        self.post(&Request::Export { plan, verdict, packed, file_name, now_ms: now_ms() }, folder);
    }

    /// Stops the work under way, at once.
    pub fn cancel(&self) {
        self.restart();
        self.0.dispatch.dispatch(Action::Cancelled);
    }

    /// Forgets everything that was opened.
    pub fn close(&self) {
        self.forget_copy();
        self.0.files.take();
        if self.is_busy() {
            self.restart();
        }
        self.0.dispatch.dispatch(Action::Closed);
    }

    fn forget_copy(&self) {
        if let Some(url) = self.0.copy_url.take() {
            // Revoking what is gone already does nothing.
            let _ = Url::revoke_object_url(&url);
        }
    }

    /// Could an answer to an earlier request still come?
    fn is_busy(&self) -> bool {
        self.0.running.borrow().as_ref().is_some_and(|running| running.busy.get())
    }

    fn restart(&self) {
        // The old one first: it may hold much memory.
        self.0.running.take();
        match Running::start(&self.0) {
            Ok(running) => {
                self.0.running.replace(Some(running));
            }
            Err(_) => self.0.dispatch.dispatch(Action::Failed(cannot_start().into())),
        }
    }

    fn post(&self, request: &Request, folder: Option<&JsValue>) {
        if self.0.running.borrow().as_ref().is_none_or(|running| running.dead.get()) {
            self.restart();
        }
        let Ok(text) = serde_json::to_string(request) else { return };
        let message = Object::new();
        let files: Array = self
            .0
            .files
            .borrow()
            .iter()
            .map(|picked| {
                let entry = Object::new();
                // Properties of new plain objects can always be set, here and below.
                let _ = Reflect::set(&entry, &"path".into(), &JsValue::from_str(&picked.path));
                let _ = Reflect::set(&entry, &"file".into(), &picked.file);
                entry
            })
            .collect();
        let _ = Reflect::set(&message, &MESSAGE.into(), &JsValue::from_str(&text));
        let _ = Reflect::set(&message, &FILES.into(), &files);
        if let Some(folder) = folder {
            let _ = Reflect::set(&message, &FOLDER.into(), folder);
        }
        if let Some(running) = &*self.0.running.borrow() {
            running.post(message.into());
        }
    }
}

impl Running {
    fn start(inner: &Rc<Inner>) -> Result<Self, JsValue> {
        let worker = Worker::new(WORKER_SCRIPT)?;
        let ready = Rc::new(Cell::new(false));
        let busy = Rc::new(Cell::new(false));
        let dead = Rc::new(Cell::new(false));
        let waiting = Rc::new(RefCell::new(None::<JsValue>));
        let on_message = {
            let (inner, worker) = (Rc::downgrade(inner), worker.clone());
            let (ready, waiting) = (Rc::clone(&ready), Rc::clone(&waiting));
            let (busy, dead) = (Rc::clone(&busy), Rc::clone(&dead));
            EventListener::new(&worker.clone(), "message", move |event| {
                let (Some(inner), Some(event)) = (inner.upgrade(), event.dyn_ref::<MessageEvent>()) else {
                    return;
                };
                let data = event.data();
                let text = Reflect::get(&data, &MESSAGE.into()).ok().and_then(|text| text.as_string());
                let Some(reply) = text.and_then(|text| serde_json::from_str(&text).ok()) else { return };
                if reply == Reply::Ready {
                    ready.set(true);
                    if let Some(message) = waiting.take() {
                        send(&worker, &message);
                    }
                } else if !dead.get() {
                    if !matches!(reply, Reply::Progress { .. }) {
                        busy.set(false);
                    }
                    inner.answer(reply, &data);
                }
            })
        };
        let on_error = {
            let inner = Rc::downgrade(inner);
            let (ready, busy, dead) = (Rc::clone(&ready), Rc::clone(&busy), Rc::clone(&dead));
            EventListener::new(&worker, "error", move |event| {
                // A panic has said why before the trap it ends in comes here; nothing is owed any more then.
                let owes = busy.replace(false) || !ready.get();
                if dead.replace(true) || !owes {
                    return;
                }
                let words = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                let message = if words.is_empty() {
                    cannot_start()
                } else {
                    format!(
                        "The worker that reads the files stopped: {words}. It may have run out of memory."
                    )
                };
                if let Some(inner) = inner.upgrade() {
                    inner.dispatch.dispatch(Action::Failed(message.into()));
                }
            })
        };
        Ok(Self { worker, ready, waiting, busy, dead, _listeners: [on_message, on_error] })
    }

    fn post(&self, message: JsValue) {
        self.busy.set(true);
        if self.ready.get() {
            send(&self.worker, &message);
        } else {
            self.waiting.replace(Some(message));
        }
    }
}

impl Inner {
    fn answer(&self, reply: Reply, data: &JsValue) {
        let action = match reply {
            Reply::Ready => return,
            Reply::Progress { done_bytes, total_bytes } => {
                Action::Progress { now_ms: monotonic_ms(), done_bytes, total_bytes }
            }
            Reply::Opened(answers) => Action::Opened(Shared::new(*answers)),
            Reply::Exported { receipt, folder: Some(name) } => {
                let delivery = Delivery::Folder { name: name.into() };
                Action::Exported { delivery, receipt: Shared::new(receipt) }
            }
            Reply::Exported { receipt, folder: None } => {
                let blob =
                    Reflect::get(data, &BLOB.into()).ok().and_then(|blob| blob.dyn_into::<Blob>().ok());
                match blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok()) {
                    Some(url) => {
                        let file_name = self.copy_name.borrow().clone();
                        self.copy_url.replace(Some(url.clone()));
                        save(&url, &file_name);
                        let delivery = Delivery::File { file_name, url: url.into() };
                        Action::Exported { delivery, receipt: Shared::new(receipt) }
                    }
                    None => Action::Failed("The browser did not hand over the finished copy.".into()),
                }
            }
            Reply::Failed { message } => Action::Failed(message.into()),
        };
        self.dispatch.dispatch(action);
    }
}

fn send(worker: &Worker, message: &JsValue) {
    // Files and text can always be cloned.
    let _ = worker.post_message(message);
}

fn cannot_start() -> String {
    "The worker that reads files could not start. Its files must be served beside this page.".into()
}

/// The worker, started with the page.
#[hook]
pub fn use_engine(dispatch: UseReducerDispatcher<State>) -> Engine {
    let engine = use_memo((), move |()| Engine::new(dispatch));
    (*engine).clone()
}
