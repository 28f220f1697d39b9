//! Findings about tapes, in words.

use snaptape_aof::{DamageKind, LoaderStop, TapeFacts};
use snaptape_report::{Finding, FindingKind, Severity};
use snaptape_wire::Release;

use crate::{
    compat::foreign_to,
    facts::FileFacts,
    tool::is_blind_to_snapshot,
    words::{check_aof, n_bytes, n_commands, offset},
};

/// From this many commands on, an open MULTI is more likely a lost EXEC than one big transaction.
pub(crate) const IMPLAUSIBLE_BLOCK: u64 = 1_000;

/// Where a file stands in its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Alone, or the last one that is loaded: the only one that may be torn.
    pub(crate) last: bool,
    /// Does the check tool get as far as this file, or does it stop at one before?
    pub(crate) tool_gets_here: bool,
}

impl Place {
    /// A file on its own.
    pub(crate) const ALONE: Self = Self { last: true, tool_gets_here: true };
}

/// What a reader should know about the commands of a file.
pub(crate) fn tape_findings(file: &FileFacts, release: Release, place: Place) -> Vec<Finding> {
    let Some(tape) = &file.tape else { return Vec::new() };
    if let Some(found) = behind_broken_snapshot(file, tape) {
        return vec![found];
    }
    let mut findings = Vec::new();
    if let Some(damage) = tape.damage {
        let sentences =
            [what(tape, release), server(tape, place), tool(tape, file, release, place), behind(tape)];
        let kind = match damage.kind {
            _ if is_not_a_tape(tape) => FindingKind::NotADump,
            DamageKind::Truncated if tape.behind.commands > 0 => FindingKind::Malformed,
            DamageKind::Truncated => FindingKind::Truncated,
            DamageKind::OpenMulti => FindingKind::OpenMulti,
            DamageKind::NestedMulti => FindingKind::NestedMulti,
            DamageKind::StrayExec => FindingKind::StrayExec,
            DamageKind::ZeroTail | DamageKind::ZeroBlock => FindingKind::ZeroBytes,
            DamageKind::LineEnding | DamageKind::TextMode => FindingKind::LineEnding,
            _ => FindingKind::Malformed,
        };
        let start = match kind {
            FindingKind::Truncated | FindingKind::OpenMulti => tape.check.ok_up_to,
            _ => damage.start,
        };
        let end = match kind {
            FindingKind::Truncated | FindingKind::OpenMulti => tape.end,
            _ => damage.end.max(start),
        };
        let sentences: Vec<_> = sentences.into_iter().filter(|text| !text.is_empty()).collect();
        findings.push(error(file, kind, start, end, sentences.join(" ")));
    }
    if tape.check.empty_commands > 0
        && let LoaderStop::Format(refusal) = &tape.loader.stop
        && tape.loader.whole_up_to < tape.check.ok_up_to
    {
        let message = format!(
            "A command without any argument stands at {}. {} passes it, but the server calls it a bad file format and refuses to \
             start.",
            offset(refusal.offset().saturating_sub(1)),
            check_aof(release)
        );
        let at = refusal.offset().saturating_sub(1);
        findings.push(error(file, FindingKind::EmptyCommand, at, at + 1, message));
    }
    findings
}

/// A tape behind a snapshot that could not be read to its end: no program gets as far as that.
fn behind_broken_snapshot(file: &FileFacts, tape: &TapeFacts) -> Option<Finding> {
    file.snapshot.as_ref().filter(|snapshot| snapshot.error.is_some())?;
    let first = tape.behind.first?;
    let message = format!(
        "Behind the broken snapshot stand at least {} ({}), from {} on. No server gets as far as that, and the check tool's --fix does not help.",
        units_whole(tape.behind.commands),
        n_bytes(tape.behind.bytes),
        offset(first)
    );
    let mut finding = error(file, FindingKind::Malformed, first, tape.end, message);
    finding.severity = Severity::Warning;
    Some(finding)
}

