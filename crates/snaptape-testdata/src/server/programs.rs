//! Which real servers are here.

use std::{
    collections::BTreeMap,
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{Server, StartFailure};

/// Names a folder with more servers: `<release>/bin/{server,check-aof,check-rdb}`.
const SERVERS: &str = "SNAPTAPE_SERVERS";

/// A release of a server and its tools.
#[derive(Debug, Clone)]
pub struct Program {
    /// Product and version, as the corpus names its folders: `redis-7.0.15`.
    pub release: String,
    /// The server.
    pub server: PathBuf,
    /// Its `redis-check-aof`.
    pub check_aof: PathBuf,
}

/// What a check tool said.
#[derive(Debug, Clone)]
pub struct CheckRun {
    /// Its exit status; none if a signal ended it.
    pub exit: Option<i32>,
    /// Everything it printed.
    pub output: String,
}

impl CheckRun {
    /// `ok_up_to` of each file, by name, as far as the tool came. Releases before 7.0 name no file: then the name is empty.
    pub fn ok_up_to(&self) -> BTreeMap<String, u64> {
        let field = |line: &str, name: &str| {
            let at = line.find(name)? + name.len();
            // A name may hold a comma; the next field begins behind one and a space.
            line.get(at..)?.split(", ").next().map(String::from)
        };
        let lines = self.output.lines().filter(|line| line.starts_with("AOF analyzed: "));
        lines
            .filter_map(|line| {
                let name = field(line, "filename=").unwrap_or_default();
                Some((name, field(line, "ok_up_to=")?.parse().ok()?))
            })
            .collect()
    }
}

impl Program {
    /// Product and version of this one: `("redis", [7, 0, 15])`.
    ///
    /// # Panics
    /// If the name has no version.
    pub fn version(&self) -> (&str, Vec<u32>) {
        let (product, version) = self.release.split_once('-').expect("product and version");
        (product, version.split('.').map(|part| part.parse().expect("a version")).collect())
    }

    /// Whether this release keeps its tape in a folder with a manifest.
    pub fn has_manifest(&self) -> bool {
        let (product, version) = self.version();
        product != "redis" || version[0] >= 7
    }

    /// Starts it on a folder with a tape of the usual name.
    ///
    /// # Errors
    /// See [`Server::start`].
    pub fn start_tape(&self, dir: &Path, load_truncated: bool) -> Result<Server, StartFailure> {
        self.start_named(dir, load_truncated, "appendonly.aof")
    }

    /// Starts it on a folder with a tape whose `appendfilename` is `name`. The folder inside, where there is one, is taken for
    /// `appenddirname`.
    ///
    /// # Errors
    /// See [`Server::start`].
    ///
    /// # Panics
    /// See [`Server::start`].
    pub fn start_named(&self, dir: &Path, load_truncated: bool, name: &str) -> Result<Server, StartFailure> {
        let load_truncated = if load_truncated { "yes" } else { "no" };
        let mut options = vec![("appendonly", "yes"), ("aof-load-truncated", load_truncated)];
        options.push(("appendfilename", name));
        // No child processes: nothing here is to be rewritten.
        options.push(("auto-aof-rewrite-percentage", "0"));
        if self.has_manifest() {
            // Without it the newer releases refuse DEBUG.
            options.push(("enable-debug-command", "yes"));
        }
        let folder = crate::entries(dir).into_iter().find(|path| path.is_dir());
        let folder = folder.as_deref().map(crate::file_name);
        if let Some(folder) = &folder {
            options.push(("appenddirname", folder));
        }
        Server::start(&self.server, dir, &options)
    }

    /// Runs the check tool over a tape or a manifest; with `fix` it may shorten it, and is told yes when it asks.
    ///
    /// # Panics
    /// If it cannot be run.
    pub fn check_aof(&self, path: &Path, fix: bool) -> CheckRun {
        let mut command = Command::new(&self.check_aof);
        if fix {
            command.arg("--fix");
        }
        // It names files as it was given them.
        let name = path.file_name().expect("a file");
        let mut child = command
            .arg(name)
            .current_dir(path.parent().expect("a folder"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", self.check_aof.display()));
        // It need not ask: then nobody reads the answer.
        let _ = child.stdin.take().expect("a pipe").write_all(b"y\n");
        let output = child.wait_with_output().expect("a child");
        let text = [output.stdout, output.stderr].concat();
        CheckRun { exit: output.status.code(), output: String::from_utf8_lossy(&text).into_owned() }
    }
}

/// Debian's `redis-server` and its check tool, from PATH.
///
/// # Panics
/// If they are not there: the tests need them.
pub fn debian() -> Program {
    let find = |name: &str| {
        let path = env::var_os("PATH").unwrap_or_default();
        let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
        found.unwrap_or_else(|| {
            panic!("{name} is needed and not on PATH: `apt-get install redis-server` (`cargo xtask native` does it)")
        })
    };
    let server = find("redis-server");
    Program { release: release(&server), check_aof: find("redis-check-aof"), server }
}

/// Debian's server, and where the environment variable `SNAPTAPE_SERVERS` names a folder with others (`<release>/bin/server`,
/// `check-aof`), all of those, in order of their names.
///
/// # Panics
/// If one is missing or says it is another release than its folder says.
pub fn programs() -> Vec<Program> {
    let mut programs = vec![debian()];
    let Some(folder) = env::var_os(SERVERS) else {
        println!("{SERVERS} is not set: only {} is asked", programs[0].release);
        return programs;
    };
    for home in crate::entries(Path::new(&folder)) {
        let [server, check_aof] = ["server", "check-aof"].map(|tool| home.join("bin").join(tool));
        // Libraries that some of them need lie beside them.
        if !home.join("bin").is_dir() {
            continue;
        }
        assert!(server.is_file() && check_aof.is_file(), "{} lacks programs", home.display());
        let release = release(&server);
        assert_eq!(release, crate::file_name(&home), "{} is another release", server.display());
        if programs.iter().all(|program| program.release != release) {
            programs.push(Program { release, server, check_aof });
        }
    }
    assert!(programs.len() > 1, "{SERVERS} names a folder without servers");
    println!("servers: {:?}", programs.iter().map(|program| &program.release).collect::<Vec<_>>());
    programs
}

/// `redis-7.0.15`, of `Redis server v=7.0.15 sha=...`.
fn release(server: &Path) -> String {
    let output = Command::new(server)
        .arg("--version")
        .output()
        .unwrap_or_else(|error| panic!("{} cannot be run: {error}", server.display()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split(' ').find_map(|word| word.strip_prefix("v="));
    let product = text.split(' ').next().unwrap_or_default().to_lowercase();
    let version = version.unwrap_or_else(|| panic!("{} has no version: {text:?}", server.display()));
    format!("{product}-{version}")
}
