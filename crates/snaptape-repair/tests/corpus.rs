//! Every append-only set of the corpus, whole and damaged: the verdict, what the server and its check tool did, and the bytes
//! that `--fix` left.

use std::collections::BTreeMap;

use serde_json::Value;
use snaptape_analysis::{Features, MeaningFold, Recovery};
use snaptape_aof::{EntryKind, Manifest, PartName, Reframer, TapeScan};
use snaptape_rdb::Magic;
use snaptape_repair::{
    FileFacts, Judgement, ManifestFacts, Piece, SetFacts, SnapshotFacts, judge, pieces, tiles,
};
use snaptape_report::{LineEnds, OutputFile, Plan, Role, Severity, Verdict};
use snaptape_testdata::{Case, FRAMING_DAMAGE, cases, files, roots, sha256};
use snaptape_wire::{Error, ErrorKind, Limits, Product, Release};

type Files = Vec<(String, Vec<u8>)>;

/// What is wrong with the snapshots of a case, which these tests do not read.
#[derive(Clone, Copy, PartialEq)]
enum Snapshots {
    Sound,
    Broken,
    Mismatch,
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

fn snapshot_facts(bytes: &[u8], state: Snapshots) -> Option<SnapshotFacts> {
    let valkey_magic = bytes.starts_with(b"VALKEY");
    if !valkey_magic && !bytes.starts_with(b"REDIS") {
        return None;
    }
    let digits = bytes.get(if valkey_magic { 6..9 } else { 5..9 })?;
    // Servers write SELECT behind a snapshot before anything else.
    let tape = find(bytes, b"*2\r\n$6\r\nSELECT").or_else(|| find(bytes, b"*2\n$6\nSELECT"));
    let end = tape.unwrap_or(bytes.len()) as u64;
    let magic = if valkey_magic { Magic::Valkey } else { Magic::Redis };
    let broken = state == Snapshots::Broken;
    Some(SnapshotFacts {
        error: broken.then(|| Error::new(ErrorKind::UnexpectedEnd { missing: 1 }, end)),
        end,
        keys: 30,
        sound_up_to: if broken { end / 2 } else { end },
        checksum_mismatch: state == Snapshots::Mismatch,
        features: Features::of_header(magic, std::str::from_utf8(digits).ok()?.parse().ok()?),
        recovery: Recovery::default(),
        unfit: Vec::new(),
        saved_at_s: None,
        writer: None,
    })
}

fn file_facts(path: &str, bytes: &[u8], role: Role, release: Release, state: Snapshots) -> FileFacts {
    let mut facts = FileFacts::new(path, role, bytes.len() as u64);
    facts.snapshot = snapshot_facts(bytes, state);
    let start = facts.snapshot.as_ref().map_or(0, |snapshot| snapshot.end);
    let readable = state == Snapshots::Sound || facts.snapshot.is_none();
    if readable && start < bytes.len() as u64 {
        let mut scan = TapeScan::new(start, bytes.len() as u64, release, Limits::default());
        let mut meaning = MeaningFold::default();
        meaning.begin_file(path);
        scan.feed(&bytes[usize::try_from(start).unwrap()..], &mut meaning);
        facts.tape = Some(scan.finish(&mut meaning));
        facts.meaning = meaning.finish().pop().map(|(_, meaning)| meaning);
    }
    facts
}

/// The facts as an engine gathers them.
fn set_facts(files: &Files, release: Release, state: Snapshots) -> SetFacts {
    let manifest = files.iter().find(|(path, _)| path.ends_with(".manifest"));
    let listed =
        manifest.map(|(_, text)| Manifest::parse(text).unwrap_or_else(|_| Manifest::parse_leniently(text)));
    let role = |path: &str| {
        let name = path.rsplit('/').next().unwrap();
        if path.ends_with(".manifest") {
            return Role::Manifest;
        }
        if files.len() == 1 {
            return Role::Aof;
        }
        let kind = match &listed {
            Some(listed) if !listed.entries.is_empty() => {
                listed.entries.iter().find(|entry| entry.name == name.as_bytes()).map(|entry| entry.kind)
            }
            _ => PartName::parse(name).map(|part| part.kind),
        };
        match kind {
            Some(EntryKind::Base) => Role::Base,
            Some(EntryKind::Incr) => Role::Incr,
            Some(EntryKind::History) => Role::History,
            None => Role::Unlisted,
        }
    };
    SetFacts {
        release,
        manifest: manifest.map(|(path, text)| ManifestFacts { path: path.clone(), text: text.clone() }),
        files: files
            .iter()
            .map(|(path, bytes)| match role(path) {
                Role::Manifest => FileFacts::new(path, Role::Manifest, bytes.len() as u64),
                role => file_facts(path, bytes, role, release, state),
            })
            .collect(),
        replay: None,
    }
}

fn case_state(case: &Case) -> Snapshots {
    match case.sidecar["damage"].as_str() {
        Some("preamble-checksum" | "preamble-flipped") => Snapshots::Mismatch,
        Some("preamble-truncated" | "truncated-base") => Snapshots::Broken,
        _ => Snapshots::Sound,
    }
}

fn release(case: &Case) -> Release {
    case.server.parse().unwrap()
}

fn judge_case(case: &Case) -> (Files, Judgement) {
    let files = files(&case.path);
    let facts = set_facts(&files, release(case), case_state(case));
    let judgement = judge(&facts);
    (files, judgement)
}

fn apply(output: &OutputFile, inputs: &Files) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces(output) {
        match piece {
            Piece::Source { path, start, end } => {
                let (_, bytes) = inputs.iter().find(|(name, _)| *name == path).expect("a known source");
                out.extend_from_slice(&bytes[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]);
            }
            Piece::Reframed { path, start, end, from } => {
                let (_, bytes) = inputs.iter().find(|(name, _)| *name == path).expect("a known source");
                let mut reframer = Reframer::new(match from {
                    LineEnds::Lf => snaptape_aof::LineEnds::Lf,
                    LineEnds::LoneLfToCrlf => snaptape_aof::LineEnds::LoneLfToCrlf,
                    LineEnds::EveryLfToCrlf => snaptape_aof::LineEnds::EveryLfToCrlf,
                });
                let span = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
                reframer.push(&bytes[span], &mut out).expect("as it was");
                reframer.finish(&mut out).expect("as it was");
            }
            Piece::Bytes(bytes) => out.extend(bytes),
            Piece::Checksum => panic!("a tape has no checksum"),
        }
    }
    assert_eq!(out.len() as u64, output.bytes());
    out
}

