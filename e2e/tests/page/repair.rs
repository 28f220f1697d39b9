//! Taking a repaired copy away.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};

use snaptape_e2e::Page;
use snaptape_report::{PlanReport, Verdict, units};
use snaptape_testdata::{files, sha256};
use zip::ZipArchive;

use crate::native::{case, outcome, picked};

/// Exports what the page offers first, and returns name and bytes of the download.
async fn export(page: &Page) -> (String, Vec<u8>) {
    export_by(page, "export").await
}

/// Exports by the button with this `data-testid`.
async fn export_by(page: &Page, button: &str) -> (String, Vec<u8>) {
    page.hash("repair").await;
    page.click(button).await;
    let name = page.attr("export-done", "data-name").await;
    assert_eq!(page.attr("receipt", "data-verdict").await, "sound", "the copy was read again");
    let bytes = page.download(&name).await;
    (name, bytes)
}

#[tokio::test]
async fn a_single_file_becomes_what_the_check_tool_makes_of_it() {
    let names = [
        "redis-7.0.15/plain--exec-missing",
        "redis-7.0.15/plain--truncated-in-header",
        "redis-7.0.15/plain--truncated-in-multi-mid-command",
        "redis-7.0.15/preamble--truncated-mid-command",
        "valkey-9.1.2/plain--truncated-in-multi-mid-command",
    ];
    Page::with(async |page| {
        for name in names {
            let case = case("aof-damaged", name);
            let input = fs::read(&case.path).ok();
            let path = if input.is_some() { case.path.clone() } else { case.path.join("appendonly.aof") };
            let before = fs::read(&path).unwrap();
            page.pick("pick-files", [&path]).await;
            assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable", "{name}");
            page.hash("repair").await;
            // The check tool cuts; where more can be kept, that is not what is offered first.
            page.find("plans").await;
            let first = page
                .run("return document.querySelector('[data-testid=plans] tbody tr').dataset.plan", vec![]);
            let button = if first.await == "truncate" { "export" } else { "export-truncate" };
            let (copy_name, copy) = export_by(page, button).await;
            assert_eq!(copy_name, "appendonly.repaired.aof", "{name}");
            let fixed = case.sidecar["check_aof_fix"]["files_after"].as_object().unwrap();
            let fixed = fixed["appendonly.aof"]["sha256"].as_str().unwrap();
            assert_eq!(sha256(&copy), fixed, "{name}: not the bytes that --fix leaves");
            assert_eq!(fs::read(&path).unwrap(), before, "{name}: the input was touched");
            page.forget_download(&copy_name);
            page.click("open-another").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_directory_becomes_a_zip_of_all_its_files() {
    let case = case("aof-damaged", "redis-7.0.15/multi-incr--truncated-last-incr");
    let folder = case.path.join("appendonlydir");
    Page::with(async |page| {
        page.drop_on("drop", [&folder]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable");
        let (name, zip) = export(page).await;
        assert_eq!(name, "appendonlydir.repaired.zip");
        let mut copies = unzip(&zip);

        // Every file is what the check tool leaves of it, and none is missing.
        let fixed = case.sidecar["check_aof_fix"]["files_after"].as_object().unwrap();
        assert_eq!(fixed.len(), 5);
        for (path, file) in fixed {
            let copy = copies
                .remove(path)
                .unwrap_or_else(|| panic!("{path} is not in the zip: {:?}", copies.keys()));
            assert_eq!(sha256(&copy), file["sha256"].as_str().unwrap(), "{path}");
        }
        // What else is in it names the sums of those files, for `sha256sum -c`.
        let sums = copies.remove("SHA256SUMS").expect("the zip brings its check sums");
        let sums = String::from_utf8(sums).unwrap();
        for (path, file) in fixed {
            let line = format!("{}  {path}", file["sha256"].as_str().unwrap());
            assert!(sums.lines().any(|found| found == line), "{line} is not in {sums}");
        }
        // And the receipt, as the command line prints it.
        let receipt = copies.remove("receipt.json").expect("the zip brings its receipt");
        let receipt: PlanReport = serde_json::from_slice(&receipt).expect("a document");
        assert_eq!(receipt.schema, snaptape_report::REPAIR_SCHEMA);
        assert_eq!(receipt.verdict, Verdict::Recoverable);
        let proofs = receipt.receipt.expect("it was carried out");
        assert_eq!((proofs.verdict, proofs.outputs.len()), (Verdict::Sound, fixed.len()));
        assert!(copies.is_empty(), "{:?}", copies.keys());
    })
    .await;
}

#[tokio::test]
async fn the_torn_sample_can_be_repaired_and_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    Page::with(async |page| {
        page.click("sample-torn").await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable");
        let kept = page.number("tape-commands").await;
        let (_, zip) = export(page).await;
        for (path, bytes) in unzip(&zip) {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        assert_eq!(files(&dir.path().join("appendonlydir")).len(), 4);
        page.click("open-another").await;
        page.drop_on("drop", [dir.path().join("appendonlydir")]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("tape-commands").await, kept);
    })
    .await;
}

/// The browser's own store stands in for a folder of the user's: no script may choose one of those.
const OWN_FOLDER: &str = "
    window.showDirectoryPicker = async () => {
        const root = await navigator.storage.getDirectory();
        return root.getDirectoryHandle('copy', { create: true });
    };";

/// Every file below that folder: path, length, SHA-256.
const LIST_FOLDER: &str = "
    const done = arguments[0];
    const found = [];
    const walk = async (folder, prefix) => {
        for await (const [name, handle] of folder.entries()) {
            if (handle.kind === 'directory') { await walk(handle, prefix + name + '/'); continue; }
            const bytes = await (await handle.getFile()).arrayBuffer();
            const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
            found.push([prefix + name, [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')]);
        }
    };
    navigator.storage.getDirectory()
        .then((root) => root.getDirectoryHandle('copy'))
        .then((folder) => walk(folder, ''))
        .then(() => done(found));";

#[tokio::test]
async fn a_directory_is_written_into_an_empty_folder_only() {
    let case = case("aof-damaged", "redis-7.0.15/multi-incr--truncated-last-incr");
    let folder = case.path.join("appendonlydir");
    Page::with(async |page| {
        page.run(OWN_FOLDER, vec![]).await;
        page.drop_on("drop", [&folder]).await;
        page.find("verdict").await;
        page.hash("repair").await;
        page.click("export-folder").await;
        assert_eq!(page.attr("export-done", "data-name").await, "copy");
        assert_eq!(page.attr("receipt", "data-verdict").await, "sound");
        let written = page.run_async(LIST_FOLDER).await;
        let mut written: BTreeMap<String, String> = serde_json::from_value(written)
            .map(|list: Vec<(String, String)>| list.into_iter().collect())
            .unwrap();
        let fixed = case.sidecar["check_aof_fix"]["files_after"].as_object().unwrap();
        for (path, file) in fixed {
            assert_eq!(written.remove(path).as_deref(), file["sha256"].as_str(), "{path}");
        }
        assert_eq!(written.into_keys().collect::<Vec<_>>(), ["SHA256SUMS", "receipt.json"]);

        // Now there is something in it: whatever that is, it stays as it is.
        page.click("open-another").await;
        page.drop_on("drop", [&folder]).await;
        page.find("verdict").await;
        page.hash("repair").await;
        page.click("export-folder").await;
        assert!(page.text("error").await.contains("is not empty"), "{}", page.text("error").await);
    })
    .await;
}

/// A tape with a hole of 37 bytes: what is behind it is kept, and the copy is sound when it is opened again.
#[tokio::test]
async fn a_tape_with_a_hole_keeps_what_is_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let sample = Page::dist().join("samples/flushall/appendonlydir/appendonly.aof.1.incr.aof");
    let mut tape = fs::read(sample).unwrap();
    tape[100_000..100_037].fill(0);
    let path = dir.path().join("appendonly.aof");
    fs::write(&path, &tape).unwrap();
    let native = outcome(&[picked(&path)]);
    let plan = |name: &str| native.plans.iter().find(|plan| plan.name == name).expect("it is offered");
    let (salvage, truncate) = (plan("salvage"), plan("truncate"));
    assert!(salvage.commands_kept > truncate.commands_kept + 1_000, "{} commands", salvage.commands_kept);
    Page::with(async |page| {
        page.pick("pick-files", [&path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "damaged");
        page.hash("repair").await;
        page.find("plans").await;
        // The best one is first, and is called so; what it saves is said aloud.
        let rows = "return [...document.querySelectorAll('[data-testid=plans] tbody tr')].map((row) => row.dataset.plan)";
        let names: Vec<&str> = native.plans.iter().map(|plan| plan.name.as_str()).collect();
        assert_eq!(page.run(rows, vec![]).await, serde_json::json!(names));
        let best = page.run("return document.querySelector('.planBest').closest('tr').dataset.plan", vec![]).await;
        assert_eq!(best, native.plans[0].name);
        let more = units::count(salvage.commands_kept - truncate.commands_kept);
        let aloud = page.text("compared").await;
        assert!(aloud.contains(&format!("keeps {more} commands more than \"truncate\"")), "{aloud}");
        // Another plan is looked at by its link, and stays in the address.
        page.run("document.querySelector('[data-plan=truncate] a').click()", vec![]).await;
        page.until("its details", "return document.querySelector('[data-testid=plan-details]').dataset.plan === 'truncate'").await;
        assert_eq!(page.run("return location.hash", vec![]).await, "#repair?plan=truncate");
        page.click("place-container").await;
        assert!(page.text("put-in-place").await.contains("docker cp"));

        let (_, copy) = export(page).await;
        page.click("save-receipt").await;
        let receipt: PlanReport = serde_json::from_slice(&page.download("receipt.json").await).unwrap();
        assert_eq!(receipt.plan.name, native.plans[0].name);
        let path = dir.path().join("salvaged.aof");
        fs::write(&path, copy).unwrap();
        page.click("open-another").await;
        page.pick("pick-files", [&path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("tape-commands").await, native.plans[0].commands_kept);
    })
    .await;
}

/// The plan that the checksum makes possible gives back the very file that was damaged.
#[tokio::test]
async fn a_snapshot_with_one_wrong_byte_becomes_what_it_was() {
    Page::with(async |page| {
        for name in ["redis-7.4.1/collections--type-unknown", "valkey-9.1.2/expires--flipped-in-value"] {
            let case = case("rdb-damaged", name);
            page.pick("pick-files", [&case.path]).await;
            assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable", "{name}");
            let (copy_name, copy) = export(page).await;
            assert_eq!(sha256(&copy), case.sidecar["good_sha256"].as_str().unwrap(), "{name}");
            page.forget_download(&copy_name);
            page.click("open-another").await;
        }
    })
    .await;
}

/// What is salvaged in the page is what `snaptape repair` writes, checksum included, and is sound when it is opened again.
#[tokio::test]
async fn a_snapshot_with_a_hole_is_salvaged() {
    let case = case("rdb-damaged", "redis-7.4.1/collections--key-length-64");
    let dir = tempfile::tempdir().unwrap();
    Page::with(async |page| {
        page.pick("pick-files", [&case.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "damaged");
        let (_, copy) = export(page).await;
        let path = dir.path().join("salvaged.rdb");
        fs::write(&path, copy).unwrap();
        page.click("open-another").await;
        page.pick("pick-files", [&path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("total-keys").await, 19);
    })
    .await;
}

pub(crate) fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).expect("a file");
            let mut content = Vec::new();
            file.read_to_end(&mut content).expect("it unpacks, and its CRC is right");
            (file.name().expect("a name").into_owned(), content)
        })
        .collect()
}
