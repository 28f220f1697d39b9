//! Long files: watching, and changing one's mind.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use snaptape_e2e::Page;

const VALUE_BYTES: u64 = 64 << 20;

/// A tape of this many SETs, each with a value of zeros that takes no room on disk.
pub(crate) fn long_tape(path: &Path, commands: u64) -> u64 {
    let mut file = File::create(path).unwrap();
    file.write_all(b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n").unwrap();
    for _ in 0..commands {
        write!(file, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${VALUE_BYTES}\r\n").unwrap();
        file.seek(SeekFrom::Current(i64::try_from(VALUE_BYTES).unwrap())).unwrap();
        file.write_all(b"\r\n").unwrap();
    }
    file.stream_position().unwrap()
}

#[tokio::test]
async fn progress_is_shown_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("long.aof");
    let file_bytes = long_tape(&tape, 16);
    Page::with(async |page| {
        let watch = "
            window.seen = [];
            new MutationObserver(() => {
                const panel = document.querySelector('[data-testid=progress]');
                const bar = panel?.querySelector('progress');
                if (bar) {
                    const [value, max] = [Number(bar.getAttribute('value')), Number(bar.getAttribute('max'))];
                    window.seen.push({ value, max, text: panel.textContent });
                }
            }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });";
        page.run(watch, vec![]).await;
        page.pick("pick-files", [&tape]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("tape-commands").await, 17);

        let seen = page.run("return window.seen", vec![]).await;
        let seen = seen.as_array().expect("a list");
        let values: Vec<u64> = seen.iter().filter_map(|state| state["value"].as_u64()).collect();
        assert!(values.is_sorted(), "it goes forward only: {values:?}");
        assert!(values.iter().any(|&value| 0 < value && value < file_bytes), "there is a middle: {values:?}");
        assert!(values.iter().all(|&value| value <= file_bytes), "{values:?}");
        assert!(seen.iter().any(|state| state["max"] == file_bytes), "out of {file_bytes}: {seen:?}");
        let text = |word: &str| seen.iter().any(|state| state["text"].as_str().is_some_and(|t| t.contains(word)));
        assert!(text("B/s"), "a rate: {seen:?}");
        assert!(text(" left"), "the time left: {seen:?}");
    })
    .await;
}

#[tokio::test]
async fn cancelling_is_immediate_and_leaves_a_page_that_works() {
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("long.aof");
    // Far more than can be read before the button is found.
    long_tape(&tape, 400);
    Page::with(async |page| {
        page.pick("pick-files", [&tape]).await;
        page.find("progress").await;
        let start = Instant::now();
        page.click("cancel").await;
        page.gone("progress").await;
        assert!(start.elapsed() < Duration::from_secs(3), "it took {:?}", start.elapsed());
        page.find("drop").await;
        assert!(!page.has("verdict").await);
        assert!(!page.has("error").await);

        page.click("sample-bigkey").await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
    })
    .await;
}
