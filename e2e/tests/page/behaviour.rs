//! What people do to a page: two things at once, files that go away, folders full of other things. Each has a sentence.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use snaptape_e2e::{Page, Scheme};

use crate::native::case;
use crate::progress::long_tape;
use crate::sizes::TRIES;

/// Keys of a case, as its server counted them.
fn snapshot(name: &str) -> (PathBuf, u64) {
    let case = case("rdb", name);
    (case.path, case.sidecar["rdb"]["keys_in_file"].as_u64().unwrap())
}

#[tokio::test]
async fn another_file_over_an_open_one_keeps_the_way_back() {
    let (first, first_keys) = snapshot("redis-7.4.1/strings");
    let (second, second_keys) = snapshot("redis-7.4.1/expires");
    assert_ne!(first_keys, second_keys);
    Page::with(async |page| {
        page.pick("pick-files", [&first]).await;
        assert_eq!(page.number("total-keys").await, first_keys);
        page.hash("integrity").await;
        page.find("findings").await;
        page.drop_on("nav-integrity", [&second]).await;
        // The new one begins with its verdict, as everything does.
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("total-keys").await, second_keys);
        page.click("open-another").await;
        assert_eq!(page.text("earlier-0").await, "expires.rdb");
        assert_eq!(page.text("earlier-1").await, "strings.rdb");
        page.click("earlier-1").await;
        assert_eq!(page.number("total-keys").await, first_keys);
    })
    .await;
}

#[tokio::test]
async fn another_file_while_one_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("long.aof");
    long_tape(&tape, 400);
    let (second, keys) = snapshot("redis-7.4.1/expires");
    Page::with(async |page| {
        page.pick("pick-files", [&tape]).await;
        page.find("progress").await;
        page.drop_on("progress", [&second]).await;
        assert_eq!(page.number("total-keys").await, keys);
        assert!(!page.has("progress").await);

        // The one that was left half way can be begun again, and be stopped again.
        page.click("open-another").await;
        assert_eq!(page.text("earlier-1").await, "long.aof");
        page.click("earlier-1").await;
        page.find("progress").await;
        page.press("\u{e00c}").await;
        page.gone("progress").await;
        page.find("drop").await;
        assert_eq!(page.text("stopped").await, "Reading long.aof was stopped. Nothing of it is kept.");
        assert_eq!(page.text("earlier-0").await, "long.aof");
    })
    .await;
}

const UNUSABLE: &str =
    "return document.querySelector('[data-testid=verdict]')?.dataset.verdict === 'unusable'";

#[tokio::test]
async fn garbage_is_called_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let garbage = dir.path().join("dump.rdb");
    let mut state = 1_u32;
    let bytes: Vec<u8> = (0..1 << 20)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    fs::write(&garbage, bytes).unwrap();
    let (good, keys) = snapshot("redis-7.4.1/expires");
    Page::with(async |page| {
        page.pick("pick-files", [&good]).await;
        assert_eq!(page.number("total-keys").await, keys);
        page.drop_on("verdict", [&garbage]).await;
        page.until("garbage is told", UNUSABLE).await;
        // Who took the wrong file has the right one back at a press.
        page.click("earlier-0").await;
        assert_eq!(page.number("total-keys").await, keys);
        page.drop_on("verdict", [&garbage]).await;
        page.until("garbage is told again", UNUSABLE).await;
        page.hash("integrity").await;
        let text = page.text("findings").await;
        assert!(text.contains("dump.rdb") && text.contains("at 0"), "{text}");
        assert!(!page.has("progress").await);
    })
    .await;
}

