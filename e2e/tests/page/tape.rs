//! The tape: its chart, its commands, and the ways to take one back.

use std::fs;

use snaptape_e2e::Page;
use snaptape_engine::in_memory;
use snaptape_report::Plan;

use crate::native::outcome;

/// The sample with the FLUSHALL, as the page gets it.
fn flushall() -> Vec<(String, Vec<u8>)> {
    let folder = Page::dist().join("samples/flushall/appendonlydir");
    ["appendonly.aof.manifest", "appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof"]
        .map(|name| (format!("appendonlydir/{name}"), fs::read(folder.join(name)).unwrap()))
        .into()
}

/// What a plan makes of the file whose name ends like this.
fn carried_out(plan: &Plan, inputs: &[(String, Vec<u8>)], name: &str) -> Vec<u8> {
    let output = plan.outputs.iter().find(|output| output.name.ends_with(name)).expect("it is in the plan");
    let source = inputs.iter().find(|(path, _)| *path == output.source);
    in_memory(output, source.map_or(&[], |(_, bytes)| bytes)).unwrap()
}

async fn open_tape(page: &Page) {
    page.click("sample-flushall").await;
    page.find("verdict").await;
    page.hash("tape").await;
    page.find("commands").await;
}

/// Waits until the row the list is on has these words, and returns its offset.
async fn until_active(page: &Page, words: &str) -> u64 {
    let row = "const row = document.querySelector('.commandRowActive[data-offset]');";
    page.until(words, &format!("{row} return !!row && row.textContent.includes('{words}')")).await;
    let offset = page.run(&format!("{row} return Number(row.dataset.offset)"), vec![]).await;
    offset.as_u64().unwrap()
}

#[tokio::test]
async fn what_destroyed_something_comes_first() {
    let native = outcome(&flushall());
    let tape = native.report.tape.unwrap();
    let event = &tape.destructive[0];
    Page::with(async |page| {
        open_tape(page).await;
        let title = page.run("return document.querySelector('h1').textContent", vec![]).await;
        let title = title.as_str().unwrap();
        assert!(title.contains("FLUSHALL") && title.contains(&event.what()), "{title}");
        let rows = page.count("[data-testid=tape-events] tbody tr").await;
        assert_eq!(rows, tape.destructive.len() as u64);
        // The list of commands begins there, and so does what can be done about it.
        assert_eq!(until_active(page, "FLUSHALL").await, event.offset);
        page.find("command").await;
        assert_eq!(page.attr("command", "data-offset").await, event.offset.to_string());
    })
    .await;
}

#[tokio::test]
async fn the_chart_has_a_cursor_and_a_table() {
    let native = outcome(&flushall());
    let tape = native.report.tape.unwrap();
    Page::with(async |page| {
        open_tape(page).await;
        let bars = page.attr("writes-chart", "aria-valuemax").await;
        assert_eq!(page.count("[data-testid=writes-table] tbody tr").await.to_string(), bars);
        // Every command that has a time is in the table once.
        let sum = "return [...document.querySelectorAll('[data-testid=writes-table] tbody tr')]
            .map((row) => Number(row.cells[1].textContent.replaceAll(',', ''))).reduce((a, b) => a + b, 0)";
        let untimed = tape.times.as_ref().unwrap().untimed_commands;
        assert_eq!(page.run(sum, vec![]).await, tape.commands - untimed);

        page.keys("writes-chart", "\u{e011}").await;
        assert!(page.attr("writes-chart", "aria-valuetext").await.contains(" commands, "));
        assert_eq!(page.attr("writes-chart", "aria-valuenow").await, "1");
        page.keys("writes-chart", "\u{e014}\u{e014}").await;
        assert_eq!(page.attr("writes-chart", "aria-valuenow").await, "3");
        // Enter lists the commands of the bar.
        let from = page
            .run(
                "return document.querySelectorAll('[data-testid=writes-table] tbody th')[2].textContent",
                vec![],
            )
            .await;
        let clock = from.as_str().unwrap().split(' ').nth(1).unwrap().to_owned();
        page.keys("writes-chart", "\u{e007}").await;
        until_active(page, &clock).await;

        // Over the offsets all commands are drawn.
        page.click("axis-offset").await;
        page.until("the other axis", &format!("{sum} === {}", tape.commands)).await;
        assert_eq!(page.run("return location.hash", vec![]).await, "#tape?over=offset");
    })
    .await;
}

