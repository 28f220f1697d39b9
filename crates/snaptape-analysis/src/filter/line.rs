//! Writes lines: the question whose answer is the keys of a pattern, of a group, of a part of a map.

use snaptape_report::{PatternGroup, PatternSource};

use super::words::{meant, quoted};

/// A line that becomes longer by one word at a time.
///
/// ```
/// use snaptape_analysis::filter::Line;
/// let line = Line::default().field("type", "hash").pattern("user:{int}:cart");
/// assert_eq!(line.text(), "type:hash pattern:user:{int}:cart");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
}

impl Line {
    /// For the keys of a pattern of the report: exactly those that were counted under it, where names are put into groups as they were then.
    pub fn of_group(group: &PatternGroup) -> Self {
        let line = Self::default();
        match group.source {
            PatternSource::Segments => line.pattern(&group.pattern),
            PatternSource::Template => line.template(&group.pattern),
            PatternSource::Regex => line.group(&group.pattern),
        }
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

    /// Names are counted under this pattern: `user:{int}:cart`.
    #[must_use]
    pub fn pattern(self, pattern: &str) -> Self {
        self.word("pattern", &meant(pattern))
    }

    /// Names are counted under this pattern, or under a longer one that begins with its segments.
    #[must_use]
    pub fn under(self, pattern: &str) -> Self {
        self.word("under", &meant(pattern))
    }

    /// Names are counted under this template.
    #[must_use]
    pub fn template(self, template: &str) -> Self {
        self.word("template", &meant(template))
    }

    /// The regular expression for groups has found this in the names.
    #[must_use]
    pub fn group(self, found: &str) -> Self {
        self.word("group", &meant(found))
    }

    fn word(mut self, name: &str, value: &str) -> Self {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(name);
        self.text.push(':');
        self.text.push_str(value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::parse;

    #[test]
    fn groups_of_all_sources() {
        let of = |pattern: &str, source| {
            let group = PatternGroup { pattern: pattern.into(), source, ..PatternGroup::default() };
            Line::of_group(&group).text().to_owned()
        };
        for (pattern, source, line) in [
            ("log:**", PatternSource::Template, "template:log:**"),
            ("eu-1:x", PatternSource::Regex, "group:eu-1:x"),
            ("a:{int}", PatternSource::Segments, "pattern:a:{int}"),
            ("", PatternSource::Segments, "pattern:\"\""),
            ("a b,\"\n", PatternSource::Regex, "group:\"a b,\\\"\\x0a\""),
        ] {
            assert_eq!(of(pattern, source), line);
            assert_eq!(parse(line).expect("good").terms.len(), 1);
        }
    }

    #[test]
    fn fields_are_written_so_that_they_are_read() {
        let line = Line::default().field("encoding", "listpack").field("file", "d/a b.rdb").under("a:{int}");
        assert_eq!(line.text(), "encoding:listpack file:\"d/a b.rdb\" under:a:{int}");
        assert_eq!(parse(line.text()).expect("good").terms.len(), 3);
    }
}
