//! The plans `before` and `without`, carried out, and what real servers make of the copies: the same as of the commands themselves,
//! sent one by one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use snaptape_testdata::{
    Case, Entry, Program, Reply, Server, at_least, cases, debian, files, programs, roots,
};

use crate::run::snaptape;

/// A command of a tape.
#[derive(Debug, Clone)]
struct Sent {
    file: String,
    start: u64,
    end: u64,
    /// The database it was written for.
    db: Vec<u8>,
    words: Vec<Vec<u8>>,
}

impl Sent {
    fn is(&self, name: &str) -> bool {
        self.words[0].eq_ignore_ascii_case(name.as_bytes())
    }

    fn place(&self) -> String {
        format!("{}:{}", self.file, self.start)
    }
}

/// The commands of a good tape without a snapshot in front, in file order.
fn parse(file: &str, bytes: &[u8]) -> Vec<Sent> {
    assert!(!bytes.starts_with(b"REDIS") && !bytes.starts_with(b"VALKEY"), "{file} begins with a snapshot");
    let mut commands = Vec::new();
    let (mut at, mut db) = (0, b"0".to_vec());
    let line = |at: &mut usize| {
        let end = *at + bytes[*at..].windows(2).position(|pair| pair == b"\r\n").expect("a line");
        let text = &bytes[*at..end];
        *at = end + 2;
        String::from_utf8_lossy(text).into_owned()
    };
    while at < bytes.len() {
        let start = at;
        let head = line(&mut at);
        let Some(words) = head.strip_prefix('*') else {
            assert!(head.starts_with('#'), "{file} at {start}: {head}");
            continue;
        };
        let words: Vec<Vec<u8>> = (0..words.parse::<usize>().expect("a number"))
            .map(|_| {
                let len: usize = line(&mut at)[1..].parse().expect("a length");
                at += len + 2;
                bytes[at - len - 2..at - 2].to_vec()
            })
            .collect();
        if words[0].eq_ignore_ascii_case(b"SELECT") {
            db.clone_from(&words[1]);
        }
        commands.push(Sent { file: file.into(), start: start as u64, end: at as u64, db: db.clone(), words });
    }
    commands
}

/// The commands of a whole set, as a server loads them.
fn load_order(set: &Path) -> Vec<Sent> {
    let all = files(set);
    let manifest = all.iter().find(|(name, _)| name.ends_with(".manifest"));
    let names: Vec<String> = match manifest {
        None => vec![all[0].0.clone()],
        Some((path, text)) => {
            let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            let text = String::from_utf8_lossy(text);
            let listed = text.lines().filter(|line| !line.ends_with("type h"));
            listed.map(|line| format!("{folder}{}", line.split(' ').nth(1).expect("a name"))).collect()
        }
    };
    let file = |name: &String| all.iter().find(|(path, _)| path == name).expect("a file that is listed");
    names.iter().flat_map(|name| parse(name, &file(name).1)).collect()
}

/// A server into which commands were sent, each in the database it was written for.
fn replay<'a>(program: &Program, commands: impl Iterator<Item = &'a Sent>) -> (tempfile::TempDir, Server) {
    let dir = tempfile::tempdir().unwrap();
    let mut options = vec![("appendonly", "no")];
    if program.has_manifest() {
        options.push(("enable-debug-command", "yes"));
    }
    let mut server = Server::start(&program.server, dir.path(), &options).unwrap();
    let mut sent: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut db = b"0".to_vec();
    for command in commands.filter(|command| !command.is("SELECT")) {
        // What a MULTI queues goes where its first command went; inside, a SELECT is queued like any other.
        if command.db != db {
            db.clone_from(&command.db);
            sent.push(vec![b"SELECT".to_vec(), db.clone()]);
        }
        sent.push(command.words.clone());
    }
    server.pipeline(&sent);
    (dir, server)
}

/// The data folder of a server with this copy in it.
fn data_folder(copy: &Path, name: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join(name);
    if copy.is_dir() {
        fs::create_dir(&place).unwrap();
        for (name, bytes) in files(copy) {
            fs::write(place.join(name), bytes).unwrap();
        }
    } else {
        fs::copy(copy, &place).unwrap();
    }
    dir
}

