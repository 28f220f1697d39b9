//! The page's own description of itself: the links with `data-trunk` in index.html. trunk reads the same ones, so
//! what is known here is the part of trunk's language this page uses; anything else is an error, not a guess.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use snaptape_serve::html::{self, Tag};

/// What index.html asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    text: String,
    links: Vec<Link>,
}

#[derive(Debug, PartialEq, Eq)]
struct Link {
    tag: Tag,
    asset: Asset,
}

/// One `data-trunk` link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asset {
    /// A file that goes to `folder` (`""` or `samples/`) of the built page.
    File { href: String, folder: String },
    /// The files of a folder, which go to `folder`.
    Dir { href: String, folder: String },
    /// A program.
    Program(Program),
}

/// A program of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// Path of the `Cargo.toml` it is in.
    pub(crate) manifest: String,
    /// Its name: `snaptape` becomes `snaptape.js` and `snaptape_bg.wasm`.
    pub(crate) bin: String,
    /// The cargo profile for a release.
    pub(crate) profile: String,
}

impl Page {
    /// Reads the description.
    pub(crate) fn read(index: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(index).with_context(|| format!("reading {}", index.display()))?;
        Self::parse(text)
    }

    fn parse(text: String) -> Result<Self> {
        let links = html::tags(&text)
            .into_iter()
            .filter(|tag| tag.attribute("data-trunk").is_some())
            .map(|tag| {
                let asset = asset(&tag).with_context(|| format!("in {}", &text[tag.span.clone()]))?;
                Ok(Link { tag, asset })
            })
            .collect::<Result<_>>()?;
        Ok(Self { text, links })
    }

    /// With every program compiled under another cargo profile than the one for releases.
    #[must_use]
    pub(crate) fn with_profile(mut self, profile: Option<String>) -> Self {
        for link in &mut self.links {
            if let (Asset::Program(program), Some(profile)) = (&mut link.asset, &profile) {
                program.profile.clone_from(profile);
            }
        }
        self
    }

    /// Everything linked, in order.
    pub(crate) fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.links.iter().map(|link| &link.asset)
    }

    /// The programs linked, in order.
    pub(crate) fn programs(&self) -> Vec<&Program> {
        self.assets()
            .filter_map(|asset| match asset {
                Asset::Program(program) => Some(program),
                _ => None,
            })
            .collect()
    }

    /// The page as it is served: links point at the built files, or are gone.
    pub(crate) fn render(&self) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for Link { tag, asset } in &self.links {
            out.push_str(&self.text[at..tag.span.start]);
            if let (Asset::File { href, folder }, Some(rel @ ("css" | "icon"))) =
                (asset, tag.attribute("rel"))
            {
                let rel = if rel == "css" { "stylesheet" } else { rel };
                out.extend([r#"<link rel=""#, rel, r#"" href="./"#, folder, file_name(href), r#"" />"#]);
            }
            at = tag.span.end;
        }
        out.push_str(&self.text[at..]);
        out
    }
}

/// Last part of a path with `/`.
pub(crate) fn file_name(href: &str) -> &str {
    href.rsplit('/').next().unwrap_or(href)
}

fn asset(tag: &Tag) -> Result<Asset> {
    ensure!(tag.name == "link", "only <link data-trunk> is known");
    let required = |name: &str| tag.attribute(name).with_context(|| format!("no attribute {name}"));
    let known = |names: &[&str]| match tag.attributes.iter().find(|(name, _)| !names.contains(&name.as_str()))
    {
        Some((name, _)) => {
            bail!("cargo xtask does not know {name} here, so its page would differ from trunk's")
        }
        None => Ok(()),
    };
    let href = required("href")?.to_owned();
    let folder = match tag.attribute("data-target-path") {
        Some(path) => format!("{}/", path.trim_end_matches('/')),
        None => String::new(),
    };
    match required("rel")? {
        "css" | "icon" | "copy-file" => {
            known(&["data-trunk", "rel", "href", "data-target-path"])?;
            Ok(Asset::File { href, folder })
        }
        "copy-dir" => {
            known(&["data-trunk", "rel", "href", "data-target-path"])?;
            let folder = if folder.is_empty() { format!("{}/", file_name(&href)) } else { folder };
            Ok(Asset::Dir { href, folder })
        }
        "rust" => {
            known(&[
                "data-trunk",
                "rel",
                "href",
                "data-bin",
                "data-type",
                "data-wasm-opt",
                "data-cargo-profile-release",
            ])?;
            ensure!(required("data-wasm-opt")? == "0", "wasm-opt is not used: data-wasm-opt has to be 0");
            ensure!(
                required("data-type")? == "main",
                "the program is for a page, and its workers load the same"
            );
            Ok(Asset::Program(Program {
                manifest: href,
                bin: required("data-bin")?.to_owned(),
                profile: required("data-cargo-profile-release")?.to_owned(),
            }))
        }
        other => bail!("cargo xtask does not know rel `{other}`, so its page would differ from trunk's"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_what_is_served() {
        let page = Page::parse(
            r#"<head><link rel="me" href="x"><link data-trunk rel="css" href="web/styles/base.css">
<link data-trunk rel="icon" href="web/icon.svg"><link data-trunk rel="copy-file" href="web/boot.js" />
<link data-trunk rel="copy-dir" href="web/samples/torn" data-target-path="samples/torn">
<link data-trunk rel="rust" href="web/Cargo.toml" data-bin="snaptape" data-type="main" data-wasm-opt="0" data-cargo-profile-release="web"></head>"#
                .into(),
        )
        .unwrap();
        assert_eq!(
            page.render(),
            "<head><link rel=\"me\" href=\"x\"><link rel=\"stylesheet\" href=\"./base.css\" />\n\
             <link rel=\"icon\" href=\"./icon.svg\" />\n\n</head>"
        );
        let file = |href: &str| Asset::File { href: href.into(), folder: String::new() };
        let program =
            Program { manifest: "web/Cargo.toml".into(), bin: "snaptape".into(), profile: "web".into() };
        let expected = [
            file("web/styles/base.css"),
            file("web/icon.svg"),
            file("web/boot.js"),
            Asset::Dir { href: "web/samples/torn".into(), folder: "samples/torn/".into() },
            Asset::Program(program.clone()),
        ];
        assert!(page.assets().eq(&expected));
        assert_eq!(page.programs(), [&program]);
    }

    #[test]
    fn what_trunk_would_do_otherwise_is_refused() {
        for (link, says) in [
            (r#"<link data-trunk rel="scss" href="a">"#, "rel `scss`"),
            (r#"<link data-trunk rel="css" href="a" media="print">"#, "media"),
            (r#"<link data-trunk rel="css">"#, "no attribute href"),
            (r#"<script data-trunk src="a"></script>"#, "only <link"),
            (r#"<link data-trunk rel="rust" href="a" data-bin="a" data-wasm-opt="z">"#, "wasm-opt"),
        ] {
            let error = format!("{:#}", Page::parse(link.into()).unwrap_err());
            assert!(error.contains(says), "{link}: {error}");
        }
    }

    #[test]
    fn our_own_page_is_understood() {
        let page = Page::read(&crate::project::root().join("index.html")).unwrap();
        let bins: Vec<_> = page.programs().iter().map(|program| program.bin.as_str()).collect();
        assert_eq!(bins, ["snaptape"]);
        let served = html::tags(&page.render());
        assert!(served.iter().all(|tag| tag.attribute("data-trunk").is_none()), "{served:?}");
    }
}
