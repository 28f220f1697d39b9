//! The keys the pattern analysis counts under a pattern: those, and no others.

use core::cell::RefCell;

use snaptape_report::PatternOptions;

use super::Group;
use crate::keys::{
    grouping::{Grouping, Named},
    pattern::{self, REST, WORD},
    patterns::regex_group,
};

/// Places of a pattern a name may have come to at once: one, and a few that lead nowhere.
const MOST_PLACES: usize = 8;

/// How names are put into groups.
#[derive(Debug)]
pub(super) struct Groups {
    grouping: Grouping,
    /// Room for a segment.
    token: RefCell<String>,
}

impl Groups {
    pub(super) fn new(options: &PatternOptions) -> Result<Self, String> {
        Ok(Self { grouping: Grouping::new(options.clone())?, token: RefCell::default() })
    }

    /// Is this name counted in that group?
    pub(super) fn has(&self, group: Group, text: &str, name: &[u8]) -> bool {
        match (group, self.grouping.named(name)) {
            (Group::Pattern | Group::Under, Named::Segments) => {
                let mut token = self.token.take();
                let is_it = self.is_under(text, name, group == Group::Under, &mut token);
                self.token.replace(token);
                is_it
            }
            (Group::Template, Named::Template(at)) => {
                self.grouping.options.templates.get(at).is_some_and(|template| template == text)
            }
            (Group::Found, Named::Regex(found)) => regex_group(found) == text,
            _ => false,
        }
    }

    /// A pattern is its segments, one after the other, each as it is or as `{word}`; `{rest}` is all that are left. What a name could
    /// be counted under depends on the other names, but it is counted under one of them, and the report names that one.
    fn is_under(&self, text: &str, name: &[u8], or_longer: bool, token: &mut String) -> bool {
        let mut places = Places::new();
        let mut ended = false;
        pattern::segments(name, &self.grouping, token, |segment| {
            let mut next = Places::default();
            for place in places.iter() {
                let rest = text.get(place..).unwrap_or_default();
                if rest == REST {
                    ended = true;
                }
                if rest.starts_with(segment) {
                    next.add(place + segment.len());
                }
                let separator = pattern::separator_of(segment, &self.grouping);
                if rest.strip_prefix(separator).is_some_and(|rest| rest.starts_with(WORD))
                    && !pattern::is_class(segment, &self.grouping)
                {
                    next.add(place + separator.len() + WORD.len());
                }
            }
            places = next;
            ended |= or_longer && places.iter().any(|place| place == text.len());
            !ended && places.n > 0
        });
        ended || places.iter().any(|place| place == text.len())
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Places {
    all: [usize; MOST_PLACES],
    n: usize,
}

impl Places {
    /// The beginning.
    fn new() -> Self {
        Self { n: 1, ..Self::default() }
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.all.iter().take(self.n).copied()
    }

    fn add(&mut self, place: usize) {
        if !self.iter().any(|known| known == place)
            && let Some(free) = self.all.get_mut(self.n)
        {
            *free = place;
            self.n += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(options: PatternOptions) -> Groups {
        Groups::new(&options).expect("good options")
    }

    #[test]
    fn segments_as_they_are_folded() {
        let groups = groups(PatternOptions::default());
        let has = |pattern: &str, name: &str| groups.has(Group::Pattern, pattern, name.as_bytes());
        for (pattern, yes, no) in [
            ("user:{int}", &["user:1", "user:-40"][..], &["user:x", "user:1:2", "user", "users:1"][..]),
            ("user:{word}", &["user:bob", "user:"], &["user:1", "user/bob", "user:{int}", "user:a:b"]),
            ("a:{word}:{int}", &["a:x:1", "a::1"], &["a:7:1", "a:x"]),
            ("{word}:a", &["b:a", ":a"], &["1:a", "b:b"]),
            ("a:b{rest}", &["a:b:c", "a:b/1/2"], &["a:b", "a:bc"]),
            ("{rest}", &["", "a", "a:b"], &[]),
            ("{bytes}", &["a\u{1b}", "{word}", "x{rest}"], &["a"]),
            ("", &[""], &[":", "a"]),
            ("a::", &["a::"], &["a:", "a:::"]),
        ] {
            for name in yes {
                assert!(has(pattern, name), "{pattern} has {name}");
            }
            for name in no {
                assert!(!has(pattern, name), "{pattern} has not {name}");
            }
        }
        assert!(groups.has(Group::Pattern, "{bytes}", b"\xff"));
        let deep = format!("x{}:{REST}", ":x".repeat(10));
        assert!(has(&deep, &"x:".repeat(40)) && !has(&deep, &"x:".repeat(11)));
    }

    #[test]
    fn longer_names_are_below_whole_segments() {
        let groups = groups(PatternOptions::default());
        let has = |pattern: &str, name: &str| groups.has(Group::Under, pattern, name.as_bytes());
        for name in ["user:1", "user:1:cart", "user:1/x"] {
            assert!(has("user:{int}", name) && has("user", name), "{name}");
        }
        for name in ["user:x", "user", "users:1", "user:1-a"] {
            assert!(!has("user:{int}", name), "{name}");
        }
        assert!(has("", ":a") && has("", "") && !has("", "a"));
    }

    #[test]
    fn groups_of_ones_own_come_first() {
        let groups = groups(PatternOptions {
            templates: vec!["user:*".into(), "user:**".into()],
            regex: Some("^(eu|us)-".into()),
            skip_first_segment: true,
            ..PatternOptions::default()
        });
        assert!(groups.has(Group::Template, "user:*", b"user:1"));
        assert!(!groups.has(Group::Template, "user:**", b"user:1"));
        assert!(groups.has(Group::Template, "user:**", b"user:1:2"));
        assert!(groups.has(Group::Found, "eu", b"eu-1:x") && !groups.has(Group::Found, "us", b"eu-1:x"));
        assert!(!groups.has(Group::Pattern, "x", b"eu-1:x") && groups.has(Group::Pattern, "x", b"app:x"));
    }
}
