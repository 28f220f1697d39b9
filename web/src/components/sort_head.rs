//! A heading that orders its table.

use yew::prelude::*;

use crate::sort::{Column, Sort};

/// Properties of [`SortHead`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SortHeadProps<C: Column> {
    /// The column.
    pub column: C,
    /// The order now.
    pub sort: Sort<C>,
    /// Called with the order asked for.
    pub on_sort: Callback<Sort<C>>,
}

/// A button in a heading cell; the arrow and `aria-sort` say which way.
#[component]
pub fn SortHead<C: Column>(props: &SortHeadProps<C>) -> Html {
    let active = props.sort.column == props.column;
    let (aria, arrow) = match (active, props.sort.descending) {
        // As high as an arrow, or the word would stand elsewhere than that of a plain heading.
        (false, _) => (None, "\u{a0}"),
        (true, true) => (Some("descending"), "▾"),
        (true, false) => (Some("ascending"), "▴"),
    };
    let onclick = {
        let next = props.sort.pressed(props.column);
        props.on_sort.reform(move |_: MouseEvent| next)
    };
    html! {
        <th scope="col" class={classes!(props.column.is_figure().then_some("tableFigure"))} aria-sort={aria}>
            <button type="button" class={classes!("sortHead", active.then_some("sortHeadActive"))} {onclick}>
                { props.column.title() }<span class="sortHeadArrow" aria-hidden="true">{ arrow }</span>
            </button>
        </th>
    }
}
