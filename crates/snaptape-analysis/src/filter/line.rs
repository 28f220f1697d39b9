//! Writes lines: the question whose answer is the keys of a pattern, of a group, of a part of a map.

use snaptape_report::{PatternGroup, PatternOptions, PatternSource};

use super::words::{meant, quoted};
use crate::keys::pattern::{CLASSES, REST};

/// Stars of a pattern that are kept within their segment; each takes a word of its own.
const MOST_KEPT: usize = 4;

/// A line that becomes longer by one word at a time.
///
/// ```
/// use snaptape_analysis::filter::Line;
/// let line = Line::default().field("type", "hash").pattern("user:{int}:cart", ":/", false);
/// assert_eq!(line.text(), "type:hash match:user:*:cart -match:user:*:*:cart");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
}

impl Line {
    /// For the keys of a pattern: at least those, and others of the same segments only where a class has become a star. Nothing where
    /// the pattern says nothing about names.
    pub fn of_group(group: &PatternGroup, options: &PatternOptions) -> Option<Self> {
        let line = match group.source {
            PatternSource::Segments => {
                Self::default().pattern(&group.pattern, &options.separators, options.skip_first_segment)
            }
            PatternSource::Template => Self::default().template(&group.pattern),
            PatternSource::Regex => Self::default().contains(&group.pattern),
        };
        (!line.text.is_empty()).then_some(line)
    }

    /// What was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A field is this word.
    #[must_use]
    pub fn field(self, name: &str, value: &str) -> Self {
        self.word(name, &quoted(value))
    }

    /// Names have this shape: `user:{int}:cart`. `behind_first` where the pattern begins behind the first segment.
    #[must_use]
    pub fn pattern(self, pattern: &str, separators: &str, behind_first: bool) -> Self {
        let glob = Glob::of_pattern(pattern, behind_first, separators);
        if !glob.says_something() {
            return self;
        }
        let line = self.word("match", &meant(&glob.text()));
        let kept = glob.kept.len();
        if kept > MOST_KEPT {
            return line;
        }
        // A star of KEYS goes on over separators; one of a pattern ends with its segment.
        (0..kept).fold(line, |line, star| line.word("-match", &meant(&glob.text_across(star))))
    }

    /// Names begin with these segments; `separator` follows, where something follows for certain.
    #[must_use]
    pub fn beginning(self, pattern: &str, separator: Option<char>, behind_first: bool) -> Self {
        let mut glob = Glob::of_pattern(pattern, behind_first, "");
        if !glob.says_something() {
            return self;
        }
        glob.pieces.extend(separator.map(Piece::of_char));
        glob.star();
        self.word("match", &meant(&glob.text()))
    }

    /// Names fit a template: its stars are those of KEYS, or less.
    #[must_use]
    pub fn template(self, template: &str) -> Self {
        let mut glob = Glob::default();
        for c in template.chars() {
            match c {
                '*' => glob.star(),
                c => glob.pieces.push(Piece::of_char(c)),
            }
        }
        if glob.says_something() { self.word("match", &meant(&glob.text())) } else { self }
    }

    /// Names contain this text.
    #[must_use]
    pub fn contains(mut self, text: &str) -> Self {
        if !text.is_empty() {
            self.space();
            self.text.push_str(&quoted(text));
        }
        self
    }

    fn word(mut self, name: &str, value: &str) -> Self {
        self.space();
        self.text.push_str(name);
        self.text.push(':');
        self.text.push_str(value);
        self
    }

    fn space(&mut self) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Star,
    /// A character, and does it need a backslash?
    Char(char, bool),
}

impl Piece {
    fn of_char(c: char) -> Self {
        Self::Char(c, matches!(c, '*' | '?' | '[' | ']' | '\\'))
    }
}

/// A pattern as KEYS has it.
#[derive(Debug, Default)]
struct Glob {
    pieces: Vec<Piece>,
    /// Stars that stand for a part of a segment, by their place.
    kept: Vec<usize>,
    separator: char,
}

