//! What is pasted is opened.

use snaptape_e2e::Page;

/// HSET user:1 name ada plan pro, as `redis-cli DUMP` of Redis 7.0 prints it.
const DUMP: &str = r#""\x10\x1d\x1d\x00\x00\x00\x04\x00\x84name\x05\x83ada\x04\x84plan\x05\x83pro\x04\xff\n\x00\x87\xa4\xe0r\xd0\x00(\xa7""#;

/// Pastes text as Ctrl+V over the page does.
async fn paste(page: &Page, text: &str) {
    page.run(
        "const data = new DataTransfer(); data.setData('text/plain', arguments[0]);
         document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));",
        vec![text.into()],
    )
    .await;
}

#[tokio::test]
async fn what_dump_answers_opens_as_a_key() {
    Page::with(async |page| {
        page.find("drop").await;
        paste(page, DUMP).await;
        page.find("nav-overview").await;
        page.hash("#bytes?at=0.12-18").await;
        page.until(
            "the key",
            "return [...document.querySelectorAll('.byteTreeRow')].some((row) => row.textContent.includes('hash key') && row.textContent.includes('pasted'))",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn the_field_says_what_is_wrong() {
    Page::with(async |page| {
        page.click("paste-open").await;
        page.keys("paste-text", "hello, world").await;
        page.click("paste-go").await;
        assert!(page.text("paste-wrong").await.contains("no bytes can be made of it"));

        // A payload in which one byte is another: doubted, and opened all the same.
        let wrong = DUMP.replace("ada", "adb");
        page.run("document.getElementById('paste-text').value = arguments[0]", vec![wrong.into()]).await;
        page.click("paste-go").await;
        assert!(page.text("paste-doubt").await.contains("checksum does not agree"));
        page.click("paste-anyway").await;
        page.find("nav-overview").await;
    })
    .await;
}

#[tokio::test]
async fn hex_and_files_of_the_clipboard_open() {
    Page::with(async |page| {
        page.find("drop").await;
        let empty = "00000000: 5245 4449 5330 3030 33ff                 REDIS0003.";
        paste(page, empty).await;
        page.find("nav-integrity").await;
        page.click("open-another").await;
        page.find("drop").await;
        page.run(
            "const data = new DataTransfer(); data.items.add(new File(['*1\\r\\n$4\\r\\nPING\\r\\n'], 'copied.aof'));
             document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));",
            vec![],
        )
        .await;
        page.find("nav-tape").await;
    })
    .await;
}
