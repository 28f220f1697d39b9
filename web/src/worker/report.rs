//! The program that writes documents: it touches no file, and is a program of its own because few ask for it.

use snaptape_analysis::restore_plan;
use snaptape_summary::{
    Facts,
    document::{DocumentOptions, document, html, markdown},
    names::{Naming, Salt},
};
use wasm_bindgen::JsValue;

use super::program::{Answered, start as program};
use super::source::Source;
use crate::protocol::{NamesAsked, Report, ReportAnswer, ReportRequest};

/// Starts it.
pub fn start() {
    program::<Report>(report);
}

async fn report(request: ReportRequest, _sources: Vec<Source>, _data: JsValue) -> Answered<Report> {
    let ReportRequest { mut report, check, plans, names, salt, restore, now_ms } = request;
    report.restore = restore_plan(&report, &restore).ok().flatten();
    let naming = match names {
        NamesAsked::Shown => Naming::Shown,
        NamesAsked::Masked => Naming::Masked,
        NamesAsked::Hashed => Naming::Hashed(Salt::new(salt)),
    };
    let salt = match &naming {
        Naming::Hashed(salt) => Some((salt.digits().to_owned(), salt.recipe())),
        _ => None,
    };
    let options = DocumentOptions { naming, version: env!("CARGO_PKG_VERSION").into(), now_ms };
    let document = document(Facts { report: &report, check: &check, plans: &plans }, &options);
    Ok((ReportAnswer { names, html: html(&document), markdown: markdown(&document), salt }, None))
}
