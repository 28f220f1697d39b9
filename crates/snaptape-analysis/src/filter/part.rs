//! From a part of a map to the line for its keys.

use snaptape_report::{MapDimension, MapKind, MapNode, MemoryMap, PatternOptions};

use super::Line;
use crate::keys::pattern::WORD;

impl Line {
    /// For the keys of a part of a map: exactly those that were counted in it. Empty for all keys; nothing where what they have in common
    /// cannot be written, because they are what is left of others.
    pub fn of_part(map: &MemoryMap, at: usize, options: &PatternOptions) -> Option<Self> {
        let mut line = Self::default();
        let mut pattern: Option<String> = None;
        // Slots are cut in three steps; the last one says most.
        let mut slots = None;
        let names_are_last = map.nesting.dimensions().last() == Some(&MapDimension::Pattern);
        let has_groups = !options.templates.is_empty() || options.regex.is_some();
        for node in way(map, at)? {
            if is_escaped(node) {
                return None;
            }
            match node.kind {
                MapKind::All => continue,
                MapKind::Pattern => {
                    pattern.get_or_insert_default().push_str(&node.name);
                    continue;
                }
                MapKind::Others => return None,
                MapKind::Rest => {
                    if has_groups && pattern.is_none() {
                        // They may be among them.
                        return None;
                    }
                    if names_are_last {
                        pattern.get_or_insert_default().push_str(&node.name);
                    }
                    // Otherwise it is all there is.
                    continue;
                }
                MapKind::Group if node.name == WORD => return None,
                _ => {}
            }
            // Something other than names follows: they end here.
            if let Some(pattern) = pattern.take() {
                line = line.pattern(&pattern);
            }
            let name = node.name.as_str();
            if name.contains(WORD) {
                // Too many different ones, so all of them.
                continue;
            }
            line = match node.kind {
                MapKind::Group if options.templates.iter().any(|text| text == name) => line.template(name),
                MapKind::Group => line.group(name),
                MapKind::Type => line.field("type", name),
                MapKind::Encoding => line.field("encoding", name),
                MapKind::Database => line.field("db", name.trim_start_matches("db")),
                MapKind::File => line.field("file", name),
                _ => line,
            };
            if node.kind == MapKind::Slots {
                slots = name.split_once(' ').map(|(_, slots)| slots.replace('-', ".."));
            }
        }
        if let Some(slots) = slots {
            line = line.field("slot", &slots);
        }
        Some(match pattern {
            Some(pattern) => line.under(&pattern),
            None => line,
        })
    }
}

/// May the name be written otherwise than it is? Patterns have no control characters.
fn is_escaped(node: &MapNode) -> bool {
    match node.kind {
        MapKind::Pattern => node.name.contains("\\u{"),
        MapKind::All | MapKind::Itself | MapKind::Others | MapKind::Rest => false,
        _ => node.name.contains('\\'),
    }
}

/// The parts around a part, from all keys on, and itself.
fn way(map: &MemoryMap, at: usize) -> Option<Vec<&MapNode>> {
    let mut way = vec![map.nodes.get(at)?];
    let mut at = at;
    while at > 0 {
        // What is around a part stands before it.
        at = usize::try_from(map.nodes.get(at)?.parent).ok().filter(|parent| *parent < at)?;
        way.push(map.nodes.get(at)?);
    }
    way.reverse();
    Some(way)
}

#[cfg(test)]
mod tests {
    use snaptape_report::MapNesting;

    use super::*;

    type Part = (u32, MapKind, &'static str);

    fn lines(nesting: &str, parts: &[Part], options: &PatternOptions) -> Vec<String> {
        let node =
            |&(parent, kind, name): &Part| MapNode { parent, kind, name: name.into(), ..MapNode::default() };
        let nesting = MapNesting::parse(nesting).expect("good");
        let map = MemoryMap { nesting, nodes: parts.iter().map(node).collect(), ..MemoryMap::default() };
        let line = |at| Line::of_part(&map, at, options).map_or("-".into(), |line| line.text().to_owned());
        let lines: Vec<String> = (0..parts.len()).map(line).collect();
        for line in lines.iter().filter(|line| *line != "-") {
            assert!(super::super::parse(line).is_ok(), "{line}");
        }
        lines
    }

    #[test]
    fn patterns_with_what_is_below_them() {
        let parts = [
            (0, MapKind::All, ""),
            (0, MapKind::Pattern, "user:{int}"),
            (1, MapKind::Pattern, ":profile"),
            (1, MapKind::Itself, ""),
            (1, MapKind::Rest, "{rest}"),
            (0, MapKind::Pattern, ""),
            (0, MapKind::Others, "7 smaller parts"),
            (0, MapKind::Rest, "{rest}"),
        ];
        let expected = [
            "",
            "under:user:{int}",
            "under:user:{int}:profile",
            "pattern:user:{int}",
            "under:user:{int}{rest}",
            "under:\"\"",
            "-",
            "under:{rest}",
        ];
        assert_eq!(lines("pattern", &parts, &PatternOptions::default()), expected);
    }

    #[test]
    fn other_things_in_any_order() {
        let parts = [
            (0, MapKind::All, ""),
            (0, MapKind::File, "d/shard 1.rdb"),
            (1, MapKind::Type, "hash"),
            (2, MapKind::Pattern, "user:{int}"),
            (3, MapKind::Encoding, "listpack"),
            (4, MapKind::Database, "db3"),
            (5, MapKind::Slots, "slots 256-511"),
            (6, MapKind::Slots, "slots 256-271"),
            (7, MapKind::Slots, "slot 257"),
            (3, MapKind::Pattern, ":cart"),
            (3, MapKind::Rest, "{rest}"),
            (4, MapKind::Database, "{word}"),
        ];
        let file = "file:\"d/shard 1.rdb\"";
        let ends = format!("{file} type:hash pattern:user:{{int}} encoding:listpack");
        let expected = [
            String::new(),
            file.into(),
            format!("{file} type:hash"),
            format!("{file} type:hash under:user:{{int}}"),
            ends.clone(),
            format!("{ends} db:3"),
            format!("{ends} db:3 slot:256..511"),
            format!("{ends} db:3 slot:256..271"),
            format!("{ends} db:3 slot:257"),
            format!("{file} type:hash under:user:{{int}}:cart"),
            // Names may end here, too: it is everything.
            format!("{file} type:hash under:user:{{int}}"),
            format!("{file} type:hash pattern:user:{{int}} encoding:listpack"),
        ];
        let nesting = "file,type,pattern,encoding,database,slot";
        assert_eq!(lines(nesting, &parts, &PatternOptions::default()), expected);
    }

    #[test]
    fn groups_of_ones_own() {
        let parts = [
            (0, MapKind::All, ""),
            (0, MapKind::Group, "cart:*"),
            (0, MapKind::Group, "eu-1"),
            (0, MapKind::Group, "eu\\n"),
            (0, MapKind::Rest, "{rest}"),
            (4, MapKind::Type, "hash"),
        ];
        let options = PatternOptions { templates: vec!["cart:*".into()], ..PatternOptions::default() };
        let expected = ["", "template:cart:*", "group:eu-1", "-", "-", "-"];
        assert_eq!(lines("pattern,type", &parts, &options), expected);
    }
}