/// The plan of this name.
fn plan<'j>(judgement: &'j Judgement, name: &str) -> Option<&'j Plan> {
    judgement.plans.iter().find(|plan| plan.name == name)
}

/// What a plan makes.
fn repaired(judgement: &Judgement, name: &str, inputs: &Files) -> Option<Files> {
    let plan = plan(judgement, name)?;
    Some(plan.outputs.iter().map(|output| (output.name.clone(), apply(output, inputs))).collect())
}

fn analyzed(case: &Case) -> Vec<(String, u64)> {
    let list = case.sidecar["check_aof"]["analyzed"].as_array();
    let of = |entry: &Value| Some((entry["file"].as_str()?.to_string(), entry["ok_up_to"].as_u64()?));
    list.map(|list| list.iter().filter_map(of).collect()).unwrap_or_default()
}

fn tool_files(judgement: &Judgement) -> Vec<(String, u64)> {
    let name = |path: &str| path.rsplit('/').next().unwrap().to_string();
    judgement.check_tool.files.iter().map(|file| (name(&file.file), file.ok_up_to)).collect()
}

/// valkey-check-aof 9 does not recognise its own snapshots, and its `--fix` empties the file.
fn tool_is_blind(case: &Case) -> bool {
    let release = release(case);
    release.product == Product::Valkey && release.major >= 9 && case.sidecar["scenario"] == "preamble"
}

