//! A copy written into a folder of the user's, where the browser can do that.

use js_sys::{IteratorNext, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemWritableFileStream,
};

/// A folder that was empty when it was chosen: nothing of the user's can be written over, least of all what was opened.
#[derive(Debug)]
pub(super) struct Folder {
    handle: FileSystemDirectoryHandle,
}

impl Folder {
    /// Takes it, if there is nothing in it.
    pub(super) async fn empty(handle: FileSystemDirectoryHandle) -> Result<Self, String> {
        let next = JsFuture::from(handle.keys().next().map_err(|_| refused(&handle.name()))?).await;
        let next: IteratorNext = next.map_err(|_| refused(&handle.name()))?.unchecked_into();
        if next.done() {
            return Ok(Self { handle });
        }
        let found = next.value().as_string().unwrap_or_default();
        Err(format!(
            "The folder {} is not empty, {found} is in it. Choose an empty one, so that nothing can be written over.",
            handle.name()
        ))
    }

    /// Its name.
    pub(super) fn name(&self) -> String {
        self.handle.name()
    }

    /// Writes a file, in folders that are made where they are missing, and hands back what is then on disk.
    pub(super) async fn write(&self, path: &str, content: &Blob) -> Result<File, String> {
        let mut folder = self.handle.clone();
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            let options = FileSystemGetDirectoryOptions::new();
            options.set_create(true);
            let below = JsFuture::from(folder.get_directory_handle_with_options(part, &options)).await;
            folder = below.map_err(|error| not_written(path, &error))?.unchecked_into();
        }
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file: FileSystemFileHandle = JsFuture::from(folder.get_file_handle_with_options(name, &options))
            .await
            .map_err(|error| not_written(path, &error))?
            .unchecked_into();
        let written = async {
            let stream: FileSystemWritableFileStream =
                JsFuture::from(file.create_writable()).await?.unchecked_into();
            JsFuture::from(stream.write_with_blob(content)?).await?;
            // Only now does the file get its bytes.
            JsFuture::from(stream.close()).await?;
            JsFuture::from(file.get_file()).await
        };
        Ok(written.await.map_err(|error| not_written(path, &error))?.unchecked_into())
    }
}

fn refused(name: &str) -> String {
    format!("The browser does not let the page look into the folder {name}.")
}

fn not_written(path: &str, error: &JsValue) -> String {
    let why = Reflect::get(error, &"message".into()).ok().and_then(|words| words.as_string());
    format!("{path} could not be written: {}", why.unwrap_or_else(|| "the browser does not say why.".into()))
}
