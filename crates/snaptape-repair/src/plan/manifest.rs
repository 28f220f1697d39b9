//! The files of a copy that are not loaded: what is superseded, and the manifest.

use snaptape_aof::{EntryKind, Manifest};
use snaptape_report::{Edit, NewBytes, OutputFile};

use crate::{
    directory::{Directory, ManifestState, Part},
    pieces::join,
};

/// The superseded files, and a manifest that lists `kept`: the old one where that lists the same.
pub(crate) fn bookkeeping(directory: &Directory<'_>, kept: &[&Part<'_>]) -> Vec<OutputFile> {
    let history: Vec<_> = directory
        .manifest
        .history()
        .filter_map(|entry| Some((entry.clone(), directory.file(&entry.name)?)))
        .collect();
    let mut outputs: Vec<OutputFile> = history
        .iter()
        .map(|(_, file)| OutputFile {
            name: file.name().into(),
            source: file.path.clone(),
            edits: join(&[Edit::Keep { start: 0, end: file.bytes }]),
        })
        .collect();
    let name = directory.manifest_name();
    let good = directory.state == ManifestState::Good;
    let all = directory.parts.as_ref().is_ok_and(|parts| parts.len() == kept.len());
    if good && all {
        let bytes = directory.set.manifest.as_ref().map_or(0, |manifest| manifest.text.len() as u64);
        let edits = vec![Edit::Keep { start: 0, end: bytes }];
        outputs.push(OutputFile { name, source: directory.manifest_path.into(), edits });
        return outputs;
    }
    let mut manifest = Manifest::default();
    manifest.entries.extend(kept.iter().map(|part| part.entry.clone()));
    manifest.entries.extend(history.into_iter().map(|(entry, _)| entry));
    // Where the last file ends is for the server to say when it goes on.
    if let Some(last) = manifest.entries.iter_mut().filter(|entry| entry.kind == EntryKind::Incr).last() {
        last.end_offset = None;
    }
    let bytes = NewBytes::new(manifest.to_text().into_bytes());
    let why = if good { "without the files left out" } else { "a manifest the server reads" };
    outputs.push(OutputFile {
        name,
        source: String::new(),
        edits: vec![Edit::Insert { bytes, why: why.into() }],
    });
    outputs
}
