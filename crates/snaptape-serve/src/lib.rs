//! Serves the built page on this machine: to people (`cargo xtask serve`) and to the browser tests, which also ask
//! what was requested. Static files only, on 127.0.0.1 only.
//!
//! It is *not* a server for the world: no TLS, no compression, no caching. The page is a folder of static files; any
//! web server can publish it.
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
mod path;

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tiny_http::{Header, Method, Request, Response};

/// Requests answered at the same time. A page asks for a handful of files and one worker.
const THREADS: usize = 4;

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
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    root: PathBuf,
    http: tiny_http::Server,
    requests: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Server {
    /// Serves the files below `root`.
    ///
    /// # Errors
    /// When `root` holds no `index.html`, or no port can be had.
    pub fn start(root: &Path, port: Port) -> io::Result<Self> {
        let root = root.canonicalize()?;
        if !root.join("index.html").is_file() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("no index.html in {}", root.display()),
            ));
        }
        let listener = listen(port)?;
        let address = listener.local_addr()?;
        let http = tiny_http::Server::from_listener(listener, None).map_err(io::Error::other)?;
        let shared = Arc::new(Shared { root, http, requests: Mutex::default() });
        let threads = (0..THREADS)
            .map(|_| {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    // `recv` fails once `unblock` was called.
                    while let Ok(request) = shared.http.recv() {
                        shared.answer(request);
                    }
                })
            })
            .collect();
        Ok(Self { address, shared, threads })
    }

    /// Address of the page.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Every path asked for so far, in order, refused ones included.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves until the process ends.
    pub fn run(mut self) {
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so; the others go on.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.shared.http.unblock();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
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

impl Shared {
    fn answer(&self, request: Request) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.url().to_owned());
        // The other side may have gone away; that is its business.
        let _ = match self.find(&request) {
            Ok((file, mime)) => request.respond(self.dressed(Response::from_file(file), mime)),
            Err(status) => {
                let text = Response::from_string(status.default_reason_phrase()).with_status_code(status);
                request.respond(self.dressed(text, "text/plain; charset=utf-8"))
            }
        };
    }

    fn find(&self, request: &Request) -> Result<(File, &'static str), tiny_http::StatusCode> {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return Err(405.into());
        }
        let path = path::resolve(&self.root, request.url()).ok_or(404)?;
        let file = File::open(&path).map_err(|_| 404)?;
        Ok((file, path::mime(&path)))
    }

    fn dressed<R: io::Read>(&self, mut response: Response<R>, mime: &str) -> Response<R> {
        let mut add = |name: &str, value: &str| match Header::from_bytes(name, value) {
            Ok(header) => response.add_header(header),
            Err(()) => unreachable!("header values here are printable ASCII"),
        };
        add("Content-Type", mime);
        add("X-Content-Type-Options", "nosniff");
        add("Referrer-Policy", "no-referrer");
        add("Cross-Origin-Opener-Policy", "same-origin");
        add("Cross-Origin-Embedder-Policy", "require-corp");
        add("Cross-Origin-Resource-Policy", "same-origin");
        add("Cache-Control", "no-cache");
        // Read each time, so that a rebuild needs no restart. With every file, not just the page: a worker obeys
        // the policy that came with its own script.
        if let Some(policy) =
            fs::read_to_string(self.root.join("index.html")).ok().as_deref().and_then(html::policy)
            && policy.is_ascii()
        {
            add("Content-Security-Policy", &policy);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

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
        assert_eq!(server.requests(), ["/", "/app_bg.wasm?x=1", "/app_bg.wasm", "/none", "/"]);
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
