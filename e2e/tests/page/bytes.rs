//! Bytes and what they are.

use serde_json::Value;
use snaptape_e2e::Page;

/// Waits until the list of spans has a chosen row of which this is true.
async fn until_chosen(page: &Page, what: &str, condition: &str) {
    let script = format!(
        "const row = document.querySelector('.byteTreeRowChosen'); return row !== null && ({condition})"
    );
    page.until(what, &script).await;
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
        page.keys("byte-needle", " and no such text").await;
        page.click("byte-find").await;
        page.until(
            "that there is none",
            "return document.querySelector('[data-testid=byte-hunt]')?.textContent.startsWith('Nowhere')",
        )
        .await;

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