fn data_name(copy: &Path) -> &'static str {
    if copy.is_dir() { "appendonlydir" } else { "appendonly.aof" }
}

/// Does this server load the set? Before 7.0 servers do not look at directories, and start empty.
fn loads(program: &Program, set: &Path) -> bool {
    (program.has_manifest() || set.is_file())
        && program.start_tape(data_folder(set, data_name(set)).path(), false).is_ok()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The set itself: the append-only directory, or the file.
fn set_of(case: &Case) -> PathBuf {
    let inside = |name: &str| Some(case.path.join(name)).filter(|path| path.exists());
    inside("appendonlydir").or_else(|| inside("appendonly.aof")).unwrap_or_else(|| case.path.clone())
}

/// Carries a plan out, and compares what the copy gives with what the remaining commands give.
fn compare<'a>(
    what: &str,
    set: &Path,
    args: &[&str],
    fitting: &[Program],
    remaining: impl Iterator<Item = &'a Sent> + Clone,
) {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy");
    let (set_text, copy_text) = (set.to_string_lossy(), copy.to_string_lossy());
    let all = [&["repair", &set_text, "--out", &copy_text, "--json"], args].concat();
    let output = snaptape(&all);
    assert!(output.status.success(), "{what} {args:?}: {}", text(&output));
    for program in fitting {
        let home = data_folder(&copy, data_name(set));
        let mut loaded = program
            .start_tape(home.path(), false)
            .unwrap_or_else(|failure| panic!("{what} {args:?} on {}: {failure}", program.release));
        let (_dir, mut sent) = replay(program, remaining.clone());
        let (got, wanted) = (loaded.dump_all(), sent.dump_all());
        let names: [Vec<_>; 2] = [&got, &wanted].map(|side| side.keys().collect());
        assert_eq!(names[0], names[1], "{what} {args:?} on {}", program.release);
        for (name, entry) in &got {
            // A time that is relative, as very old tapes have them, counts from when it is run.
            let other = &wanted[name];
            let apart = entry.expires_at_ms.unwrap_or(0) - other.expires_at_ms.unwrap_or(0);
            assert!(
                apart.abs() < 60_000,
                "{what} {args:?} on {}: {name:?} {entry:?} {other:?}",
                program.release
            );
            let same = Entry { expires_at_ms: other.expires_at_ms, ..entry.clone() };
            assert_eq!(&same, other, "{what} {args:?} on {}: {name:?}", program.release);
        }
    }
}

/// Every FLUSHALL and FLUSHDB of the corpus, taken out or stopped before, chosen by its place and, the last one, without being named.
#[test]
fn a_flush_is_taken_back_as_if_it_had_not_been() {
    let programs = programs();
    let (mut by_debian, mut compared) = (0, 0);
    for root in roots() {
        for case in cases(&root, "aof").iter().filter(|case| case.name.contains("/flush")) {
            let set = set_of(case);
            let fitting: Vec<Program> =
                programs.iter().filter(|program| loads(program, &set)).cloned().collect();
            let own = programs.iter().any(|program| program.release == case.server);
            assert!(
                !own || fitting.iter().any(|p| p.release == case.server),
                "{}: refused by its own server",
                case.name
            );
            by_debian += usize::from(fitting.iter().any(|program| program.release == programs[0].release));
            let commands = load_order(&set);
            let flushes: Vec<usize> = (0..commands.len())
                .filter(|i| commands[*i].is("FLUSHALL") || commands[*i].is("FLUSHDB"))
                .collect();
            assert!(!flushes.is_empty(), "{}", case.name);
            for flush in &flushes {
                let place = commands[*flush].place();
                let without =
                    commands.iter().enumerate().filter(|(i, _)| i != flush).map(|(_, command)| command);
                compare(
                    &case.name,
                    &set,
                    &["--plan", "without", "--command", &place],
                    &fitting,
                    without.clone(),
                );
                let before = commands.iter().take(*flush);
                compare(&case.name, &set, &["--at", &place], &fitting, before.clone());
                if Some(flush) == flushes.last() {
                    compare(&case.name, &set, &["--plan", "without"], &fitting, without);
                    compare(&case.name, &set, &["--plan", "before"], &fitting, before);
                }
                compared += fitting.len();
            }
        }
    }
    println!("{compared} comparisons with servers");
    assert!(by_debian >= at_least(2, 1), "{by_debian}");
}

