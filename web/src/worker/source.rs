//! Bytes to read: a `File` of the user, or a `Blob` put together from slices of one.

use std::collections::VecDeque;

use js_sys::{Array, Reflect, Uint8Array};
use snaptape_engine::InputFile;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// How much one read of [`Source::read_all`] takes: the best of the sizes that were measured.
pub(super) const READ_BYTES: u64 = 8 << 20;

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Path as the user knows it.
    pub(super) path: String,
    /// The bytes.
    pub(super) blob: Blob,
}

impl Source {
    /// Takes the `{ path, file }` objects of a request.
    pub(super) fn from_array(files: &JsValue) -> Option<Vec<Self>> {
        let files: &Array = files.dyn_ref()?;
        files
            .iter()
            .map(|entry| {
                let path = Reflect::get(&entry, &"path".into()).ok()?.as_string()?;
                let blob = Reflect::get(&entry, &"file".into()).ok()?.dyn_into().ok()?;
                Some(Self { path, blob })
            })
            .collect()
    }

    /// Its length.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 2^53")]
    pub(super) fn bytes(&self) -> u64 {
        self.blob.size() as u64
    }

    /// As the engine wants to know it.
    pub(super) fn input(&self) -> InputFile {
        InputFile { path: self.path.clone(), bytes: self.bytes() }
    }

    /// Starts a read; await what it returns with [`Reading::bytes`].
    pub(super) fn read(&self, start: u64, end: u64) -> Result<Reading, String> {
        let slice = self.slice(start, end)?;
        Ok(Reading { path: self.path.clone(), bytes: JsFuture::from(slice.array_buffer()) })
    }

    /// A part of it, without reading.
    pub(super) fn slice(&self, start: u64, end: u64) -> Result<Blob, String> {
        // File lengths in a browser are doubles themselves, so nothing is lost here.
        self.blob.slice_with_f64_and_f64(start as f64, end as f64).map_err(|_| gone(&self.path))
    }

    /// Reads everything from front to back, the next read always in flight.
    pub(super) async fn read_all(
        &self,
        mut each: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        let bytes = self.bytes();
        let mut starts = (0..bytes).step_by(usize::try_from(READ_BYTES).unwrap_or(usize::MAX));
        let mut under_way = VecDeque::new();
        let mut buffer = Vec::new();
        loop {
            while under_way.len() < 2
                && let Some(start) = starts.next()
            {
                under_way.push_back(self.read(start, (start + READ_BYTES).min(bytes))?);
            }
            let Some(reading) = under_way.pop_front() else { return Ok(()) };
            reading.bytes(&mut buffer).await?;
            each(&buffer)?;
        }
    }
}

/// A read under way.
#[derive(Debug)]
pub(super) struct Reading {
    path: String,
    /// Taken as a future at once: a promise that nobody waits for would complain when it fails.
    bytes: JsFuture,
}

impl Reading {
    /// Waits for it; `buffer` then holds its bytes and nothing else.
    pub(super) async fn bytes(self, buffer: &mut Vec<u8>) -> Result<(), String> {
        let value = self.bytes.await.map_err(|_| gone(&self.path))?;
        let array = Uint8Array::new(&value);
        buffer.resize(array.length() as usize, 0);
        array.copy_to(buffer);
        Ok(())
    }
}

fn gone(path: &str) -> String {
    format!("{path} was changed, moved or removed while it was read. Open it again, or open a copy of it.")
}
