//! When keys were used last, or how often.

use snaptape_report::AccessGroup;
use snaptape_summary::access;
use yew::prelude::*;

use crate::components::{AccessTable, Card, KeyList, PartialNotice, Ranking, column_chart, weigh_switch};
use crate::hooks::Go;
use crate::route::Route;
use crate::state::Opened;
use crate::words;

/// Columns over idle times and LFU counters, cut by whether a key expires, the same as a table, and the hottest and coldest keys.
pub(super) fn access(opened: &Opened, route: &Route, go: &Go) -> Html {
    let Some(dataset) = &opened.answers.report.dataset else { return Html::default() };
    let chart = |groups: &[AccessGroup], label: &str| {
        let columns = access::columns(groups, route.weigh);
        (!groups.is_empty()).then(|| column_chart(&columns, route.weigh, label))
    };
    html! {
        <div class="view">
            <div class="viewHead">
                <h1 class="verdict" data-testid="access-verdict">{ words::tied(&access::verdict(dataset)) }</h1>
                <p class="lead">{ access::lead(dataset) }</p>
            </div>
            <PartialNotice opened={opened.clone()} keys=true />
            if let Some(used) = &dataset.access {
                if !used.idle.is_empty() {
                    <Card title="By idle time" note="when the file was saved">
                        { weigh_switch(route, go) }
                        { chart(&used.idle, "Keys by the time since they were used") }
                    </Card>
                }
                if !used.frequency.is_empty() {
                    <Card title="By LFU counter" note="0: hardly ever used; 255: a million hits and more">
                        if used.idle.is_empty() { { weigh_switch(route, go) } }
                        { chart(&used.frequency, "Keys by their LFU counter") }
                    </Card>
                }
                <Card title="The same as a table" note="bars: share of estimated memory" class="cardFlush"><AccessTable opened={opened.clone()} /></Card>
                <div class="columns columnsTop">
                    <Card title="Coldest keys" note="nobody asks for them" class="cardFlush"><KeyList opened={opened.clone()} ranking={Ranking::Coldest} /></Card>
                    <Card title="Hottest keys" class="cardFlush"><KeyList opened={opened.clone()} ranking={Ranking::Hottest} /></Card>
                </div>
            }
        </div>
    }
}
