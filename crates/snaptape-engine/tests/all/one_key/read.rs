//! Files in memory, and questions about their keys.

use snaptape_analysis::hex;
use snaptape_engine::{
    ElementsAsked, Job, KeyAsked, KeyQuestion, KeyRead, Options, Outcome, ReadRequest, Source,
};
use snaptape_report::{KeyAnswer, KeyPage, KeyPlace};

use crate::set::inputs;

/// A day after most of the corpus was written: some fields have expired since, others have not.
pub(crate) const NOW_MS: i64 = 1_795_434_400_000;

/// A key as one pass over its file found it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) db: u64,
    pub(crate) name: Vec<u8>,
    pub(crate) type_name: String,
    pub(crate) encoding: String,
    pub(crate) elements: Option<u64>,
    pub(crate) offset: u64,
    pub(crate) file_bytes: u64,
    pub(crate) payload_bytes: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) digest: Option<String>,
}

/// What is asked for, or less where a file was cut meanwhile.
fn slice<'a>(files: &'a [(String, Vec<u8>)], request: &ReadRequest) -> &'a [u8] {
    let start = usize::try_from(request.offset).unwrap();
    let bytes = &files[request.file].1;
    let end = (start + request.len).min(bytes.len());
    bytes.get(start..end).unwrap_or_default()
}

/// One pass over a set.
pub(crate) fn known(files: &[(String, Vec<u8>)]) -> (Outcome, Vec<Known>) {
    let mut job =
        Job::new(inputs(files), Options { digest: true, now_ms: NOW_MS, ..Options::default() }).unwrap();
    let mut keys = Vec::new();
    while !job.is_done() {
        while let Some(request) = job.next_read() {
            job.feed_keys(&request, slice(files, &request), |key, _| {
                keys.push(Known {
                    db: key.db,
                    name: key.name.to_vec(),
                    type_name: key.type_name.into(),
                    encoding: key.encoding.into(),
                    elements: key.elements,
                    offset: key.offset,
                    file_bytes: key.file_bytes,
                    payload_bytes: key.payload_bytes,
                    memory_bytes: key.memory_bytes,
                    expires_at_ms: key.expires_at_ms,
                    digest: key.value_sha256.map(|digest| hex(&digest)),
                });
            });
        }
    }
    (job.finish(), keys)
}

/// Asks.
pub(crate) fn ask(
    files: &[(String, Vec<u8>)],
    source: &Source,
    key: &Known,
    place: Option<KeyPlace>,
    question: KeyQuestion,
) -> Result<KeyAnswer, String> {
    let mut read =
        KeyRead::new(source, KeyAsked { offset: key.offset, db: key.db, place, question }).with_gap(100);
    let mut reads = 0;
    while let Some(request) = read.next_read() {
        reads += 1;
        assert!(reads < 100_000, "it does not come to an end");
        read.feed(&request, slice(files, &request));
    }
    read.finish()
}

/// Asks for elements.
pub(crate) fn page(
    files: &[(String, Vec<u8>)],
    source: &Source,
    key: &Known,
    place: Option<KeyPlace>,
    from: u64,
    limit: u64,
) -> Result<KeyPage, String> {
    let asked = ElementsAsked { from, limit, text_bytes: u64::MAX, search: None, unnamed: false };
    match ask(files, source, key, place, KeyQuestion::Elements(asked))? {
        KeyAnswer::Page(page) => Ok(*page),
        other => panic!("{other:?}"),
    }
}