#[tokio::test]
async fn the_list_goes_to_offsets_times_and_numbers() {
    let inputs = flushall();
    let native = outcome(&inputs);
    let tape = native.report.tape.unwrap();
    let event = &tape.destructive[0];
    Page::with(async |page| {
        open_tape(page).await;
        until_active(page, "FLUSHALL").await;
        let go = async |words: &str| {
            page.run("document.getElementById('command-place').value = arguments[0]", vec![words.into()])
                .await;
            page.click("command-go").await;
        };
        // The number is shown from 1 on.
        go("#1").await;
        let first = inputs[2].1.windows(4).position(|bytes| bytes == b"*2\r\n").unwrap() as u64;
        assert_eq!(until_active(page, "SELECT").await, first, "behind the first time stamp");
        go(&format!("#{}", event.commands_before + 1)).await;
        assert_eq!(until_active(page, "FLUSHALL").await, event.offset);
        go("#3488").await;
        let last = page
            .run("return Number(document.querySelector('[data-testid=commands]').dataset.first)", vec![])
            .await;
        assert_eq!(last.as_u64().unwrap() + 18, tape.commands, "the end is at the bottom");
        go(&format!("0x{:x}", event.offset)).await;
        assert_eq!(until_active(page, "FLUSHALL").await, event.offset);
        go("#1").await;
        until_active(page, "SELECT").await;
        go(&snaptape_report::units::time_s(event.time_s.unwrap())).await;
        until_active(page, &snaptape_report::units::time_s(event.time_s.unwrap())[11..19]).await;
        go("luck").await;
        assert!(page.text("command-wrong").await.contains("is no place"));

        // The keyboard goes on from there; the panel shows the whole command.
        go("#1").await;
        until_active(page, "SELECT").await;
        page.keys("commands", "\u{e015}").await;
        page.until("the second row", "return document.querySelector('.commandRowActive').id === 'command-1'")
            .await;
        page.keys("commands", "\u{e010}").await;
        page.until(
            "the last row",
            &format!(
                "return document.querySelector('.commandRowActive[data-offset]')?.id === 'command-{}'",
                tape.commands - 1
            ),
        )
        .await;
        page.keys("commands", "\u{e007}").await;
        assert_eq!(page.run("return document.activeElement.id", vec![]).await, "command-panel");
    })
    .await;
}

#[tokio::test]
async fn the_list_is_filtered() {
    let inputs = flushall();
    let native = outcome(&inputs);
    let tape = native.report.tape.unwrap();
    let hsets = tape.by_name.iter().find(|row| row.name == "HSET").unwrap().commands;
    Page::with(async |page| {
        open_tape(page).await;
        let filter = async |words: &str| {
            page.run("document.getElementById('command-filter').value = arguments[0]", vec![words.into()]).await;
            page.click("command-search").await;
            page.until(words, "return document.querySelector('[data-testid=command-status]')?.dataset.search === 'finished'").await;
        };
        filter("name:hset").await;
        assert_eq!(page.number("command-status").await, hsets);
        assert_eq!(page.attr("commands", "data-rows").await, hsets.to_string());
        let names = "return [...document.querySelectorAll('.commandName')].every((name) => name.textContent === 'HSET')";
        assert_eq!(page.run(names, vec![]).await, true);
        filter("key:board:*").await;
        let boards = page.number("command-status").await;
        let listed = tape.patterns.listed.iter().find(|row| row.pattern == "board:{int}").unwrap();
        assert_eq!(boards, listed.commands);
        filter("db:1").await;
        assert_eq!(page.number("command-status").await, tape.databases[1].commands);
        filter("name:hset db:1 no-such-text").await;
        assert_eq!(page.number("command-status").await, 0);

        page.run("document.getElementById('command-filter').value = 'db:x'", vec![]).await;
        page.click("command-search").await;
        assert!(page.text("command-wrong").await.contains("db:0"));
        page.click("command-all").await;
        page.until("all of them", &format!("return document.querySelector('[data-testid=commands]').dataset.rows === '{}'", tape.commands)).await;
        // A slash leads to the filter.
        page.run("document.activeElement.blur()", vec![]).await;
        page.press("/").await;
        assert_eq!(page.run("return document.activeElement.id", vec![]).await, "command-filter");
    })
    .await;
}

