//! Scrolls over rows of which only the visible ones exist.
//!
//! Our own, because the two crates there are do not fit: yew-virtualized 0.2 is made for Yew 0.20, measures every row with an observer
//! and adds the heights up; yew-virtual-scroller 0.1 is older, and wants all rows in one `Rc<Vec>`. Both place rows with style
//! attributes, which the policy of the page forbids, and neither goes on where a browser's longest element ends.

use web_sys::HtmlElement;
use yew::prelude::*;

use crate::hooks::use_wheel;
use crate::virtual_rows::VirtualRows;

/// Properties of [`RowScroller`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RowScrollerProps {
    /// The measures.
    pub rows: VirtualRows,
    /// The row at the top.
    pub first: u64,
    /// Called when another row is to be at the top.
    pub on_first: Callback<u64>,
    /// The rows that are seen.
    pub children: Html,
}

/// A scroll bar for all rows beside a window that shows a few. The window stays where it is and its rows change: nothing has to be
/// placed by pixels.
#[component]
pub fn RowScroller(props: &RowScrollerProps) -> Html {
    let node = use_node_ref();
    // Where the scroll bar was seen, or put, last.
    let last_px = use_mut_ref(|| 0.0_f64);
    let (rows, first) = (props.rows, props.first);
    let onscroll = {
        let (on_first, last_px) = (props.on_first.clone(), last_px.clone());
        Callback::from(move |event: Event| {
            let Some(element) = event.target_dyn_into::<HtmlElement>() else { return };
            // Where the box is higher than its rows the bar ends before its time: its end is the end of the list all the same.
            let most_px = f64::from(element.scroll_height() - element.client_height());
            let top_px = f64::from(element.scroll_top());
            let to_px = if top_px >= most_px - 1.0 { rows.scroll_px() } else { top_px };
            let from_px = last_px.replace(to_px);
            // It was put there for this very row, or browsers rounded a little.
            if (to_px - from_px).abs() < 1.0 {
                return;
            }
            let next = rows.scrolled(first, from_px, to_px);
            if next != first {
                on_first.emit(next);
            }
        })
    };
    let on_wheel = {
        let on_first = props.on_first.clone();
        use_callback((rows, first), move |way_px: f64, (rows, first)| {
            let whole = (way_px / rows.row_px).round();
            let way = if whole == 0.0 { way_px.signum() } else { whole };
            let next = rows.moved(*first, way);
            if next != *first {
                on_first.emit(next);
            }
            next != *first
        })
    };
    use_wheel(&node, on_wheel);
    use_effect_with((rows, first), {
        let node = node.clone();
        move |(rows, first): &(VirtualRows, u64)| {
            if let Some(element) = node.cast::<HtmlElement>() {
                let px = rows.top_px(*first).round();
                if (f64::from(element.scroll_top()) - px).abs() >= 1.0 {
                    last_px.replace(px);
                    element.set_scroll_top(whole_px(px));
                }
            }
        }
    });
    html! {
        <div class="rowScroller" ref={node} {onscroll} tabindex="-1">
            <div class="rowScrollerAll">
                <div class="rowScrollerWindow">{ props.children.clone() }</div>
                <svg class="rowScrollerSpace" width="1" height={rows.scroll_px().to_string()} aria-hidden="true" focusable="false" />
            </div>
        </div>
    }
}

#[expect(clippy::cast_possible_truncation, reason = "never beyond a few million")]
fn whole_px(px: f64) -> i32 {
    px as i32
}
