//! Words for the values of the report types: those of every front end.

pub use snaptape_summary::words::*;

/// A name as it can be seen: an empty one would be a hole, and so would blanks at its ends.
pub fn named(name: &str) -> String {
    match name {
        "" => "(empty name)".to_owned(),
        _ if name.trim().len() < name.len() => format!("\"{name}\""),
        _ => name.to_owned(),
    }
}

/// A part of a sentence as a sentence. One that begins with the name of a file keeps it as it is.
pub fn sentence(text: &str) -> String {
    let text = full_stop(text);
    match text.split_once(' ') {
        Some((first @ ("the" | "all" | "it" | "no" | "nothing"), rest)) => {
            let (front, back) = first.split_at(1);
            format!("{}{back} {rest}", front.to_ascii_uppercase())
        }
        _ => text,
    }
}

/// Keeps each figure and its unit on one line: the space between them becomes one that does not break.
pub fn tied(text: &str) -> String {
    const UNITS: [&str; 13] =
        ["B", "KB", "MB", "GB", "TB", "%", "ms", "s", "min", "h", "days", "UTC", "keys"];
    let mut out = String::with_capacity(text.len());
    for (i, word) in text.split(' ').enumerate() {
        let bare = word.trim_end_matches([',', '.', ';', ':', ')']);
        if i > 0 {
            let behind_digit = out.ends_with(|c: char| c.is_ascii_digit());
            out.push(if behind_digit && UNITS.contains(&bare) { '\u{a0}' } else { ' ' });
        }
        out.push_str(word);
    }
    out
}

/// Why a worker stopped, from what the browser says of it.
pub fn stopped(error: &str) -> String {
    let lower = error.to_ascii_lowercase();
    if ["fetch", "network", "load failed", "404"].iter().any(|word| lower.contains(word)) {
        return format!(
            "A part of this page could not be fetched from its server: {error}. What is open stays open; come back to this view once \
             the server answers."
        );
    }
    format!("The worker that reads the files stopped: {error}. It may have run out of memory.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_page_that_is_gone_is_no_lack_of_memory() {
        let gone = stopped("Uncaught Error: failed to fetch Wasm: 404 Not Found fetching 'look_bg.wasm'");
        assert!(gone.starts_with("A part of this page") && !gone.contains("memory"), "{gone}");
        assert!(stopped("Uncaught RuntimeError: unreachable").contains("memory"));
    }

    #[test]
    fn sentences_begin_as_such() {
        assert_eq!(sentence("all files load"), "All files load.");
        assert_eq!(sentence("dump.rdb loads."), "dump.rdb loads.");
    }

    #[test]
    fn figures_stay_with_their_units() {
        assert_eq!(
            tied("Of 1.5 MB 12 % (3 keys) goes in 2 days, at 10 to 12 o'clock."),
            "Of 1.5\u{a0}MB 12\u{a0}% (3\u{a0}keys) goes in 2\u{a0}days, at 10 to 12 o'clock."
        );
        assert_eq!(tied(" 7 B"), " 7\u{a0}B");
        assert_eq!((tied(""), tied("none")), (String::new(), "none".into()));
    }
}
