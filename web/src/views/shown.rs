//! All views but the overview, which comes first: what shows them is in a chunk of its own.

use yew::prelude::*;

use super::access::access;
use super::bytes::Bytes;
use super::encodings::encodings;
use super::expiry::expiry;
use super::integrity::Integrity;
use super::key::Key;
use super::keys::Keys;
use super::map::Map;
use super::patterns::Patterns;
use super::repair::Repair;
use super::report::Report;
use super::restore::Restore;
use super::slots::slots;
use super::tape::Tape;
use crate::hooks::{Engine, Go};
use crate::route::{Route, View};
use crate::state::{Export, Opened, State};

/// What a view is shown with.
pub struct Shown {
    /// Which view.
    pub view: View,
    /// Of what.
    pub opened: Opened,
    /// Where the address says we are.
    pub route: Route,
    /// Goes elsewhere.
    pub go: Go,
    /// Hands work to the workers.
    pub engine: Engine,
    /// What is under way.
    pub state: State,
}

/// Shows it.
pub fn show(shown: Shown) -> Html {
    let Shown { view, opened, route, go, engine, state } = shown;
    let busy = state.is_working();
    match view {
        // It is there already, and no business of this chunk.
        View::Overview => Html::default(),
        View::Map => html! { <Map {opened} {route} {go} {engine} /> },
        View::Patterns => {
            let (regroup, busy) = (state.regroup, matches!(state.export, Export::Working { .. }));
            html! { <Patterns {opened} {route} {go} {engine} {regroup} {busy} /> }
        }
        View::Keys => html! { <Keys {opened} {route} {go} {engine} /> },
        View::Key => html! { <Key {opened} {route} {go} {engine} /> },
        View::Expiry => expiry(&opened, &route, &go),
        View::Encodings => encodings(&opened, &route, &go),
        View::Report => html! { <Report {opened} {route} {go} /> },
        View::Slots => slots(&opened, &route, &go),
        View::Access => access(&opened, &route, &go),
        View::Restore => html! { <Restore {opened} {route} {go} /> },
        View::Tape => html! { <Tape {opened} {route} {go} {engine} regroup={state.regroup} {busy} /> },
        View::Bytes => html! { <Bytes {opened} {route} {go} {engine} /> },
        View::Integrity => html! { <Integrity {opened} {route} /> },
        View::Repair => html! { <Repair {opened} {route} {go} export={state.export} {busy} {engine} /> },
    }
}
