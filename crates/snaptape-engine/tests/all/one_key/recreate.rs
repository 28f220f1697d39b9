//! Commands and payloads, carried out by real servers: what they make is what the file holds.

use std::{
    collections::BTreeMap,
    io::{Seek as _, Write as _},
    process::{Command, Stdio},
};

use snaptape_engine::{KeyQuestion, Source};
use snaptape_report::{KeyAnswer, KeyPage, KeySurvey, Recreation};
use snaptape_testdata::{Program, Reply, Server, cases, files, programs, roots};
use snaptape_values::{hyperloglog, position};

use super::read::{Known, NOW_MS, ask, known, page};
use crate::set::Set;

type Key = (u64, Vec<u8>);

fn made(files: &Set, source: &Source, key: &Known, question: KeyQuestion) -> Recreation {
    match ask(files, source, key, None, question) {
        Ok(KeyAnswer::Commands(made) | KeyAnswer::Payload(made)) => made,
        other => panic!("{other:?}"),
    }
}

fn start(program: &Program, dir: &std::path::Path) -> Result<Server, String> {
    let mut options = vec![("dbfilename", "dump.rdb")];
    let release = program.release.split('-').next_back().unwrap_or_default();
    if !release.starts_with(['5', '6']) {
        options.push(("enable-debug-command", "yes"));
    }
    Server::start(&program.server, dir, &options).map_err(|failure| failure.to_string())
}