/// Any command, and any transaction: over several files, in several databases.
#[test]
fn any_command_can_be_taken_out_or_stopped_before() {
    let program = [debian()];
    let (mut n, mut transactions, mut selects) = (0, 0, 0);
    for root in roots() {
        for case in cases(&root, "aof") {
            let plain = ["plain", "multi-incr-plain", "timestamps-plain"]
                .iter()
                .any(|s| case.name.ends_with(&format!("/{s}")));
            let set = set_of(&case);
            if !plain || !loads(&program[0], &set) {
                continue;
            }
            let commands = load_order(&set);
            for i in (7..commands.len()).step_by(61) {
                let chosen = &commands[i];
                if chosen.is("SELECT") {
                    continue;
                }
                // The block it is in, if it is in one.
                let multi = (0..=i).rev().find(|j| commands[*j].is("MULTI") || commands[*j].is("EXEC"));
                let multi = multi
                    .filter(|j| (commands[*j].is("MULTI") || *j == i) && commands[*j].file == chosen.file);
                let start = match multi {
                    Some(j) if commands[j].is("EXEC") => {
                        (0..j).rev().find(|k| commands[*k].is("MULTI")).unwrap()
                    }
                    Some(j) => j,
                    None => i,
                };
                let place = chosen.place();
                compare(&case.name, &set, &["--at", &place], &program, commands.iter().take(start));
                let exec = (i..commands.len()).find(|j| commands[*j].is("EXEC"));
                let inner = (start + 1..exec.unwrap_or(i)).filter(|j| !commands[*j].is("SELECT")).count();
                let gone = match (multi, exec) {
                    (Some(_), Some(exec)) if chosen.is("MULTI") || chosen.is("EXEC") || inner == 1 => {
                        start..exec + 1
                    }
                    _ => i..i + 1,
                };
                transactions += usize::from(gone.len() > 1);
                selects += usize::from(commands[gone.clone()].iter().any(|command| command.is("SELECT")));
                let without = commands
                    .iter()
                    .enumerate()
                    .filter(|(j, _)| !gone.contains(j))
                    .map(|(_, command)| command);
                compare(&case.name, &set, &["--command", &place], &program, without);
                n += 1;
            }
        }
    }
    println!("{n} commands taken out, {transactions} transactions, {selects} of them with a SELECT");
    assert!(n >= 2, "{n}");
}

/// A transaction that selects a database for what follows it.
#[test]
fn what_follows_a_transaction_stays_in_its_database() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("it's \"the\" tape.aof");
    let mut tape = Vec::new();
    let lines = "SET a 1;MULTI;INCR a;SELECT 5;SET b 1;EXEC;SET c 1;MULTI;SELECT 7;FLUSHALL;EXEC;INCR c;SELECT 0;INCR a";
    for line in lines.split(';') {
        let words: Vec<&str> = line.split(' ').collect();
        tape.extend(format!("*{}\r\n", words.len()).into_bytes());
        for word in words {
            tape.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
        }
    }
    fs::write(&file, &tape).unwrap();
    let commands = parse("tape", &tape);
    let at = |i: usize| commands[i].start.to_string();
    let without = |gone: core::ops::Range<usize>| {
        commands.iter().enumerate().filter(move |(i, _)| !gone.contains(i)).map(|(_, command)| command)
    };
    let program = [debian()];
    compare("whole", &file, &["--command", &at(1)], &program, without(1..6));
    compare("its EXEC", &file, &["--command", &at(5)], &program, without(1..6));
    compare("both", &file, &["--command", &at(2), "--command", &at(4)], &program, without(1..6));
    compare("one", &file, &["--command", &at(4)], &program, without(4..5));
    compare("the flush", &file, &["--command", "flushall"], &program, without(7..11));
    compare("by number", &file, &["--command", "#1"], &program, without(7..11));
    compare("unasked", &file, &["--plan", "without"], &program, without(7..11));
    compare("before", &file, &["--plan", "before"], &program, commands.iter().take(7));
    compare(
        "hex",
        &file,
        &["--at", &format!("0x{:x}", commands[6].start)],
        &program,
        commands.iter().take(6),
    );
    for (args, why) in [
        (&["--command", &at(3)][..], "in a"),
        (&["--command", "1"], "is not where a command begins"),
        (&["--command", "9999"], "lies behind the last command"),
        (&["--command", "FLUSHDB"], "There are"),
        (&["--at", "2001-01-01T00:00:00Z"], "has no #TS: lines"),
        (&["--at", "0"], "the copy would be empty"),
        (&["--at", "noon"], "is not a place"),
        (&["--at", "elsewhere.aof:5"], "holds no commands"),
        (&["--plan", "truncate", "--at", "5"], "--at belongs"),
    ] {
        let out = dir.path().join("never");
        let output =
            snaptape(&[&["repair", &file.to_string_lossy(), "--out", &out.to_string_lossy()], args].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", text(&output));
        assert!(args[1] == at(3) || text(&output).contains(why), "{args:?}: {}", text(&output));
        assert!(!out.exists() && output.stdout.is_empty());
    }
}

