//! Bytes and what they are.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use snaptape_e2e::Page;
use snaptape_testdata::roots;

use crate::native::case;

/// Waits until the list of spans has a chosen row of which this is true.
async fn until_chosen(page: &Page, what: &str, condition: &str) {
    let script = format!(
        "const row = document.querySelector('.byteTreeRowChosen'); return row !== null && ({condition})"
    );
    page.until(what, &script).await;
}

/// Waits until that is said of a search.
async fn until_said(page: &Page, sentence: &str) {
    let script =
        format!("return document.querySelector('[data-testid=byte-hunt]')?.textContent === '{sentence}'");
    page.until(sentence, &script).await;
}

async fn cursor(page: &Page) -> u64 {
    page.attr("byte-grid", "data-cursor").await.parse().expect("an offset")
}

/// How many bytes are shown as chosen.
async fn chosen_bytes(page: &Page) -> u64 {
    page.count(".byteCell.byteChosen").await
}

async fn press_byte(page: &Page, at: u64) {
    page.run("document.getElementById(arguments[0]).click()", vec![format!("byte-{at}").into()]).await;
}

#[tokio::test]
async fn bytes_and_structure_lead_to_each_other() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.click("nav-bytes").await;
        until_chosen(page, "the magic", "row.textContent.includes('REDIS')").await;
        assert_eq!(chosen_bytes(page).await, 5);

        // A byte leads to its span: the first byte behind the header is an opcode.
        press_byte(page, 9).await;
        until_chosen(page, "the opcode", "row.textContent.includes('opcode AUX')").await;
        assert!(page.text("span-facts").await.contains("RDB_OPCODE_AUX"));
        // A byte within a name leads to all of it.
        press_byte(page, 13).await;
        until_chosen(page, "the name", "row.dataset.start === '11' && row.dataset.end === '20'").await;
        assert_eq!(chosen_bytes(page).await, 9);

        // A span leads to its bytes.
        page.run(
            "[...document.querySelectorAll('.byteTreeRow')].find((row) => row.dataset.start === '9').click()",
            vec![],
        )
        .await;
        page.until("all of the field", "return document.querySelectorAll('.byteCell.byteChosen').length === 17")
            .await;
        page.until("the address", "return location.hash.includes('at=0.9-26')").await;

        // Hovering over one shows the other.
        let hover = "const row = [...document.querySelectorAll('.byteTreeRow')].find((row) => row.dataset.start === '0');
            row.dispatchEvent(new MouseEvent('mouseenter')); row.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));";
        page.run(hover, vec![]).await;
        page.until("the header", "return document.querySelectorAll('.byteCell.byteHover').length === 9").await;
    })
    .await;
}

#[tokio::test]
async fn a_keyboard_goes_everywhere() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.click("nav-bytes").await;
        until_chosen(page, "the magic", "true").await;
        page.run("document.getElementById('byte-grid').focus()", vec![]).await;
        page.press("\u{e015}").await;
        page.press("\u{e014}").await;
        page.until("the cursor", "return document.querySelector('.byteCursor')?.dataset.at === '17'").await;
        page.until("the address", "return location.hash.includes('at=0.17-18')").await;
        // Out of the byte into its text, into the string, into the field; and in again.
        let (escape, enter) = ("\u{e00c}", "\u{e007}");
        for (key, start, end) in
            [(escape, 11, 20), (escape, 10, 20), (escape, 9, 26), (enter, 9, 10), (escape, 9, 26)]
        {
            page.press(key).await;
            let wanted = format!("row.dataset.start === '{start}' && row.dataset.end === '{end}'");
            until_chosen(page, &wanted, &wanted).await;
        }
        // g leads to the field, and the field anywhere.
        page.press("g").await;
        page.until("the field", "return document.activeElement?.id === 'byte-place'").await;
        page.keys("byte-place", "0x56").await;
        page.click("byte-go").await;
        until_chosen(page, "the first key", "row.textContent.includes('type')").await;
        assert_eq!(cursor(page).await, 0x56);
        page.run("history.back()", vec![]).await;
        page.until("the way back", "return document.querySelector('[data-testid=byte-grid]').dataset.cursor !== '86'")
            .await;

        // The last byte is a byte of the checksum.
        page.run("document.getElementById('byte-grid').focus()", vec![]).await;
        page.run(
            "document.getElementById('byte-grid').dispatchEvent(new KeyboardEvent('keydown', { key: 'End', ctrlKey: true, bubbles: true, cancelable: true }))",
            vec![],
        )
        .await;
        until_chosen(page, "the checksum", "row.textContent.includes('CRC-64')").await;
    })
    .await;
}

