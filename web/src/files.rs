//! Files the user gives: picked, dropped (folders too), or the samples of the page.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
    Response,
};

use crate::samples::Sample;
use crate::state::Subject;
use crate::words::file_name;

/// More files than this are no data directory but somebody's home folder.
pub const MAX_FILES: usize = 2_000;

/// A file and the path the user knows it by.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked {
    /// Folders separated by `/`.
    pub path: String,
    /// The handle; its bytes are not read here.
    pub file: File,
}

/// The files of an input element; of a folder input with their paths below that folder.
pub fn from_list(list: Option<FileList>) -> Vec<Picked> {
    let Some(list) = list else { return vec![] };
    (0..list.length())
        .filter_map(|i| list.get(i))
        .map(|file| {
            let relative = js_sys::Reflect::get(&file, &"webkitRelativePath".into())
                .ok()
                .and_then(|path| path.as_string())
                .filter(|path| !path.is_empty());
            Picked { path: relative.unwrap_or_else(|| file.name()), file }
        })
        .collect()
}

/// What was dropped. The list of a drop is emptied when its event ends, so this is taken at once and listed later.
#[derive(Debug, Default)]
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    files: Vec<Picked>,
}

impl Dropped {
    /// Takes it.
    pub fn take(transfer: &DataTransfer) -> Self {
        let mut dropped = Self::default();
        let items = transfer.items();
        for item in (0..items.length()).filter_map(|i| items.get(i)).filter(|item| item.kind() == "file") {
            match item.webkit_get_as_entry() {
                Ok(Some(entry)) => dropped.entries.push(entry),
                // A drop made by a script has files without entries.
                _ => {
                    if let Ok(Some(file)) = item.get_as_file() {
                        dropped.files.push(Picked { path: file.name(), file });
                    }
                }
            }
        }
        dropped
    }

    /// Lists it, folders with everything in them.
    pub async fn list(self) -> Result<Vec<Picked>, String> {
        let Self { mut entries, files: mut picked } = self;
        while let Some(entry) = entries.pop() {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            if entry.is_directory() {
                let folder: FileSystemDirectoryEntry = entry.unchecked_into();
                let reader = folder.create_reader();
                // A reader gives its entries in batches, and an empty one at the end.
                loop {
                    let batch = called_back(|done, failed| {
                        reader.read_entries_with_callback_and_callback(done, failed)
                    });
                    let batch: Array = batch.await.map_err(|_| cannot_list(&path))?.unchecked_into();
                    if batch.length() == 0 {
                        break;
                    }
                    entries.extend(batch.iter().map(JsValue::unchecked_into::<FileSystemEntry>));
                    if entries.len() + picked.len() > MAX_FILES {
                        return Err(too_many());
                    }
                }
            } else {
                let handle: FileSystemFileEntry = entry.unchecked_into();
                let file = called_back(|done, failed| {
                    handle.file_with_callback_and_callback(done, failed);
                    Ok(())
                });
                let file: File = file.await.map_err(|_| cannot_list(&path))?.unchecked_into();
                picked.push(Picked { path, file });
            }
        }
        Ok(picked)
    }
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

fn too_many() -> String {
    format!(
        "That folder holds more than {MAX_FILES} files; please drop the data folder itself, or single files."
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

async fn fetch(address: &str) -> Option<Blob> {
    let response = JsFuture::from(web_sys::window()?.fetch_with_str(address)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.blob().ok()?).await.ok()?.dyn_into().ok()
}

/// Refuses what cannot be opened at all.
pub fn checked(picked: Vec<Picked>) -> Result<Vec<Picked>, String> {
    match picked.len() {
        0 => Err("There are no files in what you opened.".into()),
        n if n > MAX_FILES => Err(too_many()),
        _ => Ok(picked),
    }
}

/// What the files are called together.
pub fn subject(picked: &[Picked]) -> Subject {
    let paths: Vec<&str> = picked.iter().map(|picked| picked.path.as_str()).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers below 2^53")]
    let total_bytes = picked.iter().map(|picked| picked.file.size() as u64).sum();
    Subject { name: subject_name(&paths).into(), files: picked.len(), total_bytes }
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