/// Higher than a browser lays anything out: the scroll bar stands for all of it all the same.
#[tokio::test]
async fn a_million_commands_scroll() {
    const COMMANDS: u64 = 1_000_000;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("appendonly.aof");
    fs::write(&path, "*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n".repeat(usize::try_from(COMMANDS).unwrap())).unwrap();
    let len = fs::metadata(&path).unwrap().len() / COMMANDS;
    Page::with(async |page| {
        page.pick("pick-files", [&path]).await;
        page.find("verdict").await;
        page.hash("tape").await;
        page.find("commands").await;
        let shown = async |what: &str, test: &str| {
            let rows = "const rows = [...document.querySelectorAll('.commandRow[data-offset]')]
                .map((row) => [Number(row.id.slice(8)), Number(row.dataset.offset)]);";
            // Every row that is shown is the one its number says.
            let right = format!("rows.length === 18 && rows.every(([n, at]) => at === n * {len})");
            page.until(what, &format!("{rows} return {right} && {test}")).await;
        };
        shown("the first rows", "rows[0][0] === 0").await;
        let scroller = "const list = document.querySelector('.rowScroller');";
        let height =
            page.run(&format!("{scroller} return list.scrollHeight"), vec![]).await.as_u64().unwrap();
        assert!((1_000_000..15_000_000).contains(&height), "{height} px");
        page.run(&format!("{scroller} list.scrollTop = (list.scrollHeight - list.clientHeight) / 2"), vec![])
            .await;
        shown("the middle", "Math.abs(rows[0][0] - 500_000) < 1_000").await;
        let middle =
            page.run("return Number(document.querySelector('[data-testid=commands]').dataset.first)", vec![]);
        let middle = middle.await.as_u64().unwrap();
        // A turn of the wheel goes a few rows, not thousands.
        let wheel =
            "list.dispatchEvent(new WheelEvent('wheel', { deltaY: 104, bubbles: true, cancelable: true }))";
        page.run(&format!("{scroller} {wheel}"), vec![]).await;
        shown("four rows on", &format!("rows[0][0] === {}", middle + 4)).await;
        page.run(&format!("{scroller} list.scrollTop = list.scrollHeight"), vec![]).await;
        shown("the end", &format!("rows[17][0] === {}", COMMANDS - 1)).await;
        page.keys("commands", "\u{e011}").await;
        shown("the first rows again", "rows[0][0] === 0").await;
    })
    .await;
}

/// What comes out is what the engine says for the same choice, carried out natively.
#[tokio::test]
async fn one_command_is_taken_back() {
    let inputs = flushall();
    let native = outcome(&inputs);
    Page::with(async |page| {
        for (button, name) in [("without", "without"), ("before", "before")] {
            open_tape(page).await;
            until_active(page, "FLUSHALL").await;
            page.find("command").await;
            page.run(
                &format!("document.querySelector('[data-testid=command] [data-testid={button}]').click()"),
                vec![],
            )
            .await;
            page.until("the plan", &format!("return location.hash.startsWith('#repair?plan={name}')")).await;
            page.until(
                "its details",
                &format!(
                    "return document.querySelector('[data-testid=plan-details]')?.dataset.plan === '{name}'"
                ),
            )
            .await;
            let export = format!("document.querySelector('[data-plan={name}] button').click()");
            page.run(&export, vec![]).await;
            let file = page.attr("export-done", "data-name").await;
            let zip = page.download(&file).await;
            let plan = native.plans.iter().find(|plan| plan.name == name).expect("the engine has it");
            let copies = super::repair::unzip(&zip);
            for output in &plan.outputs {
                let last = output.name.rsplit('/').next().unwrap();
                let copy = &copies[&format!("appendonlydir/{last}")];
                assert_eq!(*copy, carried_out(plan, &inputs, last), "{name}: {last}");
            }
            page.forget_download(&file);
            page.click("open-another").await;
        }
    })
    .await;
}

#[tokio::test]
async fn narrow_screens_do_not_scroll_sideways() {
    Page::with(async |page| {
        page.view(400, 800, snaptape_e2e::Scheme::Light).await;
        for (sample, views) in [("flushall", ["tape", "repair"]), ("torn", ["tape", "repair"])] {
            page.click(&format!("sample-{sample}")).await;
            page.find("nav-tape").await;
            for view in views {
                page.hash(view).await;
                page.settle().await;
                let wide =
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
                assert_eq!(page.run(wide, vec![]).await, 0, "{sample} {view}");
            }
            page.click("open-another").await;
        }
    })
    .await;
}
