//! One open page and what a person can do with it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};
use std::{env, fs};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use snaptape_serve::{Link, Port, Server};
use tempfile::TempDir;

use crate::cdp::{devtools, log};
use crate::driver::{Browser, Driver};
use crate::record::Proxy;

/// How long anything may take before it counts as not happening.
const PATIENCE: Duration = Duration::from_mins(1);
/// Read by every open page; written by one that must be the only one.
static OPEN: RwLock<()> = RwLock::new(());
const POLL: Duration = Duration::from_millis(20);

/// Notes when the drop target came, which is the program's own.
const NOTE_ARRIVAL: &str = "
    new MutationObserver((_, observer) => {
        if (document.querySelector('[data-testid=drop]')) {
            window.arrivedMs = performance.now();
            observer.disconnect();
        }
    }).observe(document, { subtree: true, childList: true });";

/// How fast a first visit was, in milliseconds from its first request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FirstVisit {
    /// Until the first text was seen.
    pub paint_ms: f64,
    /// Until a file could be dropped.
    pub usable_ms: f64,
}

/// Light or dark, as the reader's system asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The page in a browser of its own.
#[derive(Debug)]
pub struct Page {
    client: Client,
    browser: Browser,
    server: Server,
    proxy: Proxy,
    downloads: TempDir,
    // Dropped last: the browser writes to it.
    _profile: TempDir,
    _driver: Driver,
}

/// What a page did that it must not do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Misconduct {
    /// Paths it asked its own server for that are no files of the site.
    pub strangers: Vec<String>,
    /// Addresses on other servers it asked for, as the browser counts them.
    pub foreign: Vec<String>,
    /// What the browser tried to send beyond this machine.
    pub outside: Vec<String>,
    /// Warnings and errors on the console; violations of the policy are among them.
    pub console: Vec<String>,
}

#[expect(
    clippy::await_holding_lock,
    reason = "each test has a thread of its own, so that none waits for itself"
)]
impl Page {
    /// Opens the built page, lets `test` work with it, and closes it. Afterwards the page must have asked for nothing
    /// but its own files, and have complained about nothing.
    ///
    /// # Panics
    /// When `test` does, or the page did what it must not.
    pub async fn with<T>(test: impl AsyncFnOnce(&Self) -> T) -> T {
        Self::within(Browser::Chromium, test).await
    }

    /// The same while no other page is open: for what is measured.
    ///
    /// # Panics
    /// When `test` does, or the page did what it must not.
    pub async fn alone<T>(test: impl AsyncFnOnce(&Self) -> T) -> T {
        let _alone = OPEN.write().unwrap_or_else(PoisonError::into_inner);
        let (value, misconduct) = Self::try_with(Browser::Chromium, &dist(), "", None, test).await;
        assert_eq!(misconduct, Misconduct::default());
        value
    }

    /// The same as a first visit over a link: nothing is cached, and the server compresses. How fast it was, [`Self::first_visit`] says.
    ///
    /// # Panics
    /// When `test` does, or the page did what it must not.
    pub async fn behind<T>(link: Link, test: impl AsyncFnOnce(&Self) -> T) -> T {
        let _alone = OPEN.write().unwrap_or_else(PoisonError::into_inner);
        let (value, misconduct) = Self::try_with(Browser::Chromium, &dist(), "", Some(link), test).await;
        assert_eq!(misconduct, Misconduct::default());
        value
    }

    /// The same in this browser. Firefox tells less of what a page did: what it asked its own server for, and what went through
    /// the proxy that is not the browser's own business.
    ///
    /// # Panics
    /// When `test` does, or the page did what it must not.
    pub async fn within<T>(browser: Browser, test: impl AsyncFnOnce(&Self) -> T) -> T {
        let _open = OPEN.read().unwrap_or_else(PoisonError::into_inner);
        let (value, misconduct) = Self::try_with(browser, &dist(), "", None, test).await;
        assert_eq!(misconduct, Misconduct::default());
        value
    }

    /// The same for another folder of files, opened at `path` below it; what the page did wrong is for the caller to
    /// judge.
    ///
    /// # Panics
    /// When `test` does.
    pub async fn with_site<T>(
        site: &Path,
        path: &str,
        test: impl AsyncFnOnce(&Self) -> T,
    ) -> (T, Misconduct) {
        let _open = OPEN.read().unwrap_or_else(PoisonError::into_inner);
        Self::try_with(Browser::Chromium, site, path, None, test).await
    }

