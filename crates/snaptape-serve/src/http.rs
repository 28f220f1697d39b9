//! As much of HTTP/1.1 as static files need: one request a connection, no bodies from the other side.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::link::Pace;

/// Nobody who means it sends a longer head.
const MAX_HEAD_BYTES: u64 = 16 << 10;

/// A browser keeps connections open ahead of time; after this long without a request it has to make a new one.
const PATIENCE: Duration = Duration::from_mins(1);

/// What of a request matters here.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Does it take a body compressed with Brotli?
    pub(crate) takes_brotli: bool,
}

/// What is sent back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// Reads a request, answers it, closes.
pub(crate) fn exchange(
    stream: &TcpStream,
    pace: Option<&Pace>,
    answer: impl FnOnce(&Request) -> Response,
) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let Some(head) = read_head(stream)? else { return Ok(()) };
    let (response, with_body) = match parse(&head) {
        Some(request) => (answer(&request), request.method != "HEAD"),
        None => (Response { status: "400 Bad Request", headers: Vec::new(), body: Vec::new() }, true),
    };
    let mut out = format!("HTTP/1.1 {}\r\n", response.status);
    for (name, value) in &response.headers {
        // A line end in a value would be a header of its own.
        let value: String = value.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
        out.extend([*name, ": ", &value, "\r\n"]);
    }
    out.extend(["Content-Length: ", &response.body.len().to_string(), "\r\nConnection: close\r\n\r\n"]);
    let mut stream = stream;
    let mut out = out.into_bytes();
    if with_body {
        out.extend(response.body);
    }
    match pace {
        Some(pace) => pace.write(stream, &out)?,
        None => stream.write_all(&out)?,
    }
    // Closing with something unread would throw away what was just written.
    stream.shutdown(Shutdown::Write)?;
    io::copy(&mut stream.take(MAX_HEAD_BYTES), &mut io::sink())?;
    Ok(())
}

/// Everything up to the empty line; nothing when the other side closes without a word.
fn read_head(stream: &TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let mut limited = stream.take(MAX_HEAD_BYTES);
    let mut buffer = [0; 2048];
    loop {
        match limited.read(&mut buffer)? {
            0 if head.is_empty() => return Ok(None),
            // Cut off or endless: it will not parse.
            0 => return Ok(Some(Vec::new())),
            n => head.extend_from_slice(&buffer[..n]),
        }
        if head.windows(4).any(|end| end == b"\r\n\r\n") {
            return Ok(Some(head));
        }
    }
}

fn parse(head: &[u8]) -> Option<Request> {
    let head = str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let sound = words.next().is_none() && version.starts_with("HTTP/1.");
    let mut accepted = lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("Accept-Encoding"))
        .flat_map(|(_, codings)| codings.split(','));
    let takes_brotli =
        accepted.any(|coding| coding.split(';').next().is_some_and(|name| name.trim() == "br"));
    sound.then(|| Request { method: method.to_owned(), target: target.to_owned(), takes_brotli })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_request_lines_are_requests() {
        for (head, target) in [
            ("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n", Some("/a?b")),
            ("GET / HTTP/1.0\r\n\r\n", Some("/")),
            ("GET /\r\n\r\n", None),
            ("GET / HTTP/2\r\n\r\n", None),
            ("GET / a HTTP/1.1\r\n\r\n", None),
            ("", None),
        ] {
            assert_eq!(parse(head.as_bytes()).map(|request| request.target).as_deref(), target, "{head:?}");
        }
    }
}