impl Glob {
    fn of_pattern(pattern: &str, behind_first: bool, separators: &str) -> Self {
        let used = pattern.chars().find(|c| separators.contains(*c));
        let separator = used.or_else(|| separators.chars().next()).unwrap_or(':');
        let mut glob = Self { separator, ..Self::default() };
        if behind_first {
            // The first segment may be all there is, or be missing.
            glob.star();
        }
        let mut rest = pattern;
        while let Some(c) = rest.chars().next() {
            let class = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            if let Some((name, behind)) = class.filter(|(name, _)| CLASSES.contains(name)) {
                let is_new = glob.pieces.last() != Some(&Piece::Star);
                glob.star();
                if is_new && REST.get(1..REST.len() - 1) != Some(name) {
                    glob.kept.push(glob.pieces.len() - 1);
                }
                rest = behind;
            } else {
                glob.pieces.push(Piece::of_char(c));
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        glob
    }

    fn star(&mut self) {
        if self.pieces.last() != Some(&Piece::Star) {
            self.pieces.push(Piece::Star);
        }
    }

    /// Is there a name it does not fit?
    fn says_something(&self) -> bool {
        !self.pieces.is_empty() && (self.pieces != [Piece::Star] || !self.kept.is_empty())
    }

    fn text(&self) -> String {
        self.written(None)
    }

    /// The same with a separator within one of the stars that are kept.
    fn text_across(&self, star: usize) -> String {
        self.written(self.kept.get(star).copied())
    }

    fn written(&self, across: Option<usize>) -> String {
        let mut out = String::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Star if across == Some(at) => {
                    out.push('*');
                    out.push(self.separator);
                    out.push('*');
                }
                Piece::Star => out.push('*'),
                Piece::Char(c, escaped) => {
                    if *escaped {
                        out.push('\\');
                    }
                    out.push(*c);
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{KeyCells, KeyTest, parse};

    fn takes(line: &str, name: &str) -> bool {
        let filter = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let cells = KeyCells {
            file: 0,
            offset: 0,
            db: 0,
            name: name.as_bytes(),
            type_name: "hash",
            encoding: "listpack",
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
        KeyTest::new(&filter, 0, &[]).expect("no regular expressions").takes(&cells)
    }

    #[test]
    fn patterns_find_their_keys_and_not_those_below() {
        for (pattern, line, yes, no) in [
            (
                "user:{int}:profile",
                "match:user:*:profile -match:user:*:*:profile",
                &["user:1:profile"][..],
                &["user:1:2:profile", "user:1", "auser:1:profile"][..],
            ),
            (
                "user:{int}",
                "match:user:* -match:user:*:*",
                &["user:1", "user:-40"],
                &["user:1:cart", "users:1"],
            ),
            ("{int}", "match:* -match:*:*", &["7"], &["7:8"]),
            ("a/{hex}", "match:a/* -match:a/*/*", &["a/9c41"], &["a/9c41/b"]),
            (
                "{user{int}}.cart",
                "match:{user*}.cart -match:{user*:*}.cart",
                &["{user12}.cart"],
                &["{user1:2}.cart"],
            ),
            ("{{int}}:x", "match:{*}:x -match:{*:*}:x", &["{5}:x"], &["5:x"]),
            ("deep:a:{rest}", "match:deep:a:*", &["deep:a:b:c:d"], &["deep:b"]),
            ("plain", "match:plain", &["plain"], &["plainer"]),
            ("{other}:x", "match:{other}:x", &["{other}:x"], &["a:x"]),
            ("a b*[c]", "match:\"a b\\\\*\\\\[c\\\\]\"", &["a b*[c]"], &["a bXXc"]),
            ("say\"{int}", "match:\"say\\\"*\" -match:\"say\\\"*:*\"", &["say\"12"], &["say12"]),
        ] {
            let written = Line::default().pattern(pattern, ":/|#,", false);
            assert_eq!(written.text(), line);
            for name in yes {
                assert!(takes(line, name), "{line} takes {name}");
            }
            for name in no {
                assert!(!takes(line, name), "{line} does not take {name}");
            }
        }
    }

    #[test]
    fn two_classes_are_kept_one_by_one() {
        let line = Line::default().pattern("a:{int}:b:{int}", ":", false);
        assert_eq!(line.text(), "match:a:*:b:* -match:a:*:*:b:* -match:a:*:b:*:*");
        assert!(takes(line.text(), "a:1:b:2"));
        assert!(!takes(line.text(), "a:1:2:b:3") && !takes(line.text(), "a:1:b:2:3"));
        let many = Line::default().pattern("{int}.{int}.{int}.{int}.{int}", ":", false);
        assert_eq!(many.text(), "match:*.*.*.*.*");
    }

    #[test]
    fn what_names_begin_with() {
        let line = Line::default().field("type", "hash").beginning("user:{int}", Some(':'), false);
        assert_eq!(line.text(), "type:hash match:user:*:*");
        assert_eq!(Line::default().beginning("user", None, false).text(), "match:user*");
        assert_eq!(Line::default().beginning("user:{int}", None, false).text(), "match:user:*");
        assert_eq!(Line::default().beginning("user", Some(':'), true).text(), "match:*user:*");
        assert_eq!(Line::default().beginning("", Some(':'), false).text(), "");
    }

    #[test]
    fn groups_of_all_sources() {
        let of = |pattern: &str, source| {
            let group = PatternGroup { pattern: pattern.into(), source, ..PatternGroup::default() };
            Line::of_group(&group, &PatternOptions::default()).map(|line| line.text().to_owned())
        };
        assert_eq!(of("log:**", PatternSource::Template).as_deref(), Some("match:log:*"));
        assert_eq!(of("a*:b", PatternSource::Template).as_deref(), Some("match:a*:b"));
        assert_eq!(of("eu-1:x", PatternSource::Regex).as_deref(), Some("\"eu-1:x\""));
        assert_eq!(of("a:{int}", PatternSource::Segments).as_deref(), Some("match:a:* -match:a:*:*"));
        assert_eq!(of("", PatternSource::Segments), None);
        assert_eq!(of("**", PatternSource::Template), None);
    }

    #[test]
    fn fields_are_written_so_that_they_are_read() {
        let line =
            Line::default().field("encoding", "listpack").field("file", "d/a b.rdb").field("slot", "0..255");
        assert_eq!(line.text(), "encoding:listpack file:\"d/a b.rdb\" slot:0..255");
        assert_eq!(parse(line.text()).expect("good").terms.len(), 3);
    }
}
