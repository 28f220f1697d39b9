//! Without a mouse, and back again.

use snaptape_e2e::Page;

const FOCUS: &str = "return document.activeElement.textContent";
const TOP: &str = "return document.getElementById('main').scrollTop";

#[tokio::test]
async fn views_by_key_and_the_focus_on_their_heading() {
    Page::with(async |page| {
        // The skip link comes first, and skips bar and rail.
        page.find("drop").await;
        page.press("\u{e004}").await;
        assert_eq!(page.run(FOCUS, vec![]).await, "Skip to the report");
        page.press("\u{e007}").await;
        page.until("the focus is in the report", "return document.activeElement.id === 'main'").await;

        page.click("sample-healthy").await;
        page.find("verdict").await;
        page.until("the focus is on the verdict", "return document.activeElement.matches('h1.verdict')").await;
        page.press("n").await;
        page.until("the next view", "return location.hash !== '#overview'").await;
        let titled = "return document.activeElement.matches('main h1') && document.querySelectorAll('main h1').length === 1";
        page.until("the focus is on its heading", titled).await;
        page.press("p").await;
        page.until("the view before", "return location.hash.startsWith('#overview')").await;
        page.press("2").await;
        let second = "return document.querySelectorAll('.railLink')[1].getAttribute('aria-current')";
        page.until("the second view", second.replace("return ", "return 'page' === ").as_str()).await;
        page.press("\u{e00c}").await;
        page.until("the overview", "return location.hash.startsWith('#overview')").await;

        page.press("?").await;
        page.until("the help", "return document.querySelector('dialog[open]')?.textContent.includes('Everywhere')").await;
        page.press("\u{e00c}").await;
        page.until("it is closed", "return !document.querySelector('dialog[open]')").await;

    })
    .await;
}

#[tokio::test]
async fn back_is_where_one_was() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.find("verdict").await;
        page.settle().await;
        page.run("document.getElementById('main').scrollTop = 700", vec![]).await;
        page.settle().await;
        page.click("nav-patterns").await;
        page.until("the patterns", "return location.hash.startsWith('#patterns')").await;
        page.until("a new view begins at its top", &format!("return ({{}}, (() => {{ {TOP} }})()) === 0"))
            .await;
        page.run("history.back()", vec![]).await;
        page.find("verdict").await;
        page.until("it is scrolled as it was", &format!("return (() => {{ {TOP} }})() === 700")).await;
        page.run("history.forward()", vec![]).await;
        page.until("the patterns again", "return location.hash.startsWith('#patterns')").await;
        page.until("at their top", &format!("return (() => {{ {TOP} }})() === 0")).await;
    })
    .await;
}
