//! What axe-core has to say about the screen that is shown.

use std::{env, fs};

use serde_json::{Value, json};

use crate::page::Page;

/// A rule that an element breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// `color-contrast`.
    pub rule: String,
    /// `serious` or `critical`.
    pub impact: String,
    /// The elements, each with what is wrong about it.
    pub elements: Vec<String>,
}

const RUN: &str = "
    const done = arguments[arguments.length - 1];
    // The stylesheets are there already: nothing needs to be fetched for it.
    axe.run(document, { preload: false, iframes: false, resultTypes: ['violations'] }).then(
        (results) => done(results.violations.map(({ id, impact, nodes }) => ({
            id, impact, nodes: nodes.map(({ target, failureSummary, html }) => `${target}: ${failureSummary} ${html.slice(0, 200)}`),
        }))),
        (error) => done(String(error)),
    );";

impl Page {
    /// Everything serious or critical that axe-core finds on the screen.
    ///
    /// # Panics
    /// When it cannot run.
    pub async fn violations(&self) -> Vec<Violation> {
        if self.run("return typeof axe", vec![]).await == "undefined" {
            let path = env::var_os("SNAPTAPE_AXE").expect("`cargo xtask e2e` says where axe-core is");
            let source = fs::read_to_string(path).expect("axe-core");
            // Scripts of the driver are not subject to the policy of the page.
            self.run(&format!("{source}; window.axe = axe;"), vec![]).await;
        }
        let found = self.run_async(RUN).await;
        let found = found.as_array().unwrap_or_else(|| panic!("axe-core: {found}"));
        let grave =
            found.iter().filter(|rule| [json!("serious"), json!("critical")].contains(&rule["impact"]));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        grave
            .map(|rule| Violation {
                rule: text(&rule["id"]),
                impact: text(&rule["impact"]),
                elements: rule["nodes"].as_array().into_iter().flatten().map(text).collect(),
            })
            .collect()
    }
}
