//! Keys that had expired when the file was saved, and are still there.

use snaptape_report::{Advice, AdviceKind, Dataset, units};

use super::blank;

/// Keys that have expired since are not counted: they tell how old the file is.
pub(super) fn advice(dataset: &Dataset) -> Option<Advice> {
    let totals = &dataset.totals;
    let held = totals.expired_at_save_memory_bytes;
    if !Advice::is_worth_saying(held, totals.memory_bytes) {
        return None;
    }
    let sentence = format!(
        "{} had expired when the file was saved and {} still there, holding {}: nobody asked for them, and the server had not come \
         round to deleting them.",
        units::plural(totals.expired_at_save, "key", "keys"),
        if totals.expired_at_save == 1 { "was" } else { "were" },
        units::bytes(held)
    );
    Some(Advice {
        saved_bytes: Some(held),
        affected_bytes: held,
        keys: totals.expired_at_save,
        sentence,
        cost: Some(
            "A higher active-expire-effort deletes them sooner, for a little more of the processor.".into(),
        ),
        ..blank(AdviceKind::ExpiredKeys)
    })
}
