//! The filter line of the command list: `name:del key:user:* db:0 some text`.

use borsh::{BorshDeserialize, BorshSerialize};

/// What a command has to be like to be listed; all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FilterWords {
    /// Its name is one of these, upper case; any where there are none.
    pub names: Vec<String>,
    /// One of its keys matches this glob.
    pub key: Option<String>,
    /// This database is selected.
    pub db: Option<u64>,
    /// This text is somewhere in it.
    pub text: Option<String>,
}

/// Reads the line. Words without a colon that means something are the text, as they stand.
///
/// # Errors
/// Says which word makes no sense.
pub fn parse(line: &str) -> Result<FilterWords, String> {
    let mut filter = FilterWords::default();
    let mut text = Vec::new();
    for word in line.split_whitespace() {
        match word.split_once(':') {
            Some(("name", names)) if !names.is_empty() => {
                filter.names.extend(names.split(',').map(str::to_ascii_uppercase));
            }
            Some(("key", glob)) if !glob.is_empty() => filter.key = Some(glob.to_owned()),
            Some(("db", number)) => {
                let db = number.parse().map_err(|_| format!("\"{word}\" names no database: write db:0"))?;
                filter.db = Some(db);
            }
            Some((what @ ("name" | "key"), _)) => {
                return Err(format!("\"{what}:\" wants something behind it"));
            }
            _ => text.push(word),
        }
    }
    filter.text = (!text.is_empty()).then(|| text.join(" "));
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_meaning_and_others() {
        let all = parse("name:del,unlink key:user:* db:3 two  words a:b").unwrap();
        assert_eq!(all.names, ["DEL", "UNLINK"]);
        assert_eq!((all.key.as_deref(), all.db), (Some("user:*"), Some(3)));
        assert_eq!(all.text.as_deref(), Some("two words a:b"));
        assert_eq!(parse("   ").unwrap(), FilterWords::default());
        for wrong in ["db:x", "db:", "name:", "key:"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
