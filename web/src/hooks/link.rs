//! A worker, from the page's side: posts requests, hands over replies, and says once when it died.

use core::cell::{Cell, RefCell};
use core::marker::PhantomData;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::files::Picked;
use crate::protocol::{self, FILES, FOLDER, MESSAGE, Notice, Program};
use crate::words::stopped;

/// Loads the program, which then starts what the worker is named after, which says [`Notice::Ready`].
const WORKER_SCRIPT: &str = "boot.js";

/// What a worker says.
#[derive(Debug)]
pub(super) enum Reply<A> {
    /// How far the work is.
    Progress {
        /// Bytes behind it.
        done_bytes: u64,
        /// Bytes of the whole work.
        total_bytes: u64,
    },
    /// A part of the answer; more will come.
    Part(A),
    /// The answer, or what is left of it.
    Answer(A),
    /// There is no answer; one sentence says why.
    Failed {
        /// Why.
        message: String,
    },
}

/// A worker that runs `P`, and its listeners. Dropping it ends the worker at once, whatever it is doing.
pub(super) struct Link<P> {
    wire: Wire,
    program: PhantomData<P>,
}

impl<P: Program> Link<P> {
    /// Starts a worker. `on_reply` gets each reply with the object it came in; a worker that dies while it owes an answer gives
    /// [`Reply::Failed`].
    pub(super) fn start(on_reply: impl Fn(Reply<P::Answer>, &JsValue) + 'static) -> Result<Self, String> {
        let wire = Wire::start(
            P::NAME,
            Rc::new(move |notice, mut rest, data| {
                let reply = match notice {
                    Notice::Ready => return,
                    Notice::Progress { done_bytes, total_bytes } => {
                        Reply::Progress { done_bytes, total_bytes }
                    }
                    Notice::Failed { message } => Reply::Failed { message },
                    Notice::Part => match protocol::take(&mut rest) {
                        Some(answer) => Reply::Part(answer),
                        None => return,
                    },
                    Notice::Answer => match protocol::take(&mut rest) {
                        Some(answer) => Reply::Answer(answer),
                        None => Reply::Failed {
                            message: "The worker sent an answer that the page cannot read: they are not of one build. Reload the page.".into(),
                        },
                    },
                };
                on_reply(reply, data);
            }),
        )?;
        Ok(Self { wire, program: PhantomData })
    }

    /// Could an answer to an earlier request still come?
    pub(super) fn is_busy(&self) -> bool {
        self.wire.state.busy.get()
    }

    /// Did the worker die?
    pub(super) fn is_dead(&self) -> bool {
        self.wire.state.dead.get()
    }

    /// Posts a request over these files; it waits until the worker is up.
    pub(super) fn post(&self, request: &P::Request, files: &[Picked], folder: Option<&JsValue>) {
        self.wire.post(&protocol::encode(request), files, folder);
    }
}

/// What a message is given to: its notice, the bytes behind that, and the object it came in.
type OnMessage = Rc<dyn Fn(Notice, &[u8], &JsValue)>;

/// A [`Link`] that does not know what is said.
struct Wire {
    worker: Worker,
    state: Rc<WireState>,
    _listeners: [EventListener; 2],
}

#[derive(Default)]
struct WireState {
    /// Did it say that it listens?
    ready: Cell<bool>,
    /// What is posted as soon as it is ready, and what is handed over with it.
    waiting: RefCell<Option<(JsValue, Array)>>,
    /// Does it owe an answer?
    busy: Cell<bool>,
    /// Did it die?
    dead: Cell<bool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Wire {
    fn start(program: &str, on_message: OnMessage) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_name(program);
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(WORKER_SCRIPT, &options).map_err(|_| cannot_start())?;
        let state = Rc::new(WireState::default());
        let on_event = {
            let (worker, state, on_message) = (worker.clone(), Rc::clone(&state), Rc::clone(&on_message));
            EventListener::new(&worker.clone(), "message", move |event| {
                let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
                let data = event.data();
                let Ok(buffer) = Reflect::get(&data, &MESSAGE.into()) else { return };
                let bytes = Uint8Array::new(&buffer).to_vec();
                let mut rest = bytes.as_slice();
                let Some(notice) = protocol::take(&mut rest) else { return };
                if notice == Notice::Ready {
                    state.ready.set(true);
                    if let Some((message, transfer)) = state.waiting.take() {
                        send(&worker, &message, &transfer);
                    }
                } else if !state.dead.get() {
                    if !matches!(notice, Notice::Progress { .. } | Notice::Part) {
                        state.busy.set(false);
                    }
                    on_message(notice, rest, &data);
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
                let message = if words.is_empty() { cannot_start() } else { stopped(&words) };
                on_message(Notice::Failed { message }, &[], &JsValue::UNDEFINED);
            })
        };
        Ok(Self { worker, state, _listeners: [on_event, on_error] })
    }

    fn post(&self, request: &[u8], files: &[Picked], folder: Option<&JsValue>) {
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
        let buffer = Uint8Array::from(request).buffer();
        let _ = Reflect::set(&message, &MESSAGE.into(), &buffer);
        let _ = Reflect::set(&message, &FILES.into(), &files);
        if let Some(folder) = folder {
            let _ = Reflect::set(&message, &FOLDER.into(), folder);
        }
        let transfer = Array::of1(&buffer);
        self.state.busy.set(true);
        if self.state.ready.get() {
            send(&self.worker, &message, &transfer);
        } else {
            self.state.waiting.replace(Some((message.into(), transfer)));
        }
    }
}

fn send(worker: &Worker, message: &JsValue, transfer: &Array) {
    // Files can always be cloned, and a new buffer handed over.
    let _ = worker.post_message_with_transfer(message, transfer);
}

fn cannot_start() -> String {
    "The worker that reads files could not start. Its files must be served beside this page.".into()
}
