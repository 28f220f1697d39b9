//! A newcomer with nothing but the page: two questions, and how many clicks and seconds they take.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use snaptape_e2e::Page;
use snaptape_report::{KeyName, Verdict};
use snaptape_testdata::{Keyspace, Server, StartFailure, debian, files, programs, recorded_keyspace};

use crate::native::{case, outcome};
use crate::repair::unzip;

/// What can be seen without scrolling.
const IN_SIGHT: &str = "
    const seen = (element) => { const box = element.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight && box.height > 0; };
    return [...document.querySelectorAll(arguments[0])].filter(seen).map((element) => element.textContent);";

/// A directory of a tape, as files.
type Directory = [(String, Vec<u8>)];

/// The engine calls it sound, and a real server of the release that wrote it, where there is one, holds what the engine says it will.
fn assert_loads(tape: &Directory) {
    let native = outcome(tape);
    assert_eq!(native.report.verdict, Verdict::Sound);
    let keys = &native.check.loads.strict.keys;
    assert!(keys.iter().map(|database| database.keys_min).sum::<u64>() > 1_000, "{keys:?}");
    // Debian's is older than the sample, and refuses its snapshot for that.
    for program in programs() {
        let (product, version) = program.version();
        if product != "redis" || version < vec![7, 4] {
            continue;
        }
        let served = serve(tape, |dir| program.start_tape(dir, false));
        println!("{} holds {served:?}", program.release);
        assert_eq!(served.len(), keys.len(), "{}", program.release);
        for database in keys {
            let (found, _) = served[&database.db];
            assert!(
                (database.keys_min..=database.keys_max).contains(&found),
                "{}: {found} of {database:?}",
                program.release
            );
        }
    }
}

/// What a server holds that was started on these files.
fn serve(tape: &Directory, start: impl FnOnce(&Path) -> Result<Server, StartFailure>) -> Keyspace {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in tape {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    start(dir.path()).unwrap_or_else(|failure| panic!("{failure}")).keyspace()
}

/// From the verdict to the copy: the files of its directory.
async fn take_away_copy(page: &Page, click: &impl AsyncFn(&str)) -> Vec<(String, Vec<u8>)> {
    page.find("verdict").await;
    assert!(in_sight(page, "nav a").await.contains("Repair"));
    click("nav-repair").await;
    page.find("plans").await;
    click("export").await;
    let copy = page.attr("export-done", "data-name").await;
    let copies = unzip(&page.download(&copy).await).into_iter();
    page.forget_download(&copy);
    copies.filter(|(path, _)| path.starts_with("appendonlydir/")).collect()
}

async fn in_sight(page: &Page, css: &str) -> String {
    page.settle().await;
    page.run(IN_SIGHT, vec![css.into()]).await.to_string()
}

#[tokio::test]
async fn the_key_that_eats_most_memory_and_a_tape_that_loads_again() {
    let bigkey = outcome(&files(&Page::dist().join("samples/bigkey")));
    let biggest = &bigkey.report.dataset.as_ref().unwrap().biggest[0];
    let KeyName::Text { key: name } = &biggest.name else { panic!("{:?}", biggest.name) };
    Page::with(async |page| {
        let clicks = Cell::new(0);
        let click = async |id: &str| {
            clicks.set(clicks.get() + 1);
            page.click(id).await;
        };

        // Sample two: its name says what is in it, and the first screen names the key.
        let start = Instant::now();
        click("sample-bigkey").await;
        page.find("verdict").await;
        let seen = in_sight(page, "main li, main tr").await;
        assert!(seen.contains(name), "{name} is not in sight: {seen}");
        assert!(
            clicks.get() == 1 && start.elapsed() < Duration::from_mins(1),
            "{clicks:?}, {:?}",
            start.elapsed()
        );
        println!("the biggest key: {} click, {:?}", clicks.get(), start.elapsed());
        page.click("open-another").await;

        // Sample three: repair is on the rail, its best plan is chosen already.
        clicks.set(0);
        let start = Instant::now();
        click("sample-torn").await;
        let tape = take_away_copy(page, &click).await;
        assert_eq!(tape.len(), 4);
        assert_loads(&tape);
        assert!(
            clicks.get() <= 3 && start.elapsed() < Duration::from_mins(1),
            "{clicks:?}, {:?}",
            start.elapsed()
        );
        println!("a tape that loads: {} clicks, {:?}", clicks.get(), start.elapsed());
        page.click("open-another").await;

        // The same with a tape that Debian's server wrote: there it starts, strict as it can be, and holds what it held.
        let torn = case("aof-damaged", "redis-7.0.15/multi-incr--truncated-last-incr");
        page.drop_on("drop", [torn.path.join("appendonlydir")]).await;
        let tape = take_away_copy(page, &click).await;
        let before = recorded_keyspace(&torn.sidecar["server, aof-load-truncated yes"]["keyspace"]);
        assert_eq!(serve(&tape, |dir| debian().start_tape(dir, false)), before);
    })
    .await;
}
