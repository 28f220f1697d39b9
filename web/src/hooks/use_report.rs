//! A document of the report, written by a worker that lives as long as somebody looks at it.

use snaptape_report::RestoreOptions;
use yew::prelude::*;

use super::link::{Link, Reply};
use super::{now_ms, random_bytes};
use crate::protocol::{NamesAsked, Report, ReportAnswer, ReportRequest};
use crate::state::{Opened, Shared};

/// How far the document is.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// It is being written.
    Waiting,
    /// Here it is.
    Done(Shared<ReportAnswer>),
    /// It could not be written; one sentence.
    Failed(AttrValue),
}

/// The document of these answers with names given so.
#[hook]
pub fn use_report(opened: &Opened, names: NamesAsked, restore: RestoreOptions) -> Written {
    let written = use_state(|| Written::Waiting);
    let link = use_mut_ref(|| None::<Link<Report>>);
    // One for each report: equal names have equal hashes in all its documents.
    let salt = use_memo(opened.answers.clone(), |_| random_bytes());
    {
        let (written, link) = (written.setter(), link.clone());
        use_effect_with((opened.answers.clone(), names, restore), move |(answers, names, restore)| {
            written.set(Written::Waiting);
            let on_reply = move |reply: Reply<ReportAnswer>, _: &wasm_bindgen::JsValue| match reply {
                Reply::Answer(answer) => written.set(Written::Done(Shared::new(answer))),
                Reply::Failed { message } => written.set(Written::Failed(message.into())),
                Reply::Progress { .. } | Reply::Part(_) => {}
            };
            // What was asked before is wanted no more.
            link.replace(None);
            if let Ok(started) = Link::start(on_reply) {
                let request = ReportRequest {
                    report: answers.report.clone(),
                    check: answers.check.clone(),
                    plans: answers.plans.clone(),
                    names: *names,
                    salt: *salt,
                    restore: *restore,
                    now_ms: now_ms(),
                };
                started.post(&request, &[], None);
                link.replace(Some(started));
            }
            move || drop(link.replace(None))
        });
    }
    (*written).clone()
}
