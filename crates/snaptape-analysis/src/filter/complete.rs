//! What could be written next.

use super::{
    Asked, WordOf,
    fields::{FIELDS, Known, Reads, find},
    parse::{cut, parse},
    words::quoted,
};

/// Candidates that are offered at once.
const MOST: usize = 12;

/// What there is in the files that are open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Types, those with most keys first.
    pub types: Vec<String>,
    /// Encodings, the same way.
    pub encodings: Vec<String>,
    /// Databases.
    pub databases: Vec<u64>,
    /// Paths, where there are several files.
    pub files: Vec<String>,
    /// Does a file say when keys were used last?
    pub has_idle: bool,
    /// Does a file say how often keys are used?
    pub has_freq: bool,
}

/// One thing that could be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What takes the place of [`Completion::start`]`..`[`Completion::end`].
    pub text: String,
    /// What it means.
    pub note: String,
}

/// What could stand where the cursor is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// First character that is replaced.
    pub start: usize,
    /// The character behind the last one.
    pub end: usize,
    /// The best ones first.
    pub candidates: Vec<Candidate>,
}

impl Completion {
    /// Is what stands there the front of a field's name? Then it is hardly meant as text of a key's name, or not yet.
    pub fn begins_a_field(&self) -> bool {
        self.start < self.end
            && self.candidates.iter().any(|candidate| candidate.text.ends_with([':', '<', '>']))
    }
}

/// Sentences about words of `line` for types and encodings that no key has: where a line finds nothing, they may be why.
pub fn strangers(line: &str, vocabulary: &Vocabulary) -> Vec<String> {
    let terms = parse(line).map(|filter| filter.terms).unwrap_or_default();
    let mut sentences = Vec::new();
    for term in terms.iter().filter(|term| !term.negated) {
        let (what, there) = match &term.asked {
            Asked::Word(WordOf::Type, _) => ("type", &vocabulary.types),
            Asked::Word(WordOf::Encoding, _) => ("encoding", &vocabulary.encodings),
            _ => continue,
        };
        let Asked::Word(_, words) = &term.asked else { continue };
        for word in words {
            if !there.iter().any(|known| known.eq_ignore_ascii_case(word)) {
                sentences
                    .push(format!("No key here has the {what} \"{word}\"; there are {}.", there.join(", ")));
            }
        }
    }
    sentences
}

/// What could stand in `line` where the cursor is, counted in characters.
pub fn complete(line: &str, cursor: usize, vocabulary: &Vocabulary) -> Completion {
    let before: Vec<char> = line.chars().take(cursor).collect();
    let end = before.len();
    let start = word_start(&before);
    let word = before.get(start..).unwrap_or_default();
    let negated = word.first() == Some(&'-');
    let Some(cut) = cut(word) else {
        let start = start + usize::from(negated);
        let typed: String = before.get(start..).unwrap_or_default().iter().collect();
        // Inside quotes everything is text.
        if typed.contains('"') {
            return Completion::default();
        }
        return Completion { start, end, candidates: names(&typed, vocabulary) };
    };
    let Some(known) = find(&cut.name) else { return Completion::default() };
    let value: String = cut.value.iter().collect();
    // Behind a comma the next value begins.
    let typed = value.rsplit(',').next().unwrap_or_default();
    let start = end - typed.chars().count();
    let candidates = values(known, vocabulary)
        .into_iter()
        .filter(|candidate| begins(&candidate.text, typed) && candidate.text != typed)
        .take(MOST)
        .collect();
    Completion { start, end, candidates }
}

fn word_start(before: &[char]) -> usize {
    let mut start = 0;
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in before.iter().enumerate() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => start = at + 1,
            _ => {}
        }
    }
    start
}

fn begins(text: &str, typed: &str) -> bool {
    text.get(..typed.len()).is_some_and(|front| front.eq_ignore_ascii_case(typed))
}

fn is_of_use(known: &Known, vocabulary: &Vocabulary) -> bool {
    match known.name {
        "idle" => vocabulary.has_idle,
        "freq" => vocabulary.has_freq,
        "db" => vocabulary.databases.len() > 1,
        "file" => vocabulary.files.len() > 1,
        _ => true,
    }
}

