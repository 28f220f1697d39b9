//! A proxy that answers nothing and remembers who wanted out. The browser sends everything to it that is not on this
//! machine, from pages and workers alike.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Whom Chromium (Debian's asks its start page, too) calls on its own account, whatever the flags say. A page could hide
/// behind these, which is why the browser's own count of the page's requests is looked at as well.
const BROWSERS_OWN: [&str; 6] =
    ["duckduckgo.com", "firefox.com", "google.com", "googleapis.com", "gvt1.com", "mozilla.com"];

/// The proxy; it lives as long as the process.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&log);
                // A thread each: the browser opens some ahead of time, and says nothing on them for long.
                std::thread::spawn(move || refuse(&stream, &log));
            }
        });
        Self { address, seen }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// First lines of all requests so far that are not the browser's own business.
    pub(crate) fn strangers(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|line| !is_browsers_own(line)).cloned().collect()
    }
}

fn refuse(mut stream: &TcpStream, log: &Mutex<Vec<String>>) {
    let mut line = String::new();
    if BufReader::new(stream).read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
        log.lock().unwrap_or_else(PoisonError::into_inner).push(line.trim().to_owned());
        // Whether the answer arrives does not matter.
        let _ =
            stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
}

/// Is this `CONNECT host:443 HTTP/1.1` or `GET http://host/path HTTP/1.1` to one of [`BROWSERS_OWN`]?
fn is_browsers_own(line: &str) -> bool {
    let Some(target) = line.split(' ').nth(1) else { return false };
    let target = target.strip_prefix("http://").unwrap_or(target);
    let host = target.split(['/', ':']).next().unwrap_or_default();
    BROWSERS_OWN
        .iter()
        .any(|own| host == *own || host.strip_suffix(own).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_the_browsers_own() {
        for (line, own) in [
            ("CONNECT start.duckduckgo.com:443 HTTP/1.1", true),
            ("GET http://clients2.google.com/time/1 HTTP/1.1", true),
            ("CONNECT example.com:443 HTTP/1.1", false),
            ("CONNECT notgoogle.com:443 HTTP/1.1", false),
            ("GET http://example.com/google.com HTTP/1.1", false),
            ("", false),
        ] {
            assert_eq!(is_browsers_own(line), own, "{line}");
        }
    }
}
