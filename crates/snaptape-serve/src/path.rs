//! From the path of a request to a file below the root.

use std::path::{Component, Path, PathBuf};

/// The file a request means, or `None` when it is not below `root`.
pub(crate) fn resolve(root: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let decoded = percent_decode(path.strip_prefix('/')?)?;
    let mut file = root.to_owned();
    for part in Path::new(&decoded).components() {
        match part {
            // Only plain names: `..`, roots and drive letters have no business here.
            Component::Normal(name) => file.push(name),
            _ => return None,
        }
    }
    if decoded.is_empty() {
        file.push("index.html");
    }
    // Follows links, so that one of them cannot lead out either.
    let file = file.canonicalize().ok()?;
    (file.starts_with(root) && file.is_file()).then_some(file)
}

/// Content type by extension; the page has no others.
pub(crate) fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                out.push(u8::try_from(high * 16 + low).ok()?);
            }
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).ok().filter(|text| !text.contains(['\0', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_below_the_root() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("site");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(dir.path().join("secret"), "s").unwrap();
        std::fs::write(root.join("index.html"), "i").unwrap();
        std::fs::write(root.join("a b.rdb"), "r").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path().join("secret"), root.join("link")).unwrap();
        for (url, found) in [
            ("/", Some("index.html")),
            ("/?a=/../secret", Some("index.html")),
            ("/index.html", Some("index.html")),
            ("/a%20b.rdb", Some("a b.rdb")),
            ("/../secret", None),
            ("/%2e%2e/secret", None),
            ("/..%2fsecret", None),
            ("//etc/passwd", None),
            ("/%2fetc/passwd", None),
            ("/..\\secret", None),
            ("/index.html%00", None),
            ("/%zz", None),
            ("/link", None),
            ("", None),
            ("http://elsewhere/", None),
        ] {
            assert_eq!(resolve(&root, url), found.map(|f| root.join(f)), "{url}");
        }
    }
}
