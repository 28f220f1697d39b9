//! Browsers and the programs in front of them: Chromium behind ChromeDriver, Firefox behind geckodriver.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Which browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Everything can be measured there.
    Chromium,
    /// The other engine: its driver knows WebDriver and nothing beyond it.
    Firefox,
}

/// A driver, ended when dropped.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    url: String,
    browser: Browser,
}

impl Driver {
    /// Starts one on a port of its own choice. It looks for a free one and then takes it, so that another program may be faster:
    /// then it ends, and is asked again.
    pub(crate) fn start(browser: Browser) -> Self {
        const TRIES: usize = 5;
        (0..TRIES)
            .find_map(|_| Self::try_start(browser))
            .unwrap_or_else(|| panic!("the driver of {browser:?} says on which port it listens"))
    }

    fn try_start(browser: Browser) -> Option<Self> {
        let (program, said, stderr) = match browser {
            Browser::Chromium => (
                program("SNAPTAPE_CHROMEDRIVER", &["chromedriver"]),
                "started successfully on port ",
                Stdio::inherit(),
            ),
            Browser::Firefox => {
                (program("SNAPTAPE_GECKODRIVER", &["geckodriver"]), "Listening on 127.0.0.1:", Stdio::null())
            }
        };
        let mut child = Command::new(&program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once(said)?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let Some(port) = port else {
            // Its output has ended, and so has it.
            let _ = child.wait();
            return None;
        };
        // It must not stall because nobody reads what else it says.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, url: format!("http://127.0.0.1:{port}"), browser })
    }

    /// Starts the browser with an empty profile; whatever is not on this machine goes to `proxy`, what is saved to `downloads`.
    pub(crate) async fn connect(&self, profile: &Path, downloads: &Path, proxy: SocketAddr) -> Client {
        let capabilities = match self.browser {
            Browser::Chromium => chromium(profile, proxy),
            Browser::Firefox => firefox(downloads, proxy),
        };
        let Value::Object(capabilities) = capabilities else { unreachable!("it is written as an object") };
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.url)
            .await
            .unwrap_or_else(|error| panic!("{:?} does not start: {error}", self.browser))
    }
}

fn chromium(profile: &Path, proxy: SocketAddr) -> Value {
    let chromium = program("SNAPTAPE_CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]);
    let args = [
        // Root has no sandbox, and CI is often root.
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-default-apps",
        "--disable-extensions",
        "--force-color-profile=srgb",
        "--hide-scrollbars",
        "--lang=en",
    ];
    let mut args: Vec<Value> = args.map(Value::from).into();
    args.push(format!("--user-data-dir={}", profile.display()).into());
    args.push(format!("--proxy-server=http://{proxy}").into());
    args.push("about:blank".into());
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": chromium, "args": args },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    })
}

fn firefox(downloads: &Path, proxy: SocketAddr) -> Value {
    let firefox = program("SNAPTAPE_FIREFOX", &["firefox-esr", "firefox"]);
    json!({
        "browserName": "firefox",
        // A file input may lie under the button that looks like it.
        "strictFileInteractability": false,
        "moz:firefoxOptions": {
            "binary": firefox,
            "args": ["-headless"],
            "log": { "level": "error" },
            "prefs": {
                "browser.download.folderList": 2,
                "browser.download.dir": downloads,
                "browser.download.useDownloadDir": true,
                "browser.download.always_ask_before_handling_new_types": false,
                "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream,application/zip,text/plain",
                "intl.accept_languages": "en",
                "ui.prefersReducedMotion": 1,
                "network.proxy.type": 1,
                "network.proxy.http": proxy.ip().to_string(),
                "network.proxy.http_port": proxy.port(),
                "network.proxy.ssl": proxy.ip().to_string(),
                "network.proxy.ssl_port": proxy.port(),
            },
        },
    })
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program xtask found, else the first of these names on PATH.
fn program(variable: &str, names: &[&str]) -> PathBuf {
    let given = env::var_os(variable).map(PathBuf::from);
    let path: OsString = env::var_os("PATH").unwrap_or_default();
    given
        .or_else(|| {
            let candidates =
                env::split_paths(&path).flat_map(|dir| names.iter().map(move |name| dir.join(name)));
            candidates.into_iter().find(|file| file.is_file())
        })
        .unwrap_or_else(|| panic!("{names:?} is not on PATH: run `cargo xtask e2e`, which sees to that"))
}
