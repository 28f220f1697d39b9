//! While a copy is being made: opening something else, stopping, a file that goes away. The copy is never thrown away without a word.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use snaptape_e2e::Page;
use snaptape_testdata::generated::keys_file;

use crate::native::case;
use crate::progress::long_tape;

/// A tape that ends inside a command and takes seconds to read.
fn long_torn_tape(dir: &Path) -> PathBuf {
    let tape = dir.join("long.aof");
    long_tape(&tape, 8);
    File::options().append(true).open(&tape).unwrap().write_all(b"*3\r\n$3\r\nSE").unwrap();
    tape
}

/// Opens it and begins the copy.
async fn begin(page: &Page, tape: &Path) {
    page.pick("pick-files", [tape]).await;
    assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable");
    page.hash("repair").await;
    page.click("export").await;
    page.find("progress").await;
}

/// Would the browser ask before it leaves the page?
async fn holds_on(page: &Page) -> bool {
    let ask = "return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    page.run(ask, vec![]).await == true
}

const IN_DIALOG: &str = "return document.querySelector('dialog[open]').contains(document.activeElement)";

#[tokio::test]
async fn another_file_does_not_throw_the_copy_away() {
    let dir = tempfile::tempdir().unwrap();
    let tape = long_torn_tape(dir.path());
    let second = case("rdb", "redis-7.4.1/expires").path;
    Page::with(async |page| {
        begin(page, &tape).await;
        assert!(holds_on(page).await);
        page.drop_on("nav-repair", [&second]).await;
        let sentence = "would stop long.repaired.aof half way and throw it away.";
        assert_eq!(page.text("leave-sentence").await, format!("Opening something else now {sentence}"));
        assert_eq!(page.text("leave-go").await, "Stop it and open expires.rdb");
        assert_eq!(page.text("modal-close").await, "Finish the copy first");
        assert_eq!(page.violations().await, []);
        assert_eq!(page.run(IN_DIALOG, vec![]).await, true);
        // Esc is a way to say no, and stops nothing.
        page.press("\u{e00c}").await;
        page.gone("leave-sentence").await;
        page.find("progress").await;

        page.click("open-another").await;
        assert_eq!(page.text("leave-sentence").await, format!("Leaving now {sentence}"));
        // Nobody answers until it is done: then there is nothing to lose any more.
        page.until(
            "it is done",
            "return document.querySelector('[data-testid=leave-sentence]')?.textContent === 'long.repaired.aof was read again and found sound.'",
        )
        .await;
        page.click("modal-close").await;
        page.gone("leave-sentence").await;
        assert!(!holds_on(page).await);
        assert_eq!(page.attr("receipt", "data-verdict").await, "sound");
        let copy = page.downloaded("long.repaired.aof").await;
        assert_eq!(fs::metadata(copy).unwrap().len(), tape.metadata().unwrap().len() - 10);

        // With nothing under way nothing is asked.
        page.drop_on("nav-repair", [&second]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
    })
    .await;
}

#[tokio::test]
async fn a_copy_can_be_stopped_half_way() {
    let dir = tempfile::tempdir().unwrap();
    let tape = long_torn_tape(dir.path());
    let second = case("rdb", "redis-7.4.1/expires");
    Page::with(async |page| {
        begin(page, &tape).await;
        page.click("cancel").await;
        page.gone("progress").await;
        // Its plans are still there, and so is the way to begin again.
        assert!(page.has("export").await && !page.has("error").await && !holds_on(page).await);
        page.click("export").await;
        page.find("progress").await;

        page.drop_on("nav-repair", [&second.path]).await;
        page.click("leave-go").await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("total-keys").await, second.sidecar["rdb"]["keys_in_file"].as_u64().unwrap());
        page.gone("leave-sentence").await;
        assert!(!page.has("progress").await && !holds_on(page).await);
        // What was left can be opened again.
        page.click("open-another").await;
        assert_eq!(page.text("earlier-1").await, "long.aof");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_goes_away_while_it_is_copied() {
    let dir = tempfile::tempdir().unwrap();
    Page::with(async |page| {
        for change in [
            (|path: &Path| File::options().write(true).open(path).unwrap().set_len(1_000).unwrap())
                as fn(&Path),
            |path: &Path| fs::remove_file(path).unwrap(),
        ] {
            let tape = long_torn_tape(dir.path());
            begin(page, &tape).await;
            change(&tape);
            let text = page.text("error").await;
            assert!(text.contains("long.aof was changed, moved or removed while it was read"), "{text}");
            assert!(!page.has("progress").await && !holds_on(page).await);
            page.click("open-another").await;
        }
    })
    .await;
}

#[tokio::test]
async fn keys_that_are_written_are_not_thrown_away() {
    let file = keys_file(Path::new(env!("CARGO_TARGET_TMPDIR")), 1_000_000);
    let second = case("rdb", "redis-7.4.1/expires");
    Page::with(async |page| {
        page.pick("pick-files", [&file]).await;
        page.find_within(Duration::from_mins(2), "verdict").await;
        page.hash("keys").await;
        let listed = "return document.querySelector('[data-testid=key-jsonl]')?.disabled === false";
        let deadline = Instant::now() + Duration::from_mins(2);
        while page.run(listed, vec![]).await != true {
            assert!(Instant::now() < deadline, "the keys are never listed");
        }
        page.click("key-jsonl").await;
        assert!(holds_on(page).await);
        page.drop_on("nav-keys", [&second.path]).await;
        assert_eq!(
            page.text("leave-sentence").await,
            "Opening something else now would stop keys.jsonl half way and throw it away."
        );
        assert_eq!(page.text("leave-go").await, "Stop it and open expires.rdb");
        page.click("modal-close").await;
        page.gone("leave-sentence").await;
        // The file comes also where one has gone to another view meanwhile.
        page.hash("overview").await;
        let rows = fs::read_to_string(page.downloaded("keys.jsonl").await).unwrap().lines().count();
        assert_eq!(rows, 1_000_000);
        page.until(
            "nothing left to lose",
            "return window.dispatchEvent(new Event('beforeunload', { cancelable: true }))",
        )
        .await;

        // Whoever wants to can throw it away.
        page.hash("keys").await;
        page.until("the keys again", listed).await;
        page.click("key-csv").await;
        page.click("open-another").await;
        assert_eq!(
            page.text("leave-sentence").await,
            "Leaving now would stop keys.csv half way and throw it away."
        );
        page.click("leave-go").await;
        page.find("drop").await;
        assert!(!holds_on(page).await);
    })
    .await;
}

#[tokio::test]
async fn a_sample_in_the_address_is_opened_any_time() {
    let dir = tempfile::tempdir().unwrap();
    let tape = long_torn_tape(dir.path());
    Page::with(async |page| {
        // Before anything is open, and while something is; the view is the one that the address names.
        page.find("drop").await;
        page.hash("integrity?sample=torn").await;
        page.find("findings").await;
        page.hash("bytes?at=0.9-26&sample=healthy").await;
        page.until("its bytes", "return document.querySelector('.byteCursor')?.dataset.at === '9'").await;
        assert!(page.text("byte-subject").await.starts_with("cache.rdb"));
        page.click("open-another").await;
        page.find("drop").await;

        // A copy under way is not thrown away for it.
        begin(page, &tape).await;
        page.hash("repair?sample=healthy").await;
        assert_eq!(page.text("leave-go").await, "Stop it and open Healthy cache");
        page.press("\u{e00c}").await;
        page.gone("leave-sentence").await;
        page.find("export-done").await;
        let hash = page.run("return location.hash", vec![]).await;
        assert_eq!(hash, "#repair", "the address names what is not open");
    })
    .await;
}
