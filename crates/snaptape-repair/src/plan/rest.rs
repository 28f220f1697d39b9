//! What a copy holds besides what was chosen: all files as they are, or, where they are damaged, what another plan leaves of them.

use snaptape_aof::{EntryKind, Manifest};
use snaptape_report::{Edit, NewBytes, OutputFile, Plan, Role};

use crate::{
    directory::{Directory, ManifestState},
    facts::{FileFacts, SetFacts},
    meaning::{refusal, refusal_words},
    pieces::join,
};

/// The plans whose copies something more may be taken out of, best first.
const MENDING: [&str; 3] = ["salvage", "close-multi", "truncate"];

/// The files that are loaded, in order.
pub(crate) struct Layout<'a> {
    pub(crate) set: &'a SetFacts,
    pub(crate) directory: Option<Directory<'a>>,
    pub(crate) files: Vec<&'a FileFacts>,
    /// Is every file there, and sound?
    pub(crate) sound: bool,
}

impl<'a> Layout<'a> {
    /// Of a tape, or an append-only directory.
    pub(crate) fn new(set: &'a SetFacts) -> Result<Self, String> {
        let Some(directory) = Directory::new(set) else {
            return match set.files.as_slice() {
                [file] if file.tape.is_some() || file.role == Role::Aof => {
                    Ok(Self { set, directory: None, files: vec![file], sound: file.is_sound() })
                }
                [_] => Err("a snapshot is one moment: there are no commands to choose from".into()),
                _ => Err("these are several files, each on its own; give one of them".into()),
            };
        };
        let parts = directory.parts.as_deref().map_err(String::clone)?;
        let files: Vec<&FileFacts> = parts.iter().filter_map(|part| part.file).collect();
        let complete = files.len() == parts.len() && directory.state == ManifestState::Good;
        let sound = complete && files.iter().all(|file| file.is_sound());
        Ok(Self { set, files, sound, directory: Some(directory) })
    }

    /// The place of a file among those that are loaded.
    pub(crate) fn position(&self, path: &str) -> Option<usize> {
        self.files.iter().position(|file| file.path == path)
    }

    /// Can the first `n` files be used as they are, with no gap between them?
    pub(crate) fn sound_up_to(&self, n: usize) -> bool {
        let parts = self.directory.as_ref().and_then(|directory| directory.parts.as_deref().ok());
        parts.is_none_or(|parts| parts.iter().take(n + 1).all(|part| part.file.is_some()))
            && self.files.iter().take(n).all(|file| file.is_sound())
    }

    /// The first `n` files as they are, the superseded ones, and the manifest.
    pub(crate) fn outputs(&self, n: usize) -> Vec<OutputFile> {
        let whole = |file: &FileFacts| {
            let edits = join(&[Edit::Keep { start: 0, end: file.bytes }]);
            OutputFile { name: file.name().into(), source: file.path.clone(), edits }
        };
        let mut outputs: Vec<OutputFile> = self.files.iter().take(n).map(|file| whole(file)).collect();
        let Some(directory) = &self.directory else { return outputs };
        let history: Vec<_> = directory
            .manifest
            .history()
            .filter_map(|entry| Some((entry.clone(), directory.file(&entry.name)?)))
            .collect();
        outputs.extend(history.iter().map(|(_, file)| whole(file)));
        let parts = directory.parts.as_deref().unwrap_or_default();
        let name = directory.manifest_name();
        if directory.state == ManifestState::Good && n >= parts.len() {
            let bytes = self.set.manifest.as_ref().map_or(0, |manifest| manifest.text.len() as u64);
            let edits = vec![Edit::Keep { start: 0, end: bytes }];
            outputs.push(OutputFile { name, source: directory.manifest_path.into(), edits });
            return outputs;
        }
        let mut manifest = Manifest::default();
        manifest.entries.extend(parts.iter().take(n).map(|part| part.entry.clone()));
        manifest.entries.extend(history.into_iter().map(|(entry, _)| entry));
        // Where the last file ends is for the server to say when it goes on.
        if let Some(last) = manifest.entries.iter_mut().filter(|entry| entry.kind == EntryKind::Incr).last() {
            last.end_offset = None;
        }
        let bytes = NewBytes::new(manifest.to_text().into_bytes());
        let edits = vec![Edit::Insert { bytes, why: "without the files left out".into() }];
        outputs.push(OutputFile { name, source: String::new(), edits });
        outputs
    }

