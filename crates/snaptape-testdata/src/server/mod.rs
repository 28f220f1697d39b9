//! A real server on a folder: the last word on whether a copy is one, and on what something takes.

mod contents;
mod programs;
mod resp;

use std::{
    fmt, fs,
    os::unix::{net::UnixStream, process::ExitStatusExt as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use resp::Connection;

pub use contents::{Entry, Keyspace, recorded_keyspace};
pub use programs::{CheckRun, Program, debian, programs};
pub use resp::Reply;

/// How long it may take to load a small file, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long to wait before asking again whether a server is there.
const PAUSE: Duration = Duration::from_millis(5);
/// Commands that are sent before answers are read.
const PIPELINE: usize = 256;

/// A server that is ended with its last owner, however the test ends.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that ended instead of answering.
#[derive(Debug)]
pub struct StartFailure {
    /// Its exit status, where it ended by itself.
    pub exit: Option<i32>,
    /// The signal that ended it: 6 is an assertion, 11 a crash.
    pub signal: Option<i32>,
    /// Everything it logged.
    pub log: String,
}

impl fmt::Display for StartFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.exit, self.signal) {
            (Some(exit), _) => writeln!(formatter, "the server ended with exit status {exit}:")?,
            (None, Some(signal)) => writeln!(formatter, "the server was ended by signal {signal}:")?,
            (None, None) => writeln!(formatter, "the server ended:")?,
        }
        formatter.write_str(&self.log)
    }
}

/// A server that has loaded what is in its folder. It is ended when it is dropped, without saving anything.
///
/// It listens on a Unix socket in a folder of its own and on no port; its log is there, too, so that the folder it loads holds
/// nothing but data.
pub struct Server {
    // Ended before its folder goes.
    _process: Process,
    connection: Connection,
    home: TempDir,
}

impl Server {
    /// Starts `program` on `dir` with `options` (`("appendonly", "yes")`) and waits until everything is loaded.
    ///
    /// It never saves by itself and has 64 databases, unless `options` say otherwise. Keys whose time is past stay until somebody asks
    /// for them, as far as that can be had: expiry by clock is switched off in the moment it answers.
    ///
    /// # Errors
    /// The server ended, as one does that refuses a file.
    ///
    /// # Panics
    /// If the program cannot be run, or neither answers nor ends for a minute.
    pub fn start(program: &Path, dir: &Path, options: &[(&str, &str)]) -> Result<Self, StartFailure> {
        // Paths of sockets have some hundred bytes at most: not below `dir`, which may be anywhere.
        let home = tempfile::Builder::new().prefix("server").tempdir().expect("a temporary folder");
        let socket = home.path().join("socket");
        let log = home.path().join("log");
        let out = fs::File::create(&log).expect("a place for the log");
        let mut command = Command::new(program);
        // A relative `--dir` would be taken from where the test runs, which is what we want.
        command.args(["--port", "0", "--databases", "64", "--save", ""]);
        command.arg("--unixsocket").arg(&socket).arg("--dir").arg(dir);
        for (name, value) in options {
            command.args([&format!("--{name}"), *value]);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a descriptor"))
            .stderr(out)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be run: {error}", program.display()));
        let mut process = Process(child);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = process.0.try_wait().expect("a child") {
                return Err(StartFailure {
                    exit: status.code(),
                    signal: status.signal(),
                    log: read_log(&log),
                });
            }
            if let Some(connection) = answering(&socket) {
                return Ok(Self { _process: process, connection, home });
            }
            assert!(
                Instant::now() < deadline,
                "{} neither answers nor ends:\n{}",
                program.display(),
                read_log(&log)
            );
            std::thread::sleep(PAUSE);
        }
    }

    /// What the server answers to a command: its name and its arguments.
    ///
    /// # Panics
    /// If the server is no longer there.
    pub fn command(&mut self, words: &[&[u8]]) -> Reply {
        self.pipeline(&[words]).pop().expect("one answer")
    }

    /// The answers to commands, which are sent without waiting for each.
    ///
    /// # Panics
    /// If the server is no longer there.
    pub fn pipeline<C: AsRef<[W]>, W: AsRef<[u8]>>(&mut self, commands: &[C]) -> Vec<Reply> {
        let mut answers = Vec::with_capacity(commands.len());
        for some in commands.chunks(PIPELINE) {
            let mut bytes = Vec::new();
            for command in some {
                resp::append(&mut bytes, command.as_ref());
            }
            self.connection.send(&bytes).expect("a server that listens");
            answers.extend(some.iter().map(|_| self.connection.reply().expect("a server that answers")));
        }
        answers
    }

    /// The answers to commands, each a list of words: the text of a line, or a string.
    ///
    /// # Panics
    /// If the server answers with an error, with nothing, or with a list.
    pub fn ask<W: AsRef<[u8]>>(&mut self, commands: &[Vec<W>]) -> Vec<String> {
        self.pipeline(commands).into_iter().map(Reply::text).collect()
    }

    /// A field of INFO.
    ///
    /// # Panics
    /// If it has none of that name.
    pub fn info(&mut self, field: &str) -> String {
        let text = self.command(&[b"INFO", b"everything"]).text();
        let found = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        found.unwrap_or_else(|| panic!("no {field} in {text}")).into()
    }

    /// The socket it listens on, for other programs.
    pub fn socket(&self) -> std::path::PathBuf {
        self.home.path().join("socket")
    }

    /// Everything it has logged so far.
    ///
    /// # Panics
    /// If the log cannot be read.
    pub fn log(&self) -> String {
        read_log(&self.home.path().join("log"))
    }
}

/// A connection to a server that is done loading.
fn answering(socket: &Path) -> Option<Connection> {
    let stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    let mut connection = Connection::new(stream);
    // A server that has just refused the file closes the connection. One that is still loading says so. The command is the first
    // one it runs after loading: before its clock has deleted anything, but for what the event loop did in between.
    let mut bytes = Vec::new();
    resp::append(&mut bytes, &["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
    resp::append(&mut bytes, &["PING"]);
    connection.send(&bytes).ok()?;
    // Where DEBUG is not allowed the answer is an error, and the server deletes expired keys as it goes.
    let _ = connection.reply().ok()?;
    match connection.reply().ok()? {
        Reply::Line(line) if line == "PONG" => Some(connection),
        _ => None,
    }
}

fn read_log(path: &Path) -> String {
    String::from_utf8_lossy(&crate::read(path)).into_owned()
}

/// Starts Debian's server on a folder that holds a `dump.rdb`, or with `appendonly` a tape, and asks how many keys database 0 has.
///
/// # Errors
/// The server refused; how, and its log.
///
/// # Panics
/// If there is no such program, or it does not answer.
pub fn dbsize(dir: &Path, appendonly: bool) -> Result<u64, String> {
    let appendonly = if appendonly { "yes" } else { "no" };
    let mut server = Server::start(&debian().server, dir, &[("appendonly", appendonly)])
        .map_err(|failure| failure.to_string())?;
    Ok(server.command(&[b"DBSIZE"]).integer().try_into().expect("a number of keys"))
}
