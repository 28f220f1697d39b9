//! Looks whether keys are what a line asks for.

use std::borrow::Cow;

use regex_lite::Regex;
use snaptape_report::PatternOptions;

use super::{Asked, Field, FilterError, KeyCells, KeyFilter, Term, WordOf, glob::fits, pattern::Groups};
use crate::key_slot;

/// A [`KeyFilter`] made ready to look at keys.
#[derive(Debug)]
pub struct KeyTest {
    /// What depends on nothing but file, database, type and encoding.
    of_kinds: Vec<Ready>,
    /// Everything else, cheap ones first.
    of_keys: Vec<Ready>,
    now_ms: i64,
    paths: Vec<String>,
    groups: Option<Box<Groups>>,
}

#[derive(Debug)]
struct Ready {
    negated: bool,
    asked: Asked,
    regex: Option<Regex>,
}

impl KeyFilter {
    /// Does it hold nothing that only shows when it is used?
    ///
    /// # Errors
    /// A regular expression that is none.
    pub fn check(&self) -> Result<(), FilterError> {
        self.terms.iter().try_for_each(|term| term.regex().map(drop))
    }
}

impl Term {
    fn regex(&self) -> Result<Option<Regex>, FilterError> {
        let Asked::Regex(pattern) = &self.asked else { return Ok(None) };
        let (start, end) = self.span;
        let wrong = |error| {
            let message = format!("\"{pattern}\" is no regular expression: {error}");
            FilterError { start, end, message }
        };
        Regex::new(pattern).map(Some).map_err(wrong)
    }
}

impl KeyTest {
    /// Times to live are counted from `now_ms` on; `paths` are those of the files, by their number; names are put into groups as
    /// `patterns` says.
    ///
    /// # Errors
    /// A regular expression that is none, or patterns that are none.
    pub fn new(
        filter: &KeyFilter,
        now_ms: i64,
        paths: &[String],
        patterns: &PatternOptions,
    ) -> Result<Self, FilterError> {
        let (of_kinds, of_keys) = (Vec::new(), Vec::new());
        let mut test = Self { of_kinds, of_keys, now_ms, paths: paths.to_vec(), groups: None };
        for term in &filter.terms {
            let regex = term.regex()?;
            if matches!(term.asked, Asked::Counted(..)) && test.groups.is_none() {
                let groups = Groups::new(patterns).map(Box::new);
                let (start, end) = term.span;
                test.groups = Some(groups.map_err(|message| FilterError { start, end, message })?);
            }
            let ready = Ready { negated: term.negated, asked: term.asked.clone(), regex };
            match &term.asked {
                Asked::Word(..) | Asked::Figure(Field::Db, _) => test.of_kinds.push(ready),
                _ => test.of_keys.push(ready),
            }
        }
        test.of_keys.sort_by_key(|ready| match ready.asked {
            Asked::Regex(_) => 4,
            Asked::Counted(..) => 3,
            Asked::Glob(_) => 2,
            Asked::Contains(_) | Asked::Figure(Field::Slot, _) => 1,
            _ => 0,
        });
        Ok(test)
    }

    /// Is this key what was asked for?
    pub fn takes(&self, key: &KeyCells<'_>) -> bool {
        self.takes_kind(key) && self.takes_key(key)
    }

    /// The part of the question that keys of one file, database, type and encoding answer alike.
    pub fn takes_kind(&self, key: &KeyCells<'_>) -> bool {
        self.of_kinds.iter().all(|ready| self.holds(ready, key))
    }

    /// The rest of the question.
    pub fn takes_key(&self, key: &KeyCells<'_>) -> bool {
        self.of_keys.iter().all(|ready| self.holds(ready, key))
    }

    /// Is there nothing more to ask of keys whose kind is taken?
    pub fn is_of_kinds(&self) -> bool {
        self.of_keys.is_empty()
    }

    fn holds(&self, ready: &Ready, key: &KeyCells<'_>) -> bool {
        ready.negated != self.is_asked(ready, key)
    }

    fn is_asked(&self, ready: &Ready, key: &KeyCells<'_>) -> bool {
        match &ready.asked {
            Asked::Contains(text) => contains(key.name, text),
            Asked::Glob(pattern) => fits(pattern, key.name),
            Asked::Regex(_) => {
                let name: Cow<'_, str> = String::from_utf8_lossy(key.name);
                ready.regex.as_ref().is_some_and(|regex| regex.is_match(&name))
            }
            Asked::Counted(group, text) => {
                self.groups.as_ref().is_some_and(|groups| groups.has(*group, text, key.name))
            }
            Asked::Word(WordOf::Type, words) => is_one_of(words, key.type_name),
            Asked::Word(WordOf::Encoding, words) => is_one_of(words, key.encoding),
            Asked::Word(WordOf::File, words) => {
                let path = usize::try_from(key.file).ok().and_then(|file| self.paths.get(file));
                let path = path.map(String::as_bytes).unwrap_or_default();
                // `dump.rdb` is not `old/dump.rdb`, where there are both.
                let is_whole = |word: &String| self.paths.contains(word);
                let is_it = |word: &String| contains(path, word.as_bytes()) || fits(word.as_bytes(), path);
                words.iter().any(|word| path == word.as_bytes() || !is_whole(word) && is_it(word))
            }
            Asked::Figure(field, ranges) => {
                figure(*field, key).is_some_and(|figure| is_within(ranges, figure))
            }
            Asked::Never => key.expires_at_ms.is_none(),
            Asked::Expires => key.expires_at_ms.is_some(),
            Asked::Expired => key.expires_at_ms.is_some_and(|at| at <= self.now_ms),
            Asked::Ttl(ranges) => {
                key.expires_at_ms.is_some_and(|at| is_within(ranges, at.saturating_sub(self.now_ms)))
            }
            Asked::ExpiresAt(ranges) => key.expires_at_ms.is_some_and(|at| is_within(ranges, at)),
        }
    }
}