/// `--truncate-to-timestamp` of the server's own check tool cuts at the same byte.
#[test]
fn a_time_cuts_where_the_check_tool_cuts() {
    let mut compared = 0;
    for root in roots() {
        for case in cases(&root, "aof").iter().filter(|case| case.name.contains("/timestamps")) {
            let set = set_of(case);
            let stamps: Vec<i64> = case.sidecar["files"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|file| file["timestamp_lines"].as_array())
                .flatten()
                .filter_map(|line| line[1].as_str()?.strip_prefix("#TS:")?.trim().parse().ok())
                .collect();
            assert!(stamps.len() > 1, "{}", case.name);
            for time in stamps.iter().flat_map(|stamp| [stamp - 1, *stamp]) {
                for program in programs().iter().filter(|program| program.has_manifest()) {
                    let home = data_folder(&set, "appendonlydir");
                    let folder = home.path().join("appendonlydir");
                    let tool = Command::new(&program.check_aof)
                        .args(["--truncate-to-timestamp", &time.to_string(), "appendonly.aof.manifest"])
                        .current_dir(&folder)
                        .output()
                        .unwrap();
                    let said = text(&tool);
                    let out = home.path().join("copy");
                    let output = snaptape(&[
                        "repair",
                        &set.to_string_lossy(),
                        "--out",
                        &out.to_string_lossy(),
                        "--at",
                        &format!("@{time}"),
                    ]);
                    let what =
                        format!("{} @{time} {}: {said}\n{}", case.name, program.release, text(&output));
                    // It does not know snapshots of newer servers, Valkey's not even those of its own, and cuts no file but the last one, and
                    // that not to nothing.
                    let blind = [
                        "is not valid",
                        "not the last file",
                        "nothing before timestamp",
                        "Can't handle RDB format version",
                    ];
                    let blind = blind.iter().any(|words| said.contains(words));
                    if blind {
                        continue;
                    }
                    assert!(tool.status.success(), "{what}");
                    if said.contains("Truncate nothing") && files(&folder) == files(&set) {
                        assert_eq!(output.status.code(), Some(1), "{what}");
                        assert!(text(&output).contains("no #TS: line is later than"), "{what}");
                    } else {
                        assert_eq!(output.status.code(), Some(0), "{what}");
                        assert_eq!(files(&folder), files(&out), "{what}");
                    }
                    compared += 1;
                }
            }
        }
    }
    println!("{compared} comparisons with check tools");
    assert!(compared >= 5, "{compared}");
}

