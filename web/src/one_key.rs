//! The key that is looked at: where it stands, what its answers say in words. Pure.

use snaptape_engine::Source;
use snaptape_report::{FileReport, KeyHead, KeyPlace, KeyRow, KeySurvey, units};

use crate::protocol::{Answers, Beside, KeyLine};
use crate::route::Route;
use crate::words;

/// Rows of a page of elements.
pub const PAGE_ROWS: u64 = 100;
/// Bytes of every string in a row.
pub const ROW_TEXT_BYTES: u64 = 200;
/// Bytes of a window of a string.
pub const WINDOW_BYTES: u64 = 64 << 10;
/// Bytes of a string that is read as a document.
pub const DOCUMENT_BYTES: u64 = 1 << 20;

/// Which file of the report has the keys: by its name, else the only one with keys.
pub fn file_of(answers: &Answers, file: Option<&str>) -> Option<u32> {
    let is_it = |known: &FileReport| match file {
        Some(name) => known.name == name,
        None => known.snapshot.is_some() && known.keys.saturating_add(known.keys_behind) > 0,
    };
    u32::try_from(answers.report.files.iter().position(is_it)?).ok()
}

/// Where the contents of that file are.
pub fn source(answers: &Answers, file: u32) -> Option<Source> {
    let name = &answers.report.files.get(usize::try_from(file).ok()?)?.name;
    answers.sources.iter().find(|source| source.path == *name).cloned()
}

/// The number of that file among the sources, where the table of keys counts it.
pub fn source_number(answers: &Answers, file: u32) -> Option<u32> {
    let name = &answers.report.files.get(usize::try_from(file).ok()?)?.name;
    u32::try_from(answers.sources.iter().position(|source| source.path == *name)?).ok()
}

/// The address of a row of the table of keys.
pub fn route_of(answers: &Answers, route: &Route, line: &KeyLine, row: u64) -> Route {
    let path =
        usize::try_from(line.file).ok().and_then(|file| answers.sources.get(file)).map(|s| s.path.as_str());
    let file = path.and_then(|path| file_of(answers, Some(path))).unwrap_or(line.file);
    Route { row, ..route.with_key(file, line.offset, line.db) }
}

/// To one of the keys beside another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The one before it.
    Previous,
    /// The one behind it.
    Next,
}

/// The key beside the one of the address; how its value is looked at stays.
pub fn step(answers: &Answers, route: &Route, beside: &Beside, way: Way) -> Option<Route> {
    let (place, line) = match way {
        Way::Previous => beside.previous.as_ref(),
        Way::Next => beside.next.as_ref(),
    }?;
    let row = if beside.in_table { *place } else { route.row };
    Some(route_of(answers, route, line, row))
}

/// The address of a key of the report; nothing where its file is not known.
pub fn href(answers: &Answers, route: &Route, row: &KeyRow) -> Option<String> {
    let file = file_of(answers, row.file.as_deref())?;
    Some(route.with_key(file, row.offset, row.db).to_hash())
}

/// The last place before an element.
pub fn place_before(places: &[KeyPlace], element: u64) -> Option<KeyPlace> {
    places.iter().rev().find(|place| place.element <= element).copied()
}

/// Adds places to those that are known, in order and within bounds.
pub fn join_places(known: &mut Vec<KeyPlace>, more: &[KeyPlace]) {
    known.extend_from_slice(more);
    known.sort_by_key(|place| place.element);
    known.dedup_by_key(|place| place.element);
    while known.len() > KeyPlace::MOST {
        let mut odd = false;
        known.retain(|_| {
            odd = !odd;
            odd
        });
    }
}

/// When the key expires, in words: `expires in 3 days, on 2026-11-29 10:22:00 UTC`.
pub fn expiry(head: &KeyHead, now_ms: i64) -> String {
    let Some(at_ms) = head.expires_at_ms else {
        return if head.expires_fields {
            "never expires as a whole; fields of it may"
        } else {
            "never expires"
        }
        .into();
    };
    let on = units::time_ms(at_ms);
    let saved_ms = head.saved_at_s.map(|s| s.saturating_mul(1_000));
    match saved_ms {
        Some(saved_ms) if at_ms < saved_ms => {
            let before = units::duration_ms(saved_ms.abs_diff(at_ms));
            format!("had expired {before} before the file was written, on {on}")
        }
        _ if at_ms < now_ms => format!("expired {}, on {on}", words::expires(at_ms, now_ms)),
        _ => format!("expires {}, on {on}", words::expires(at_ms, now_ms)),
    }
}

