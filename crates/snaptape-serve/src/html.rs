//! Just enough reading of HTML for a page that is ours: its tags, where they stand, and the policy.

use std::ops::Range;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{HtmlString, Spanned, Token, Tokenizer};

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// `link`.
    pub name: String,
    /// Its attributes, in alphabetical order.
    pub attributes: Vec<(String, String)>,
    /// Where it stands in the text.
    pub span: Range<usize>,
}

impl Tag {
    /// Value of an attribute; empty for one without a value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// All start tags of a page, in order.
pub fn tags(page: &str) -> Vec<Tag> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // Else a `<` in a script would look like a tag.
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(page, emitter)
        .filter_map(|token| match token {
            Ok(Token::StartTag(tag)) => Some(Tag {
                name: text(&tag.name),
                attributes: tag.attributes.iter().map(attribute).collect(),
                span: tag.span.start..tag.span.end,
            }),
            _ => None,
        })
        .collect()
}

/// The Content-Security-Policy a page sets for itself, on one line.
pub fn policy(page: &str) -> Option<String> {
    tags(page)
        .iter()
        .filter(|tag| tag.name == "meta")
        .find(|tag| {
            tag.attribute("http-equiv")
                .is_some_and(|name| name.eq_ignore_ascii_case("Content-Security-Policy"))
        })
        .and_then(|tag| tag.attribute("content"))
        .map(|policy| policy.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn attribute((name, value): (&HtmlString, &Spanned<HtmlString>)) -> (String, String) {
    (text(name), text(&value.value))
}

fn text(bytes: &HtmlString) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_know_their_place() {
        let page = "<!-- <link href=no> --><p>é<link data-trunk\n rel='css' href=\"a &amp; b.css\" /><script>'<link>'</script>";
        let tags = tags(page);
        let names: Vec<_> = tags.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["p", "link", "script"]);
        let link = &tags[1];
        assert_eq!(&page[link.span.clone()], "<link data-trunk\n rel='css' href=\"a &amp; b.css\" />");
        assert_eq!(link.attribute("href"), Some("a & b.css"));
        assert_eq!(link.attribute("data-trunk"), Some(""));
        assert_eq!(link.attribute("data-bin"), None);
    }

    #[test]
    fn policy_is_found() {
        let page = "<meta charset=utf-8><meta HTTP-EQUIV=content-security-policy content=\"default-src 'none';\n img-src 'self'\">";
        assert_eq!(policy(page).as_deref(), Some("default-src 'none'; img-src 'self'"));
        assert_eq!(policy("<p>"), None);
    }
}
