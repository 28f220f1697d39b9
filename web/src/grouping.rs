//! How key names are put into groups, as the page asks for it.

use snaptape_report::PatternOptions;

/// The options in the words of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The separators, as they are.
    pub separators: String,
    /// One template a line.
    pub templates: String,
    /// The regular expression, or nothing.
    pub regex: String,
    /// Is the first segment left out?
    pub skip_first_segment: bool,
}

impl Form {
    /// The form that shows these options.
    pub fn of(options: &PatternOptions) -> Self {
        Self {
            separators: options.separators.clone(),
            templates: options.templates.join("\n"),
            regex: options.regex.clone().unwrap_or_default(),
            skip_first_segment: options.skip_first_segment,
        }
    }

    /// What it asks for. Spaces around separators and templates come from typing; in a regular expression they may be meant.
    pub fn options(&self) -> PatternOptions {
        let templates = self.templates.lines().map(str::trim).filter(|line| !line.is_empty());
        PatternOptions {
            separators: self.separators.trim().into(),
            templates: templates.map(Into::into).collect(),
            regex: (!self.regex.is_empty()).then(|| self.regex.clone()),
            skip_first_segment: self.skip_first_segment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_asks_for_the_same() {
        for options in [
            PatternOptions::default(),
            PatternOptions {
                separators: ".".into(),
                templates: vec!["user:*:cart".into(), "log:**".into()],
                regex: Some("^(a) b".into()),
                skip_first_segment: true,
            },
        ] {
            assert_eq!(Form::of(&options).options(), options);
        }
        let typed = Form { templates: "\n  a:* \n\n b\n".into(), ..Form::of(&PatternOptions::default()) };
        assert_eq!(typed.options().templates, ["a:*", "b"]);
    }
}