#[tokio::test]
async fn bytes_are_found_and_compressed_ones_opened() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.click("nav-bytes").await;
        until_chosen(page, "the magic", "true").await;
        page.keys("byte-needle", "redis-bits").await;
        page.click("byte-find").await;
        until_chosen(page, "the text", "row.textContent.includes('redis-bits')").await;
        assert_eq!(cursor(page).await, 28);
        until_said(page, "Found at 28 (0x1c).").await;
        page.click("byte-find").await;
        until_said(page, "No further place: they stand at 28 (0x1c) only.").await;
        page.keys("byte-needle", " and no such text").await;
        page.click("byte-find").await;
        until_said(page, "Nowhere in this file.").await;

        // An LZF string: its encoding byte is looked for, then what it unpacks to.
        let found = page
            .run_async(
                "const done = arguments[arguments.length - 1];
                 fetch('samples/healthy/cache.rdb').then((answer) => answer.arrayBuffer()).then((buffer) => {
                     const bytes = new Uint8Array(buffer);
                     const long = (at) => bytes[at] >= 0x40 && bytes[at] < 0x80;
                     const at = bytes.findIndex((byte, at) => byte === 0xc3 && long(at + 1) && long(at + 3));
                     done(at < 0 ? null : at + 5);
                 });",
            )
            .await;
        let Value::Number(at) = found else { panic!("the sample has no compressed string") };
        page.hash(&format!("#bytes?at=0.{at}-{at}")).await;
        until_chosen(page, "compressed bytes", "row.textContent.includes('compressed bytes')").await;
        page.click("look-inside").await;
        page.until(
            "what it unpacks to",
            "return document.querySelector('[data-testid=byte-subject]').textContent.startsWith('What the compressed string')
                && document.querySelectorAll('.byteTreeRow').length > 0",
        )
        .await;
        assert_eq!(cursor(page).await, 0);
        page.click("byte-back").await;
        until_chosen(page, "the compressed bytes again", "row.textContent.includes('compressed bytes')").await;
    })
    .await;
}

#[tokio::test]
async fn a_search_goes_round_in_either_direction() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.click("nav-bytes").await;
        until_chosen(page, "the magic", "true").await;
        // The fields redis-ver and redis-bits stand at 11 and 28, and nothing like them behind those.
        page.keys("byte-needle", "redis-").await;
        for (key, at, said) in [
            ("\u{e007}", 11, "Found at 11 (0xb)."),
            ("\u{e007}", 28, "Found at 28 (0x1c)."),
            ("\u{e007}", 11, "Found at 11 (0xb): went on from the beginning."),
            ("\u{e008}\u{e007}", 28, "Found at 28 (0x1c): went on from the end."),
            ("\u{e008}\u{e007}", 11, "Found at 11 (0xb)."),
        ] {
            page.keys("byte-needle", key).await;
            until_said(page, said).await;
            assert_eq!(cursor(page).await, at, "{said}");
        }
        page.click("byte-find-back").await;
        until_said(page, "Found at 28 (0x1c): went on from the end.").await;
        assert_eq!(page.violations().await, []);
        // Who moves on has read it.
        press_byte(page, 3).await;
        page.gone("byte-hunt").await;
    })
    .await;
}

#[tokio::test]
async fn a_packed_file_has_the_structure_of_the_unpacked_one() {
    let plain = case("rdb", "redis-7.0.15/nocompress").path;
    let total = fs::metadata(&plain).unwrap().len();
    let containers = roots().swap_remove(0).join("containers");
    let shown = "return [document.querySelector('[data-testid=byte-grid]').textContent,
        [...document.querySelectorAll('.byteTreeRow')].map((row) => [row.dataset.start, row.dataset.end, row.dataset.kind, row.textContent].join('|')).join('\\n')]";
    Page::with(async |page| {
        let mut expected: Vec<Value> = Vec::new();
        let packed = ["dump.rdb.gz", "dump.rdb.zst", "dump.rdb.lz4", "dump.zip", "members.rdb.gz"];
        for path in [plain].into_iter().chain(packed.map(|name| containers.join(name))) {
            page.pick("pick-files", [&path]).await;
            page.find("verdict").await;
            let mut seen = Vec::new();
            // The front, the end, and in between, there and back.
            for at in [0, total - 9, total / 2, 11_000, total / 3] {
                page.hash(&format!("bytes?at=0.{at}-{}", at + 1)).await;
                let there = format!(
                    "Number(row.dataset.start) <= {at} && Number(row.dataset.end) > {at}
                        && document.querySelector('.byteCursor')?.dataset.at === '{at}'
                        && [...document.querySelectorAll('.byteCell')].every((cell) => cell.textContent !== '··')"
                );
                until_chosen(page, &format!("{at} of {}", path.display()), &there).await;
                seen.push(page.run(shown, vec![]).await);
            }
            assert!(seen[1][1].as_str().unwrap().contains("checksum"), "{}", seen[1]);
            if expected.is_empty() {
                expected = seen;
            } else {
                assert_eq!(seen, expected, "{}", path.display());
            }
            page.click("open-another").await;
        }
    })
    .await;
}

