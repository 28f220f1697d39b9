//! What remains of a file, as one bar.

use snaptape_report::units;
use yew::prelude::*;

use crate::strip::{self, Fate, Strip};

/// Units a strip is wide.
const WIDTH: f64 = 1_000.0;
/// Units the smallest loss is wide.
const LEAST: f64 = 8.0;

/// Properties of [`StripBar`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct StripBarProps {
    /// What it shows.
    pub strip: Strip,
    /// A word no other bar on the screen has: hatching is found by its name.
    pub id: AttrValue,
}

/// Kept, cut out, lost: hatching tells them apart without colour, and the label says the same.
#[component]
pub fn StripBar(props: &StripBarProps) -> Html {
    let (strip, id) = (&props.strip, &props.id);
    html! {
        <svg class="stripBar" width="100%" height="22" viewBox="0 0 1000 22" preserveAspectRatio="none" role="img" aria-label={strip_text(strip)}>
            { pattern(id, Fate::Hole) }
            { pattern(id, Fate::Lost) }
            if strip.anew {
                <rect class="stripAnew" width="1000" height="22" />
            }
            { for strip::draw(strip, WIDTH, LEAST).into_iter().map(|(fate, x, width)| html! {
                <>
                    if fate != Fate::Keep {
                        <rect class="stripGround" x={x.to_string()} width={width.to_string()} height="22" />
                    }
                    <rect class={class(fate)} fill={fill(id, fate)} x={x.to_string()} width={width.to_string()} height="22" />
                </>
            }) }
        </svg>
    }
}

/// A sample of the hatching beside its word.
pub(super) fn legend(fate: Fate, word: &'static str) -> Html {
    html! {
        <span class="stripLegendItem">
            <svg width="22" height="12" focusable="false">
                { pattern("strip-legend", fate) }
                <rect class={class(fate)} fill={fill("strip-legend", fate)} width="22" height="12" />
            </svg>
            { word }
        </span>
    }
}

/// Hatching. Its colours come from classes, since a style attribute would be against the policy.
fn pattern(id: &str, fate: Fate) -> Html {
    let id = format!("{id}-{}", class(fate));
    match fate {
        Fate::Keep => Html::default(),
        Fate::Hole => html! {
            <defs><pattern {id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="stripHatchHole" width="3" height="6" /></pattern></defs>
        },
        Fate::Lost => html! {
            <defs><pattern {id} width="4" height="6" patternUnits="userSpaceOnUse"><rect class="stripHatchLost" width="2" height="6" /></pattern></defs>
        },
    }
}

fn fill(id: &str, fate: Fate) -> Option<String> {
    (fate != Fate::Keep).then(|| format!("url(#{id}-{})", class(fate)))
}

fn class(fate: Fate) -> &'static str {
    match fate {
        Fate::Keep => "stripKeep",
        Fate::Hole => "stripHole",
        Fate::Lost => "stripLost",
    }
}

/// The same in words.
pub(super) fn strip_text(strip: &Strip) -> String {
    let because = if strip.why.is_empty() { String::new() } else { format!(": {}", strip.why) };
    if strip.anew {
        return format!("written anew, {}{because}", units::plural(strip.file_bytes, "byte", "bytes"));
    }
    if strip.lost_bytes == 0 {
        return format!("kept whole, {}", units::plural(strip.file_bytes, "byte", "bytes"));
    }
    format!(
        "{} of {} left out{because}",
        units::count(strip.lost_bytes),
        units::plural(strip.file_bytes, "byte", "bytes")
    )
}
