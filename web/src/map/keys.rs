//! From a part of the map to the filter line for its keys.

use snaptape_analysis::filter::Line;
use snaptape_report::{MapKind, PatternOptions};

use super::Tree;

/// The line for the keys of a part; empty for all keys, nothing where what they have in common cannot be written: they are what is left
/// of others.
pub fn line(tree: &Tree, at: usize, options: &PatternOptions) -> Option<String> {
    let mut line = Line::default();
    let mut pattern = String::new();
    // Slots are cut in three steps; the last one says most.
    let mut slots = None;
    for part in tree.way(at) {
        let node = tree.node(part)?;
        if !matches!(node.kind, MapKind::Pattern | MapKind::All) && !pattern.is_empty() {
            // Their names end here, since something else follows.
            line = line.pattern(&pattern, &options.separators, options.skip_first_segment);
            pattern.clear();
        }
        match node.kind {
            MapKind::All | MapKind::Itself => {}
            MapKind::Pattern => pattern.push_str(&node.name),
            // A text that a regular expression has found stands somewhere in the name.
            MapKind::Group if options.templates.contains(&node.name) => line = line.template(&node.name),
            MapKind::Group => line = line.contains(&node.name),
            MapKind::Type => line = line.field("type", &node.name),
            MapKind::Encoding => line = line.field("encoding", &node.name),
            MapKind::Database => line = line.field("db", node.name.trim_start_matches("db")),
            MapKind::Slots => slots = node.name.split_once(' ').map(|(_, slots)| slots.replace('-', "..")),
            MapKind::File => line = line.field("file", &node.name),
            MapKind::Rest | MapKind::Others => return None,
        }
    }
    if let Some(slots) = slots {
        line = line.field("slot", &slots);
    }
    if !pattern.is_empty() {
        line = match below(tree, at, &pattern) {
            Below::Nothing => line.pattern(&pattern, &options.separators, options.skip_first_segment),
            Below::Names(separator) => line.beginning(&pattern, separator, options.skip_first_segment),
        };
    }
    (at == Tree::ALL || !line.text().is_empty()).then(|| line.text().to_owned())
}

/// Longer names within a part.
enum Below {
    /// None.
    Nothing,
    /// Some, and the separator that all names go on with.
    Names(Option<char>),
}

fn below(tree: &Tree, at: usize, pattern: &str) -> Below {
    let (mut longer, mut ends_here, mut others) = (Vec::new(), false, false);
    for node in tree.parts(at).filter_map(|part| tree.node(part)) {
        match node.kind {
            MapKind::Pattern => longer.push(node.name.chars().next()),
            MapKind::Others => others = true,
            _ => ends_here = true,
        }
    }
    if longer.is_empty() && !others {
        return Below::Nothing;
    }
    // Some of the smaller parts may end here. Behind a class its star has them as well.
    let is_unsure = ends_here || (others && pattern.ends_with('}'));
    let first = longer.first().copied().flatten();
    Below::Names(first.filter(|_| !is_unsure && longer.iter().all(|next| *next == first)))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::{sample, tree};
    use super::*;

    fn lines(tree: &Tree, options: &PatternOptions) -> Vec<Option<String>> {
        (0..tree.len()).map(|at| line(tree, at, options)).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| (*text != "-").then(|| (*text).to_owned())).collect()
    }

    #[test]
    fn patterns_with_what_is_below_them() {
        assert_eq!(
            lines(&sample(), &PatternOptions::default()),
            some(&[
                "",
                "match:user:*",
                "match:user:*:profile -match:user:*:*:profile",
                "match:user:*:cart -match:user:*:*:cart",
                "match:user:* -match:user:*:*",
                "match:session:* -match:session:*:*",
                "-"
            ])
        );
    }

    #[test]
    fn a_separator_that_all_go_on_with_is_asked_for() {
        let users = [
            (0, MapKind::All, "", 0),
            (0, MapKind::Pattern, "user", 0),
            (1, MapKind::Pattern, ":{int}", 3),
            (1, MapKind::Pattern, ":{hex}", 2),
        ];
        let of_user = |more: &[(u32, MapKind, &'static str, u64)]| {
            line(&tree(&[&users[..], more].concat()), 1, &PatternOptions::default())
        };
        assert_eq!(of_user(&[]).as_deref(), Some("match:user:*"));
        assert_eq!(of_user(&[(1, MapKind::Others, "3 smaller parts", 1)]).as_deref(), Some("match:user:*"));
        assert_eq!(of_user(&[(1, MapKind::Pattern, "/x", 1)]).as_deref(), Some("match:user*"));
        assert_eq!(of_user(&[(1, MapKind::Itself, "", 1)]).as_deref(), Some("match:user*"));
    }

    #[test]
    fn other_things_in_any_order() {
        let tree = tree(&[
            (0, MapKind::All, "", 0),
            (0, MapKind::File, "d/shard 1.rdb", 0),
            (1, MapKind::Type, "hash", 0),
            (2, MapKind::Pattern, "user:{int}", 0),
            (3, MapKind::Encoding, "listpack", 0),
            (4, MapKind::Database, "db3", 0),
            (5, MapKind::Slots, "slots 256-511", 0),
            (6, MapKind::Slots, "slots 256-271", 0),
            (7, MapKind::Slots, "slot 257", 3),
            (3, MapKind::Pattern, ":cart", 1),
        ]);
        let options = PatternOptions::default();
        let of = |at| line(&tree, at, &options).expect("a line");
        assert_eq!(of(2), "file:\"d/shard 1.rdb\" type:hash");
        assert_eq!(of(3), "file:\"d/shard 1.rdb\" type:hash match:user:*");
        let ends = "file:\"d/shard 1.rdb\" type:hash match:user:* -match:user:*:* encoding:listpack";
        assert_eq!(of(4), ends);
        assert_eq!(of(6), format!("{ends} db:3 slot:256..511"));
        assert_eq!(of(8), format!("{ends} db:3 slot:257"));
        for at in 0..tree.len() {
            let line = of(at);
            assert!(snaptape_analysis::filter::parse(&line).is_ok(), "{line}");
        }
    }

    #[test]
    fn groups_of_ones_own() {
        let tree = tree(&[
            (0, MapKind::All, "", 0),
            (0, MapKind::Group, "cart:*", 3),
            (0, MapKind::Group, "eu-1", 2),
            (0, MapKind::Rest, "{rest}", 1),
            (3, MapKind::Type, "hash", 1),
        ]);
        let options = PatternOptions { templates: vec!["cart:*".into()], ..PatternOptions::default() };
        assert_eq!(lines(&tree, &options), some(&["", "match:cart:*", "eu-1", "-", "-"]));
        let options = PatternOptions { skip_first_segment: true, ..PatternOptions::default() };
        assert_eq!(line(&sample(), 5, &options).as_deref(), Some("match:*session:* -match:*session:*:*"));
    }
}