#[test]
fn intact_sets_are_sound() {
    let mut seen = 0;
    for root in roots() {
        for case in cases(&root, "aof") {
            let (_, judgement) = judge_case(&case);
            assert_eq!(judgement.verdict, Verdict::Sound, "{}: {:#?}", case.name, judgement.findings);
            assert!(judgement.plans.is_empty(), "{}", case.name);
            assert!(judgement.loads.default.starts && judgement.loads.strict.starts, "{}", case.name);
            let check = &case.sidecar["check_aof"];
            assert_eq!(
                i64::from(judgement.check_tool.exit),
                check["exit"].as_i64().unwrap(),
                "{}",
                case.name
            );
            if let (Some(ok_up_to), 1) = (check["ok_up_to"].as_u64(), judgement.files.len()) {
                assert_eq!(judgement.check_tool.ok_up_to, ok_up_to, "{}", case.name);
            }
            for file in case.sidecar["files"].as_array().unwrap() {
                let Some(commands) = file["commands"].as_u64() else { continue };
                let path = file["file"].as_str().unwrap();
                let judged = judgement.files.iter().find(|judged| judged.path.ends_with(path)).unwrap();
                let history = judgement.findings.iter().any(|finding| {
                    finding.file == judged.path && finding.kind == snaptape_report::FindingKind::HistoryFile
                });
                assert_eq!(judged.commands, commands, "{} {path}", case.name);
                assert!(
                    history || judged.sound_up_to == file["size"].as_u64().unwrap(),
                    "{} {path}",
                    case.name
                );
            }
            seen += 1;
        }
    }
    println!("{seen} sets");
    assert!(seen >= 10, "only {seen}");
}

/// Damage that leaves the framing whole and commands a server takes: what is wrong with it is a matter of opinion.
const INVISIBLE: [&str; 2] = ["block-doubled", "flipped-payload"];
/// Redis reads behind a command that is too short: whether it crashes differs from start to start, as the corpus says itself. Valkey
/// from 8.1 on counts the words.
const VARIES: [&str; 1] = ["wrong-arity"];
/// Damage that neither program minds.
const HARMLESS: [&str; 5] =
    ["manifest-comment", "manifest-crlf", "manifest-unlisted-incr", "preamble-only", "good"];

#[test]
fn damaged_sets_fare_as_they_did() {
    let (mut seen, mut starts, mut tools, mut known) = (0, 0, 0, BTreeMap::<&str, u32>::new());
    for root in roots() {
        for case in cases(&root, "aof-damaged") {
            let (_, judgement) = judge_case(&case);
            let damage = case.sidecar["damage"].as_str().unwrap();
            seen += 1;
            let sound = judgement.verdict == Verdict::Sound;
            assert_eq!(
                sound,
                INVISIBLE.contains(&damage) || HARMLESS.contains(&damage),
                "{}: {:#?}",
                case.name,
                judgement.findings
            );
            assert_eq!(sound, judgement.findings.iter().all(|f| f.severity != Severity::Error));
            assert!(judgement.findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.severity)));
            for (setting, load) in [("yes", &judgement.loads.default), ("no", &judgement.loads.strict)] {
                let server = &case.sidecar[format!("server, aof-load-truncated {setting}").as_str()];
                let started = server["started"].as_bool().unwrap();
                let counts = release(&case).product == Product::Valkey && release(&case).major >= 9;
                if VARIES.contains(&damage) && !counts {
                    // Nobody should count on a start that went well.
                    assert!(!load.starts, "{}", case.name);
                    *known.entry(if started { "varies, started" } else { "varies, crashed" }).or_default() +=
                        1;
                    continue;
                }
                assert_eq!(load.starts, started, "{} {setting}: {load:?}", case.name);
                starts += 1;
            }
            let check = &case.sidecar["check_aof"];
            let exit = check["exit"].as_i64().unwrap();
            if exit < 0 || (damage == "bulk-length-negative" && !release(&case).at_least_redis(7, 0)) {
                // The tool crashed, or gave up for lack of memory: before 7.0 it asked for -1 bytes and more.
                assert_eq!(damage, "bulk-length-negative", "{}", case.name);
                *known.entry("tool crashed").or_default() += 1;
                continue;
            }
            assert_eq!(i64::from(judgement.check_tool.exit), exit, "{}", case.name);
            assert_eq!(tool_files(&judgement), analyzed(&case), "{}", case.name);
            tools += 1;
        }
    }
    println!("{seen} sets, {starts} starts, {tools} check tools; known differences: {known:?}");
    assert!(seen >= 70 && starts >= 140 && tools >= 65, "{seen} {starts} {tools}");
}