/// What `redis-cli` says to these lines.
pub(crate) fn cli(server: &Server, lines: &[u8]) -> String {
    let mut script = tempfile::tempfile().unwrap();
    script.write_all(lines).unwrap();
    script.rewind().unwrap();
    let output = Command::new("redis-cli")
        .arg("-s")
        .arg(server.socket())
        .stdin(Stdio::from(script))
        .output()
        .expect("redis-cli is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Groups, what is pending, and whose, without when consumers were seen.
fn groups(server: &mut Server, key: &[u8]) -> Vec<Reply> {
    let mut all = vec![server.command(&[b"XINFO", b"GROUPS", key])];
    for group in all[0].clone().list() {
        let name = group.list().swap_remove(1).bytes();
        let pending = server.command(&[b"XPENDING", key, &name, b"-", b"+", b"1000"]).list();
        // Id, consumer, time since delivery, deliveries.
        let stable = pending.into_iter().map(|row| {
            let mut row = row.list();
            row.remove(2);
            Reply::List(row)
        });
        all.push(Reply::List(stable.collect()));
    }
    all
}

/// Every stream's groups.
fn all_groups(server: &mut Server, keys: &[Key]) -> BTreeMap<Key, Vec<Reply>> {
    let mut all = BTreeMap::new();
    for (db, name) in keys {
        server.command(&[b"SELECT", db.to_string().as_bytes()]).text();
        all.insert((*db, name.clone()), groups(server, name));
    }
    all
}

#[test]
fn servers_make_the_same_keys_of_commands_and_payloads() {
    let programs = programs();
    let (mut n_files, mut n_commands, mut n_payloads, mut n_lines) = (0, 0, 0, 0);
    let (mut hlls, mut positions, mut lags, mut n_groups) = (0, 0, 0, 0);
    for root in roots() {
        for case in cases(&root, "rdb") {
            let exact = programs.iter().find(|program| program.release == case.server);
            let files = files(&case.path);
            let (outcome, keys) = known(&files);
            let Some(info) = &outcome.report.files[0].snapshot else { panic!("{}", case.name) };
            let Some(program) =
                exact.or_else(|| (info.magic == "REDIS" && info.rdb_version <= 10).then(|| &programs[0]))
            else {
                continue;
            };
            if keys.len() > 2_000 || files[0].1.len() > 8 << 20 {
                continue;
            }
            let source = &outcome.sources[0];
            let home = tempfile::tempdir().unwrap();
            std::fs::write(home.path().join("dump.rdb"), &files[0].1).unwrap();
            // Modules that this server has not.
            let Ok(mut original) = start(program, home.path()) else { continue };
            n_files += 1;
            let expected = original.dump_all();
            let streams: Vec<Key> = expected
                .iter()
                .filter(|(_, entry)| entry.kind == "stream")
                .map(|(key, _)| key.clone())
                .collect();
            let expected_groups = all_groups(&mut original, &streams);

            let empty = tempfile::tempdir().unwrap();
            let mut copy = start(program, empty.path()).unwrap();
            let now_ms = now_ms(&mut original);
            let (mut refused, mut loose, mut expiring) = (Vec::new(), Vec::new(), Vec::new());
            let mut lines = Vec::new();
            for key in &keys {
                if key.type_name == "hash" && has_expired_fields(&files, source, key, now_ms) {
                    // The commands remove them at once, and a server that loads the file in its own time.
                    refused.push((key.db, key.name.clone()));
                    expiring.push((key.db, key.name.clone()));
                    continue;
                }
                let made = made(&files, source, key, KeyQuestion::Commands { held_bytes: u64::MAX });
                if made.refused.is_some() || made.notes.iter().any(|note| note.contains("-0 becomes 0")) {
                    refused.push((key.db, key.name.clone()));
                    continue;
                }
                assert_eq!(made.bytes.split(|byte| *byte == b'\n').count() as u64 - 1, made.commands);
                n_commands += made.commands;
                // A server that loads a stream of old guesses what was read of it.
                if info.rdb_version < 10
                    || made.notes.iter().any(|note| note.contains("deleted from the stream"))
                {
                    loose.push((key.db, key.name.clone()));
                }
                lines.extend(made.bytes);
            }
            let said = cli(&copy, &lines);
            let wrong = said.lines().find(|line| {
                line.contains("ERR") || line.contains("WRONG") || line.contains("Invalid argument")
            });
            assert_eq!(wrong, None, "{}", case.name);
            let mut got = copy.dump_all();
            for key in &refused {
                if let Some(entry) = expected.get(key) {
                    got.insert(key.clone(), entry.clone());
                }
            }
            assert_same(&case.name, &got, &expected);
            let got_groups = all_groups(&mut copy, &streams);
            for (key, expected) in expected_groups.iter().filter(|(key, _)| !loose.contains(key)) {
                n_groups += expected.len() - 1;
                assert_eq!(&got_groups[key], expected, "{} {}", case.name, key.1.escape_ascii());
            }

            copy.command(&[b"FLUSHALL"]).text();
            for key in &keys {
                let made = made(&files, source, key, KeyQuestion::Payload { held_bytes: u64::MAX });
                let db = key.db.to_string();
                let select: [&[u8]; 2] = [b"SELECT", db.as_bytes()];
                copy.command(&select).text();
                let at = key.expires_at_ms.unwrap_or(0).to_string();
                let mut words: Vec<&[u8]> = vec![b"RESTORE", &key.name, at.as_bytes(), &made.bytes];
                if key.expires_at_ms.is_some() {
                    words.push(b"ABSTTL");
                }
                assert_eq!(made.refused, None);
                let answer = copy.command(&words);
                assert_eq!(answer, Reply::Line("OK".into()), "{} {}", case.name, key.name.escape_ascii());
                n_payloads += 1;
                if let Some(line) = made.line.filter(|_| n_lines < 300) {
                    n_lines += 1;
                    copy.command(&[b"DEL", &key.name]);
                    let said = cli(&copy, format!("{line}\n").as_bytes());
                    assert_eq!(said, "OK\nOK\n", "{} {line}", case.name);
                }
            }
            let mut got = copy.dump_all();
            for key in expiring {
                match expected.get(&key) {
                    Some(entry) => drop(got.insert(key, entry.clone())),
                    None => drop(got.remove(&key)),
                }
            }
            assert_same(&case.name, &got, &expected);
            let got_groups = all_groups(&mut copy, &streams);
            for (key, expected) in &expected_groups {
                assert_eq!(&got_groups[key], expected, "{} {}", case.name, key.1.escape_ascii());
            }
            lags += check_lags(&files, source, &keys, &expected_groups);
            let (some_hlls, some_positions) = check_answers(&files, source, &keys, &mut original);
            hlls += some_hlls;
            positions += some_positions;
        }
    }
    println!(
        "{n_files} files, {n_commands} commands, {n_payloads} payloads, {n_lines} of them as lines; {hlls} estimates, {positions} positions, {lags} lags, {n_groups} groups"
    );
    assert!(n_files > 20 && n_payloads > 500 && hlls > 0, "{n_files} {n_payloads} {hlls}");
}

fn has_expired_fields(files: &Set, source: &Source, key: &Known, now_ms: i64) -> bool {
    let all = page(files, source, key, None, 0, u64::MAX).unwrap();
    all.rows.iter().any(|row| row.expires_at_ms.is_some_and(|at_ms| at_ms < now_ms + 60_000))
}

/// Its clock.
fn now_ms(server: &mut Server) -> i64 {
    let seconds = server.command(&[b"TIME"]).list().swap_remove(0);
    seconds.text().parse::<i64>().unwrap() * 1_000
}

fn assert_same(
    name: &str,
    got: &BTreeMap<Key, snaptape_testdata::Entry>,
    expected: &BTreeMap<Key, snaptape_testdata::Entry>,
) {
    for (key, entry) in expected {
        // Its time may have come meanwhile.
        let other = got.get(key);
        assert_eq!(other, Some(entry), "{name} db{} {}", key.0, key.1.escape_ascii());
    }
    assert_eq!(got.len(), expected.len(), "{name}");
}

/// The lag of every group is what the server says, where it says one.
fn check_lags(files: &Set, source: &Source, keys: &[Known], groups: &BTreeMap<Key, Vec<Reply>>) -> u64 {
    let mut checked = 0;
    for key in keys.iter().filter(|key| key.type_name == "stream") {
        let Some(answers) = groups.get(&(key.db, key.name.clone())) else { continue };
        let survey = survey(files, source, key);
        let facts = survey.stream.unwrap();
        for (group, answer) in facts.groups.iter().zip(answers[0].clone().list()) {
            let answer = answer.list();
            let field = |name: &str| {
                let at = answer.iter().position(|word| *word == Reply::Bytes(name.into()));
                at.map(|at| answer[at + 1].clone())
            };
            assert_eq!(field("name"), Some(Reply::Bytes(group.name.clone())));
            assert_eq!(field("pending"), Some(Reply::Integer(i64::try_from(group.pending).unwrap())));
            if let (Some(lag), Some(Reply::Integer(said))) = (group.lag, field("lag")) {
                assert_eq!(i64::try_from(lag).unwrap(), said, "{}", key.name.escape_ascii());
                checked += 1;
            }
        }
    }
    checked
}

fn survey(files: &Set, source: &Source, key: &Known) -> KeySurvey {
    let question = KeyQuestion::Survey { target: None, allocator: None, digest: false, now_ms: NOW_MS };
    match ask(files, source, key, None, question) {
        Ok(KeyAnswer::Survey(survey)) => *survey,
        other => panic!("{other:?}"),
    }
}

/// Estimates and positions are those of the server.
fn check_answers(files: &Set, source: &Source, keys: &[Known], server: &mut Server) -> (u64, u64) {
    let (mut hlls, mut positions) = (0, 0);
    for key in keys {
        let db = key.db.to_string();
        let select: [&[u8]; 2] = [b"SELECT", db.as_bytes()];
        match key.type_name.as_str() {
            "string" => {
                let all = page(files, source, key, None, 0, 1).unwrap();
                let Ok(found) = hyperloglog(&all.rows[0].texts[0].bytes) else { continue };
                server.command(&select).text();
                let Reply::Integer(said) = server.command(&[b"PFCOUNT", &key.name]) else { continue };
                if said > 0 || server.command(&[b"EXISTS", &key.name]) == Reply::Integer(1) {
                    assert_eq!(i64::try_from(found.estimate).unwrap(), said);
                    hlls += 1;
                }
            }
            "zset" => {
                let all: KeyPage = page(files, source, key, None, 0, 20).unwrap();
                server.command(&select).text();
                for row in &all.rows {
                    let score: f64 = row.score.as_ref().unwrap().parse().unwrap();
                    let Some((lon, lat)) = position(score).filter(|_| score > 1e9) else { continue };
                    let Reply::List(said) = server.command(&[b"GEOPOS", &key.name, &row.texts[0].bytes])
                    else {
                        continue;
                    };
                    let Some(Reply::List(said)) = said.into_iter().next() else { continue };
                    let said: Vec<f64> = said.into_iter().map(|word| word.text().parse().unwrap()).collect();
                    assert!(
                        (said[0] - lon).abs() < 1e-9 && (said[1] - lat).abs() < 1e-9,
                        "{said:?} {lon} {lat}"
                    );
                    positions += 1;
                }
            }
            _ => {}
        }
    }
    (hlls, positions)
}
