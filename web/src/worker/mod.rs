//! The worker's side: reads slices of `File`s, drives the engine, posts answers. It holds nothing between messages.

mod carry_out;
mod commands;
mod contents;
mod folder;
mod inspect;
mod post;
mod source;
mod zipped;

use js_sys::Reflect;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::protocol::{FILES, FOLDER, MESSAGE, Reply, Request};
use carry_out::{Order, Place};
use folder::Folder;
use source::Source;

/// Starts the worker: listens, and says so.
pub fn start() {
    // A panic ends the worker. The page hears of the trap through `onerror`, but only the hook knows the words.
    std::panic::set_hook(Box::new(|info| {
        post::reply(&Reply::Failed {
            message: format!(
                "A fault in Snaptape ended the reading; please report it with these words: {info}"
            ),
        });
    }));
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        wasm_bindgen_futures::spawn_local(answer(event.data()));
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    listener.forget();
    post::reply(&Reply::Ready);
}

async fn answer(data: JsValue) {
    let reply = match parse(&data) {
        Ok((Request::Open { now_ms, asked }, sources)) => {
            match inspect::inspect(&sources, now_ms, asked, post::progress()).await {
                Ok(answers) => Reply::Opened(Box::new(answers)),
                Err(message) => Reply::Failed { message },
            }
        }
        Ok((Request::Commands { asked, tape, sources: places }, sources)) => {
            match commands::list(*asked, &tape, &places, &sources).await {
                Ok(page) => Reply::Commands(Box::new(page)),
                Err(message) => Reply::Failed { message },
            }
        }
        Ok((Request::Export { plan, verdict, packed, file_name, now_ms }, sources)) => {
            let order = Order { plan: &plan, verdict, packed: &packed, file_name: &file_name, now_ms };
            match export(&order, &sources, &data).await {
                Ok((reply, Some(blob))) => {
                    post::reply_with_blob(&reply, &blob);
                    return;
                }
                Ok((reply, None)) => reply,
                Err(message) => Reply::Failed { message },
            }
        }
        Err(message) => Reply::Failed { message },
    };
    post::reply(&reply);
}

async fn export(
    order: &Order<'_>,
    sources: &[Source],
    data: &JsValue,
) -> Result<(Reply, Option<Blob>), String> {
    let handle = Reflect::get(data, &FOLDER.into()).ok().filter(|handle| !handle.is_undefined());
    let place = match handle {
        Some(handle) => Place::Folder(Folder::empty(handle.unchecked_into()).await?),
        None => Place::Download,
    };
    let (receipt, blob) = carry_out::carry_out(order, sources, &place).await?;
    let folder = match &place {
        Place::Download => None,
        Place::Folder(folder) => Some(folder.name()),
    };
    Ok((Reply::Exported { receipt, folder }, blob))
}

fn parse(data: &JsValue) -> Result<(Request, Vec<Source>), String> {
    let text =
        Reflect::get(data, &MESSAGE.into()).ok().and_then(|value| value.as_string()).unwrap_or_default();
    let request = serde_json::from_str(&text)
        .map_err(|e| format!("The page sent a message the worker cannot read: {e}."))?;
    let files = Reflect::get(data, &FILES.into()).unwrap_or(JsValue::UNDEFINED);
    let sources = Source::from_array(&files).ok_or("The page sent no files.")?;
    Ok((request, sources))
}