/// Snapshot parts that the check tool does not recognise, although the server does.
pub(crate) fn blind_tool(file: &FileFacts, release: Release) -> Option<Finding> {
    let snapshot = file.snapshot.as_ref()?;
    if !is_blind_to_snapshot(file) || foreign_to(file, release).is_some() {
        return None;
    }
    let tool = check_aof(release);
    let message = format!(
        "{tool} does not recognise the snapshot at the front of {} and calls the whole file not valid, ok up to 0. Do not run \
         {tool} --fix on it: where it may cut, it leaves 0 bytes and reports success. The server itself reads such snapshots.",
        file.name()
    );
    let (file, end) = (file.path.clone(), snapshot.end);
    Some(Finding {
        severity: Severity::Warning,
        kind: FindingKind::Unsupported,
        file,
        start: 0,
        end,
        message,
    })
}

/// Has something changed its line ends?
pub(crate) fn is_text_damage(kind: DamageKind) -> bool {
    matches!(kind, DamageKind::LineEnding | DamageKind::TextMode)
}

/// Nothing in it reads like commands.
pub(crate) fn is_not_a_tape(tape: &TapeFacts) -> bool {
    tape.start == 0 && !tape.begins_like_a_tape && tape.check.commands == 0 && tape.behind.commands == 0
}

fn error(file: &FileFacts, kind: FindingKind, start: u64, end: u64, message: String) -> Finding {
    Finding { severity: Severity::Error, kind, file: file.path.clone(), start, end, message }
}

/// What stands where the check tool stops.
fn what(tape: &TapeFacts, release: Release) -> String {
    let (Some(damage), Some(stop)) = (tape.damage, &tape.check.stop) else { return String::new() };
    let at = offset(damage.start);
    let length = n_bytes(damage.end.saturating_sub(damage.start));
    let block = tape.check.open_multi.map(|open| {
        let within = n_commands(open.commands.saturating_sub(1));
        let doubt = if open.commands > IMPLAUSIBLE_BLOCK {
            " That many in one transaction are unlikely: an EXEC may be lost, and clients were told that these writes succeeded."
        } else {
            ""
        };
        (offset(open.start), within, doubt)
    });
    let text = match (damage.kind, block) {
        _ if is_not_a_tape(tape) => return "This does not read like an append-only file anywhere.".into(),
        (DamageKind::Truncated, _) if tape.behind.commands > 0 => format!(
            "A length in the command at {} runs past the end of the file, although whole commands follow: one of its bytes is wrong.",
            offset(last_item(tape))
        ),
        (DamageKind::Truncated, Some((multi, within, doubt))) => format!(
            "The tape is torn: it ends inside a command of the MULTI at {multi}, which holds {within} and no EXEC.{doubt}"
        ),
        (DamageKind::Truncated, None) => format!(
            "The tape is torn: it ends inside the command at {}, of which {} are there.{}",
            offset(tape.check.ok_up_to),
            n_bytes(tape.end - tape.check.ok_up_to),
            full_disk(tape.end)
        ),
        (DamageKind::OpenMulti, Some((multi, within, doubt))) => format!(
            "The tape ends inside the MULTI at {multi}: {within} in it, and the EXEC is missing.{doubt}"
        ),
        (DamageKind::NestedMulti, Some((multi, within, _))) => format!(
            "A second MULTI stands at {at} while the one at {multi} ({within}) is still open: an EXEC is lost, or a part of the file is \
             there twice."
        ),
        (DamageKind::StrayExec, _) => {
            format!("An EXEC stands at {at} without a MULTI before it: something before it is lost.")
        }
        (DamageKind::ZeroTail, _) => format!(
            "From {at} on there is nothing but zero bytes ({length} to the end of the file): blocks that were allocated and never \
             written, as after a power loss.{}",
            on_blocks(damage.end)
        ),
        (DamageKind::ZeroBlock, _) => format!(
            "From {at} on there are zeros ({length}), with more data behind them: a block that was never written (full or failing disk, power \
             loss).{}",
            on_blocks(damage.end)
        ),
        (DamageKind::LineEnding, _) => format!(
            "A line ends with LF instead of CRLF at {at}: an editor or a transfer in text mode has changed the file."
        ),
        (DamageKind::TextMode, _) => format!(
            "Line ends in the argument before {at} have become longer, LF made CRLF: a transfer in text mode or an editor has changed the \
             file, and the values with line ends in it."
        ),
        (DamageKind::ByteOrderMark, _) => {
            "The file begins with a byte order mark: a text editor has saved it.".to_string()
        }
        (DamageKind::InlineText, _) => format!("There is plain text at {at}, where a command should begin."),
        _ => format!("The bytes at {at} cannot stand in a tape: {}.", stop.error().kind()),
    };
    if tape.check.annotations == 0 && !release.at_least_redis(7, 0) && starts_with_annotation(tape) {
        return format!("{text} Lines that begin with # are known since Redis 7.0.");
    }
    text
}

