//! What DUMP of real servers answers becomes a snapshot that reads as the key it was, however it is pasted.

use std::fmt::Write as _;

use snaptape_engine::{InputFile, Job, Options};
use snaptape_paste::{PASTED_KEY, What, read};
use snaptape_report::Verdict;
use snaptape_testdata::{Reply, Server, programs};

const COMMANDS: [&str; 9] = [
    "SET string hello",
    "SET number 12345",
    "RPUSH list a b c 1 2 3",
    "SADD set x y z",
    "SADD intset 1 2 3",
    "HSET hash f v g w",
    "ZADD zset 1 a 2.5 b",
    "XADD stream 1-1 f v",
    "XGROUP CREATE stream g 0",
];

fn words(line: &str) -> Vec<&[u8]> {
    line.split(' ').map(str::as_bytes).collect()
}

/// As `redis-cli` prints it.
fn as_cli(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'\\' | b'"' => write!(text, "\\{}", char::from(*byte)).unwrap(),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            7 => text.push_str("\\a"),
            8 => text.push_str("\\b"),
            0x20..0x7f => text.push(char::from(*byte)),
            _ => write!(text, "\\x{byte:02x}").unwrap(),
        }
    }
    text + "\""
}

fn as_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x} ").unwrap();
    }
    text
}

#[test]
fn what_dump_answers_is_opened() {
    let mut dumps = 0;
    for program in programs() {
        let dir = tempfile::tempdir().unwrap();
        let mut server = Server::start(&program.server, dir.path(), &[]).unwrap();
        for line in COMMANDS {
            let reply = server.command(&words(line));
            assert!(!matches!(reply, Reply::Error(_)), "{line}: {reply:?}");
        }
        server.command(&[b"SET", b"long", "long text ".repeat(200).as_bytes()]);
        for (key, type_name) in [
            ("string", "string"),
            ("number", "string"),
            ("long", "string"),
            ("list", "list"),
            ("set", "set"),
            ("intset", "set"),
            ("hash", "hash"),
            ("zset", "zset"),
            ("stream", "stream"),
        ] {
            let payload = server.command(&[b"DUMP", key.as_bytes()]).bytes();
            for text in [as_cli(&payload), as_hex(&payload)] {
                let pasted =
                    read(&text).unwrap_or_else(|error| panic!("{}: {key}: {error}", program.release));
                assert_eq!((pasted.what, pasted.doubt.as_deref()), (What::Dump, None), "{key}");
                let report = inspect(&pasted.bytes);
                let rows = report.dataset.expect("keys").biggest;
                assert_eq!(rows.len(), 1);
                assert_eq!(rows[0].name.display(), PASTED_KEY);
                assert_eq!(rows[0].type_name.0, type_name, "{}: {key}", program.release);
                assert_eq!(
                    report.verdict,
                    Verdict::Sound,
                    "{}: {key}: {:?}",
                    program.release,
                    report.findings
                );
                dumps += 1;
            }
            // One bit more or less, and it is said.
            let mut wrong = payload.clone();
            wrong[2] ^= 4;
            let doubt = read(&as_hex(&wrong)).ok().and_then(|pasted| pasted.doubt);
            assert!(doubt.is_some_and(|doubt| doubt.contains("checksum does not agree")), "{key}");
        }
    }
    assert!(dumps >= 18, "{dumps}");
}

fn inspect(file: &[u8]) -> snaptape_report::Report {
    let inputs = vec![InputFile { path: "pasted.rdb".into(), bytes: file.len() as u64 }];
    let mut job = Job::new(inputs, Options::default()).unwrap();
    while let Some(request) = job.next_read() {
        let start = usize::try_from(request.offset).unwrap();
        job.feed(&request, &file[start..start + request.len]);
    }
    job.finish().report
}
