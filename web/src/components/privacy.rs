//! What the page has asked the network for, and why it can ask nobody else.

use snaptape_report::units;
use yew::prelude::*;

use crate::hooks::{meta, requests};
use crate::stamp::Stamp;

/// The count of requests, as the browser keeps it, and the way to the proof.
pub fn privacy(on_show: &Callback<()>) -> Html {
    let all = requests();
    let own = all.iter().filter(|request| request.own).count();
    html! {
        <p class="privacy" data-testid="privacy">
            <b>{ "Nothing leaves this page." }</b>
            { format!(
                " It has fetched {} of its own and {} from elsewhere. ",
                units::plural(own as u64, "file", "files"),
                match all.len() - own {
                    0 => "none".to_owned(),
                    foreign => units::count(foreign as u64),
                },
            ) }
            <button type="button" class="linkButton" onclick={on_show.reform(|_: MouseEvent| ())} data-testid="privacy-show">{ "See why" }</button>
        </p>
    }
}

/// The policy in force, every request so far, what was built, and how to check all that.
pub fn privacy_text() -> Html {
    let all = requests();
    let bytes = all.iter().map(|request| request.bytes).sum();
    let foreign = all.iter().filter(|request| !request.own).count();
    let policy = meta("meta[http-equiv=Content-Security-Policy]").unwrap_or_default();
    let stamp = meta("meta[name=snaptape-build]").unwrap_or_default();
    let stamp = Stamp::parse(&stamp);
    html! {
        <>
            <h3>{ "The rules this page runs under" }</h3>
            <p>{ "The browser enforces this Content-Security-Policy, whatever the program of the page tries: no address but its own may be asked, no form sent, no other script run. The workers that read files run under the policy that comes with them as a header, if the server of this page sends one." }</p>
            <ul class="privacyPolicy code" data-testid="privacy-policy">
                { for policy.split(';').map(|rule| html! { <li>{ rule.trim() }</li> }) }
            </ul>
            <h3>{ "What it has asked for so far" }</h3>
            <p data-testid="privacy-requests" data-value={all.len().to_string()}>
                { format!(
                    "{} with {} in answer, {} to another server, as the browser counts them. Your files are not among them: they are read where they lie. \
                     What a worker loads for itself, its own program, is counted in the worker.",
                    units::plural(all.len() as u64, "request", "requests"),
                    units::bytes(bytes),
                    if foreign == 0 { "none".into() } else { units::count(foreign as u64) },
                ) }
            </p>
            <details>
                <summary>{ "Every request" }</summary>
                <table class="table" aria-label="Requests">
                    <thead><tr><th>{ "Address" }</th><th class="tableFigure">{ "Bytes" }</th></tr></thead>
                    <tbody>
                        { for all.iter().map(|request| html! {
                            <tr><td class="code privacyAddress">{ &request.address }</td><td class="tableFigure">{ units::count(request.bytes) }</td></tr>
                        }) }
                    </tbody>
                </table>
            </details>
            <h3>{ "What was built" }</h3>
            if let Some(stamp) = stamp {
                <p data-testid="privacy-build">{ format!("Snaptape {}, built from commit {}.", stamp.version, stamp.commit) }</p>
                <p class="code privacySum" data-testid="privacy-sum">{ stamp.sum }</p>
                <p class="muted">{ "SHA-256 over all code of the page. Compare, in its folder, here and where you trust it: " }<code class="code">{ "(LC_ALL=C; sha256sum *.js *.wasm | sha256sum)" }</code></p>
            } else {
                <p data-testid="privacy-build">{ "This page was not stamped: it was built by another tool than " }<code class="code">{ "cargo xtask build" }</code>{ ", so it cannot say from which commit." }</p>
            }
            <h3>{ "See for yourself" }</h3>
            <ul class="privacySteps">
                <li>{ "Open the developer tools (F12), tab Network, and open a file: only parts of this page are ever asked for." }</li>
                <li>{ "Or unplug the network now, and then open a snapshot: what that takes is here. Other views, tapes and repairs are parts of the page that load when they are first needed." }</li>
                <li>{ "Or save the folder of the page on a machine without a network and serve it there." }</li>
            </ul>
        </>
    }
}