    async fn try_with<T>(
        browser: Browser,
        site: &Path,
        path: &str,
        link: Option<Link>,
        test: impl AsyncFnOnce(&Self) -> T,
    ) -> (T, Misconduct) {
        let page = Self::open(browser, site, path, link).await;
        let result = AssertUnwindSafe(test(&page)).catch_unwind().await;
        let misconduct = page.misconduct(site).await;
        if result.is_err() {
            eprintln!("{misconduct:#?}\nrequests: {:?}", page.requests());
            page.keep_picture().await;
        }
        // The driver may have lost its browser; it is ended either way.
        let _ = page.client.clone().close().await;
        match result {
            Ok(value) => (value, misconduct),
            Err(panic) => resume_unwind(panic),
        }
    }

    async fn open(browser: Browser, site: &Path, path: &str, link: Option<Link>) -> Self {
        let server = match link {
            Some(link) => Server::start_behind(link, site, Port::Any),
            None => Server::start(site, Port::Any),
        };
        let server =
            server.unwrap_or_else(|error| panic!("{error}: run `cargo xtask e2e`, which builds the page"));
        let proxy = Proxy::start();
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let downloads = tempfile::tempdir().expect("a folder for downloads");
        let driver = Driver::start(browser);
        let client = driver.connect(profile.path(), downloads.path(), proxy.address()).await;
        let page = Self { client, browser, server, proxy, downloads, _profile: profile, _driver: driver };
        page.view(1280, 800, Scheme::Light).await;
        if browser == Browser::Chromium {
            let saved = json!({ "behavior": "allow", "downloadPath": page.downloads.path() });
            page.devtools("Browser.setDownloadBehavior", &saved).await;
            // The browser starts on a page of its own, whose requests are not ours.
            page.client.goto("about:blank").await.expect("nothing opens");
            page.client.issue_cmd(log("performance")).await.expect("the events");
        }
        if let Some(rate) = env::var("SNAPTAPE_PAGE_SLOWER").ok().filter(|_| browser == Browser::Chromium) {
            let rate: f64 = rate.parse().expect("SNAPTAPE_PAGE_SLOWER is a number");
            page.devtools("Emulation.setCPUThrottlingRate", &json!({ "rate": rate })).await;
        }
        if link.is_some() {
            page.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": NOTE_ARRIVAL })).await;
        }
        page.client.goto(&format!("{}{path}", page.server.url())).await.expect("the page opens");
        page
    }

    async fn misconduct(&self, site: &Path) -> Misconduct {
        let files = files_of(site);
        let (foreign, console) = match self.browser {
            Browser::Chromium => (self.foreign_requests().await, self.console().await),
            Browser::Firefox => (self.foreign_resources().await, Vec::new()),
        };
        Misconduct {
            strangers: self.requests().into_iter().filter(|path| !files.contains(path)).collect(),
            foreign,
            outside: self.proxy.strangers(),
            console,
        }
    }

    async fn keep_picture(&self) {
        let picture = env::temp_dir().join(format!("snaptape-e2e-{}.png", std::process::id()));
        if let Ok(png) = self.client.screenshot().await
            && fs::write(&picture, png).is_ok()
        {
            eprintln!("the page looked like {}", picture.display());
        }
    }

    /// Every path the server was asked for, in order.
    pub fn requests(&self) -> Vec<String> {
        self.server.requests()
    }