#[test]
fn a_cut_leaves_what_fix_leaves() {
    let (mut same, mut better, mut refused) = (0, 0, 0);
    for root in roots() {
        for case in cases(&root, "aof-damaged") {
            let (inputs, judgement) = judge_case(&case);
            let damage = case.sidecar["damage"].as_str().unwrap();
            let fix = &case.sidecar["check_aof_fix"];
            let mended = case.sidecar["check_aof"]["exit"] == 1 && fix["exit"] == 0;
            let Some(outputs) = repaired(&judgement, "truncate", &inputs) else {
                let nothing_to_do = judgement.verdict == Verdict::Sound;
                let said = judgement
                    .findings
                    .iter()
                    .any(|finding| finding.message.starts_with("No repair by cutting"));
                let empty = judgement.verdict == Verdict::Unusable;
                assert!(nothing_to_do || said || empty, "{}: {:#?}", case.name, judgement.findings);
                // Cutting at the very front leaves an empty file: the tool does that, a plan does not.
                let leaves_nothing = fix["files_after"]["appendonly.aof"]["size"] == 0;
                assert!(
                    !mended || tool_is_blind(&case) || leaves_nothing,
                    "{}: the tool can mend it",
                    case.name
                );
                refused += u32::from(!nothing_to_do);
                continue;
            };
            if !mended {
                // A manifest, a file that is not the last one, or a tool that crashes: the tool cannot, the plan can.
                better += 1;
                continue;
            }
            if tool_is_blind(&case) {
                // --fix leaves 0 bytes.
                assert!(
                    fix["files_after"]["appendonly.aof"]["size"] == 0 && !outputs[0].1.is_empty(),
                    "{}",
                    case.name
                );
                better += 1;
                continue;
            }
            let loses_empty_command = damage == "argc-zero" && case.sidecar["scenario"] == "plain";
            let mut shorter = false;
            for (name, bytes) in &outputs {
                let after = fix["files_after"].as_object().unwrap();
                let (_, after) =
                    after.iter().find(|(path, _)| path.rsplit('/').next() == Some(name)).expect("the file");
                if loses_empty_command {
                    // --fix leaves "*0" at the end, which the server then refuses: the plan cuts before it.
                    assert_eq!(after["size"], bytes.len() + 4, "{}", case.name);
                    better += 1;
                    continue;
                }
                if damage == "argc-minus" && after["sha256"] != sha256(bytes).as_str() {
                    // --fix leaves the command that lost a word, which the server then crashes on: the plan cuts before it.
                    let left = after["size"].as_u64().unwrap();
                    let at = case.sidecar["command_at"].as_u64().or(case.sidecar["at"].as_u64()).unwrap();
                    assert!(bytes.len() as u64 == at && at < left, "{}: {}", case.name, bytes.len());
                    shorter = true;
                    continue;
                }
                assert_eq!(after["sha256"], sha256(bytes), "{} {name}", case.name);
            }
            same += u32::from(!loses_empty_command && !shorter);
            better += u32::from(shorter);
        }
    }
    println!("{same} the same as --fix, {better} where --fix cannot or does harm, {refused} without a plan");
    assert!(same >= 30 && better >= 15 && refused >= 5, "{same} {better} {refused}");
}

