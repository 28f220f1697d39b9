//! A bar beside a figure.

use yew::prelude::*;

/// Properties of [`Bar`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct BarProps {
    /// What it shows.
    pub part: u64,
    /// What would fill it.
    pub whole: u64,
    /// Type whose colour it has; else the accent.
    #[prop_or_default]
    pub type_name: AttrValue,
}

/// The share of a whole as length. The figure stands beside it, so it is hidden from readers.
///
/// Drawn with attributes: the page's policy allows no inline styles.
#[component]
pub fn Bar(props: &BarProps) -> Html {
    let share = if props.whole == 0 { 0.0 } else { props.part as f64 * 100.0 / props.whole as f64 };
    // What is there can be seen, however little it is.
    let share = if props.part > 0 { share.clamp(1.0, 100.0) } else { 0.0 };
    html! {
        <svg class="bar" aria-hidden="true" focusable="false" width="100%" height="8">
            <rect class="barGround" width="100%" height="8" rx="2" />
            <rect class={classes!("barFill", type_class(&props.type_name))} width={format!("{share:.1}%")} height="8" rx="2" />
        </svg>
    }
}

/// The class that gives a type its colour.
pub(super) fn type_class(type_name: &str) -> &'static str {
    match type_name {
        "string" => "typeString",
        "hash" => "typeHash",
        "zset" => "typeZset",
        "set" => "typeSet",
        "list" => "typeList",
        "stream" => "typeStream",
        "" => "typeNone",
        _ => "typeModule",
    }
}