    /// Sets the size of the view and the colour scheme asked for.
    pub async fn view(&self, width: u32, height: u32, scheme: Scheme) {
        if self.browser == Browser::Firefox {
            // The scheme is its own there.
            self.client.set_window_size(width, height).await.expect("a window has a size");
            return;
        }
        self.media(scheme, false).await;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics).await;
    }

    /// Moves the pointer to the corner, so that nothing is drawn as pointed at.
    pub async fn point_nowhere(&self) {
        self.devtools("Input.dispatchMouseEvent", &json!({ "type": "mouseMoved", "x": 0, "y": 0 })).await;
    }

    /// Sets the colour scheme asked for, and whether the system's few colours replace those of the page.
    pub async fn media(&self, scheme: Scheme, forced_colors: bool) {
        self.emulate(scheme, forced_colors, true).await;
    }

    /// Whether the reader's system is content with movement; at first it is not.
    pub async fn motion(&self, welcome: bool) {
        self.emulate(Scheme::Light, false, !welcome).await;
    }

    async fn emulate(&self, scheme: Scheme, forced_colors: bool, reduced_motion: bool) {
        let scheme = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let forced = if forced_colors { "active" } else { "none" };
        let motion = if reduced_motion { "reduce" } else { "no-preference" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
            { "name": "forced-colors", "value": forced },
        ] });
        self.devtools("Emulation.setEmulatedMedia", &media).await;
    }

    /// Saves a picture of the whole page, also of what is below the fold.
    ///
    /// # Panics
    /// When it cannot be written.
    pub async fn screenshot(&self, png: &Path) {
        let metrics = self.devtools("Page.getLayoutMetrics", &json!({})).await;
        let mut clip = metrics["cssContentSize"].clone();
        clip["scale"] = 1.into();
        let all = json!({ "captureBeyondViewport": true, "clip": clip });
        let shot = self.devtools("Page.captureScreenshot", &all).await;
        let data = shot["data"].as_str().expect("a picture in base64");
        fs::write(png, BASE64_STANDARD.decode(data).expect("base64"))
            .unwrap_or_else(|error| panic!("{}: {error}", png.display()));
    }

    /// Runs JavaScript: `return 1`.
    ///
    /// # Panics
    /// When it throws.
    pub async fn run(&self, script: &str, args: Vec<Value>) -> Value {
        self.client.execute(script, args).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs JavaScript that calls its last argument with the answer.
    ///
    /// # Panics
    /// When it throws, or never answers.
    pub async fn run_async(&self, script: &str) -> Value {
        self.client.execute_async(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits for an element with this `data-testid`.
    ///
    /// # Panics
    /// When none comes.
    pub async fn find(&self, id: &str) -> Element {
        self.find_within(PATIENCE, id).await
    }

    /// The same where more patience is needed: gigabytes on a busy machine.
    ///
    /// # Panics
    /// When none comes.
    pub async fn find_within(&self, patience: Duration, id: &str) -> Element {
        let css = selector(id);
        let wait = self.client.wait().at_most(patience).every(POLL);
        wait.for_element(Locator::Css(&css)).await.unwrap_or_else(|error| panic!("no {css}: {error}"))
    }

    /// Goes to another part of the page: `keys`.
    pub async fn hash(&self, hash: &str) {
        self.run("location.hash = arguments[0]", vec![hash.into()]).await;
    }

    /// Is there an element with this `data-testid` now?
    pub async fn has(&self, id: &str) -> bool {
        self.count(&selector(id)).await > 0
    }

    /// How many elements a CSS selector finds now.
    pub async fn count(&self, css: &str) -> u64 {
        let found = self.run("return document.querySelectorAll(arguments[0]).length", vec![css.into()]).await;
        found.as_u64().expect("a number of elements")
    }

    /// Waits until JavaScript returns true.
    ///
    /// # Panics
    /// When it does not.
    pub async fn until(&self, what: &str, script: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.run(script, vec![]).await != true {
            assert!(Instant::now() < deadline, "{what}: not after {PATIENCE:?}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// From now on remembers every task that holds the page up for more than 50 ms.
    pub async fn watch_long_tasks(&self) {
        let watch = "
            window.longTasks = [];
            const note = (entries) => window.longTasks.push(...entries.map((entry) => entry.duration));
            window.longTaskObserver = new PerformanceObserver((list) => note(list.getEntries()));
            window.longTaskObserver.observe({ type: 'longtask' });
            window.noteLongTasks = () => { note(window.longTaskObserver.takeRecords()); return window.longTasks; };";
        self.run(watch, vec![]).await;
    }

    /// How long each such task took since then, in milliseconds.
    ///
    /// # Panics
    /// When nobody watched.
    pub async fn long_tasks(&self) -> Vec<f64> {
        let tasks = self.run("return window.noteLongTasks()", vec![]).await;
        tasks.as_array().expect("a list").iter().filter_map(Value::as_f64).collect()
    }

    /// How fast the first visit was, once it has arrived.
    ///
    /// # Panics
    /// When this page is not [`Self::behind`] a link.
    pub async fn first_visit(&self) -> FirstVisit {
        self.until(
            "it is there",
            "return window.arrivedMs > 0 && !!performance.getEntriesByName('first-contentful-paint')[0]",
        )
        .await;
        let read =
            "return [performance.getEntriesByName('first-contentful-paint')[0].startTime, window.arrivedMs]";
        let read = self.run(read, vec![]).await;
        let ms = |index: usize| read[index].as_f64().expect("milliseconds");
        FirstVisit { paint_ms: ms(0), usable_ms: ms(1) }
    }

    /// Waits until what was changed last is on the screen.
    ///
    /// # Panics
    /// When the page is stuck.
    pub async fn settle(&self) {
        // Cards are filled one a frame.
        let frames = "const done = arguments[0];
            const filled = () => document.querySelector('.cardWaiting')
                ? requestAnimationFrame(filled)
                : requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
            document.fonts.ready.then(() => requestAnimationFrame(filled));";
        self.client.execute_async(frames, vec![]).await.expect("two frames pass");
    }

    /// Waits until there is no element with this `data-testid`.
    ///
    /// # Panics
    /// When it stays.
    pub async fn gone(&self, id: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.has(id).await {
            assert!(Instant::now() < deadline, "{id} is still there");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Does something with the element with this `data-testid`; with the one that took its place, where the page was drawn anew
    /// between finding it and that.
    async fn on<T>(&self, id: &str, what: &str, act: impl AsyncFn(Element) -> Result<T, CmdError>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match act(self.find(id).await).await {
                Ok(value) => return value,
                Err(error) if error.is_stale_element_reference() && Instant::now() < deadline => {}
                Err(error) => panic!("{what} of {id}: {error}"),
            }
        }
    }

    /// Clicks the element with this `data-testid`.
    ///
    /// # Panics
    /// When it cannot be clicked.
    pub async fn click(&self, id: &str) {
        self.on(id, "click", async |element| element.click().await).await;
    }

    /// Types into the element with this `data-testid`; keys without a character are those of WebDriver.
    ///
    /// # Panics
    /// When it takes no keys.
    pub async fn keys(&self, id: &str, keys: &str) {
        self.on(id, "type", async |element| element.send_keys(keys).await).await;
    }

    /// Presses a key where the focus is.
    ///
    /// # Panics
    /// When there is nothing that takes it.
    pub async fn press(&self, key: &str) {
        let active = self.client.active_element().await.expect("something has the focus");
        active.send_keys(key).await.unwrap_or_else(|error| panic!("pressing {key}: {error}"));
    }

    /// What the element with this `data-testid` says.
    ///
    /// # Panics
    /// When there is none.
    pub async fn text(&self, id: &str) -> String {
        self.on(id, "text", async |element| element.text().await).await
    }

    /// An attribute of the element with this `data-testid`.
    ///
    /// # Panics
    /// When it has none of this name.
    pub async fn attr(&self, id: &str, name: &str) -> String {
        let value = self.on(id, name, async |element| element.attr(name).await).await;
        value.unwrap_or_else(|| panic!("{id} has no {name}"))
    }

    /// The raw number in `data-value` of the element with this `data-testid`.
    ///
    /// # Panics
    /// When it is no number.
    pub async fn number(&self, id: &str) -> u64 {
        let value = self.attr(id, "data-value").await;
        value.parse().unwrap_or_else(|error| panic!("data-value {value:?} of {id}: {error}"))
    }

    /// Gives files, or one folder, to an `<input type=file>`.
    ///
    /// # Panics
    /// When the input does not take them.
    pub async fn pick<P: AsRef<Path>>(&self, id: &str, paths: impl IntoIterator<Item = P>) {
        let files: Vec<_> = paths.into_iter().map(|path| absolute(path.as_ref())).collect();
        if self.browser == Browser::Firefox {
            let lines: Vec<_> = files.iter().map(|path| path.to_string_lossy()).collect();
            return self.keys(id, &lines.join("\n")).await;
        }
        // The input may be hidden behind a button that looks better, which WebDriver would refuse to type into.
        let root = self.devtools("DOM.getDocument", &json!({ "depth": 0 })).await;
        let query = json!({ "nodeId": root["root"]["nodeId"], "selector": selector(id) });
        self.find(id).await;
        let node = self.devtools("DOM.querySelector", &query).await;
        self.devtools("DOM.setFileInputFiles", &json!({ "nodeId": node["nodeId"], "files": files })).await;
    }

    /// Drags files or folders over the element with this `data-testid` and lets go, as a file manager would.
    ///
    /// # Panics
    /// When there is no such element.
    pub async fn drop_on<P: AsRef<Path>>(&self, id: &str, paths: impl IntoIterator<Item = P>) {
        let (x, y, width, height) = self.find(id).await.rectangle().await.expect("it has a place");
        let files: Vec<_> = paths.into_iter().map(|path| absolute(path.as_ref())).collect();
        let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({ "type": kind, "x": x + width / 2.0, "y": y + height / 2.0, "data": data });
            self.devtools("Input.dispatchDragEvent", &event).await;
        }
    }

    /// Waits for a download of this name and returns its bytes.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn download(&self, name: &str) -> Vec<u8> {
        fs::read(self.downloaded(name).await).expect("it was just there")
    }

    /// The same, and returns where it is as long as the page is.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn downloaded(&self, name: &str) -> PathBuf {
        let file = self.downloads.path().join(name);
        let deadline = Instant::now() + PATIENCE;
        // Chromium writes to another name and renames when it is done; Firefox has an empty file of this name meanwhile.
        loop {
            let there: Vec<_> = fs::read_dir(self.downloads.path())
                .expect("ours")
                .map_while(Result::ok)
                .map(|file| file.path())
                .collect();
            let partial = there.iter().any(|file| file.extension().is_some_and(|part| part == "part"));
            if !partial && file.metadata().is_ok_and(|file| file.len() > 0) {
                break;
            }
            assert!(Instant::now() < deadline, "no download {name}, only {there:?}");
            tokio::time::sleep(POLL).await;
        }
        file
    }

    /// Removes a download, so that the next one of its name is another.
    ///
    /// # Panics
    /// When it is not there.
    pub fn forget_download(&self, name: &str) {
        fs::remove_file(self.downloads.path().join(name)).expect("it was downloaded");
    }

    /// Folder of the built page.
    pub fn dist() -> PathBuf {
        dist()
    }

    /// Addresses on other servers among what the page itself says it fetched.
    async fn foreign_resources(&self) -> Vec<String> {
        let names = "return performance.getEntriesByType('resource').map((entry) => entry.name)";
        let names = self.run(names, vec![]).await;
        let names = names.as_array().cloned().unwrap_or_default();
        let names = names.iter().filter_map(|name| Some(name.as_str()?.to_owned()));
        names.filter(|url| !self.is_own(url)).collect()
    }

    fn is_own(&self, url: &str) -> bool {
        let own = self.server.url();
        url.strip_prefix("blob:").unwrap_or(url).starts_with(&own)
    }

    pub(crate) async fn devtools(&self, cmd: &str, params: &Value) -> Value {
        self.client
            .issue_cmd(devtools(cmd, params))
            .await
            .unwrap_or_else(|error| panic!("{cmd} {params}: {error}"))
    }

    /// What the console holds of warnings and errors; violations of the policy are among them.
    async fn console(&self) -> Vec<String> {
        let entries = self.client.issue_cmd(log("browser")).await.expect("the console");
        let entries = entries.as_array().cloned().unwrap_or_default();
        let bad =
            entries.iter().filter(|entry| matches!(entry["level"].as_str(), Some("WARNING" | "SEVERE")));
        bad.map(|entry| format!("{} {}", entry["level"], entry["message"])).collect()
    }

    /// Requests of the page that went elsewhere, as the browser itself counts them.
    async fn foreign_requests(&self) -> Vec<String> {
        let entries = self.client.issue_cmd(log("performance")).await.expect("the events");
        let entries = entries.as_array().cloned().unwrap_or_default();
        let urls: Vec<String> = entries
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|event| Some(event["message"]["params"]["request"]["url"].as_str()?.to_owned()))
            .collect();
        assert!(!urls.is_empty(), "the browser reports no request at all, not even the page");
        urls.into_iter().filter(|url| !self.is_own(url)).collect()
    }
}

fn selector(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn dist() -> PathBuf {
    env::var_os("SNAPTAPE_DIST")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist"), PathBuf::from)
}

/// What a site consists of, as paths to ask for.
fn files_of(site: &Path) -> BTreeSet<String> {
    fn walk(dir: &Path, prefix: &str, out: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).expect("a folder of files").map_while(Result::ok) {
            let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &name, out);
            } else {
                out.insert(name);
            }
        }
    }
    let mut out = BTreeSet::from(["/".to_owned()]);
    walk(site, "", &mut out);
    out
}
