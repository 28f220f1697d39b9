//! Repairing and exporting at three sizes: a sample, 15,000 keys, five million. The page never stands still meanwhile, and what it hands
//! over is read back, by a real server where that is done soon.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use snaptape_e2e::{Browser, Page};
use snaptape_report::Verdict;
use snaptape_testdata::generated::keys_file;
use snaptape_testdata::{Server, cases, debian, roots};

use crate::native::{outcome, picked};
use crate::sizes::TRIES;

/// For five million keys on a machine that does other things, too.
const LONG: Duration = Duration::from_mins(5);

/// How many commands stand behind a snapshot before the one that is torn.
const COMMANDS: u64 = 500;

/// A snapshot of 15,000 keys that Debian's server reads, and how many they are: that of the full corpus, or as many of another kind.
fn medium() -> (PathBuf, u64) {
    let medium =
        roots().iter().flat_map(|root| cases(root, "rdb")).find(|case| case.name == "redis-6.2.5/medium");
    match medium {
        Some(case) => (case.path, case.sidecar["rdb"]["keys_in_file"].as_u64().unwrap()),
        None => (keys_file(Path::new(env!("CARGO_TARGET_TMPDIR")), 15_000), 15_000),
    }
}

/// A tape that begins with a snapshot and was cut while its last command was written; and how long what is whole of it is.
fn torn_tape(snapshot: &Path, tape: &Path) -> u64 {
    fs::copy(snapshot, tape).unwrap();
    let mut file = File::options().write(true).open(tape).unwrap();
    let mut whole = file.seek(SeekFrom::End(0)).unwrap();
    let mut commands = b"*2\r\n$6\r\nSELECT\r\n$1\r\n9\r\n".to_vec();
    for n in 0..COMMANDS {
        write!(commands, "*3\r\n$3\r\nSET\r\n$9\r\nlate:{n:04}\r\n$5\r\nvalue\r\n").unwrap();
    }
    whole += commands.len() as u64;
    commands.extend(b"*3\r\n$3\r\nSET\r\n$9\r\nlate:95");
    file.write_all(&commands).unwrap();
    whole
}

/// A copy with 64 bytes of zeros in its middle.
fn with_hole(snapshot: &Path, copy: &Path) {
    fs::copy(snapshot, copy).unwrap();
    let mut file = File::options().write(true).open(copy).unwrap();
    let middle = file.metadata().unwrap().len() / 2;
    file.seek(SeekFrom::Start(middle)).unwrap();
    file.write_all(&[0; 64]).unwrap();
}

/// Opens it, takes away the copy that is offered first, and says where that is.
async fn mend(page: &Page, path: &Path) -> PathBuf {
    let start = Instant::now();
    page.pick("pick-files", [path]).await;
    page.find_within(LONG, "verdict").await;
    assert_ne!(page.attr("verdict", "data-verdict").await, "sound");
    println!("verdict after {:.1?}", start.elapsed());
    page.hash("repair").await;
    page.click("export").await;
    page.find_within(LONG, "export-done").await;
    let name = page.attr("export-done", "data-name").await;
    assert_eq!(page.attr("receipt", "data-verdict").await, "sound", "the copy was read again");
    println!("{name} after {:.1?}", start.elapsed());
    page.downloaded(&name).await
}

/// The same without anything that holds the page up for 50 ms, in one of some tries.
async fn mend_smoothly(path: &Path, then: impl AsyncFn(&Page, &Path)) {
    let mut best = f64::INFINITY;
    for _ in 0..TRIES {
        let long = Page::alone(async |page| {
            page.watch_long_tasks().await;
            let copy = mend(page, path).await;
            page.settle().await;
            let long = page.long_tasks().await;
            println!("tasks over 50 ms: {long:?}");
            then(page, &copy).await;
            long
        })
        .await;
        best = best.min(long.into_iter().fold(0.0, f64::max));
        if best < 50.0 {
            return;
        }
    }
    panic!("{}: at best a task of {best} ms", path.display());
}

/// Keys of all databases, once Debian's server has loaded a tape. A snapshot is one as well; as such its expired keys stay.
fn served(tape: &Path) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(tape, dir.path().join("appendonly.aof")).unwrap();
    let mut server = debian().start_tape(dir.path(), false).unwrap_or_else(|failure| panic!("{failure}"));
    keys_of(&mut server)
}

/// Keys of all databases of a server.
pub(crate) fn keys_of(server: &mut Server) -> u64 {
    server.keyspace().values().map(|(keys, _)| keys).sum()
}