fn figure(field: Field, key: &KeyCells<'_>) -> Option<u64> {
    match field {
        Field::Db => Some(key.db),
        Field::Elements => key.elements,
        Field::FileBytes => Some(key.file_bytes),
        Field::Freq => key.freq.map(u64::from),
        Field::Idle => key.idle_s,
        Field::LargestElement => Some(key.largest_element_bytes),
        Field::Memory => Some(key.memory_bytes),
        Field::NameBytes => Some(key.name.len() as u64),
        Field::Offset => Some(key.offset),
        Field::Payload => Some(key.payload_bytes),
        Field::Slot => Some(u64::from(key_slot(key.name))),
    }
}

fn is_within<T: PartialOrd + Copy>(ranges: &[(T, T)], figure: T) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&figure))
}

fn is_one_of(words: &[String], word: &str) -> bool {
    words.iter().any(|wanted| wanted.eq_ignore_ascii_case(word))
}

/// Do these bytes stand somewhere in the name?
fn contains(name: &[u8], text: &[u8]) -> bool {
    let Some((first, behind)) = text.split_first() else { return true };
    let mut rest = name;
    // The first byte is looked for by itself: most places do not have it.
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.len() < behind.len() {
            return false;
        }
        if rest.starts_with(behind) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{super::parse, *};

    fn takes(line: &str, key: &KeyCells<'_>) -> bool {
        let paths = ["shards/dump-0.rdb".to_owned(), "shards/dump-1.rdb".to_owned()];
        let filter = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        KeyTest::new(&filter, 1_000_000, &paths, &PatternOptions::default())
            .unwrap_or_else(|error| panic!("{line}: {error}"))
            .takes(key)
    }

    #[test]
    fn every_word_has_to_hold() {
        let key = KeyCells {
            file: 1,
            offset: 4_096,
            db: 3,
            name: b"user:42:cart",
            type_name: "hash",
            encoding: "listpack",
            elements: Some(7),
            expires_at_ms: Some(1_060_000),
            file_bytes: 120,
            payload_bytes: 100,
            memory_bytes: 2_000_000,
            largest_element_bytes: 30,
            idle_s: Some(864_000),
            freq: None,
            value_sha256: None,
        };
        for line in [
            "",
            "type:HASH",
            "type:zset,hash mem>1mb db:3",
            "-type:set",
            "42:c",
            "match:user:*:cart",
            "regex:\\d+:cart$",
            "file:dump-1",
            "file:shards/dump-1.rdb",
            "pattern:user:{int}:cart under:user -under:users",
            "file:*1.rdb",
            "encoding:listpack elements:7 file_bytes<=120 payload:90..100 largest<31",
            "ttl<2min ttl>59s ttl:any -ttl:none -ttl:expired",
            "expires<1970-01-02",
            "idle>=10d",
            "freq!=5",
            "name_bytes:12 offset:4096",
            "slot:10880,0..16383",
        ] {
            assert!(takes(line, &key), "{line}");
        }
        for line in [
            "type:set",
            "type:hash mem>2mb",
            "-42",
            "cart:",
            "match:user:*:car",
            "regex:^cart",
            "pattern:user:{int}",
            "under:user:{hex}",
            "template:user:*:cart",
            "file:dump-0",
            "ttl:none",
            "ttl:expired",
            "ttl<1min",
            "freq:5",
            "freq<256",
            "mem<0",
            "slot>16383",
        ] {
            assert!(!takes(line, &key), "{line}");
        }
    }

    #[test]
    fn what_is_past_is_below_zero() {
        let key = KeyCells { expires_at_ms: Some(999_999), ..EMPTY };
        assert!(takes("ttl:expired ttl<1h ttl<0", &key) && !takes("ttl:0..1h", &key));
        assert!(takes("ttl:none -ttl<1h -ttl>1h", &EMPTY));
    }

    #[test]
    fn a_wrong_expression_is_shown_where_it_stands() {
        let filter = parse("db:0 regex:(").unwrap();
        let error = KeyTest::new(&filter, 0, &[], &PatternOptions::default()).unwrap_err();
        assert_eq!(filter.check(), Err(error.clone()));
        assert_eq!(parse("regex:a+ mem>1kb").unwrap().check(), Ok(()));
        assert_eq!((error.start, error.end), (5, 12));
    }

    const EMPTY: KeyCells<'_> = KeyCells {
        file: 0,
        offset: 0,
        db: 0,
        name: b"",
        type_name: "string",
        encoding: "raw",
        elements: None,
        expires_at_ms: None,
        file_bytes: 0,
        payload_bytes: 0,
        memory_bytes: 0,
        largest_element_bytes: 0,
        idle_s: None,
        freq: None,
        value_sha256: None,
    };
}
