//! A real server on a folder: the last word on whether a copy is one.

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

/// A server that is ended with its last owner, however the test ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `redis-server` (Debian packages 7.0.15) on a folder that holds a `dump.rdb`, or with `appendonly` a tape, and asks how
/// many keys database 0 has.
///
/// # Errors
/// The server refused; its log.
///
/// # Panics
/// If there is no such program, or it does not answer.
pub fn dbsize(dir: &Path, appendonly: bool) -> Result<u64, String> {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port();
    let log = dir.join("log");
    let child = Command::new("redis-server")
        .args([
            "--bind",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--databases",
            "64",
            "--save",
            "",
            "--dir",
        ])
        .arg(dir)
        .args(["--appendonly", if appendonly { "yes" } else { "no" }])
        .stdout(fs::File::create(&log).expect("a place for the log"))
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server is needed: apt-get install redis-server");
    let mut server = Server(child);
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = server.0.try_wait().expect("a child") {
            let mut text = String::new();
            fs::File::open(&log).and_then(|mut log| log.read_to_string(&mut text)).expect("the log");
            return Err(format!("{status}\n{text}"));
        }
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            stream.write_all(b"DBSIZE\r\n").expect("a connection");
            let mut line = String::new();
            // A server that has just refused the file closes the connection: then it says why in a moment.
            let _ = BufReader::new(stream).read_line(&mut line);
            if let Some(keys) = line.strip_prefix(':') {
                return Ok(keys.trim().parse().expect("a number"));
            }
        }
        assert!(Instant::now() < deadline, "the server does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
}