#[tokio::test]
async fn a_sample() {
    let files = snaptape_testdata::files(&Page::dist().join("samples/torn"));
    let dir = tempfile::tempdir().unwrap();
    let tape = files.iter().find(|(path, _)| path.ends_with("2.base.rdb")).expect("its snapshot");
    let path = dir.path().join("appendonly.aof");
    fs::write(dir.path().join("base.rdb"), &tape.1).unwrap();
    let whole = torn_tape(&dir.path().join("base.rdb"), &path);
    mend_smoothly(&path, async |_, copy| {
        assert!(fs::read(copy).unwrap() == fs::read(&path).unwrap()[..usize::try_from(whole).unwrap()]);
    })
    .await;
}

#[tokio::test]
async fn fifteen_thousand_keys_of_a_torn_tape() {
    let (snapshot, keys) = medium();
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("appendonly.aof");
    let whole = torn_tape(&snapshot, &tape);
    mend_smoothly(&tape, async |_, copy| {
        assert!(fs::read(copy).unwrap() == fs::read(&tape).unwrap()[..usize::try_from(whole).unwrap()]);
        assert_eq!(served(copy), keys + COMMANDS);
    })
    .await;
}

#[tokio::test]
async fn fifteen_thousand_keys_with_a_hole() {
    let (snapshot, keys) = medium();
    let dir = tempfile::tempdir().unwrap();
    let damaged = dir.path().join("dump.rdb");
    with_hole(&snapshot, &damaged);
    let kept = outcome(&[picked(&damaged)]).plans[0].keys_kept;
    assert!((keys - 100..keys).contains(&kept), "{kept} of {keys}");
    mend_smoothly(&damaged, async |_, copy| {
        let read = outcome(&[picked(copy)]).report;
        assert_eq!((read.verdict, read.dataset.unwrap().totals.keys), (Verdict::Sound, kept));
        assert_eq!(served(copy), kept);
    })
    .await;
}

const MANY: u64 = 5_000_000;

/// Five million keys at the head of a torn tape, and how long what is whole of it is.
fn many(folder: &Path) -> (PathBuf, u64) {
    let tape = folder.join("appendonly.aof");
    let whole = torn_tape(&keys_file(Path::new(env!("CARGO_TARGET_TMPDIR")), MANY), &tape);
    (tape, whole)
}

/// Is the copy what stands first in the other one, byte for byte?
fn assert_begins(copy: &Path, tape: &Path, whole: u64) {
    let mut files = [copy, tape].map(|path| File::open(path).unwrap().take(whole));
    assert_eq!(copy.metadata().unwrap().len(), whole);
    let mut buffers = [(); 2].map(|()| vec![0; 1 << 20]);
    for at in (0..whole).step_by(1 << 20) {
        let [first, second] = [0, 1].map(|i| files[i].read(&mut buffers[i]).unwrap());
        assert!(first > 0 && buffers[0][..first] == buffers[1][..second], "they differ behind {at}");
    }
}

/// This is also where the page is watched while it reads that many.
#[tokio::test]
async fn five_million_keys() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (tape, whole) = many(dir.path());
    mend_smoothly(&tape, async |page, copy| {
        assert_begins(copy, &tape, whole);
        page.hash("overview").await;
        assert_eq!(page.number("total-keys").await, MANY);
    })
    .await;
}

#[tokio::test]
async fn in_firefox_too() {
    let (snapshot, keys) = medium();
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let medium = dir.path().join("medium.aof");
    torn_tape(&snapshot, &medium);
    let (many, whole) = many(dir.path());
    Page::within(Browser::Firefox, async |page| {
        assert_eq!(served(&mend(page, &medium).await), keys + COMMANDS);
        page.click("open-another").await;

        assert_begins(&mend(page, &many).await, &many, whole);
        page.hash("overview").await;
        assert_eq!(page.number("total-keys").await, MANY);
    })
    .await;
}

#[tokio::test]
async fn five_million_keys_with_a_hole() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let damaged = dir.path().join("dump.rdb");
    with_hole(&keys_file(Path::new(env!("CARGO_TARGET_TMPDIR")), MANY), &damaged);
    mend_smoothly(&damaged, async |page, copy| {
        let kept = "return Number(document.querySelector('[data-plan]').dataset.keys)";
        let kept = page.run(kept, vec![]).await.as_u64().unwrap();
        assert!((MANY - 100..MANY + 100).contains(&kept), "{kept}");
        page.click("open-another").await;
        page.pick("pick-files", [copy]).await;
        page.find_within(LONG, "verdict").await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("total-keys").await, kept);
    })
    .await;
}
