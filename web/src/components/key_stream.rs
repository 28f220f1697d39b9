//! A stream beside its entries.

use snaptape_report::{GroupFacts, StreamFacts, units};
use yew::prelude::*;

use super::Card;

/// Its counters, and its groups with their consumers and what is pending.
pub fn key_stream(stream: &StreamFacts) -> Html {
    html! {
        <>
            <Card title="The stream">
                <dl class="facts">
                    <dt>{ "Live entries" }</dt><dd>{ units::count(stream.length) }</dd>
                    <dt>{ "Last ID" }</dt><dd class="code">{ &stream.last_id }</dd>
                    if let Some(id) = &stream.first_id {
                        <dt>{ "First live ID" }</dt><dd class="code">{ id }</dd>
                    }
                    if let Some(id) = stream.max_deleted_id.as_ref().filter(|id| *id != "0-0") {
                        <dt>{ "Highest deleted ID" }</dt><dd class="code">{ id }</dd>
                    }
                    if let Some(added) = stream.entries_added {
                        <dt>{ "Entries ever added" }</dt><dd>{ units::count(added) }</dd>
                    }
                    if let Some((seconds, entries, producers)) = stream.idempotence {
                        <dt>{ "Added twice" }</dt>
                        <dd>{ format!("recognised for {seconds} s and {} per producer; {}", units::plural(entries, "entry", "entries"), units::plural(producers, "producer", "producers")) }</dd>
                    }
                    if stream.groups.is_empty() {
                        <dt>{ "Consumer groups" }</dt><dd>{ "none" }</dd>
                    }
                </dl>
            </Card>
            { for stream.groups.iter().map(group) }
            if stream.more_groups > 0 {
                <p class="muted">{ format!("and {} that are not listed", units::plural(stream.more_groups, "group", "groups")) }</p>
            }
        </>
    }
}

fn group(group: &GroupFacts) -> Html {
    let name = units::printable(&group.name);
    let read = group.entries_read.map_or_else(|| "not known".to_owned(), units::count);
    let lag = group.lag.map_or_else(
        || "not known: entries behind it were deleted, or the file does not say".to_owned(),
        units::count,
    );
    html! {
        <Card title={format!("Group {name}")} note={format!("{} pending", units::count(group.pending))}>
            <dl class="facts" data-testid="key-group" data-name={name.clone()}>
                <dt>{ "Last ID delivered" }</dt><dd class="code">{ &group.last_id }</dd>
                <dt>{ "Entries read" }</dt><dd>{ read }</dd>
                <dt>{ "Lag" }</dt><dd data-testid="key-lag">{ lag }</dd>
            </dl>
            <div class="tableScroll keyGroupTable" tabindex="0" role="region" aria-label={format!("Consumers of {name}")}>
                <table class="table" aria-label="Consumers">
                    <thead><tr>
                        <th scope="col">{ "Consumer" }</th>
                        <th scope="col" class="tableFigure">{ "Pending" }</th>
                        <th scope="col">{ "Seen" }</th>
                        <th scope="col">{ "Active" }</th>
                    </tr></thead>
                    <tbody>
                        { for group.consumers.iter().map(|consumer| html! {
                            <tr>
                                <th scope="row" class="code">{ units::printable(&consumer.name) }</th>
                                <td class="tableFigure">{ units::count(consumer.pending) }</td>
                                <td>{ units::time_ms(consumer.seen_at_ms) }</td>
                                <td>{ consumer.active_at_ms.map_or_else(|| "–".to_owned(), units::time_ms) }</td>
                            </tr>
                        }) }
                        if group.consumers.is_empty() {
                            <tr><td colspan="4" class="muted">{ "no consumers" }</td></tr>
                        }
                    </tbody>
                </table>
            </div>
            if group.more_consumers > 0 {
                <p class="muted">{ format!("and {} that are not listed", units::plural(group.more_consumers, "consumer", "consumers")) }</p>
            }
            if !group.first_pending.is_empty() {
                <div class="tableScroll keyGroupTable" tabindex="0" role="region" aria-label={format!("Pending entries of {name}")}>
                    <table class="table" aria-label="Pending entries" data-testid="key-pending">
                        <thead><tr>
                            <th scope="col">{ "Pending entry" }</th>
                            <th scope="col">{ "Consumer" }</th>
                            <th scope="col">{ "Delivered" }</th>
                            <th scope="col" class="tableFigure">{ "Times" }</th>
                        </tr></thead>
                        <tbody>
                            { for group.first_pending.iter().map(|pending| html! {
                                <tr>
                                    <th scope="row" class="code">{ &pending.id }</th>
                                    <td class="code">{ pending.consumer.as_deref().map_or_else(|| "–".to_owned(), units::printable) }</td>
                                    <td>{ units::time_ms(pending.delivered_at_ms) }</td>
                                    <td class="tableFigure">{ units::count(pending.deliveries) }</td>
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </div>
                if group.pending > group.first_pending.len() as u64 {
                    <p class="muted">{ format!("the first {} of {}", group.first_pending.len(), units::count(group.pending)) }</p>
                }
            }
        </Card>
    }
}