/// Fields, with the operator they are mostly used with. Without a letter, those most questions need.
fn names(typed: &str, vocabulary: &Vocabulary) -> Vec<Candidate> {
    let useful = FIELDS.iter().filter(|known| is_of_use(known, vocabulary));
    let written = |known: &Known| {
        let at = known.example.find([':', '<', '>']).unwrap_or(known.name.len());
        let op = known.example.get(at..=at).unwrap_or(":");
        Candidate { text: format!("{}{op}", known.name), note: format!("{}: {}", known.note, known.example) }
    };
    let (fronts, others): (Vec<&Known>, Vec<&Known>) = useful.partition(|known| begins(known.name, typed));
    let others = others
        .into_iter()
        .filter(|known| !typed.is_empty() && known.also.iter().any(|also| begins(also, typed)));
    fronts.into_iter().chain(others).take(MOST).map(written).collect()
}

fn values(known: &Known, vocabulary: &Vocabulary) -> Vec<Candidate> {
    let plain = |text: &str, note: &str| Candidate { text: quoted(text), note: note.to_owned() };
    let words = |words: &[String]| words.iter().map(|word| plain(word, "")).collect::<Vec<_>>();
    match (known.reads, known.name) {
        (Reads::Type, _) => words(&vocabulary.types),
        (Reads::Encoding, _) => words(&vocabulary.encodings),
        (Reads::File, _) => words(&vocabulary.files),
        (Reads::Ttl, _) => vec![
            plain("none", "never expires"),
            plain("any", "expires at some time"),
            plain("expired", "its time is past"),
            plain("1h..1d", "from one hour to one day from now"),
        ],
        (Reads::Figure(..), "db") => {
            vocabulary.databases.iter().map(|db| plain(&db.to_string(), "")).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(line: &str) -> (usize, usize, Vec<String>) {
        let vocabulary = Vocabulary {
            types: vec!["string".into(), "hash".into(), "set".into()],
            encodings: vec!["listpack".into(), "embstr".into()],
            databases: vec![0, 3],
            files: vec!["a b.rdb".into(), "c.rdb".into()],
            has_idle: true,
            has_freq: false,
        };
        let completion = complete(line, line.chars().count(), &vocabulary);
        let texts = completion.candidates.into_iter().map(|candidate| candidate.text);
        (completion.start, completion.end, texts.collect())
    }

    fn strings(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn words_that_no_key_has_are_told() {
        let vocabulary = Vocabulary { types: strings(&["string", "hash"]), ..Vocabulary::default() };
        let told = |line| strangers(line, &vocabulary);
        assert_eq!(told("type:hahs mem>1"), ["No key here has the type \"hahs\"; there are string, hash."]);
        assert_eq!(told("type:HASH,zset -type:set user:1").len(), 1);
        assert!(told("mem>much type:x").is_empty(), "a line that cannot be read");
    }

    #[test]
    fn fields_then_values() {
        let (start, end, all) = offered("");
        assert_eq!((start, end), (0, 0));
        assert_eq!(all.first().map(String::as_str), Some("type:"));
        assert!(all.contains(&"idle>".to_owned()) && !all.contains(&"freq<".to_owned()), "{all:?}");
        assert_eq!(offered("user m"), (5, 6, strings(&["mem>", "match:"])));
        assert_eq!(offered("-ty"), (1, 3, strings(&["type:"])));
        assert_eq!(offered("type:s"), (5, 6, strings(&["string", "set"])));
        assert_eq!(offered("type:hash,"), (10, 10, strings(&["string", "hash", "set"])));
        assert_eq!(offered("db:"), (3, 3, strings(&["0", "3"])));
        assert_eq!(offered("ttl:n"), (4, 5, strings(&["none"])));
        assert_eq!(offered("glo"), (0, 3, strings(&["match:"])));
        assert_eq!(offered("file:"), (5, 5, strings(&["\"a b.rdb\"", "c.rdb"])));
    }

    #[test]
    fn a_field_is_told_from_text_as_it_is_written() {
        let begins =
            |line: &str| complete(line, line.chars().count(), &Vocabulary::default()).begins_a_field();
        for (line, expected) in [
            ("", false),
            ("ty", true),
            ("type:hash me", true),
            ("type:hash ", false),
            ("type:", false),
            ("user:42", false),
            ("visitors", false),
        ] {
            assert_eq!(begins(line), expected, "{line}");
        }
    }

    #[test]
    fn text_stays_text() {
        for line in ["user:", "\"ty", "mem>", "type:hash", "match:us"] {
            let (_, _, all) = offered(line);
            assert!(all.is_empty(), "{line}: {all:?}");
        }
    }

    #[test]
    fn what_is_offered_can_be_read() {
        for known in &FIELDS {
            assert!(parse(known.example).is_ok(), "{}", known.example);
            assert_eq!(parse(known.example).unwrap().terms.len(), 1);
        }
    }
}
