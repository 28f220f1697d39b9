//! A real server on a folder: the last word on whether a copy is one, and on what something takes.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long it may take to load a small file.
const PATIENCE: Duration = Duration::from_secs(30);
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

/// A `redis-server` (Debian packages 7.0.15) that has loaded what is in its folder. It is ended when it is dropped.
pub struct Server {
    _process: Process,
    connection: BufReader<TcpStream>,
}

impl Server {
    /// Starts one on a folder with `settings` (`--hash-max-listpack-entries`, `640`), and waits until it answers.
    ///
    /// # Errors
    /// The server refused to start; its log.
    ///
    /// # Panics
    /// If there is no such program, or it does not answer.
    pub fn start(dir: &Path, settings: &[&str]) -> Result<Self, String> {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let log = dir.join("log");
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--databases", "64", "--save", ""])
            .arg("--dir")
            .arg(dir)
            .args(settings)
            .stdout(fs::File::create(&log).expect("a place for the log"))
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is needed: apt-get install redis-server");
        let mut process = Process(child);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = process.0.try_wait().expect("a child") {
                let mut text = String::new();
                fs::File::open(&log).and_then(|mut log| log.read_to_string(&mut text)).expect("the log");
                return Err(format!("{status}\n{text}"));
            }
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
                let mut connection = BufReader::new(stream);
                connection.get_mut().write_all(b"DBSIZE\r\n").expect("a connection");
                let mut line = String::new();
                // A server that has just refused the file closes the connection: then it says why in a moment. One that is still
                // loading says so.
                let _ = connection.read_line(&mut line);
                if line.starts_with(':') {
                    return Ok(Self { _process: process, connection });
                }
            }
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The answers to commands, each a list of words: the text of a line, or a string.
    ///
    /// # Panics
    /// If the server answers with an error, with nothing, or with a list.
    pub fn ask<W: AsRef<[u8]>>(&mut self, commands: &[Vec<W>]) -> Vec<String> {
        let mut answers = Vec::with_capacity(commands.len());
        for some in commands.chunks(PIPELINE) {
            let mut bytes = Vec::new();
            for command in some {
                bytes.extend_from_slice(format!("*{}\r\n", command.len()).as_bytes());
                for word in command {
                    let word = word.as_ref();
                    bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
                    bytes.extend_from_slice(word);
                    bytes.extend_from_slice(b"\r\n");
                }
            }
            self.connection.get_mut().write_all(&bytes).expect("a connection");
            for _ in some {
                answers.push(self.answer());
            }
        }
        answers
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.connection.read_line(&mut line).expect("an answer");
        let text = line.trim_end();
        match text.split_at_checked(1) {
            Some(("+" | ":", text)) => text.into(),
            Some(("$", len)) => {
                let mut text = vec![0; len.parse::<usize>().expect("a string") + 2];
                self.connection.read_exact(&mut text).expect("a string");
                text.truncate(text.len() - 2);
                String::from_utf8_lossy(&text).into_owned()
            }
            _ => panic!("the server says {text:?}"),
        }
    }

    /// A field of INFO.
    ///
    /// # Panics
    /// If it has none of that name.
    pub fn info(&mut self, field: &str) -> String {
        let text = self.ask(&[vec!["INFO"]]).swap_remove(0);
        let found = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        found.unwrap_or_else(|| panic!("no {field} in {text}")).into()
    }
}

/// Starts a server on a folder that holds a `dump.rdb`, or with `appendonly` a tape, and asks how many keys database 0 has.
///
/// # Errors
/// The server refused; its log.
///
/// # Panics
/// If there is no such program, or it does not answer.
pub fn dbsize(dir: &Path, appendonly: bool) -> Result<u64, String> {
    let mut server = Server::start(dir, &["--appendonly", if appendonly { "yes" } else { "no" }])?;
    Ok(server.ask(&[vec!["DBSIZE"]])[0].parse().expect("a number"))
}
