//! The commands ChromeDriver knows beyond WebDriver.

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command below `/session/{id}/` that is a POST with a JSON body.
#[derive(Debug)]
pub(crate) struct ChromeCommand {
    path: &'static str,
    body: Value,
}

/// A command of the DevTools protocol.
pub(crate) fn devtools(cmd: &str, params: &Value) -> ChromeCommand {
    ChromeCommand { path: "goog/cdp/execute", body: json!({ "cmd": cmd, "params": params }) }
}

/// Takes what was logged since the last call: `browser` is the console, `performance` the events of the protocol.
pub(crate) fn log(kind: &str) -> ChromeCommand {
    ChromeCommand { path: "se/log", body: json!({ "type": kind }) }
}

impl WebDriverCompatibleCommand for ChromeCommand {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
