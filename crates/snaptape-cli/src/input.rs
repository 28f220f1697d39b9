//! Paths on disk become the inputs of a job.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use snaptape_engine::InputFile;

/// The files a job may read: how the job knows them, and where they are.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    pub(crate) files: Vec<InputFile>,
    pub(crate) places: Vec<PathBuf>,
    /// The folder, when the input is one append-only directory.
    pub(crate) folder: Option<PathBuf>,
}

/// Most files below one folder: beyond it, it is not the folder of a server.
const MAX_FILES: usize = 100_000;

/// Finds the files behind `paths`: a file, all files of a folder, or the folder of a manifest.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Inputs> {
    let mut inputs = Inputs::default();
    for path in paths {
        let meta = fs::metadata(path).with_context(|| path.display().to_string())?;
        if meta.is_dir() {
            let name = path.canonicalize()?.file_name().map(|n| n.to_string_lossy().into_owned());
            inputs.walk(path, &name.unwrap_or_default())?;
            inputs.folder = Some(path.clone());
        } else if path.extension().is_some_and(|e| e == "manifest") && paths.len() == 1 {
            // A manifest speaks of the files beside it.
            let absolute = path.canonicalize()?;
            let home = absolute.parent().unwrap_or(Path::new("/")).to_path_buf();
            let name = home.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            inputs.walk(&home, &name)?;
            inputs.folder = Some(home);
        } else {
            inputs.add(path, path.to_string_lossy().into_owned(), meta.len());
        }
    }
    if paths.len() > 1 {
        inputs.folder = None;
        inputs.tell_apart()?;
    }
    if inputs.files.is_empty() {
        bail!(
            "there are no files in {}",
            paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
        );
    }
    Ok(inputs)
}

impl Inputs {
    fn add(&mut self, place: &Path, path: String, bytes: u64) {
        self.files.push(InputFile { path, bytes });
        self.places.push(place.to_path_buf());
    }

    /// Refuses a file that is there twice, as its keys would be counted twice. Files below folders of one name are called by where
    /// they are.
    fn tell_apart(&mut self) -> Result<()> {
        let (mut places, mut names) = (HashSet::new(), HashSet::new());
        for place in &self.places {
            if !places.insert(place.canonicalize().with_context(|| place.display().to_string())?) {
                bail!("{} is given twice; name each file once", place.display());
            }
        }
        let twice: HashSet<String> = self
            .files
            .iter()
            .filter(|file| !names.insert(&file.path))
            .map(|file| file.path.clone())
            .collect();
        for (file, place) in self.files.iter_mut().zip(&self.places) {
            if twice.contains(&file.path) {
                file.path = place.to_string_lossy().into_owned();
            }
        }
        Ok(())
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let context = || folder.display().to_string();
        let mut entries: Vec<_> = fs::read_dir(folder).with_context(context)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = format!("{prefix}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().with_context(context)?;
            if kind.is_dir() {
                self.walk(&entry.path(), &path)?;
            } else if let Ok(meta) = fs::metadata(entry.path())
                && meta.is_file()
            {
                if self.files.len() >= MAX_FILES {
                    bail!("{} holds more than {MAX_FILES} files; name the ones to read", folder.display());
                }
                self.add(&entry.path(), path, meta.len());
            }
        }
        Ok(())
    }
}