    /// The first command in a copy that the server does not get past, as a sentence says it.
    pub(crate) fn stopped_by(&self, outputs: &[OutputFile]) -> Option<String> {
        let release = self.set.release;
        let is_kept = |file: &FileFacts, at: u64| {
            let output = outputs.iter().find(|output| output.source == file.path);
            output.is_some_and(|output| {
                output.edits.iter().any(|edit| match edit {
                    Edit::Keep { start, end } | Edit::Reframe { start, end, .. } => {
                        (*start..*end).contains(&at)
                    }
                    _ => false,
                })
            })
        };
        self.files.iter().find_map(|file| {
            let listed = file.tape.iter().flat_map(|tape| &tape.loader.refused).cloned();
            let mut refused = listed.chain(refusal(file, release));
            let refusal = refused.find(|refusal| is_kept(file, refusal.offset))?;
            Some(refusal_words(&refusal, file))
        })
    }

    /// Files that are listed and not there.
    pub(crate) fn missing(&self) -> u64 {
        let parts = self.directory.iter().flat_map(|directory| directory.parts.iter().flatten());
        parts.filter(|part| part.file.is_none()).count() as u64
    }

    /// Bytes and whole files of what is loaded that are not in a copy.
    pub(crate) fn lost(&self, outputs: &[OutputFile]) -> (u64, u64) {
        let (mut bytes, mut files) = (0, 0);
        for file in &self.files {
            let output = outputs.iter().find(|output| output.source == file.path);
            bytes += file.bytes - output.map_or(0, kept);
            files += u64::from(output.is_none());
        }
        (bytes, files)
    }

    /// Keys of the snapshots in a copy.
    pub(crate) fn keys_kept(&self, outputs: &[OutputFile]) -> u64 {
        let in_copy = |file: &&&FileFacts| outputs.iter().any(|output| output.source == file.path);
        let snapshots = self.files.iter().filter(in_copy).filter_map(|file| file.snapshot.as_ref());
        snapshots.map(|snapshot| snapshot.keys).sum()
    }
}

/// Bytes of the input that are in a file of a copy.
fn kept(output: &OutputFile) -> u64 {
    let kept = |edit: &Edit| match edit {
        Edit::Keep { start, end } | Edit::Reframe { start, end, .. } => end - start,
        _ => 0,
    };
    output.edits.iter().map(kept).sum()
}

/// The plan that mends the rest, if one of those that are offered can do it.
pub(crate) fn mending(plans: &[Plan], fits: impl Fn(&Plan) -> bool) -> Option<&Plan> {
    MENDING.into_iter().find_map(|name| plans.iter().find(|plan| plan.name == name && fits(plan)))
}

/// The edits with everything from `at` on left out.
pub(crate) fn cut(edits: &[Edit], at: u64, why: &str) -> Vec<Edit> {
    let drop = |start, end| Edit::Drop { start, end, why: why.into() };
    let mut out = Vec::new();
    // Where the input has been followed to.
    let mut reached = 0;
    // A snapshot in front ends with its checksum: what is made anew of it stays whole.
    let snapshot = edits.iter().rposition(|edit| matches!(edit, Edit::Checksum));
    for (i, edit) in edits.iter().enumerate() {
        match edit {
            Edit::Keep { start, end } => {
                let middle = at.clamp(*start, *end);
                out.push(Edit::Keep { start: *start, end: middle });
                out.push(drop(middle, *end));
                reached = *end;
            }
            Edit::Drop { end, .. } => {
                out.push(edit.clone());
                reached = *end;
            }
            Edit::Reframe { start, end, .. } => {
                out.push(if *end <= at { edit.clone() } else { drop(*start, *end) });
                reached = *end;
            }
            // What is new there belongs to what follows it.
            Edit::Insert { .. } | Edit::Checksum
                if reached < at || snapshot.is_some_and(|last| i <= last) =>
            {
                out.push(edit.clone());
            }
            Edit::Insert { .. } | Edit::Checksum => {}
        }
    }
    join(&out)
}