/// A gzip whose contents are so long that unpacking them takes a while: a value of `pieces` times 4 MiB between two short ones, one
/// member for each piece.
pub(crate) fn long_gzip(path: &Path, pieces: u64) -> u64 {
    let member = |bytes: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    };
    let mut text = String::new();
    for n in 0_u32.. {
        if text.len() >= 4 << 20 {
            break;
        }
        write!(text, "{:08x} goes by, ", n.wrapping_mul(0x9e37_79b1)).unwrap();
    }
    text.truncate(4 << 20);
    let piece = member(text.as_bytes());
    let long = pieces * (4 << 20);
    let head = [&b"REDIS0011\x00\x01a\x01b\x00\x04long\x81"[..], &long.to_be_bytes()].concat();
    let foot = b"\x00\x01z\x01y\xff\0\0\0\0\0\0\0\0";
    let mut file = fs::File::create(path).unwrap();
    file.write_all(&member(&head)).unwrap();
    for _ in 0..pieces {
        file.write_all(&piece).unwrap();
    }
    file.write_all(&member(foot)).unwrap();
    head.len() as u64 + long + foot.len() as u64
}

#[tokio::test]
async fn a_place_far_inside_a_packed_file_is_waited_for_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.rdb.gz");
    let total = long_gzip(&path, 192);
    let notice = "(document.querySelector('[data-testid=byte-unpacking]')?.textContent ?? '')";
    Page::with(async |page| {
        page.pick("pick-files", [&path]).await;
        page.find_within(Duration::from_mins(2), "verdict").await;
        let begun = Instant::now();
        page.hash(&format!("bytes?at=0.{}-{}", total - 9, total - 8)).await;
        page.until(
            "a word about the wait",
            &format!("return {notice}.includes('can only be read from its front')"),
        )
        .await;
        assert_eq!(page.violations().await, []);
        // It can be stopped, and goes on from there.
        page.click("byte-unpack-press").await;
        page.until("that it stopped", &format!("return {notice}.startsWith('Stopped')")).await;
        page.click("byte-unpack-press").await;
        let wait = "document.querySelector('.byteTreeRowChosen')?.textContent.includes('EOF')";
        while page.run(&format!("return {wait} === true"), vec![]).await != true {
            assert!(begun.elapsed() < Duration::from_mins(2), "it never comes");
        }
        page.gone("byte-unpacking").await;
        let whole = begun.elapsed();
        // What lies beside it comes at once, and so does the front and the end after it: all three take less than unpacking once.
        let begun = Instant::now();
        for at in [total - 3_000_000, 3, total - 9] {
            page.hash(&format!("bytes?at=0.{at}-{}", at + 1)).await;
            until_chosen(
                page,
                &format!("{at}"),
                &format!("Number(row.dataset.start) <= {at} && Number(row.dataset.end) > {at}"),
            )
            .await;
        }
        assert!(!page.has("byte-unpacking").await);
        assert!(begun.elapsed() < whole, "{:?}, not below {whole:?}", begun.elapsed());

        // A search through all of it says how far it is, and ends when it is told to: by the button, and by Esc in the field.
        for by_button in [true, false] {
            page.keys("byte-needle", "stands nowhere").await;
            page.click("byte-find").await;
            page.until(
                "how far it is",
                "const said = document.querySelector('[data-testid=byte-hunt]')?.textContent ?? '';
                 return said.startsWith('Looking: ') && !said.startsWith('Looking: 0 %')",
            )
            .await;
            if by_button {
                page.click("byte-stop").await;
            } else {
                page.keys("byte-needle", "\u{e00c}").await;
            }
            page.gone("byte-hunt").await;
        }
        // Esc meant the search alone.
        assert!(page.has("byte-grid").await);
    })
    .await;
}

#[tokio::test]
async fn a_finding_leads_to_its_bytes() {
    Page::with(async |page| {
        page.click("sample-torn").await;
        page.click("nav-integrity").await;
        page.find("findings").await;
        page.run("document.querySelector('[data-kind=truncated] [data-testid=finding-bytes], [data-testid=finding-bytes]').click()", vec![]).await;
        page.find("byte-grid").await;
        page.find("byte-finding").await;
        page.until("where the finding is", "return document.querySelectorAll('.byteCell.byteFinding').length > 0").await;
        page.until("the chosen bytes", "return document.querySelectorAll('.byteCell.byteChosen').length > 0").await;
        let hash = page.run("return location.hash", vec![]).await;
        assert!(hash.as_str().expect("text").starts_with("#bytes?at="), "{hash}");
    })
    .await;
}
