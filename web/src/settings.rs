//! What the page remembers of how somebody looked at files; never anything of the files themselves. One setting a line, so that
//! whoever looks into the browser's store can read it.

use snaptape_report::PatternOptions;

use crate::protocol::Asked;

/// The settings as text; nothing where they are the usual ones.
pub fn to_text(asked: &Asked) -> Option<String> {
    let usual = PatternOptions::default();
    let patterns = &asked.patterns;
    let mut lines: Vec<(&str, &str)> = Vec::new();
    lines.extend(asked.target.as_deref().map(|target| ("target", target)));
    lines.extend(asked.allocator.as_deref().map(|allocator| ("allocator", allocator)));
    if patterns.separators != usual.separators {
        lines.push(("separators", &patterns.separators));
    }
    lines.extend(patterns.templates.iter().map(|template| ("template", template.as_str())));
    lines.extend(patterns.regex.as_deref().map(|regex| ("regex", regex)));
    if patterns.skip_first_segment {
        lines.push(("skip", "first"));
    }
    // A line end in a value would be another setting.
    lines.retain(|(_, value)| !value.contains('\n'));
    (!lines.is_empty()).then(|| {
        let lines = lines.iter().map(|(name, value)| format!("{name}={value}"));
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// The settings a text holds; what it does not know it passes over.
pub fn parse(text: &str) -> Asked {
    let mut asked = Asked::default();
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        let patterns = &mut asked.patterns;
        match name {
            "target" => asked.target = Some(value.into()),
            "allocator" => asked.allocator = Some(value.into()),
            "separators" => value.clone_into(&mut patterns.separators),
            "template" => patterns.templates.push(value.into()),
            "regex" => patterns.regex = Some(value.into()),
            "skip" => patterns.skip_first_segment = true,
            _ => {}
        }
    }
    asked
}

/// What they are, in words.
pub fn in_words(asked: &Asked) -> String {
    let patterns = &asked.patterns;
    let mut words = Vec::new();
    words.extend(asked.target.as_ref().map(|target| format!("estimates for {target}")));
    words.extend(asked.allocator.as_ref().map(|allocator| format!("allocator {allocator}")));
    if patterns.separators != PatternOptions::default().separators {
        words.push(format!("key names cut at {}", patterns.separators));
    }
    words.extend(patterns.templates.iter().map(|template| format!("group {template}")));
    words.extend(patterns.regex.as_ref().map(|regex| format!("groups by {regex}")));
    if patterns.skip_first_segment {
        words.push("first segment left out".into());
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_back() {
        assert_eq!(to_text(&Asked::default()), None);
        let asked = Asked {
            patterns: PatternOptions {
                separators: "=.".into(),
                templates: vec!["user:*".into(), "a=b".into()],
                regex: Some("^(.)=".into()),
                skip_first_segment: true,
            },
            target: Some("redis-8.0".into()),
            allocator: Some("libc".into()),
            choice: None,
        };
        let text = to_text(&asked).unwrap();
        assert_eq!(parse(&text), asked);
        assert_eq!(
            in_words(&asked),
            "estimates for redis-8.0, allocator libc, key names cut at =., group user:*, group a=b, groups by ^(.)=, first segment left out"
        );
    }

    #[test]
    fn what_is_unknown_or_would_be_two_lines_is_left_out() {
        assert_eq!(parse("colour=blue\n\nnonsense"), Asked::default());
        let patterns = PatternOptions { regex: Some("a\nskip=first".into()), ..PatternOptions::default() };
        assert_eq!(to_text(&Asked { patterns, ..Asked::default() }), None);
    }
}
