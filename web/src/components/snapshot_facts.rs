//! What a snapshot says about itself.

use snaptape_report::{SnapshotInfo, units};
use yew::prelude::*;

use super::ToneMark;
use crate::summary;
use crate::words;

/// Properties of [`SnapshotFacts`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SnapshotFactsProps {
    /// What it says.
    pub snapshot: SnapshotInfo,
}

/// Writer, version, time, checksum, and the AUX fields as they are.
#[component]
pub fn SnapshotFacts(props: &SnapshotFactsProps) -> Html {
    let snapshot = &props.snapshot;
    let (tone, checksum) = words::checksum(&snapshot.checksum);
    let fact = |name: &'static str, value: Html| html! { <><dt>{ name }</dt><dd>{ value }</dd></> };
    let bits = snapshot.bits.map_or_else(String::new, |bits| format!(", {bits} bit"));
    let saved = snapshot.saved_at_s.map_or_else(|| "the file does not say".to_owned(), units::time_s);
    html! {
        <>
            <dl class="facts">
                { fact("Written by", html! { format!("{}{bits}", summary::writer(snapshot)) }) }
                { fact("Format", html! { <>{ format!("RDB version {}, magic ", snapshot.rdb_version) }<span class="code">{ &snapshot.magic }</span></> }) }
                { fact("Saved", html! { saved }) }
                { fact("Checksum", html! { <><ToneMark {tone} />{ format!(" {checksum}") }</> }) }
                if let Some(used) = snapshot.used_memory_bytes {
                    { fact("In use then", html! { units::bytes(used) }) }
                }
                if snapshot.functions > 0 {
                    { fact("Functions", html! { units::plural(snapshot.functions, "library", "libraries") }) }
                }
                if !snapshot.modules.is_empty() {
                    { fact("Modules", html! { snapshot.modules.join(", ") }) }
                }
            </dl>
            if !snapshot.aux.is_empty() {
                <details class="factsMore">
                    <summary>{ units::plural(snapshot.aux.len() as u64, "AUX field", "AUX fields") }</summary>
                    <dl class="facts">
                        { for snapshot.aux.iter().map(|field| html! { <><dt class="code">{ &field.name }</dt><dd class="code">{ &field.value }</dd></> }) }
                    </dl>
                </details>
            }
        </>
    }
}
