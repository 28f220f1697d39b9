//! A number of keys in a table.

use snaptape_report::units;
use yew::prelude::*;

use crate::route::Route;

/// How many keys there are; leads to the list of them where a filter line says which they are.
pub fn keys_count(route: &Route, line: Option<&str>, keys: u64) -> Html {
    let count = units::count(keys);
    match line.filter(|_| keys > 0) {
        Some(line) => html! {
            <a class="keysCount" href={route.with_filter(line).to_hash()} aria-label={format!("{count}, show the keys")}>{ count }</a>
        },
        None => html! { count },
    }
}
