//! Words about the table of keys. Pure.

use snaptape_analysis::filter::Vocabulary;
use snaptape_report::{Dataset, KeyRow, units};

use crate::protocol::{Answers, KeyLine, KeysStage, KeysStatus};
use crate::sort::{Column as _, KeyColumn};

/// Filters that teach what there is.
pub const EXAMPLES: [(&str, &str); 6] = [
    ("mem>1mb", "big ones"),
    ("ttl:none", "that never expire"),
    ("ttl<1h", "that expire within the hour"),
    ("type:hash encoding:hashtable", "hashes that are not packed"),
    ("match:user:*", "by pattern"),
    ("elements>=1k -type:string", "with many elements"),
];

/// What there is to be completed with.
pub fn vocabulary(answers: &Answers) -> Vocabulary {
    let Some(dataset) = &answers.report.dataset else { return Vocabulary::default() };
    let names = |groups: &[snaptape_report::Group]| {
        let mut names: Vec<String> = Vec::with_capacity(groups.len());
        for group in groups {
            if !names.contains(&group.name) {
                names.push(group.name.clone());
            }
        }
        names
    };
    let access = dataset.access.as_ref();
    let keys = || access.into_iter().flat_map(|access| access.coldest.iter().chain(&access.hottest));
    Vocabulary {
        types: names(&dataset.types),
        encodings: names(&dataset.encodings),
        databases: dataset.databases.iter().filter_map(|group| group.name.parse().ok()).collect(),
        files: if answers.sources.len() > 1 {
            answers.sources.iter().map(|source| source.path.clone()).collect()
        } else {
            Vec::new()
        },
        has_idle: keys().any(|key| key.idle_s.is_some()),
        has_freq: keys().any(|key| key.freq.is_some()),
    }
}

/// The columns these files have something to say in.
pub fn columns(answers: &Answers) -> Vec<KeyColumn> {
    let words = vocabulary(answers);
    let has_slots = answers.report.shards.len() > 1;
    let is_shown = |column: &KeyColumn| match column {
        KeyColumn::Idle => words.has_idle,
        KeyColumn::Freq => words.has_freq,
        KeyColumn::Db => words.databases.len() > 1,
        KeyColumn::Slot => has_slots,
        _ => true,
    };
    KeyColumn::ALL.iter().copied().filter(is_shown).collect()
}

/// How the question stands, in one sentence.
pub fn found(status: &KeysStatus, filter: &str) -> String {
    let found = &status.found;
    let what = if filter.trim().is_empty() {
        units::plural(found.keys, "key", "keys")
    } else {
        format!("{} of {}", units::count(found.keys), units::plural(status.seen.keys, "key", "keys"))
    };
    format!(
        "{what}: {} of memory, {} in the file, {} of payload",
        units::bytes(found.memory_bytes),
        units::bytes(found.file_bytes),
        units::bytes(found.payload_bytes)
    )
}

/// What is being done, or what was.
pub fn stage(status: &KeysStatus) -> String {
    let read = units::percent(status.done_bytes, status.total_bytes);
    match status.stage {
        KeysStage::Reading if status.is_search => format!("searching the files, {read} read"),
        KeysStage::Reading => format!("reading the keys, {read} read; what comes first so far is listed"),
        KeysStage::Paused => format!("stopped: {read} was read"),
        KeysStage::Filtering => "looking through the rows".into(),
        KeysStage::Sorting => "putting them in order".into(),
        KeysStage::Done => format!("in {}", units::duration_ms(status.elapsed_ms)),
    }
}

/// What is not listed, and what helps.
pub fn beyond(status: &KeysStatus) -> Option<String> {
    if !status.is_search {
        return None;
    }
    let rows = if status.holds_all {
        "All matches are listed".to_owned()
    } else {
        format!(
            "The first {} are listed and all are counted; a narrower filter lists all, and an export writes all",
            units::count(status.ready)
        )
    };
    Some(format!(
        "Not all rows fit into the memory the table may take, so each filter reads the files again. {rows}."
    ))
}

/// A row of the report as one of the table.
pub fn early(row: &KeyRow, answers: &Answers) -> KeyLine {
    let is_it = |path: &str| row.file.as_deref().is_none_or(|file| file == path);
    let file = answers.sources.iter().position(|source| is_it(&source.path)).unwrap_or_default();
    KeyLine {
        file: u32::try_from(file).unwrap_or_default(),
        offset: row.offset,
        db: row.db,
        name: row.name.display(),
        type_name: row.type_name.0.clone(),
        encoding: row.encoding.clone(),
        elements: row.elements,
        expires_at_ms: row.expires_at_ms,
        file_bytes: row.file_bytes,
        payload_bytes: row.payload_bytes,
        memory_bytes: row.memory_bytes,
        idle_s: row.idle_s,
        freq: row.freq,
        slot: 0,
    }
}

/// The biggest in the chosen release; the report has a few more, for the others.
pub fn biggest(dataset: &Dataset) -> &[KeyRow] {
    dataset.biggest.get(..Dataset::MAX_BIGGEST).unwrap_or(&dataset.biggest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Sums;

    #[test]
    fn examples_can_be_read() {
        for (line, _) in EXAMPLES {
            assert!(snaptape_analysis::filter::parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_question_in_one_sentence() {
        let sums = |keys| Sums { keys, memory_bytes: keys * 100, file_bytes: keys * 10, payload_bytes: keys };
        let status = KeysStatus {
            seen: sums(2_000),
            found: sums(1),
            is_search: true,
            ready: 1,
            ..KeysStatus::default()
        };
        assert_eq!(
            found(&status, "mem>1"),
            "1 of 2,000 keys: 100 B of memory, 10 B in the file, 1 B of payload"
        );
        assert_eq!(found(&status, " "), "1 key: 100 B of memory, 10 B in the file, 1 B of payload");
        assert!(beyond(&status).unwrap().contains("first 1 are"));
        assert_eq!(beyond(&KeysStatus::default()), None);
    }

    #[test]
    fn only_columns_with_something_in_them() {
        let columns = columns(&crate::testing::answers());
        assert!(columns.contains(&KeyColumn::Memory) && !columns.contains(&KeyColumn::Slot), "{columns:?}");
    }
}
