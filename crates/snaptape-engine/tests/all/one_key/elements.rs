//! Elements, figures and places.

use snaptape_engine::{ElementSearch, ElementsAsked, KeyQuestion};
use snaptape_report::{KeyAnswer, KeyName, KeySurvey};
use snaptape_testdata::{cases, files, roots};

use super::canonical;
use super::read::{Known, NOW_MS, ask, known, page};
use crate::set::Set;

/// Keys with more elements than this are not read by sevens from their front.
const FEW: u64 = 70;

fn survey(files: &Set, source: &snaptape_engine::Source, key: &Known) -> KeySurvey {
    let question = KeyQuestion::Survey { target: None, allocator: None, digest: true, now_ms: NOW_MS };
    match ask(files, source, key, None, question) {
        Ok(KeyAnswer::Survey(survey)) => *survey,
        other => panic!("{other:?}"),
    }
}

#[test]
fn elements_are_those_that_one_pass_found() {
    let (mut n_files, mut n_keys, mut by_sevens, mut by_place) = (0, 0, 0, 0);
    for root in roots() {
        for case in cases(&root, "rdb") {
            let files = files(&case.path);
            let (outcome, keys) = known(&files);
            assert_eq!(outcome.sources.len(), 1, "{}", case.name);
            let source = &outcome.sources[0];
            n_files += 1;
            for key in keys {
                let shown = format!("{} db{} {}", case.name, key.db, key.name.escape_ascii());
                n_keys += 1;
                let all = page(&files, source, &key, None, 0, u64::MAX)
                    .unwrap_or_else(|why| panic!("{shown}: {why}"));
                assert_eq!(all.stopped, None, "{shown}");
                assert_eq!(all.head.name, KeyName::new(&key.name), "{shown}");
                assert_eq!(
                    (all.head.start, all.head.expires_at_ms),
                    (key.offset, key.expires_at_ms),
                    "{shown}"
                );
                let figures = survey(&files, source, &key);
                assert_eq!(figures.stopped, None, "{shown}");
                assert_eq!(figures.end - all.head.start, key.file_bytes, "{shown}");
                assert_eq!(
                    (figures.encoding.as_str(), figures.elements, figures.type_name.0.as_str()),
                    (key.encoding.as_str(), key.elements, key.type_name.as_str()),
                    "{shown}"
                );
                assert_eq!(
                    (figures.payload_bytes, figures.memory_bytes, &figures.value_sha256),
                    (key.payload_bytes, key.memory_bytes, &key.digest),
                    "{shown}"
                );
                let parts: u64 = figures.memory_parts.iter().map(|part| part.memory_bytes).sum();
                assert_eq!(parts, key.memory_bytes, "{shown}");
                let last_id = figures.stream.as_ref().map(|stream| stream.last_id.as_str());
                let is_all = all.at_end && !all.rows.iter().any(|row| row.more_texts > 0);
                if is_all && let Some(expected) = &key.digest {
                    assert_eq!(&canonical::digest(&key.type_name, &all.rows, last_id), expected, "{shown}");
                }
                let count = all.rows.len() as u64;
                if is_all && !matches!(key.type_name.as_str(), "string") && key.digest.is_some() {
                    assert_eq!(Some(count), key.elements, "{shown}");
                }
                // In pages of seven, from the front each time.
                if count <= FEW {
                    by_sevens += 1;
                    let mut rows = Vec::new();
                    while (rows.len() as u64) < count {
                        let next = page(&files, source, &key, None, rows.len() as u64, 7).unwrap();
                        assert!(!next.rows.is_empty(), "{shown}");
                        rows.extend(next.rows);
                    }
                    assert!(rows == all.rows, "{shown}");
                }
                // From every place that was given out.
                for place in figures.places.iter().step_by(figures.places.len() / 5 + 1) {
                    by_place += 1;
                    let next = page(&files, source, &key, Some(*place), place.element, 7).unwrap();
                    assert_eq!(next.stopped, None, "{shown} {place:?}");
                    if let Some(rest) = all.rows.get(usize::try_from(place.element).unwrap()..) {
                        assert!(next.rows == rest[..rest.len().min(7)], "{shown} {place:?}");
                    }
                }
            }
        }
    }
    println!("{n_files} files, {n_keys} keys, {by_sevens} read by sevens, {by_place} places");
    assert!(n_keys > 1_000 && by_sevens > 500 && by_place > 100, "{n_keys} {by_sevens} {by_place}");
}

/// A search finds what a look at all elements finds, however far down it stands.
#[test]
fn a_search_counts_all_and_lists_the_first() {
    let mut searched = 0;
    for case in cases(&roots()[0], "rdb") {
        let files = files(&case.path);
        let (outcome, keys) = known(&files);
        for key in keys.iter().filter(|key| key.elements.is_some_and(|n| n > 50) && key.type_name != "string")
        {
            let source = &outcome.sources[0];
            let all = page(&files, source, key, None, 0, 10_000).unwrap();
            if !all.at_end {
                continue;
            }
            searched += 1;
            for needle in [&b"1"[..], b"99", b"Q"] {
                let search = ElementSearch { bytes: needle.into(), any_case: true };
                let asked =
                    ElementsAsked { from: 0, limit: 5, text_bytes: 64, search: Some(search), unnamed: false };
                let Ok(KeyAnswer::Page(found)) = ask(&files, source, key, None, KeyQuestion::Elements(asked))
                else {
                    panic!()
                };
                let has = |bytes: &[u8]| {
                    bytes.to_ascii_lowercase().windows(needle.len()).any(|w| w == needle.to_ascii_lowercase())
                };
                let expected: Vec<u64> = all
                    .rows
                    .iter()
                    .filter(|row| {
                        row.texts.iter().any(|text| has(&text.bytes))
                            || row.label.as_ref().is_some_and(|label| has(label.as_bytes()))
                    })
                    .map(|row| row.index)
                    .collect();
                let listed: Vec<u64> = found.rows.iter().map(|row| row.index).collect();
                assert!(found.at_end);
                assert_eq!(found.matches, expected.len() as u64, "{} {}", case.name, key.name.escape_ascii());
                assert_eq!(listed, expected[..expected.len().min(5)]);
            }
        }
    }
    assert!(searched > 20, "{searched}");
}
