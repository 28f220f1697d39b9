//! What the user asked for, made ready.

use std::sync::Arc;

use snaptape_report::PatternOptions;

use super::{
    regex::{Finds, MakeRegex, make_regex},
    template::Template,
};

/// Longest name the regular expression is tried on: it takes a moment for every byte.
const MAX_REGEX_NAME: usize = 4096;

/// Which group a name belongs to, before its segments are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named<'a> {
    /// That of a template.
    Template(usize),
    /// What the regular expression found.
    Regex(&'a str),
    /// Its segments decide.
    Segments,
}

/// How names are put into groups.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    pub(crate) options: PatternOptions,
    /// One bit for each ASCII character.
    separators: u128,
    templates: Vec<Template>,
    regex: Option<Arc<dyn Finds>>,
}

impl Default for Grouping {
    fn default() -> Self {
        let options = PatternOptions::default();
        let separators = bits(&options.separators);
        Self { options, separators, templates: Vec::new(), regex: None }
    }
}

fn bits(separators: &str) -> u128 {
    separators.bytes().filter(u8::is_ascii).fold(0, |bits, byte| bits | 1 << byte)
}

impl Grouping {
    /// # Errors
    /// What is wrong with the options, in words.
    pub(crate) fn new(options: PatternOptions) -> Result<Self, String> {
        Self::with_regex(options, Some(make_regex))
    }

    /// The same with what makes regular expressions ready, or without: then there is none.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(crate) fn with_regex(options: PatternOptions, make: Option<MakeRegex>) -> Result<Self, String> {
        if !options.separators.is_ascii() || options.separators.len() > PatternOptions::MAX_SEPARATORS {
            return Err(format!(
                "separators are at most {} ASCII characters",
                PatternOptions::MAX_SEPARATORS
            ));
        }
        if options.templates.len() > PatternOptions::MAX_TEMPLATES {
            return Err(format!("there can be at most {} templates", PatternOptions::MAX_TEMPLATES));
        }
        let templates = options.templates.iter().map(|text| Template::new(text)).collect::<Result<_, _>>()?;
        let regex = match (&options.regex, make) {
            (Some(text), Some(make)) => Some(make(text)?),
            _ => None,
        };
        Ok(Self { separators: bits(&options.separators), templates, regex, options })
    }

    #[inline]
    pub(crate) fn is_separator(&self, byte: u8) -> bool {
        byte.is_ascii() && self.separators >> byte & 1 != 0
    }

    #[inline]
    pub(crate) fn named<'a>(&self, name: &'a [u8]) -> Named<'a> {
        if self.templates.is_empty() && self.regex.is_none() {
            return Named::Segments;
        }
        let is_separator = |byte| self.is_separator(byte);
        if let Some(at) = self.templates.iter().position(|template| template.fits(name, is_separator)) {
            return Named::Template(at);
        }
        self.found(name).map_or(Named::Segments, Named::Regex)
    }

    fn found<'a>(&self, name: &'a [u8]) -> Option<&'a str> {
        let regex = self.regex.as_ref()?;
        let text = core::str::from_utf8(name).ok().filter(|text| text.len() <= MAX_REGEX_NAME)?;
        regex.find(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouping(templates: &[&str], regex: Option<&str>) -> Grouping {
        let options = PatternOptions {
            templates: templates.iter().map(ToString::to_string).collect(),
            regex: regex.map(Into::into),
            ..PatternOptions::default()
        };
        Grouping::new(options).expect("good options")
    }

    #[test]
    fn the_first_that_fits_wins() {
        let both = grouping(&["user:*", "user:7"], Some("^[a-z]+"));
        assert_eq!(both.named(b"user:7"), Named::Template(0));
        assert_eq!(both.named(b"cart:7"), Named::Regex("cart"));
        assert_eq!(both.named(b"7"), Named::Segments);
        assert_eq!(both.named(b"\xff"), Named::Segments);
        let group = grouping(&[], Some("tenant-(\\d+)|shared"));
        assert_eq!(group.named(b"x:tenant-12:y"), Named::Regex("12"));
        assert_eq!(group.named(b"shared:y"), Named::Regex("shared"));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let options = |separators: &str, regex: Option<&str>, templates: usize| PatternOptions {
            separators: separators.into(),
            regex: regex.map(Into::into),
            templates: vec!["x".into(); templates],
            skip_first_segment: false,
        };
        assert!(Grouping::new(options("", None, 64)).is_ok());
        for wrong in [
            options("é", None, 0),
            options(":::::::::::::::::", None, 0),
            options(":", Some("("), 0),
            options(":", Some("(a{1000}){1000}"), 0),
            options(":", None, 65),
        ] {
            assert!(Grouping::new(wrong.clone()).is_err(), "{wrong:?}");
        }
    }
}
