//! Saves a picture of every screen, light and dark, wide and narrow: `cargo xtask screenshots --out DIR`.

#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use snaptape_e2e::{Page, Scheme, moments, pictures, tour};

const HEIGHT: u32 = 800;

/// How many pixels of the tallest part that scrolls by itself are out of sight; lists without end aside.
const MISSING: &str = "
    const hidden = [...document.querySelectorAll('body *')]
        .filter((part) => ['auto', 'scroll'].includes(getComputedStyle(part).overflowY))
        .filter((part) => !part.matches('.rowScroller, .commandArguments'))
        .map((part) => part.scrollHeight - part.clientHeight);
    return Math.max(0, ...hidden);";

const WIDTHS: [u32; 2] = [1280, 400];
const SCHEMES: [(Scheme, &str); 2] = [(Scheme::Light, "light"), (Scheme::Dark, "dark")];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Some(out) = std::env::args_os().nth(1).map(PathBuf::from) else {
        panic!("usage: cargo xtask screenshots --out DIR");
    };
    fs::create_dir_all(&out).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
    // One group of screens, while it is worked on.
    let only = std::env::args().nth(2);
    Page::with(async |page| {
        let usual = async |name: &str| shoot(page, &out, name).await;
        let all = async |name: &str| {
            shoot(page, &out, name).await;
            shoot_forced(page, &out, name).await;
        };
        let forced = async |name: &str| shoot_forced(page, &out, name).await;
        match only.as_deref() {
            None => tour(page, all).await,
            Some("forced") => tour(page, forced).await,
            Some("pictures") => pictures(page, usual).await,
            Some("moments") => moments(page, usual).await,
            Some(other) => panic!("there is no group {other}"),
        }
    })
    .await;
    println!("{}", out.display());
}

async fn shoot(page: &Page, out: &Path, name: &str) {
    for width in WIDTHS {
        for (scheme, word) in SCHEMES {
            room(page, width, scheme).await;
            page.screenshot(&out.join(format!("{name}-{word}-{width}.png"))).await;
        }
    }
    page.view(1280, HEIGHT, Scheme::Light).await;
}

/// The same in the few colours that a system forces on a page.
async fn shoot_forced(page: &Page, out: &Path, name: &str) {
    for (scheme, word) in SCHEMES {
        room(page, WIDTHS[0], scheme).await;
        page.media(scheme, true).await;
        page.settle().await;
        page.screenshot(&out.join(format!("{name}-forced-{word}-{}.png", WIDTHS[0]))).await;
    }
    page.view(1280, HEIGHT, Scheme::Light).await;
}

/// Sets the size of the view so that all of the screen is seen.
async fn room(page: &Page, width: u32, scheme: Scheme) {
    page.view(width, HEIGHT, scheme).await;
    page.point_nowhere().await;
    page.settle().await;
    // A part that scrolls by itself is shown to its end by making room for it.
    let missing = page.run(MISSING, vec![]).await.as_u64().expect("whole pixels");
    if missing > 0 {
        let missing = u32::try_from(missing).unwrap_or(u32::MAX).min(HEIGHT * 4);
        page.view(width, HEIGHT + missing, scheme).await;
        page.settle().await;
    }
}
