//! Files the user gives: picked, dropped (folders too), or the samples of the page.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
    Response,
};

use snaptape_report::units;
use yew::AttrValue;

use crate::picking::{self, Choice, Names};
use crate::samples::Sample;
use crate::state::Subject;
use crate::words::file_name;

/// Files of a list that are looked at before the browser gets its turn.
const SLICE: usize = 500;

/// A file and the path the user knows it by.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked {
    /// Folders separated by `/`.
    pub path: String,
    /// The handle; its bytes are not read here.
    pub file: File,
}

/// What the user gave: dropped, or chosen. The list of either is emptied when its event ends, so it is taken at once and listed later.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    entries: Vec<FileSystemEntry>,
    /// `File`s.
    list: Array,
    files: Vec<Picked>,
}

/// What is opened of it.
#[derive(Debug, Default, PartialEq)]
pub struct Listed {
    /// The files.
    pub files: Vec<Picked>,
    /// What to say of files that are not among them.
    pub note: String,
}

impl From<Vec<Picked>> for Given {
    fn from(files: Vec<Picked>) -> Self {
        Self { files, ..Self::default() }
    }
}

impl Given {
    /// Takes what was dropped.
    pub fn dropped(transfer: &DataTransfer) -> Self {
        let mut given = Self::default();
        let items = transfer.items();
        for item in (0..items.length()).filter_map(|i| items.get(i)).filter(|item| item.kind() == "file") {
            match item.webkit_get_as_entry() {
                Ok(Some(entry)) => given.entries.push(entry),
                // A drop made by a script has files without entries.
                _ => {
                    if let Ok(Some(file)) = item.get_as_file() {
                        given.files.push(Picked { path: file.name(), file });
                    }
                }
            }
        }
        given
    }

    /// Takes the files of an input element; of a folder input with their paths below that folder. Nothing where none was chosen.
    pub fn chosen(list: Option<FileList>) -> Option<Self> {
        let list = list.filter(|list| list.length() > 0)?;
        Some(Self { list: Array::from(&list), ..Self::default() })
    }

    /// Files that the page made itself.
    pub fn made(files: Vec<Picked>) -> Self {
        Self { files, ..Self::default() }
    }

    /// How many there are at first sight, and what they are called together.
    pub fn name(&self) -> String {
        let one = match (&self.entries[..], &self.files[..]) {
            ([entry], []) => Some(entry.name()),
            ([], [file]) => Some(file_name(&file.path).to_owned()),
            _ => None,
        };
        one.unwrap_or_else(|| "what you gave".into())
    }

    /// Lists it, folders with everything in them, and picks what to open. `seen` is told how many files there are so far, and
    /// says whether anybody still wants to know.
    pub async fn list(self, seen: impl Fn(usize) -> bool) -> Result<Listed, String> {
        let Self { entries, list, files: mut picked } = self;
        let mut names = Names::default();
        for picked in &mut picked {
            picked.path = names.free(&picked.path);
        }
        for (index, file) in list.iter().enumerate() {
            if index % SLICE == SLICE - 1 {
                pause().await;
                if !seen(index) {
                    return Ok(Listed::default());
                }
            }
            let file: File = file.unchecked_into();
            let relative = js_sys::Reflect::get(&file, &"webkitRelativePath".into())
                .ok()
                .and_then(|path| path.as_string())
                .filter(|path| !path.is_empty());
            picked.push(Picked { path: relative.unwrap_or_else(|| names.free(&file.name())), file });
        }
        // Handles first: to open each of twenty thousand takes a while, and few of them are wanted.
        let mut found: Vec<(String, FileSystemFileEntry)> = Vec::new();
        // Below two folders of one name files are told apart by what the folders are called here.
        let mut entries: Vec<(String, FileSystemEntry)> =
            entries.into_iter().map(|entry| (names.free(&entry.name()), entry)).collect();
        while let Some((path, entry)) = entries.pop() {
            if !entry.is_directory() {
                found.push((path, entry.unchecked_into()));
                continue;
            }
            let folder: FileSystemDirectoryEntry = entry.unchecked_into();
            let reader = folder.create_reader();
            // A reader gives its entries in batches, and an empty one at the end.
            loop {
                let batch =
                    called_back(|done, failed| reader.read_entries_with_callback_and_callback(done, failed));
                let batch: Array = batch.await.map_err(|_| cannot_list(&path))?.unchecked_into();
                if batch.length() == 0 {
                    break;
                }
                for entry in batch.iter().map(JsValue::unchecked_into::<FileSystemEntry>) {
                    let path = format!("{path}/{}", entry.name());
                    if entry.is_directory() {
                        entries.push((path, entry));
                    } else {
                        found.push((path, entry.unchecked_into()));
                    }
                }
                let count = found.len() + picked.len();
                if count > picking::MAX_LISTED {
                    return Err(endless());
                }
                if !seen(count) {
                    return Ok(Listed::default());
                }
            }
        }
        pause().await;
        // Both lists in one order of paths.
        let paths: Vec<&str> = picked
            .iter()
            .map(|picked| picked.path.as_str())
            .chain(found.iter().map(|(path, _)| path.as_str()))
            .collect();
        let Choice { indices, note } = picking::choose(paths.iter().copied())?;
        pause().await;
        let mut files = Vec::with_capacity(indices.len());
        for index in indices {
            if let Some(picked) = picked.get(index) {
                files.push(picked.clone());
                continue;
            }
            let Some((path, handle)) = found.get(index - picked.len()) else { continue };
            let file = called_back(|done, failed| {
                handle.file_with_callback_and_callback(done, failed);
                Ok(())
            });
            let file: File = file.await.map_err(|_| cannot_list(path))?.unchecked_into();
            files.push(Picked { path: path.clone(), file });
        }
        Ok(Listed { files, note })
    }
}

