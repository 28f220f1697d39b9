//! What the user's regular expression finds in a name.

use core::fmt::Debug;
use std::sync::Arc;

use regex_lite::{Regex, RegexBuilder};

/// Most memory for a compiled regular expression.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// A regular expression, made ready.
pub trait Finds: Debug + Send + Sync {
    /// Its first group in this text, or else all it finds.
    fn find<'a>(&self, text: &'a str) -> Option<&'a str>;
}

/// Makes a regular expression ready. It is handed in, and not simply there, for the sake of programs whose users mostly have none.
pub type MakeRegex = fn(&str) -> Result<Arc<dyn Finds>, String>;

/// The only one there is.
///
/// # Errors
/// What is wrong with the expression, in words.
pub fn make_regex(text: &str) -> Result<Arc<dyn Finds>, String> {
    match RegexBuilder::new(text).size_limit(MAX_REGEX_BYTES).build() {
        Ok(regex) => Ok(Arc::new(regex)),
        Err(error) => Err(format!("the regular expression \"{text}\": {error}")),
    }
}

impl Finds for Regex {
    fn find<'a>(&self, text: &'a str) -> Option<&'a str> {
        if self.captures_len() == 1 {
            return Regex::find(self, text).map(|found| found.as_str());
        }
        let captures = self.captures(text)?;
        captures.get(1).or_else(|| captures.get(0)).map(|found| found.as_str())
    }
}
