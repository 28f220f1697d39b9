//! What the check tool says about one file.

use snaptape_report::{CheckTool, Role, ToolFile};
use snaptape_wire::Release;

use crate::{
    compat::{foreign_to, tool_refuses, tool_stops_at_header},
    facts::FileFacts,
};

/// Its words about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) valid: bool,
    /// "AOF analyzed: ... ok_up_to": nothing where it gave up before, or the file is empty.
    pub(crate) ok_up_to: Option<u64>,
}

/// What is shorter than this the tool does not take for a snapshot. Source: fileIsRDB in redis-check-aof.c.
const MIN_SNAPSHOT_BYTES: u64 = 8;

/// Magic and version.
const HEADER_BYTES: u64 = 9;

/// Does the tool take the snapshot part of this file for a broken tape? valkey-check-aof looks for `REDIS` only, and none looks for
/// a snapshot in an increment. Source: fileIsRDB and checkMultiPartAof in redis-check-aof.c; seen with valkey-check-aof 9.1.2.
pub(crate) fn is_blind_to_snapshot(file: &FileFacts) -> bool {
    file.snapshot.as_ref().is_some_and(|snapshot| snapshot.valkey_magic() || file.role == Role::Incr)
}

/// redis-check-aof over one file.
pub(crate) fn check_aof(file: &FileFacts, release: Release) -> Said {
    if file.bytes == 0 {
        // Before 7.0 an empty file was an error.
        return Said { valid: release.at_least_redis(7, 0), ok_up_to: None };
    }
    let short = file.snapshot.is_some() && file.bytes < MIN_SNAPSHOT_BYTES;
    if short || is_blind_to_snapshot(file) {
        return Said { valid: false, ok_up_to: Some(0) };
    }
    if file.snapshot.is_some()
        && (file.snapshot_broken() || foreign_to(file, release).is_some() || !release.at_least_redis(4, 0))
    {
        // The tool before 4.0 reads the magic as a tape.
        return Said { valid: false, ok_up_to: (!release.at_least_redis(4, 0)).then_some(0) };
    }
    match (&file.tape, &file.snapshot) {
        (Some(tape), _) => Said { valid: tape.check.stop.is_none(), ok_up_to: Some(tape.check.ok_up_to) },
        (None, Some(snapshot)) => Said { valid: snapshot.end == file.bytes, ok_up_to: Some(snapshot.end) },
        (None, None) => Said { valid: false, ok_up_to: Some(0) },
    }
}

/// redis-check-rdb over one file.
pub(crate) fn check_rdb(file: &FileFacts, release: Release) -> Said {
    let Some(snapshot) = &file.snapshot else { return Said { valid: false, ok_up_to: Some(0) } };
    let valid = !tool_refuses(file, release);
    let ok_up_to = if valid {
        snapshot.end
    } else if tool_stops_at_header(file, release) {
        // "[offset 9] Can't handle RDB format version", "Wrong signature": seen with redis-check-rdb 7.2.4.
        HEADER_BYTES.min(file.bytes)
    } else {
        snapshot.sound_up_to
    };
    Said { valid, ok_up_to: Some(ok_up_to) }
}

impl Said {
    pub(crate) fn tool_file(&self, file: &FileFacts) -> Option<ToolFile> {
        self.ok_up_to.map(|ok_up_to| ToolFile { file: file.path.clone(), ok_up_to })
    }
}

/// What it says about all of them; its exit status is the worst.
pub(crate) fn tool_words(tool: &str, said: &[(&FileFacts, Said)]) -> CheckTool {
    let files: Vec<_> = said.iter().filter_map(|(file, said)| said.tool_file(file)).collect();
    CheckTool {
        tool: tool.into(),
        exit: i32::from(said.is_empty() || said.iter().any(|(_, said)| !said.valid)),
        ok_up_to: files.last().map_or(0, |file| file.ok_up_to),
        files,
    }
}
