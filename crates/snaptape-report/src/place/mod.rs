//! How a repaired copy is put in place of the original: what it is called, and the shell commands, for a server under systemd and
//! for one in a container.

mod shell;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use self::shell::{path, quoted};
use crate::Plan;

/// The word servers use for the folder of an append-only directory, unless `appenddirname` says otherwise.
const APPEND_DIR: &str = "appendonlydir";

/// Compares what came out of a zip with what was put in.
const SUMS: &str = "sha256sum -c SHA256SUMS";

/// Name of the copy: `<stem>.repaired.aof`, or `<dir>.repaired.zip` for a directory. `subject` is what the user opened.
pub fn copy_name(plan: &Plan, subject: &str) -> String {
    if plan.directory {
        return format!("{}.repaired.zip", folder(plan, subject));
    }
    let name = plan.outputs.first().map_or(subject, |output| file_name(&output.name));
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem}.repaired.{extension}"),
        _ => format!("{name}.repaired"),
    }
}

/// The path of each file inside an archive: always in one folder.
pub fn archive_path(plan: &Plan, subject: &str, output_name: &str) -> String {
    format!("{}/{}", folder(plan, subject), file_name(output_name))
}

/// The folder the files of a directory plan live in: the last folder their paths share, else the word the servers use.
pub fn folder<'a>(plan: &'a Plan, subject: &'a str) -> &'a str {
    let first = plan.outputs.first().map_or("", |output| output.name.as_str());
    let Some((folder, _)) = first.rsplit_once('/') else {
        // Files that were picked one by one have no folder.
        return if subject.is_empty() || is_no_folder(subject) { APPEND_DIR } else { subject };
    };
    file_name(folder)
}

/// `3 files`, or the name of a file: `backup.zip`. A dot alone is none, folders have versions in their names.
fn is_no_folder(subject: &str) -> bool {
    const FILES: [&str; 9] = ["aof", "rdb", "manifest", "zip", "tar", "gz", "tgz", "zst", "lz4"];
    let is_count = |(n, what): (&str, &str)| {
        n.bytes().all(|b| b.is_ascii_digit() || b == b',') && what.starts_with("file")
    };
    let is_file = |(_, end): (&str, &str)| FILES.iter().any(|known| known.eq_ignore_ascii_case(end));
    subject.split_once(' ').is_some_and(is_count) || subject.rsplit_once('.').is_some_and(is_file)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What the copy takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Original {
    /// An append-only directory.
    Directory,
    /// A snapshot, `dump.rdb`.
    Snapshot,
    /// A tape in one file, as servers had it before 7.0 and still read it.
    Tape,
}

impl Original {
    /// What a plan is about.
    pub fn of(plan: &Plan) -> Self {
        let name = plan.outputs.first().map_or("", |output| output.name.as_str());
        let rdb = name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("rdb"));
        match (plan.directory, rdb) {
            (true, _) => Self::Directory,
            (false, true) => Self::Snapshot,
            (false, false) => Self::Tape,
        }
    }
}

/// Where a copy is, and what it is to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// What it replaces.
    pub original: Original,
    /// Name of the file or folder in the server's data folder.
    pub name: String,
    /// Path of the copy: a file, a folder, or a zip that holds a folder of the name of the original.
    pub copy: String,
    /// Name of the manifest, of a directory.
    pub manifest: Option<String>,
    /// The release that is to load it: `redis-7.4`.
    pub target: String,
}

/// The commands, one a line, with comments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Steps {
    /// For a server under systemd.
    pub systemd: String,
    /// For a server in a container; with podman in the place of docker they are the same.
    pub container: String,
}

/// The product, as its programs are called.
struct Product {
    word: &'static str,
    service: &'static str,
    cli: &'static str,
}

impl Placement {
    /// The placement of the copy a plan makes.
    pub fn of(plan: &Plan, subject: &str, copy: &str, target: &str) -> Self {
        let original = Original::of(plan);
        let name = match original {
            Original::Directory => folder(plan, subject),
            _ => plan.outputs.first().map_or(subject, |output| file_name(&output.name)),
        };
        let mut names = plan.outputs.iter().map(|output| file_name(&output.name));
        let manifest = names.rfind(|name| plan.directory && name.ends_with(".manifest"));
        Self {
            original,
            name: name.into(),
            copy: copy.into(),
            manifest: manifest.map(Into::into),
            target: target.into(),
        }
    }

    /// The commands.
    pub fn steps(&self) -> Steps {
        Steps { systemd: self.systemd(), container: self.container() }
    }

    fn product(&self) -> Product {
        let (word, service, cli) = match self.target.split('-').next() {
            Some("valkey") => ("valkey", "valkey-server", "valkey-cli"),
            Some("keydb") => ("keydb", "keydb-server", "keydb-cli"),
            _ => ("redis", "redis-server", "redis-cli"),
        };
        Product { word, service, cli }
    }

    fn is_zip(&self) -> bool {
        self.original == Original::Directory && self.copy.to_ascii_lowercase().ends_with(".zip")
    }

    /// Does the server that is to load it know append-only directories?
    fn knows_directories(&self) -> bool {
        let (product, version) = self.target.split_once('-').unwrap_or(("", ""));
        let major: u32 = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(7);
        product != "keydb" && major >= 7
    }

