//! One key: what the page shows of it is what is in the file.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use snaptape_e2e::Page;
use snaptape_testdata::{cases, roots};
use tempfile::TempDir;

use crate::bytes::long_gzip;

/// Members of the big set.
const MEMBERS: u64 = 1_000_000;

/// A snapshot put together by hand, and where its keys begin.
struct Made {
    bytes: Vec<u8>,
    offsets: Vec<usize>,
}

impl Made {
    fn len(&mut self, n: usize) {
        self.bytes.push(0x80);
        self.bytes.extend(u32::try_from(n).unwrap().to_be_bytes());
    }

    fn text(&mut self, text: &[u8]) {
        self.len(text.len());
        self.bytes.extend_from_slice(text);
    }

    fn key(&mut self, type_byte: u8, name: &str) {
        self.offsets.push(self.bytes.len());
        self.bytes.push(type_byte);
        self.text(name.as_bytes());
    }
}

fn made() -> Made {
    let mut made = Made { bytes: b"REDIS0009\xfe\x00".to_vec(), offsets: vec![] };
    made.key(4, "user:1");
    made.len(2);
    for text in [&b"name"[..], b"Ada", b"profile", br#"{"langs":["en","fr"],"admin":true}"#] {
        made.text(text);
    }
    made.key(5, "sicily");
    made.len(2);
    for (member, score) in
        [(&b"Palermo"[..], 3_479_099_956_230_698_f64), (b"Catania", 3_479_447_370_796_909.0)]
    {
        made.text(member);
        made.bytes.extend(score.to_le_bytes());
    }
    made.key(0, "packed");
    // gzip of {"a":[1,2]}, by Python.
    made.text(b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xab\x56\x4a\x54\xb2\x8a\x36\xd4\x31\x8a\xad\x05\0\x84\xdb\xd6\x17\x0b\0\0\0");
    made.key(0, "visitors");
    // Three registers of 1, the others 0.
    made.text(b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x82\x7f\xfc");
    made.key(2, "everybody");
    made.len(usize::try_from(MEMBERS).unwrap());
    for n in 0..MEMBERS {
        made.text(format!("member:{n:07}").as_bytes());
    }
    made.bytes.push(0xff);
    made.bytes.extend([0; 8]);
    made
}

fn file(made: &Made) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.rdb");
    fs::write(&path, &made.bytes).unwrap();
    (folder, path)
}

async fn until_rows(page: &Page, first: u64) {
    let script = format!(
        "const box = document.querySelector('[data-testid=key-elements]');
        const row = box && box.querySelector('tbody tr');
        return !!row && box.dataset.waits === 'false' && row.dataset.index === '{first}';"
    );
    page.until(&format!("the page of element {first}"), &script).await;
}

async fn show(page: &Page, made: &Made, key: usize, type_name: &str) {
    page.hash(&format!("key?key=0.{}", made.offsets[key])).await;
    let script = format!(
        "const view = document.querySelector('[data-testid=key]'); return !!view && view.dataset.type === '{type_name}'
            && !document.querySelector('[data-waits=true]');"
    );
    page.until(type_name, &script).await;
}

#[tokio::test]
async fn a_set_of_a_million_is_paged_and_searched() {
    let made = made();
    let (_folder, path) = file(&made);
    Page::with(async |page| {
        page.pick("pick-files", [&path]).await;
        page.find("verdict").await;
        show(page, &made, 4, "set").await;
        until_rows(page, 0).await;
        assert_eq!(page.text("key-name").await, "everybody");
        page.click("key-next").await;
        until_rows(page, 100).await;
        page.click("key-last").await;
        until_rows(page, MEMBERS - 100).await;
        assert!(page.text("key-rows").await.contains("member:0999999"));
        assert!(!page.has("key-next").await);
        page.run("document.getElementById('key-jump').value = '500,001'", vec![]).await;
        page.click("key-jump-go").await;
        until_rows(page, 500_000).await;
        assert!(page.text("key-rows").await.contains("member:0500000"));
        page.run("document.getElementById('key-find').value = 'MEMBER:0777'", vec![]).await;
        page.click("key-find-go").await;
        until_rows(page, 777_000).await;
        assert!(page.text("key-status").await.starts_with("1,000 matches"));
        // Memory adds up.
        let sum = "return [...document.querySelectorAll('[data-testid=key-memory] [data-value]')]
            .map((cell) => Number(cell.dataset.value)).reduce((a, b) => a + b, 0)";
        assert_eq!(page.run(sum, vec![]).await, page.number("key-memory").await);
    })
    .await;
}

#[tokio::test]
async fn values_are_shown_as_what_they_are() {
    let made = made();
    let (_folder, path) = file(&made);
    Page::with(async |page| {
        page.pick("pick-files", [&path]).await;
        page.find("verdict").await;
        show(page, &made, 2, "string").await;
        assert_eq!(page.text("key-layers").await, "Inside: gzip data, then JSON.");
        assert_eq!(page.count("[data-testid=key-tree] li").await, 4);
        page.run(
            "const select = document.querySelector('[data-testid=key-format]'); select.value = 'hex';
            select.dispatchEvent(new Event('change', { bubbles: true }))",
            vec![],
        )
        .await;
        page.until("hex", "return document.querySelector('[data-testid=key-body]')?.dataset.format === 'hex'").await;
        assert!(page.text("key-body").await.starts_with("00000000  1f 8b 08 00"));
        assert!(page.run("return location.hash", vec![]).await.as_str().unwrap().ends_with("&as=hex"));

        show(page, &made, 3, "string").await;
        let body = page.text("key-body").await;
        assert!(body.contains("Estimate (PFCOUNT)") && body.contains("3 of 16,384"), "{body}");
        page.click("key-bits").await;
        assert!(page.text("key-bitcount").await.starts_with(&{
            let text = b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x82\x7f\xfc";
            text.iter().map(|byte| byte.count_ones()).sum::<u32>().to_string()
        }));

        show(page, &made, 1, "zset").await;
        assert_eq!(page.text("key-position").await, "13.361389, 38.115556");

        show(page, &made, 0, "hash").await;
        assert_eq!(page.text("key-slot").await, "slot 10,778");
        page.hash(&format!("key?key=0.{}&open=1.1", made.offsets[0])).await;
        page.until("the tree", "return document.querySelectorAll('[data-testid=key-opened] [data-testid=key-tree] li').length === 5").await;
        page.click("recreate-commands").await;
        page.until("commands", "return !!document.querySelector('[data-testid=recreate] pre')").await;
        assert!(page.text("recreate").await.contains(r#"HSET "user:1" "name" "Ada" "profile""#));
        page.click("recreate-save").await;
        let saved = String::from_utf8(page.download("user_1.redis").await).unwrap();
        assert_eq!(saved.lines().next(), Some("SELECT 0"));
        page.click("recreate-restore").await;
        page.until("the payload", "return document.querySelector('[data-testid=recreate] pre')?.textContent.includes('RESTORE ')").await;
    })
    .await;
}

#[tokio::test]
async fn a_stream_has_its_groups_and_a_wrong_address_a_sentence() {
    let case =
        cases(&roots()[0], "rdb").into_iter().find(|case| case.name == "redis-7.0.15/streams").unwrap();
    Page::with(async |page| {
        page.pick("pick-files", [&case.path]).await;
        page.find("verdict").await;
        // Any list of keys leads to them.
        page.hash("keys").await;
        let link = "[...document.querySelectorAll('a[href*=\"key?key=\"]')].find((link) => link.textContent === 'stream:groups')";
        page.until("a link", &format!("return !!{link}")).await;
        page.run(&format!("{link}.click()"), vec![]).await;
        until_rows(page, 0).await;
        assert_eq!(page.count("[data-testid=key-group]").await, 3);
        let pending = page.count("[data-testid=key-pending] tbody tr").await;
        assert!(pending > 5, "{pending}");
        page.hash("key?key=0.12").await;
        page.find("key-failed").await;
        page.hash("key?key=7.12").await;
        page.until("no such file", "return document.querySelector('[data-testid=key-failed]')?.textContent.includes('names no key')").await;
    })
    .await;
}

#[tokio::test]
async fn a_long_read_says_how_far_it_is_and_can_be_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.rdb.gz");
    long_gzip(&path, 96);
    let notice = "(document.querySelector('[data-testid=key-waiting]')?.textContent ?? '')";
    Page::with(async |page| {
        page.pick("pick-files", [&path]).await;
        page.find_within(Duration::from_mins(2), "verdict").await;
        // The long value begins behind a short one.
        page.hash("key?key=0.14").await;
        page.until("how far it is", &format!("return {notice}.includes('unpacked from its front')")).await;
        assert_eq!(page.violations().await, []);
        page.click("key-wait-press").await;
        page.until("that it stopped", &format!("return {notice}.startsWith('Stopped before it was read.')"))
            .await;
        page.click("key-wait-press").await;
        page.find_within(Duration::from_mins(2), "key").await;
        assert_eq!(page.text("key-name").await, "long");
        let deadline = Instant::now() + Duration::from_mins(2);
        while page.attr("key-string", "data-waits").await != "false" {
            assert!(Instant::now() < deadline, "its front is never there");
        }
        assert!(page.text("key-body").await.contains("goes by"));
    })
    .await;
}
