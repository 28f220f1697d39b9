//! Serves the built page on this machine: to people (`cargo xtask serve`) and to the browser tests, which also ask
//! what was requested. Static files only, on 127.0.0.1 only.
//!
//! It is *not* a server for the world: no TLS, no caching, and compression only where a test asks what a visit from far away is like
//! ([`Server::start_behind`]). The page is a folder of static files; any web server can publish it.
//!
//! ```no_run
//! use snaptape_serve::{Port, Server};
//! let server = Server::start("dist".as_ref(), Port::FirstFree(8080))?;
//! println!("{}", server.url());
//! # Ok::<(), std::io::Error>(())
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod html;
mod http;
mod link;
mod packed;
mod path;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::http::{Request, Response};
pub use crate::link::Link;
use crate::link::Pace;
use crate::packed::Packed;

/// How many ports [`Port::FirstFree`] tries.
const PORTS_TRIED: u16 = 32;

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// Any port the system gives.
    Any,
    /// Exactly this one.
    Exactly(u16),
    /// This one, or the next that is free.
    FirstFree(u16),
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    site: Arc<Site>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Site {
    root: PathBuf,
    requests: Mutex<Vec<String>>,
    stopped: AtomicBool,
    /// Bodies for those who take them compressed.
    packed: Packed,
}

impl Server {
    /// Serves the files below `root`.
    ///
    /// # Errors
    /// When `root` holds no `index.html`, or no port can be had.
    pub fn start(root: &Path, port: Port) -> io::Result<Self> {
        Self::launch(root, port, None)
    }

    /// Serves them as a host far away does: compressed with Brotli for whoever takes that, and over this link.
    ///
    /// # Errors
    /// As above, and when a file cannot be read.
    pub fn start_behind(link: Link, root: &Path, port: Port) -> io::Result<Self> {
        Self::launch(root, port, Some(link))
    }

    fn launch(root: &Path, port: Port, link: Option<Link>) -> io::Result<Self> {
        let root = root.canonicalize()?;
        if !root.join("index.html").is_file() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("no index.html in {}", root.display()),
            ));
        }
        let listener = listen(port)?;
        let address = listener.local_addr()?;
        let packed = if link.is_some() { Packed::below(&root)? } else { Packed::default() };
        let site =
            Arc::new(Site { root, requests: Mutex::default(), stopped: AtomicBool::new(false), packed });
        let thread = std::thread::spawn({
            let (site, pace) = (Arc::clone(&site), Arc::new(link.map(Pace::new)));
            move || accept(&listener, &site, &pace)
        });
        Ok(Self { address, site, thread: Some(thread) })
    }

    /// Address of the page.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Every path asked for so far, in order, refused ones included.
    pub fn requests(&self) -> Vec<String> {
        self.site.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves until the process ends.
    pub fn run(mut self) {
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic there was printed there.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.site.stopped.store(true, Ordering::Relaxed);
        // `accept` notices with the next connection: this one.
        let _ = TcpStream::connect(self.address);
        self.join();
    }
}

fn listen(port: Port) -> io::Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match port {
        Port::Any => bind(0),
        Port::Exactly(port) => bind(port),
        Port::FirstFree(first) => {
            let mut last = None;
            for port in first..=first.saturating_add(PORTS_TRIED) {
                match bind(port) {
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
                    done => return done,
                }
            }
            Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
        }
    }
}

fn accept(listener: &TcpListener, site: &Arc<Site>, pace: &Arc<Option<Pace>>) {
    for stream in listener.incoming() {
        if site.stopped.load(Ordering::Relaxed) {
            return;
        }
        // One thread a connection: a browser opens some ahead of time and leaves them idle, which must not keep the
        // others waiting.
        if let Ok(stream) = stream {
            let (site, pace) = (Arc::clone(site), Arc::clone(pace));
            std::thread::spawn(move || {
                // The other side may have gone away; that is its business.
                let _ = http::exchange(&stream, pace.as_ref().as_ref(), |request| site.answer(request));
            });
        }
    }
}