/// Something to be left out, and what to put in its place.
pub(crate) struct Removal {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) why: String,
    pub(crate) instead: Option<(Vec<u8>, String)>,
}

/// The edits with stretches left out, which are in order and do not overlap. Nothing where one of them is not kept in one piece.
pub(crate) fn remove(edits: &[Edit], removals: &[Removal]) -> Option<Vec<Edit>> {
    let mut out = Vec::new();
    let mut removals = removals.iter().peekable();
    for edit in edits {
        let Edit::Keep { start, end } = edit else {
            out.push(edit.clone());
            continue;
        };
        let mut at = *start;
        while let Some(removal) = removals.next_if(|removal| removal.start >= at && removal.end <= *end) {
            out.push(Edit::Keep { start: at, end: removal.start });
            out.push(Edit::Drop { start: removal.start, end: removal.end, why: removal.why.clone() });
            if let Some((bytes, why)) = &removal.instead {
                out.push(Edit::Insert { bytes: NewBytes::new(bytes.clone()), why: why.clone() });
            }
            at = removal.end;
        }
        out.push(Edit::Keep { start: at, end: *end });
    }
    removals.next().is_none().then(|| join(&out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(start: u64, end: u64) -> Edit {
        Edit::Keep { start, end }
    }

    fn drop(start: u64, end: u64) -> Edit {
        Edit::Drop { start, end, why: "x".into() }
    }

    fn insert(bytes: &[u8]) -> Edit {
        Edit::Insert { bytes: NewBytes::new(bytes.to_vec()), why: "y".into() }
    }

    #[test]
    fn a_cut_leaves_out_what_is_behind_it() {
        let edits = [keep(0, 10), drop(10, 20), insert(b"s"), keep(20, 30), drop(30, 40), insert(b"t")];
        for (at, expected) in [
            (0, vec![drop(0, 40)]),
            (5, vec![keep(0, 5), drop(5, 40)]),
            (10, vec![keep(0, 10), drop(10, 40)]),
            (20, vec![keep(0, 10), drop(10, 40)]),
            (21, vec![keep(0, 10), drop(10, 20), insert(b"s"), keep(20, 21), drop(21, 40)]),
            (99, edits.to_vec()),
        ] {
            assert_eq!(cut(&edits, at, "x"), expected, "{at}");
        }
    }

    #[test]
    fn a_cut_right_behind_a_snapshot_leaves_its_end() {
        let edits = [keep(0, 10), drop(10, 20), insert(b"end"), Edit::Checksum, insert(b"s"), keep(20, 30)];
        assert_eq!(
            cut(&edits, 20, "x"),
            [keep(0, 10), drop(10, 20), insert(b"end"), Edit::Checksum, drop(20, 30)]
        );
    }

    #[test]
    fn what_is_removed_must_be_there() {
        let removal = |start, end, instead: Option<&[u8]>| Removal {
            start,
            end,
            why: "x".into(),
            instead: instead.map(|bytes| (bytes.to_vec(), "y".into())),
        };
        let edits = [keep(0, 10), drop(10, 20), keep(20, 30)];
        let two = [removal(0, 4, None), removal(20, 22, Some(b"s"))];
        assert_eq!(
            remove(&edits, &two),
            Some(vec![drop(0, 4), keep(4, 10), drop(10, 22), insert(b"s"), keep(22, 30)])
        );
        assert_eq!(remove(&edits, &[removal(8, 12, None)]), None);
        assert_eq!(remove(&edits, &[removal(12, 14, None)]), None);
        assert_eq!(
            remove(&edits, &[removal(28, 30, None)]),
            Some(vec![keep(0, 10), drop(10, 20), keep(20, 28), drop(28, 30)])
        );
    }
}
