//! Tapes written by hand.

/// A command of words between blanks as it stands on a tape; a line that begins with `#` is an annotation.
pub fn line(words: &str) -> String {
    if words.starts_with('#') {
        return format!("{words}\r\n");
    }
    let words: Vec<_> = words.split(' ').map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    format!("*{}\r\n{}", words.len(), words.concat())
}

/// Several of them.
pub fn tape<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> String {
    lines.into_iter().map(|words| line(words.as_ref())).collect()
}
