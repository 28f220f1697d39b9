//! The options that say how key names are put into groups.

use clap::Args;
use snaptape_report::PatternOptions;

/// How key names are put into groups: by the first template that fits, else by the regular expression, else by their segments.
#[derive(Debug, Args)]
pub(crate) struct PatternArgs {
    /// The characters between the segments of a name [default: ":/|#,"].
    #[arg(long, value_name = "CHARACTERS")]
    separators: Option<String>,
    /// A group of your own, like `user:*:cart`: `*` stays within a segment, `**` does not. May be given several times; the
    /// first that fits wins.
    #[arg(long = "template", value_name = "TEMPLATE")]
    templates: Vec<String>,
    /// Group names by what the first group of this regular expression finds in them, or all of it.
    #[arg(long = "pattern-regex", value_name = "REGEX")]
    regex: Option<String>,
    /// Leave the first segment of the names out: a tenant, an application.
    #[arg(long)]
    skip_prefix_segment: bool,
}

impl From<PatternArgs> for PatternOptions {
    fn from(args: PatternArgs) -> Self {
        let default = Self::default();
        Self {
            separators: args.separators.unwrap_or(default.separators),
            templates: args.templates,
            regex: args.regex,
            skip_first_segment: args.skip_prefix_segment,
        }
    }
}
