//! Screens of the overview, and of the views with pictures of keys.

use snaptape_testdata::{cases, generated, roots, shards};

use crate::{
    page::Page,
    tour::{another, show},
};

/// Walks through them and calls `visit` on each with its name.
///
/// # Panics
/// When a screen does not come.
pub async fn pictures(page: &Page, mut visit: impl AsyncFnMut(&str)) {
    let visit = &mut visit;
    let folder = tempfile::tempdir().expect("a folder");
    page.pick("pick-files", [generated::keys_file(folder.path(), 15_000)]).await;
    for view in ["overview", "expiry", "encodings", "slots", "access", "report"] {
        show(page, visit, "generated", view).await;
    }
    another(page).await;
    page.pick("pick-files", shards::write_shards(folder.path(), 3, 4_000)).await;
    for view in ["overview", "slots"] {
        show(page, visit, "shards", view).await;
    }
    another(page).await;
    let root = &roots()[0];
    for (folder, name, views) in [
        ("rdb", "redis-7.4.1/lfu", &["access"][..]),
        ("rdb", "redis-7.4.1/modules", &["encodings", "expiry"]),
        ("rdb", "redis-7.4.1/empty", &["overview"]),
        ("rdb-damaged", "redis-7.4.1/collections--zeroed-block", &["overview"]),
    ] {
        let case = cases(root, folder).into_iter().find(|case| case.name == name);
        page.pick("pick-files", [case.unwrap_or_else(|| panic!("there is {name}")).path]).await;
        for view in views {
            show(page, visit, &name.replace(['/', '.'], "-"), view).await;
        }
        another(page).await;
    }
}