/// Lets the browser have its turn.
async fn pause() {
    let promise = Promise::new(&mut |done, _| {
        if let Some(window) = web_sys::window() {
            // Refused only for what is no function.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&done, 0);
        }
    });
    // It is never rejected.
    let _ = JsFuture::from(promise).await;
}

/// A function that answers through one of two callbacks, as a future.
async fn called_back(
    mut start: impl FnMut(&Function, &Function) -> Result<(), JsValue>,
) -> Result<JsValue, JsValue> {
    let promise = Promise::new(&mut |done, failed| {
        if let Err(error) = start(&done, &failed) {
            let _ = failed.call1(&JsValue::NULL, &error);
        }
    });
    JsFuture::from(promise).await
}

fn cannot_list(path: &str) -> String {
    format!("{path} could not be opened; is it still there, and are you allowed to read it?")
}

fn endless() -> String {
    format!(
        "That folder holds more than {} files; please drop the data folder itself, or single files.",
        units::count(picking::MAX_LISTED as u64)
    )
}

/// The files of a sample, fetched from beside the page.
pub async fn from_sample(sample: &Sample) -> Result<Vec<Picked>, String> {
    let mut picked = Vec::new();
    for path in sample.paths {
        let address = format!("samples/{}/{path}", sample.id);
        let blob = fetch(&address)
            .await
            .ok_or_else(|| format!("The sample file {address} is not served beside this page."))?;
        let parts = Array::of1(&blob);
        let file = File::new_with_blob_sequence(&parts, file_name(path))
            .map_err(|_| format!("The sample file {address} could not be opened."))?;
        picked.push(Picked { path: (*path).to_owned(), file });
    }
    Ok(picked)
}

/// A file of these bytes.
pub fn from_bytes(name: &str, bytes: &[u8]) -> Option<File> {
    let parts = Array::of1(&js_sys::Uint8Array::from(bytes).into());
    File::new_with_u8_array_sequence(&parts, name).ok()
}

async fn fetch(address: &str) -> Option<Blob> {
    let response = JsFuture::from(web_sys::window()?.fetch_with_str(address)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.blob().ok()?).await.ok()?.dyn_into().ok()
}

/// What the files are called together.
pub fn subject(picked: &[Picked]) -> Subject {
    let paths: Vec<&str> = picked.iter().map(|picked| picked.path.as_str()).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers below 2^53")]
    let total_bytes = picked.iter().map(|picked| picked.file.size() as u64).sum();
    Subject {
        name: subject_name(&paths).into(),
        files: picked.len(),
        total_bytes,
        note: AttrValue::default(),
    }
}

fn subject_name(paths: &[&str]) -> String {
    let folder = |path: &str| path.split_once('/').map(|(folder, _)| folder.to_owned());
    match paths {
        [] => String::new(),
        [only] => file_name(only).to_owned(),
        [first, rest @ ..] => match folder(first) {
            Some(name) if rest.iter().all(|path| folder(path).as_ref() == Some(&name)) => name,
            _ => format!("{} files", paths.len()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_have_short_names() {
        for (paths, name) in [
            (&["dump.rdb"][..], "dump.rdb"),
            (&["backup/dump.rdb"], "dump.rdb"),
            (&["dir/a", "dir/b"], "dir"),
            (&["dir/a", "other/b"], "2 files"),
            (&["a", "b", "c"], "3 files"),
            (&[], ""),
        ] {
            assert_eq!(subject_name(paths), name);
        }
    }
}