#[test]
fn every_copy_is_sound() {
    let mut seen = BTreeMap::<&str, u32>::new();
    for root in roots() {
        for case in cases(&root, "aof-damaged") {
            let (inputs, judgement) = judge_case(&case);
            for plan in &judgement.plans {
                let name = format!("{} {}", case.name, plan.name);
                let outputs = repaired(&judgement, &plan.name, &inputs).unwrap();
                let facts = set_facts(&outputs, release(&case), Snapshots::Sound);
                let again = judge(&facts);
                if outputs.iter().any(|(name, bytes)| !name.ends_with(".manifest") && !bytes.is_empty()) {
                    assert_eq!(again.verdict, Verdict::Sound, "{name}: {:#?}", again.findings);
                }
                assert!(again.plans.is_empty(), "{name}");
                for load in [&again.loads.default, &again.loads.strict] {
                    assert!(load.starts, "{name}: {load:?}");
                    let last = outputs.iter().find(|(name, _)| *name == load.file).unwrap();
                    assert_eq!(load.kept_up_to, last.1.len() as u64, "{name}");
                }
                let commands = again.files.iter().map(|file| file.commands).sum::<u64>();
                assert_eq!(commands, plan.commands_kept, "{name}");
                let bytes_of = |files: &Files| {
                    let data = files.iter().filter(|(path, _)| !path.ends_with(".manifest"));
                    data.map(|file| file.1.len() as u64).sum::<u64>()
                };
                if plan.name == "truncate" {
                    assert_eq!(plan.losses.bytes, bytes_of(&inputs) - bytes_of(&outputs), "{name}");
                }
                for output in &plan.outputs {
                    let source = inputs.iter().find(|(path, _)| *path == output.source);
                    let bytes = source.map_or(0, |(_, bytes)| bytes.len() as u64);
                    assert_eq!(tiles(output, bytes), Ok(()), "{name}");
                }
                let kind = ["truncate", "salvage", "close-multi"].into_iter().find(|kind| *kind == plan.name);
                *seen.entry(kind.expect("a plan for tapes")).or_default() += 1;
            }
        }
    }
    println!("{seen:?}");
    assert!(seen["truncate"] >= 50 && seen["salvage"] >= 60 && seen["close-multi"] >= 8, "{seen:?}");
}

/// Damage behind or around which something can be kept that a cut leaves out.
const WORTH_IT: [&str; 4] = ["block-removed", "truncated-last-crlf", "truncated-middle-incr", "zeroed-block"];

#[test]
fn salvage_keeps_what_a_cut_keeps_and_more() {
    let mut table = BTreeMap::<String, (u32, u32, u64, u64)>::new();
    for root in roots() {
        for case in cases(&root, "aof-damaged") {
            let (_, judgement) = judge_case(&case);
            let damage = case.sidecar["damage"].as_str().unwrap();
            let (truncate, salvage) = (plan(&judgement, "truncate"), plan(&judgement, "salvage"));
            let row = table.entry(damage.into()).or_default();
            row.0 += 1;
            row.1 += u32::from(salvage.is_some());
            row.2 += truncate.map_or(0, |plan| plan.commands_kept);
            row.3 += salvage.map_or(0, |plan| plan.commands_kept);
            let Some(salvage) = salvage else {
                assert!(truncate.is_none(), "{}: only a cut is offered", case.name);
                assert!(!(FRAMING_DAMAGE.contains(&damage) || WORTH_IT.contains(&damage)), "{}", case.name);
                continue;
            };
            if let Some(truncate) = truncate {
                assert!(salvage.commands_kept >= truncate.commands_kept, "{}", case.name);
                assert!(salvage.keys_kept >= truncate.keys_kept, "{}", case.name);
            }
            let more = salvage.commands_kept > truncate.map_or(0, |plan| plan.commands_kept);
            assert!(
                more || !(FRAMING_DAMAGE.contains(&damage) || WORTH_IT.contains(&damage)),
                "{}",
                case.name
            );
            // Best first: what keeps more, and else the simple one.
            let first = &judgement.plans[0];
            if let Some(truncate) = truncate {
                // Behind a missing file everything is in doubt.
                let better = salvage.commands_kept > truncate.commands_kept && damage != "missing-incr";
                assert_eq!(first.name, if better { "salvage" } else { "truncate" }, "{}", case.name);
            }
            let open = ["truncated-in-multi", "truncated-in-multi-mid-command"].contains(&damage);
            assert!(!open || plan(&judgement, "close-multi").is_some(), "{}", case.name);
        }
    }
    println!("damage                          cases  offered  truncate  salvage");
    for (damage, (cases, offered, truncate, salvage)) in &table {
        println!("{damage:<32}{cases:>5}{offered:>9}{truncate:>10}{salvage:>9}");
    }
    assert!(table.len() >= 30);
}