    /// In the data folder, with the copy there as `copy`: the copy takes the place of the original, which is kept beside it. Plain
    /// POSIX, so that the shells of small containers take it, too.
    fn swap(&self, copy: &str) -> Vec<String> {
        let old = path(&self.name);
        let kept = path(&format!("{}.broken", self.name));
        let mut lines = vec![format!("mv {old} {kept}")];
        if self.is_zip() {
            lines.push(format!("unzip {copy}"));
            lines.push(SUMS.into());
        } else {
            lines.push(format!("cp -R {copy} {old}"));
        }
        lines.push(format!("chown -R \"$(stat -c %u:%g {kept})\" {old}"));
        lines.push(format!("chmod \"$(stat -c %a {kept})\" {old}"));
        if self.original == Original::Directory {
            lines.push(format!("chmod -R u+rwX {old}"));
        } else if self.knows_directories() {
            let (folder, aside) = (APPEND_DIR, format!("{APPEND_DIR}.aside"));
            lines.push(format!("if [ -e {folder} ]; then mv {folder} {aside}; fi"));
        }
        lines
    }

    /// What must be so on the server for it to read what is put there.
    fn settings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self.original {
            Original::Directory => {
                if self.name != APPEND_DIR {
                    lines.push(format!("# The server must have appenddirname {}.", self.name));
                }
                let file = self.manifest.as_deref().and_then(|name| name.strip_suffix(".manifest"));
                if let Some(file) = file.filter(|file| *file != "appendonly.aof") {
                    lines.push(format!("# The server must have appendfilename \"{file}\"."));
                }
            }
            Original::Tape => {
                if self.name != "appendonly.aof" {
                    lines.push(format!("# The server must have appendfilename \"{}\".", self.name));
                }
                if self.knows_directories() {
                    lines.push(format!(
                        "# A server since 7.0 reads {APPEND_DIR} where there is one, and this file only where there is none."
                    ));
                }
            }
            Original::Snapshot => {
                if self.name != "dump.rdb" {
                    lines.push(format!("# The server must have dbfilename \"{}\".", self.name));
                }
                lines.push(
                    "# With appendonly yes the server ignores snapshots: write appendonly no into its configuration before the start."
                        .into(),
                );
            }
        }
        lines.into_iter().map(|line| line.replace(['\n', '\r'], " ")).collect()
    }

    /// Once it runs: is everything there?
    fn verify(&self, cli: &str) -> Vec<String> {
        let mut lines = vec![
            format!(
                "{cli} INFO persistence   # loading:0, and aof_last_write_status:ok or rdb_last_bgsave_status:ok"
            ),
            format!("{cli} INFO keyspace"),
            format!("{cli} DBSIZE"),
        ];
        if self.original == Original::Snapshot {
            lines.push(format!("# Where the server is to write a tape: {cli} CONFIG SET appendonly yes, then into its configuration."));
        }
        lines
    }

    fn systemd(&self) -> String {
        let Product { service, cli, .. } = self.product();
        let old = path(&self.name);
        let mut lines = vec![
            format!("# As root, in the server's data folder ({cli} CONFIG GET dir), with the copy there."),
            "# What was written since the files were read is not in the copy: stop the server before you read them.".into(),
        ];
        lines.extend(self.settings());
        // A shell of its own: the one somebody pastes this into does not end with the first command that fails.
        lines.push("( set -e".into());
        lines.push(format!(
            "cp -a {old} {}   # keep it until all is well",
            path(&format!("{}.aside", self.name))
        ));
        lines.push(format!(
            "{cli} CONFIG SET auto-aof-rewrite-percentage 0 || true   # no rewrite; it may not be running"
        ));
        lines.push(format!(
            "systemctl stop {service}   # Red Hat and its like call it {}",
            service.trim_end_matches("-server")
        ));
        lines.extend(self.swap(&path(&self.copy)));
        lines.push(format!("systemctl start {service} )"));
        lines.extend(self.verify(cli));
        lines.join("\n")
    }

    fn container(&self) -> String {
        let Product { word, cli, .. } = self.product();
        let there = format!("{}.copy{}", self.name, if self.is_zip() { ".zip" } else { "" });
        let inside = |name: &str| quoted(&format!("/data/{name}"));
        let mut lines = vec![
            "# Beside the copy, on the machine that runs the container; its data folder is taken to be /data.".into(),
            "# What was written since the files were read is not in the copy: stop the server before you read them.".into(),
        ];
        lines.extend(self.settings());
        lines.push(format!("NAME={word}   # the container"));
        lines.push("( set -e".into());
        lines.push(format!(
            "docker exec \"$NAME\" cp -a {} {}   # keep it until all is well",
            inside(&self.name),
            inside(&format!("{}.aside", self.name))
        ));
        lines.push(format!(
            "docker exec \"$NAME\" {cli} CONFIG SET auto-aof-rewrite-percentage 0 || true   # no rewrite; it may not be running"
        ));
        lines.push("docker stop \"$NAME\"".into());
        lines.push("IMAGE=$(docker inspect -f '{{.Config.Image}}' \"$NAME\")".into());
        let copy = if self.is_zip() {
            // Images of servers have no unzip.
            lines.push(format!("unzip {}", path(&self.copy)));
            lines.push(SUMS.into());
            path(&self.name)
        } else {
            path(&self.copy)
        };
        let there = there.trim_end_matches(".zip");
        lines.push(format!("docker cp {copy} \"$NAME\":{}", inside(there)));
        let plain = Self { copy: there.into(), ..self.clone() };
        let script = format!("set -e; cd /data; {}", plain.swap(&path(there)).join("; "));
        lines.push(format!(
            "docker run --rm --user 0 --volumes-from \"$NAME\" --entrypoint sh \"$IMAGE\" -c {}",
            quoted(&script)
        ));
        lines.push("docker start \"$NAME\" )".into());
        lines.extend(self.verify(&format!("docker exec \"$NAME\" {cli}")));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