#[tokio::test]
async fn files_that_change_or_vanish_while_they_are_read() {
    let dir = tempfile::tempdir().unwrap();
    Page::with(async |page| {
        for (name, change) in [
            (
                "shrinks.aof",
                (|path: &Path| File::options().write(true).open(path).unwrap().set_len(1_000).unwrap())
                    as fn(&Path),
            ),
            ("vanishes.aof", |path: &Path| fs::remove_file(path).unwrap()),
        ] {
            let tape = dir.path().join(name);
            long_tape(&tape, 400);
            page.pick("pick-files", [&tape]).await;
            page.find("progress").await;
            change(&tape);
            let text = page.text("error").await;
            assert!(
                text.contains(&format!("{name} was changed, moved or removed while it was read")),
                "{text}"
            );
            assert!(!page.has("progress").await);
            // And the page goes on.
            page.click("open-another").await;
            page.click("sample-bigkey").await;
            assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
            page.click("open-another").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_gone_when_its_keys_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let (snapshot, keys) = snapshot("redis-7.4.1/expires");
    let file = dir.path().join("gone.rdb");
    fs::copy(&snapshot, &file).unwrap();
    Page::with(async |page| {
        page.pick("pick-files", [&file]).await;
        assert_eq!(page.number("total-keys").await, keys);
        fs::remove_file(&file).unwrap();
        page.hash("keys").await;
        let text = page.text("key-message").await;
        assert!(text.contains("changed, moved or removed"), "{text}");
        assert!(!page.has("key-pause").await, "nothing goes on that could be stopped");
        assert!(!page.text("keys").await.is_empty(), "what is known is listed");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_came_before_the_files() {
    let (snapshot, _) = snapshot("redis-7.4.1/expires");
    Page::with(async |page| {
        page.hash("keys?filter=ttl%3Anone").await;
        let text = page.text("leads-to").await;
        assert!(text.starts_with("The address leads to Keys."), "{text}");
        page.pick("pick-files", [&snapshot]).await;
        let done = "return document.querySelector('[data-testid=key-status]')?.dataset.done === 'true'";
        page.until("keys are listed", done).await;
        assert!(page.text("key-status").await.contains(" of "), "the filter is that of the address");
        // What is opened over it begins with its verdict.
        page.drop_on("keys", [&snapshot]).await;
        page.find("total-keys").await;
        assert_eq!(page.run("return location.hash", vec![]).await, "#overview");
    })
    .await;
}

#[tokio::test]
async fn a_folder_full_of_other_things() {
    const MANY: usize = 20_000;
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    for i in 0..MANY {
        let folder = home.join(format!("{}", i / 500));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("note {i}.json")), "{}").unwrap();
    }
    let (snapshot, keys) = snapshot("redis-7.4.1/strings");
    Page::alone(async |page| {
        page.drop_on("drop", [&home]).await;
        let text = page.text("error").await;
        assert!(text.contains("None of the 20,000 files is called like a snapshot or a tape"), "{text}");
        page.click("open-another").await;

        fs::copy(&snapshot, home.join("3/dump.rdb")).unwrap();
        let mut long = Vec::new();
        for _ in 0..TRIES {
            page.watch_long_tasks().await;
            page.drop_on("drop", [&home]).await;
            assert_eq!(page.number("total-keys").await, keys);
            let note = page.text("beside").await;
            assert_eq!(
                note,
                "Of 20,001 files, 1 is called like a snapshot or a tape and opened; the other 20,000 were not looked at."
            );
            long = page.long_tasks().await;
            page.click("open-another").await;
            if long.is_empty() {
                break;
            }
        }
        assert!(long.is_empty(), "the page stood still while it listed: {long:?}");

        // All of them look like one.
        let dumps = dir.path().join("dumps");
        fs::create_dir(&dumps).unwrap();
        for i in 0..MANY {
            fs::write(dumps.join(format!("{i}.rdb")), "REDIS0011").unwrap();
        }
        page.drop_on("drop", [&dumps]).await;
        let text = page.text("error").await;
        assert!(text.contains("at most 2,000 are opened at once"), "{text}");
        assert!(!page.has("progress").await);
        page.click("open-another").await;

        // The same by the button, where the browser lists and the page only picks.
        page.pick("pick-folder", [&home]).await;
        assert_eq!(page.number("total-keys").await, keys);
        page.find("beside").await;
    })
    .await;
}

#[tokio::test]
async fn names_as_long_as_they_get() {
    let dir = tempfile::tempdir().unwrap();
    let (snapshot, _) = snapshot("redis-7.4.1/strings");
    // All that a file system allows, without a place to break; and what would be a tag, or turn the text around.
    let long = format!("{}.rdb", "x".repeat(250));
    let odd = "<b>bold\u{202e}gnp.exe & \"quotes\".rdb";
    Page::with(async |page| {
        page.view(400, 800, Scheme::Light).await;
        for name in [long.as_str(), odd] {
            let file = dir.path().join(name);
            fs::copy(&snapshot, &file).unwrap();
            page.pick("pick-files", [&file]).await;
            page.find("verdict").await;
            let views = "return [...document.querySelectorAll('.railLink')].map((link) => link.hash)";
            let views = page.run(views, vec![]).await;
            for view in views.as_array().unwrap() {
                page.run("location.hash = arguments[0]", vec![view.clone()]).await;
                page.settle().await;
                let width = page.run("return document.documentElement.scrollWidth", vec![]).await;
                assert_eq!(width, 400, "{view} is wider than the screen for {name}");
            }
            let shown = page.run("return document.querySelector('.chipSubject').textContent", vec![]).await;
            assert_eq!(shown, name);
            page.click("open-another").await;
            assert_eq!(page.run("return document.documentElement.scrollWidth", vec![]).await, 400);
        }
    })
    .await;
}
