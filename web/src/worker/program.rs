//! What every program in a worker does: listen, read what it is asked, answer.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::post;
use super::source::Source;
use crate::protocol::{self, FILES, MESSAGE, Notice, Program};

/// An answer, and the finished copy where there is one.
pub(super) type Answered<P> = Result<(<P as Program>::Answer, Option<Blob>), String>;

/// Starts a program: listens, and says so. `answer` gets each request, the files it is about, and the object it came in.
pub(super) fn start<P: Program>(
    answer: impl AsyncFn(P::Request, Vec<Source>, JsValue) -> Answered<P> + Copy + 'static,
) {
    // A panic ends the worker. The page hears of the trap through `onerror`, but only the hook knows the words.
    std::panic::set_hook(Box::new(|info| {
        failed(format!("A fault in Snaptape ended the reading; please report it with these words: {info}"));
    }));
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        wasm_bindgen_futures::spawn_local(async move {
            let data = event.data();
            let answered = match parse::<P>(&data) {
                Some((request, sources)) => answer(request, sources, data).await,
                None => Err("The page sent a message the worker cannot read. Reload the page.".into()),
            };
            match answered {
                Ok((answer, blob)) => post::answer(&answer, blob.as_ref()),
                Err(message) => failed(message),
            }
        });
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    listener.forget();
    post::notice(&Notice::Ready);
}

fn failed(message: String) {
    post::notice(&Notice::Failed { message });
}

fn parse<P: Program>(data: &JsValue) -> Option<(P::Request, Vec<Source>)> {
    let bytes = Uint8Array::new(&Reflect::get(data, &MESSAGE.into()).ok()?).to_vec();
    let request = protocol::take(&mut bytes.as_slice())?;
    let files = Reflect::get(data, &FILES.into()).ok()?;
    Some((request, Source::from_array(&files)?))
}