impl Site {
    fn answer(&self, request: &Request) -> Response {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.target.clone());
        let (status, mime, body, packed) = self.find(request);
        let mut headers = vec![
            ("Content-Type", mime.to_owned()),
            ("X-Content-Type-Options", "nosniff".to_owned()),
            ("Referrer-Policy", "no-referrer".to_owned()),
            ("Cross-Origin-Opener-Policy", "same-origin".to_owned()),
            ("Cross-Origin-Embedder-Policy", "require-corp".to_owned()),
            ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
            ("Cache-Control", "no-cache".to_owned()),
        ];
        // Read each time, so that a rebuild needs no restart. With every file, not just the page: a worker obeys
        // the policy that came with its own script.
        let page = fs::read_to_string(self.root.join("index.html")).unwrap_or_default();
        headers.extend(html::policy(&page).map(|policy| ("Content-Security-Policy", policy)));
        headers.extend(packed.then(|| ("Content-Encoding", "br".to_owned())));
        Response { status, headers, body }
    }

    /// Status, type and body; and whether the body is compressed.
    fn find(&self, request: &Request) -> (&'static str, &'static str, Vec<u8>, bool) {
        let refused =
            |status: &'static str| (status, "text/plain; charset=utf-8", status.as_bytes().to_vec(), false);
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return refused("405 Method Not Allowed");
        }
        let Some(file) = path::resolve(&self.root, &request.target) else { return refused("404 Not Found") };
        let packed = if request.takes_brotli { self.packed.get(&file) } else { None };
        let is_packed = packed.is_some();
        match packed.or_else(|| fs::read(&file).ok()) {
            Some(body) => ("200 OK", path::mime(&file), body, is_packed),
            None => refused("404 Not Found"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::{Duration, Instant};

    use super::*;

    fn site() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let page = r#"<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"#;
        fs::write(dir.path().join("index.html"), page).unwrap();
        fs::write(dir.path().join("app_bg.wasm"), b"\0asm").unwrap();
        dir
    }

    fn ask(server: &Server, request_line: &str) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        write!(stream, "{request_line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn answers_with_type_and_policy() {
        let dir = site();
        let server = Server::start(dir.path(), Port::Any).unwrap();
        for (line, status, header) in [
            ("GET /", "200", "Content-Type: text/html; charset=utf-8"),
            ("GET /app_bg.wasm?x=1", "200", "Content-Type: application/wasm"),
            ("HEAD /app_bg.wasm", "200", "X-Content-Type-Options: nosniff"),
            ("GET /none", "404", "Cross-Origin-Opener-Policy: same-origin"),
            ("POST /", "405", "Content-Security-Policy: default-src 'none'"),
        ] {
            let answer = ask(&server, line);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{line}: {answer}");
            assert!(answer.contains(header), "{line}: {answer}");
            assert!(answer.contains("Content-Security-Policy: default-src 'none'\r\n"), "{line}: {answer}");
        }
        // A body of its own for HEAD would be read as the start of the next answer.
        assert!(ask(&server, "HEAD /app_bg.wasm").ends_with("\r\n\r\n"));
        assert!(ask(&server, "GET").starts_with("HTTP/1.1 400"));
        let asked = server.requests();
        assert_eq!(asked[..5], ["/", "/app_bg.wasm?x=1", "/app_bg.wasm", "/none", "/"]);
    }

    #[test]
    fn compresses_and_takes_its_time_behind_a_link() {
        let dir = site();
        fs::write(dir.path().join("app.js"), "let a = 1;\n".repeat(20_000)).unwrap();
        let link = Link { round_trip: Duration::from_millis(50), bits_per_second: 3_200_000 };
        let server = Server::start_behind(link, dir.path(), Port::Any).unwrap();
        let start = Instant::now();
        let packed = ask(&server, "GET /app.js HTTP/1.1\r\nAccept-Encoding: gzip, br;q=0.9\r\nX: y");
        assert!(packed.contains("Content-Encoding: br\r\n") && packed.len() < 2_000, "{packed}");
        assert!(start.elapsed() >= Duration::from_millis(50), "{:?}", start.elapsed());

        // 220,000 bytes at 400,000 a second, shared by two.
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let plain = ask(&server, "GET /app.js HTTP/1.1\r\nAccept-Encoding: gzip\r\nX: y");
                    assert!(!plain.contains("Content-Encoding") && plain.len() > 220_000);
                });
            }
        });
        let took = start.elapsed();
        assert!((1.0..4.0).contains(&took.as_secs_f64()), "{took:?}");
    }

    #[test]
    fn idle_connections_keep_nobody_waiting() {
        let dir = site();
        let server = Server::start(dir.path(), Port::Any).unwrap();
        let idle: Vec<_> = (0..40).map(|_| TcpStream::connect(server.address).unwrap()).collect();
        assert!(ask(&server, "GET /").starts_with("HTTP/1.1 200"));
        drop(idle);
    }

    #[test]
    fn takes_the_next_free_port() {
        let dir = site();
        let first = Server::start(dir.path(), Port::Any).unwrap();
        let taken = first.address.port();
        assert!(Server::start(dir.path(), Port::Exactly(taken)).is_err());
        let second = Server::start(dir.path(), Port::FirstFree(taken)).unwrap();
        assert_ne!(second.address.port(), taken);
    }

    #[test]
    fn wants_a_page() {
        let dir = tempfile::tempdir().unwrap();
        let error = Server::start(dir.path(), Port::Any).unwrap_err();
        assert!(error.to_string().contains("no index.html"), "{error}");
    }
}
