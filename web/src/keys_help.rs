//! Every key the page knows, in one table: what the help shows.

/// Keys of one place.
#[derive(Debug, PartialEq, Eq)]
pub struct Keys {
    /// Where they work.
    pub place: &'static str,
    /// The keys, and what they do.
    pub keys: &'static [(&'static str, &'static str)],
}

/// All of them. A component that listens to a key has a line here.
pub const ALL: &[Keys] = &[
    Keys {
        place: "Everywhere",
        keys: &[
            ("?", "this list"),
            ("1 – 9", "one of the first nine views"),
            ("n p", "the next view, the previous one"),
            ("/", "into the filter or search line of the view"),
            ("Esc", "stop the work under way; else back to the overview"),
            ("Alt ←", "back to the view before, as it was"),
            ("Tab", "the next control; Enter or Space presses it"),
        ],
    },
    Keys {
        place: "Lists without end",
        keys: &[("↑ ↓ PgUp PgDn Home End", "another row"), ("Enter", "all of that row")],
    },
    Keys {
        place: "Keys",
        keys: &[
            ("Space", "select the row, or not; with Shift all rows up to it"),
            ("Ctrl+A", "select all that match"),
            ("Ctrl+C", "copy the names of what is selected"),
            ("Enter", "the value of that key"),
        ],
    },
    Keys { place: "One key", keys: &[("[ ]", "the key before it, the one behind it")] },
    Keys {
        place: "Bytes",
        keys: &[
            ("← → ↑ ↓ PgUp PgDn", "another byte"),
            ("Ctrl+Home Ctrl+End", "the first byte, the last one"),
            ("Enter", "into the chosen part"),
            ("Esc", "out of it"),
            ("g", "into the offset field"),
            ("Enter Shift+Enter", "in the search field: the next place, the one before"),
        ],
    },
    Keys {
        place: "Memory map",
        keys: &[("← → ↑ ↓", "beside, out, in"), ("Enter", "zoom in"), ("Esc", "zoom out")],
    },
    Keys {
        place: "Chart of writes", keys: &[("← →", "another bar"), ("Enter", "the commands of that bar")]
    },
];
