//! A worker, from the page's side: posts requests, hands over replies, and says once when it died.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

use crate::files::Picked;
use crate::protocol::{FILES, FOLDER, MESSAGE, Reply, Request};

/// Loads `worker.js`, whose program then says [`Reply::Ready`].
const WORKER_SCRIPT: &str = "worker-boot.js";

/// A worker and its listeners. Dropping it ends the worker at once, whatever it is doing.
pub(super) struct Link {
    worker: Worker,
    state: Rc<LinkState>,
    _listeners: [EventListener; 2],
}

#[derive(Default)]
struct LinkState {
    /// Did it say that it listens?
    ready: Cell<bool>,
    /// What is posted as soon as it is ready.
    waiting: RefCell<Option<JsValue>>,
    /// Does it owe an answer?
    busy: Cell<bool>,
    /// Did it die?
    dead: Cell<bool>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Link {
    /// Starts a worker. `on_reply` gets each reply with the object it came in; a worker that dies while it owes an answer gives
    /// [`Reply::Failed`].
    pub(super) fn start(on_reply: impl Fn(Reply, &JsValue) + 'static) -> Result<Self, String> {
        let worker = Worker::new(WORKER_SCRIPT).map_err(|_| cannot_start())?;
        let state = Rc::new(LinkState::default());
        let on_reply = Rc::new(on_reply);
        let on_message = {
            let (worker, state, on_reply) = (worker.clone(), Rc::clone(&state), Rc::clone(&on_reply));
            EventListener::new(&worker.clone(), "message", move |event| {
                let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
                let data = event.data();
                let text = Reflect::get(&data, &MESSAGE.into()).ok().and_then(|text| text.as_string());
                let Some(reply) = text.and_then(|text| serde_json::from_str(&text).ok()) else { return };
                if reply == Reply::Ready {
                    state.ready.set(true);
                    if let Some(message) = state.waiting.take() {
                        send(&worker, &message);
                    }
                } else if !state.dead.get() {
                    if !matches!(reply, Reply::Progress { .. } | Reply::Found { .. }) {
                        state.busy.set(false);
                    }
                    on_reply(reply, &data);
                }
            })
        };
        let on_error = {
            let state = Rc::clone(&state);
            EventListener::new(&worker, "error", move |event| {
                // A panic has said why before the trap it ends in comes here; nothing is owed any more then.
                let owes = state.busy.replace(false) || !state.ready.get();
                if state.dead.replace(true) || !owes {
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
                on_reply(Reply::Failed { message }, &JsValue::UNDEFINED);
            })
        };
        Ok(Self { worker, state, _listeners: [on_message, on_error] })
    }

    /// Could an answer to an earlier request still come?
    pub(super) fn is_busy(&self) -> bool {
        self.state.busy.get()
    }

    /// Did the worker die?
    pub(super) fn is_dead(&self) -> bool {
        self.state.dead.get()
    }

    /// Posts a request over these files; it waits until the worker is up.
    pub(super) fn post(&self, request: &Request, files: &[Picked], folder: Option<&JsValue>) {
        let Ok(text) = serde_json::to_string(request) else { return };
        let message = Object::new();
        let files: Array = files
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
        self.state.busy.set(true);
        if self.state.ready.get() {
            send(&self.worker, &message);
        } else {
            self.state.waiting.replace(Some(message.into()));
        }
    }
}

fn send(worker: &Worker, message: &JsValue) {
    // Files and text can always be cloned.
    let _ = worker.post_message(message);
}

fn cannot_start() -> String {
    "The worker that reads files could not start. Its files must be served beside this page.".into()
}