/// What file systems allocate and write at once.
const BLOCK_BYTES: u64 = 4_096;

/// Zeros that end where a block ends.
fn on_blocks(end: u64) -> &'static str {
    if end > 0 && end.is_multiple_of(BLOCK_BYTES) {
        " They end where a block of 4,096 bytes ends, as the file system leaves them."
    } else {
        ""
    }
}

/// A torn command whose file ends where a block ends.
fn full_disk(end: u64) -> &'static str {
    if end > 0 && end.is_multiple_of(BLOCK_BYTES) {
        " The file ends where a block of 4,096 bytes ends: the disk was full, or the last block never got there."
    } else {
        ""
    }
}

/// Is the byte the tool stumbles over a `#`?
fn starts_with_annotation(tape: &TapeFacts) -> bool {
    matches!(
        tape.check.stop.as_ref().map(|stop| stop.error().kind()),
        Some(snaptape_wire::ErrorKind::Protocol { got: Some(b'#'), .. })
    )
}

/// Where the command begins that the tool was reading.
fn last_item(tape: &TapeFacts) -> u64 {
    if tape.check.open_multi.is_some() {
        tape.loader.cut_at.max(tape.check.ok_up_to)
    } else {
        tape.check.ok_up_to
    }
}

fn server(tape: &TapeFacts, place: Place) -> String {
    let cut_at = offset(tape.loader.cut_at);
    match &tape.loader.stop {
        LoaderStop::CleanEof => "The server starts and does not notice.".into(),
        LoaderStop::Format(_) => "The server refuses to start, whatever aof-load-truncated says.".into(),
        LoaderStop::Abort(_) => "The server crashes on start: it does not check that length.".into(),
        _ if !place.last => format!(
            "The server refuses to start because this is not the last file; with aof-load-truncated yes it even cuts it to {cut_at} \
             first."
        ),
        LoaderStop::ShortRead { .. } if tape.start > 0 && tape.loader.cut_at == 0 => {
            "With aof-load-truncated yes (the default) the server starts with what the snapshot holds, but cuts the file on disk to 0 \
             bytes, snapshot included: at the next start everything is gone. With no it refuses to start."
                .into()
        }
        LoaderStop::ShortRead { in_multi: true } if tape.loader.cut_at > tape.check.ok_up_to => format!(
            "With aof-load-truncated yes (the default) the server cuts the file to {cut_at} and starts, but leaves the MULTI open: \
             everything written after that is thrown away at the next start. With no it refuses to start."
        ),
        LoaderStop::OpenMulti | LoaderStop::ShortRead { .. } => format!(
            "With aof-load-truncated yes (the default) the server cuts the file to {cut_at} and starts; with no it refuses to start."
        ),
    }
}

fn tool(tape: &TapeFacts, file: &FileFacts, release: Release, place: Place) -> String {
    if is_blind_to_snapshot(file) {
        return String::new();
    }
    let (tool, ok_up_to) = (check_aof(release), tape.check.ok_up_to);
    if !place.tool_gets_here {
        return format!(
            "{tool} does not get as far as this file; what is good ends at {}.",
            offset(ok_up_to)
        );
    }
    let fix = if place.last {
        format!("its --fix would cut off {}", n_bytes(tape.end - ok_up_to))
    } else {
        "its --fix cannot mend it, because it is not the last file".into()
    };
    format!("{tool} calls it ok up to {}; {fix}.", offset(ok_up_to))
}

fn behind(tape: &TapeFacts) -> String {
    let found = tape.behind;
    match found.first {
        Some(first) => format!(
            "Behind the damage stand at least {} ({}), from {} on.",
            units_whole(found.commands),
            n_bytes(found.bytes),
            offset(first)
        ),
        None if is_not_a_tape(tape) => String::new(),
        None if tape.damage.is_some_and(|damage| is_text_damage(damage.kind)) => {
            "What lies behind it may be whole, but cannot be read before its line ends are restored.".into()
        }
        None => "Nothing that can be read lies behind it.".into(),
    }
}

fn units_whole(n: u64) -> String {
    snaptape_report::units::plural(n, "whole command", "whole commands")
}
