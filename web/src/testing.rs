//! Reports for the tests of this crate.

use snaptape_report::{
    CHECK_SCHEMA, CheckReport, CheckTool, Checksum, Dataset, Edit, FileReport, Group, KeyName, KeyRow, Load,
    Loads, Losses, OutputFile, PatternGroup, Plan, REPORT_SCHEMA, Report, Role, SnapshotInfo, Tally,
    TypeName, Verdict,
};

use crate::protocol::Answers;

pub(crate) fn key(name: &str, type_name: &str, memory_bytes: u64) -> KeyRow {
    KeyRow {
        db: 0,
        name: KeyName::new(name.as_bytes()),
        type_name: TypeName(type_name.into()),
        encoding: "listpack".into(),
        elements: Some(3),
        expires_at_ms: None,
        file_bytes: memory_bytes / 2,
        payload_bytes: memory_bytes / 2,
        memory_bytes,
        memory_by_release: None,
        largest_element_bytes: None,
        idle_s: None,
        freq: None,
        offset: 0,
        file: None,
        value_sha256: None,
    }
}

pub(crate) fn pattern(name: &str, tally: Tally) -> PatternGroup {
    PatternGroup { pattern: name.into(), type_name: "string".into(), tally, ..PatternGroup::default() }
}

pub(crate) fn group(name: &str, tally: Tally) -> Group {
    Group { name: name.into(), type_name: name.into(), tally, quantiles: None }
}

pub(crate) fn file(name: &str, role: Role, bytes: u64) -> FileReport {
    FileReport {
        name: name.into(),
        role,
        bytes,
        container: None,
        sound_up_to: bytes,
        commands: 0,
        keys: 0,
        commands_behind: 0,
        keys_behind: 0,
        holes: vec![],
        snapshot: None,
    }
}

pub(crate) fn snapshot(checksum: Checksum) -> SnapshotInfo {
    SnapshotInfo {
        magic: "REDIS".into(),
        rdb_version: 12,
        product: "Redis".into(),
        release: Some("7.4.1".into()),
        bits: Some(64),
        saved_at_s: Some(1_763_800_000),
        used_memory_bytes: Some(2_000_000),
        places: Vec::new(),
        checksum,
        aux: vec![],
        functions: 0,
        modules: vec![],
        bytes: 1_000,
    }
}

pub(crate) fn load(starts: bool) -> Load {
    Load {
        starts,
        holds: snaptape_report::Holds::This,
        why: "It reads the whole file.".into(),
        kept_up_to: 1_000,
        file: "dump.rdb".into(),
        keys: Vec::new(),
    }
}

/// A plan that keeps a snapshot whole.
pub(crate) fn plan() -> Plan {
    Plan {
        name: "truncate".into(),
        summary: "Keeps everything.".into(),
        outputs: vec![OutputFile {
            name: "dump.rdb".into(),
            source: "dump.rdb".into(),
            edits: vec![Edit::Keep { start: 0, end: 1_000 }],
        }],
        directory: false,
        losses: Losses::default(),
        commands_kept: 0,
        keys_kept: 0,
        notes: Vec::new(),
        lost_keys: Vec::new(),
        holds: None,
    }
}

/// A sound snapshot of two keys, and a plan nobody needs.
pub(crate) fn answers() -> Answers {
    let totals = Tally {
        keys: 2,
        elements: 6,
        file_bytes: 500,
        payload_bytes: 500,
        memory_bytes: 1_000,
        largest_memory_bytes: 600,
        ..Tally::default()
    };
    let mut dump = file("dump.rdb", Role::Rdb, 1_000);
    dump.keys = 2;
    dump.snapshot = Some(snapshot(Checksum::Verified));
    let dataset = Dataset {
        totals,
        databases: vec![group("0", totals)],
        types: vec![group("hash", totals)],
        encodings: vec![group("listpack", totals)],
        patterns: vec![pattern("user:{int}", totals)],
        biggest: vec![key("user:1", "hash", 600), key("user:2", "hash", 400)],
        ..Dataset::default()
    };
    Answers {
        report: Report {
            schema: REPORT_SCHEMA.into(),
            target: "redis-7.4".into(),
            verdict: Verdict::Sound,
            files: vec![dump.clone()],
            findings: vec![],
            dataset: Some(dataset),
            tape: None,
            replay: None,
            releases: vec![],
            shards: vec![],
            slots: None,
            restore: None,
        },
        check: CheckReport {
            schema: CHECK_SCHEMA.into(),
            target: "redis-7.4".into(),
            verdict: Verdict::Sound,
            files: vec![dump],
            findings: vec![],
            loads: Loads { default: load(true), strict: load(true), options: Vec::new() },
            check_tool: CheckTool { tool: "redis-check-rdb".into(), exit: 0, ok_up_to: 1_000, files: vec![] },
            releases: vec![],
        },
        sources: vec![],
        map: None,
        plans: vec![plan()],
    }
}