/// What elements of such a value are called: one, many.
pub fn element_words(type_name: &str) -> (&'static str, &'static str) {
    match type_name {
        "hash" => ("field", "fields"),
        "set" | "zset" => ("member", "members"),
        "list" => ("item", "items"),
        "stream" => ("entry", "entries"),
        _ => ("element", "elements"),
    }
}

/// What is said while a key is read that takes a while.
pub fn waiting(done_bytes: u64, total_bytes: u64, is_packed: bool) -> String {
    let far = format!("Reading: {} of at most {}.", units::bytes(done_bytes), units::bytes(total_bytes));
    if is_packed {
        format!(
            "{far} A packed file is unpacked from its front for that; in an unpacked copy it goes at once."
        )
    } else {
        far
    }
}

/// What the rows of the table of a value are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// Its elements.
    Elements,
    /// What a module's value holds, each with its name.
    Named,
    /// The fields of a module's value, which have no names.
    Fields,
}

impl RowKind {
    /// Of the value with these figures.
    pub fn of(survey: &KeySurvey) -> Self {
        match &survey.module {
            None => Self::Elements,
            Some(module) if module.is_named => Self::Named,
            Some(_) => Self::Fields,
        }
    }

    /// What one of them is called, and many.
    pub fn words(self, type_name: &str) -> (&'static str, &'static str) {
        match self {
            Self::Elements => element_words(type_name),
            Self::Named => ("row", "rows"),
            Self::Fields => ("field", "fields"),
        }
    }
}

/// A name for files made of this key.
pub fn file_name(key: &str, end: &str) -> String {
    let stem: String = key
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .take(60)
        .collect();
    format!("{}.{end}", if stem.is_empty() { "key" } else { &stem })
}

#[cfg(test)]
mod tests {
    use snaptape_report::{KeyName, TypeName};

    use super::*;

    fn place(element: u64) -> KeyPlace {
        KeyPlace { element, offset: element * 10, left: 0, done: 0, min_expiry_ms: None }
    }

    #[test]
    fn places_are_kept_in_order_and_bounded() {
        let mut known = vec![place(10), place(30)];
        join_places(&mut known, &[place(20), place(10)]);
        assert_eq!(known.iter().map(|place| place.element).collect::<Vec<_>>(), [10, 20, 30]);
        assert_eq!(place_before(&known, 29), Some(place(20)));
        assert_eq!(place_before(&known, 9), None);
        join_places(&mut known, &(0..5_000).map(place).collect::<Vec<_>>());
        assert!(known.len() <= KeyPlace::MOST && known.is_sorted_by_key(|place| place.element));
    }

    #[test]
    fn expiries_are_told_from_now_and_from_the_file() {
        let mut head = KeyHead {
            expires_fields: false,
            name: KeyName::new(b"k"),
            db: 0,
            type_name: TypeName("string".into()),
            type_byte: 0,
            expires_at_ms: None,
            idle_s: None,
            freq: None,
            slot: 0,
            start: 0,
            value_start: 0,
            rdb_version: 9,
            release: "redis-7.0".into(),
            saved_at_s: Some(1_000),
        };
        let hour = 3_600_000;
        assert_eq!(expiry(&head, 0), "never expires");
        head.expires_at_ms = Some(1_000_000 + 5 * hour);
        assert_eq!(expiry(&head, 1_000_000), "expires in 5 h, on 1970-01-01 05:16:40 UTC");
        assert_eq!(expiry(&head, 1_000_000 + 7 * hour), "expired 2 h ago, on 1970-01-01 05:16:40 UTC");
        head.expires_at_ms = Some(400_000);
        assert_eq!(
            expiry(&head, 1_000_000),
            "had expired 10 min 0 s before the file was written, on 1970-01-01 00:06:40 UTC"
        );
    }

    #[test]
    fn files_are_named_after_the_key() {
        assert_eq!(file_name("user:1/é", "redis"), "user_1__.redis");
        assert_eq!(file_name("", "dump"), "key.dump");
    }
}