/// Nothing is written where nothing is wrong, but what could be taken back is named; all plans stand side by side.
#[test]
fn a_sound_set_names_what_can_be_taken_back() {
    let case =
        cases(&roots()[0], "aof").into_iter().find(|case| case.name == "redis-7.0.15/flushall").unwrap();
    let set = set_of(&case);
    let path = set.to_string_lossy();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let output = snaptape(&["repair", &path, "--out", &out.to_string_lossy()]);
    assert!(output.status.success() && !out.exists());
    assert!(text(&output).contains("nothing to repair") && text(&output).contains("without, before"));
    let table = snaptape(&["repair", &path, "--dry-run"]);
    assert!(table.status.success());
    let rows = String::from_utf8_lossy(&table.stdout);
    assert!(
        rows.contains("commands kept") && rows.contains("\n  without ") && rows.contains("\n  before "),
        "{rows}"
    );
    let report: Value =
        serde_json::from_slice(&snaptape(&["repair", &path, "--dry-run", "--json"]).stdout).unwrap();
    let names: Vec<_> =
        report["plans"].as_array().unwrap().iter().map(|plan| plan["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["without", "before"]);
    assert_eq!(report["receipt"], Value::Null);
    let check: Value = serde_json::from_slice(&snaptape(&["check", &path, "--json"]).stdout).unwrap();
    let kinds: Vec<_> = check["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"history_at_risk"), "{kinds:?}");
}

/// Receipts say what was read and written, and steps how to put it in place.
#[test]
fn a_receipt_goes_with_the_copy() {
    let case =
        cases(&roots()[0], "aof").into_iter().find(|case| case.name == "redis-7.0.15/flushall").unwrap();
    let set = set_of(&case);
    let path = set.to_string_lossy();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a copy");
    let place = out.to_string_lossy();
    let output =
        snaptape(&["repair", &path, "--out", &place, "--command", "FLUSHALL", "--steps", "container"]);
    assert!(output.status.success(), "{}", text(&output));
    let steps = String::from_utf8_lossy(&output.stdout);
    assert!(steps.contains("docker cp 'a copy'") && !steps.contains("systemctl"), "{steps}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Plan without"));
    let receipt: Value = snaptape_testdata::json(&dir.path().join("a copy.receipt.json"));
    assert_eq!((&receipt["schema"], &receipt["verdict"]), (&"snaptape/repair/1".into(), &"sound".into()));
    assert_eq!(receipt["choice"]["choice"], "without");
    assert_eq!(receipt["plan"]["losses"]["commands"], 1);
    for (side, folder) in [("inputs", &set), ("outputs", &out)] {
        let proofs = receipt["receipt"][side].as_array().unwrap();
        assert_eq!(proofs.len(), 3);
        for proof in proofs {
            let name = proof["name"].as_str().unwrap().rsplit('/').next().unwrap();
            let bytes = fs::read(folder.join(name)).unwrap();
            assert_eq!(proof["sha256"], snaptape_testdata::sha256(&bytes), "{name}");
        }
    }
    // A receipt that is there already is somebody's proof.
    fs::remove_dir_all(&out).unwrap();
    let again = snaptape(&["repair", &path, "--out", &place, "--plan", "before"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(!out.exists() && text(&again).contains("--no-receipt"), "{}", text(&again));
    let again = snaptape(&["repair", &path, "--out", &place, "--plan", "before", "--no-receipt", "--json"]);
    assert_eq!(again.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert!(report["steps"]["systemd"].as_str().unwrap().contains("cp -R 'a copy' appendonlydir"));
    let zip = dir.path().join("copy.zip");
    assert!(
        snaptape(&["repair", &path, "--out", &zip.to_string_lossy(), "--plan", "before"]).status.success()
    );
    let mut archive = zip::ZipArchive::new(fs::File::open(&zip).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    for name in ["SHA256SUMS", "receipt.json", "appendonlydir/appendonly.aof.manifest"] {
        assert!(names.iter().any(|n| n == name), "{names:?}");
    }
    let inside: Value = serde_json::from_reader(archive.by_name("receipt.json").unwrap()).unwrap();
    assert_eq!(inside["plan"]["name"], "before");
    assert!(!dir.path().join("copy.zip.receipt.json").exists());
}

/// A server's refusal is no error of the test's replay: an EXEC that is sent answers, too.
#[test]
fn replies_of_a_replay_are_read() {
    let commands =
        parse("tape", b"*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*1\r\n$4\r\nEXEC\r\n");
    let (_dir, mut server) = replay(&debian(), commands.iter());
    assert_eq!(server.command(&[b"GET", b"a"]), Reply::Bytes(b"1".to_vec()));
    assert!(commands.windows(2).all(|pair| pair[0].end == pair[1].start));
}
