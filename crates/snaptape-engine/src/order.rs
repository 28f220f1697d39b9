//! Which files belong together and in what order a server would read them.

use std::collections::VecDeque;

use snaptape_aof::{EntryKind, Manifest};
use snaptape_report::Role;
use snaptape_sort::Sort as _;

use crate::InputFile;

/// One file of the set and the part it plays as far as names tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Index into the inputs.
    pub(crate) index: usize,
    /// Its part.
    pub(crate) role: Role,
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Does its name say that it is a snapshot?
pub(crate) fn is_called_rdb(path: &str) -> bool {
    file_name(path).rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("rdb"))
}

/// The folder of a path, with the slash; empty at the top.
pub(crate) fn folder(path: &str) -> &str {
    path.get(..path.len() - file_name(path).len()).unwrap_or_default()
}

/// The manifest of the set, if there is one. A manifest that is being replaced (`temp-`) does not count; of several, the
/// one highest up and first by name.
pub(crate) fn find_manifest(inputs: &[InputFile]) -> Option<usize> {
    inputs
        .iter()
        .enumerate()
        .filter(|(_, input)| {
            let name = file_name(&input.path);
            name.ends_with(".manifest") && !name.starts_with("temp-")
        })
        .min_by_key(|(_, input)| (input.path.matches('/').count(), &input.path))
        .map(|(index, _)| index)
}

/// Of several files, those that are archives by their names.
pub(crate) fn archives(inputs: &[InputFile]) -> VecDeque<usize> {
    let is_called_zip = |path: &str| {
        file_name(path).rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("zip"))
    };
    let named = inputs.iter().enumerate().filter(|(_, input)| input.bytes > 0 && is_called_zip(&input.path));
    named.map(|(index, _)| index).filter(|_| inputs.len() > 1).collect()
}

/// The part of a file of a multi-part tape, told by its name: `<name>.<seq>.base.rdb`, `<name>.<seq>.incr.aof`.
pub(crate) fn role_by_name(path: &str) -> Option<(Role, u64)> {
    let stem = file_name(path).strip_suffix(".rdb").or_else(|| file_name(path).strip_suffix(".aof"))?;
    let (stem, role) = match stem.rsplit_once('.')? {
        (stem, "base") => (stem, Role::Base),
        (stem, "incr") => (stem, Role::Incr),
        _ => return None,
    };
    Some((role, stem.rsplit('.').next()?.parse().ok()?))
}

/// The order of files that no manifest names: the parts of a tape by role and number, then everything else by name.
pub(crate) fn without_manifest(inputs: &[InputFile]) -> Vec<Placed> {
    let mut placed: Vec<(u8, u64, &str, Placed)> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| match role_by_name(&input.path) {
            // One part alone is a tape of its own, not a directory that lost its manifest.
            Some((role, seq)) if inputs.len() > 1 => {
                (u8::from(role == Role::Incr), seq, input.path.as_str(), Placed { index, role })
            }
            _ => (2, 0, input.path.as_str(), Placed { index, role: Role::Other }),
        })
        .collect();
    placed.order_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    placed.into_iter().map(|(.., placed)| placed).collect()
}

/// What a manifest says about files.
#[derive(Debug)]
pub(crate) struct ByManifest {
    /// What is loaded, in that order.
    pub(crate) loaded: Vec<Placed>,
    /// What is not.
    pub(crate) unread: Vec<Placed>,
    /// Does it list a file that is not there, before the last one?
    pub(crate) lacks_a_part: bool,
}

/// The order a manifest gives. Where it cannot be parsed, what can be understood of it counts, and where that is nothing, the names
/// of the files.
pub(crate) fn by_manifest(inputs: &[InputFile], manifest: usize, text: &[u8]) -> ByManifest {
    let strict = Manifest::parse(text);
    let refused = strict.is_err();
    let parsed = strict.unwrap_or_else(|_| Manifest::parse_leniently(text));
    let home = inputs.get(manifest).map_or("", |input| folder(&input.path));
    let find = |name: &[u8]| {
        inputs
            .iter()
            .position(|input| folder(&input.path) == home && file_name(&input.path).as_bytes() == name)
    };
    let mut loaded: Vec<Placed> = Vec::new();
    let mut unread = vec![Placed { index: manifest, role: Role::Manifest }];
    for entry in parsed.load_order() {
        let role = if entry.kind == EntryKind::Base { Role::Base } else { Role::Incr };
        if let Some(index) = find(&entry.name)
            && loaded.iter().all(|placed| placed.index != index)
        {
            loaded.push(Placed { index, role });
        }
    }
    if refused {
        // No server loads by this manifest: what the files are called is then as good a witness.
        let has_base = loaded.iter().any(|placed| placed.role == Role::Base);
        for placed in without_manifest(inputs) {
            let beside = inputs.get(placed.index).is_some_and(|input| folder(&input.path) == home);
            let wanted = match placed.role {
                Role::Base => !has_base,
                role => role == Role::Incr,
            };
            let is_history = parsed.history().any(|entry| find(&entry.name) == Some(placed.index));
            if beside && wanted && !is_history && loaded.iter().all(|known| known.index != placed.index) {
                loaded.push(placed);
            }
        }
        loaded.order_by_key(|placed| {
            let seq =
                inputs.get(placed.index).and_then(|input| role_by_name(&input.path)).map(|(_, seq)| seq);
            (placed.role != Role::Base, seq)
        });
    }
    for entry in parsed.history() {
        if let Some(index) = find(&entry.name) {
            unread.push(Placed { index, role: Role::History });
        }
    }
    let mut unlisted: Vec<usize> = (0..inputs.len())
        .filter(|index| loaded.iter().chain(&unread).all(|placed| placed.index != *index))
        .collect();
    unlisted.order_by_key(|index| inputs.get(*index).map(|input| input.path.clone()));
    unread.extend(unlisted.into_iter().map(|index| Placed { index, role: Role::Unlisted }));
    ByManifest { loaded, unread, lacks_a_part: lacks_a_part(inputs, manifest, text) }
}

fn lacks_a_part(inputs: &[InputFile], manifest: usize, text: &[u8]) -> bool {
    let home = inputs.get(manifest).map_or("", |input| folder(&input.path));
    let is_there = |name: &[u8]| {
        inputs.iter().any(|input| folder(&input.path) == home && file_name(&input.path).as_bytes() == name)
    };
    let Ok(parsed) = Manifest::parse(text) else { return false };
    let there: Vec<bool> = parsed.load_order().map(|entry| is_there(&entry.name)).collect();
    there.split_last().is_some_and(|(_, before)| before.contains(&false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(paths: &[&str]) -> Vec<InputFile> {
        paths.iter().map(|path| InputFile { path: (*path).into(), bytes: 1 }).collect()
    }

    #[test]
    fn the_manifest_highest_up_is_the_one() {
        let set = inputs(&["d/x/b.manifest", "d/temp-a.manifest", "d/a.manifest", "d/a.1.incr.aof"]);
        assert_eq!(find_manifest(&set), Some(2));
        assert_eq!(find_manifest(&inputs(&["dump.rdb"])), None);
    }

    #[test]
    fn parts_are_ordered_by_role_and_number() {
        let set = inputs(&["d/a.10.incr.aof", "d/a.9.incr.aof", "d/note.txt", "d/a.2.base.rdb"]);
        let order: Vec<_> = without_manifest(&set).into_iter().map(|p| (p.index, p.role)).collect();
        assert_eq!(order, [(3, Role::Base), (1, Role::Incr), (0, Role::Incr), (2, Role::Other)]);
    }
}
