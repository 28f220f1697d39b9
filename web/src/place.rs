//! The shell commands that put a repaired copy in place of the original.

use snaptape_report::Plan;

use crate::words::file_name;

/// Name of the copy: `<stem>.repaired.aof`, or `<dir>.repaired.zip` for a directory.
pub fn copy_name(plan: &Plan, subject: &str) -> String {
    if plan.directory {
        return format!("{}.repaired.zip", directory(plan, subject));
    }
    let name = plan.outputs.first().map_or(subject, |output| file_name(&output.name));
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem}.repaired.{extension}"),
        _ => format!("{name}.repaired"),
    }
}

/// The folder the files of a directory plan live in: the last folder their paths share, else the word the servers use.
fn directory<'a>(plan: &'a Plan, subject: &'a str) -> &'a str {
    let first = plan.outputs.first().map_or("", |output| output.name.as_str());
    let Some((folder, _)) = first.rsplit_once('/') else {
        // Files that were picked one by one have no folder.
        return if subject.contains('.') || subject.contains(' ') || subject.is_empty() {
            "appendonlydir"
        } else {
            subject
        };
    };
    file_name(folder)
}

/// The path of each file inside the archive: always in one folder.
pub fn archive_path(plan: &Plan, subject: &str, output_name: &str) -> String {
    format!("{}/{}", directory(plan, subject), file_name(output_name))
}

/// A word the shell takes as it is.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '+' | ':' | '@');
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The commands, to be run in the server's data folder with the copy beside the original.
pub fn commands(plan: &Plan, subject: &str, copy: &str, target: &str) -> String {
    let valkey = target.starts_with("valkey");
    let (service, cli) = if valkey { ("valkey-server", "valkey-cli") } else { ("redis-server", "redis-cli") };
    let copy = quoted(copy);
    let middle = if plan.directory {
        let folder = directory(plan, subject);
        let (old, kept) = (quoted(folder), quoted(&format!("{folder}.broken")));
        format!(
            "mv {old} {kept}\nunzip {copy}\nsha256sum -c SHA256SUMS\nchown -R --reference={kept} {old}\nchmod --reference={kept} {old}"
        )
    } else {
        let name = plan.outputs.first().map_or(subject, |output| file_name(&output.name));
        let (old, kept) = (quoted(name), quoted(&format!("{name}.broken")));
        format!(
            "mv {old} {kept}\ncp {copy} {old}\nchown --reference={kept} {old}\nchmod --reference={kept} {old}"
        )
    };
    format!("systemctl stop {service}\n{middle}\nsystemctl start {service}\n{cli} DBSIZE")
}

#[cfg(test)]
mod tests {
    use snaptape_report::{Losses, OutputFile};

    use super::*;

    fn plan(directory: bool, names: &[&str]) -> Plan {
        Plan {
            name: "truncate".into(),
            summary: String::new(),
            outputs: names
                .iter()
                .map(|name| OutputFile { name: (*name).into(), source: (*name).into(), edits: vec![] })
                .collect(),
            directory,
            losses: Losses::default(),
            commands_kept: 0,
            keys_kept: 0,
            notes: Vec::new(),
            lost_keys: Vec::new(),
        }
    }

    #[test]
    fn copies_are_named_after_the_original() {
        for (directory, names, subject, expected) in [
            (false, &["appendonly.aof"][..], "appendonly.aof", "appendonly.repaired.aof"),
            (false, &["backup/tape"], "tape", "tape.repaired"),
            (true, &["appendonlydir/a.manifest"], "appendonlydir", "appendonlydir.repaired.zip"),
            (true, &["redis/prod/a.manifest"], "redis", "prod.repaired.zip"),
            (true, &["a.manifest"], "3 files", "appendonlydir.repaired.zip"),
        ] {
            assert_eq!(copy_name(&plan(directory, names), subject), expected);
        }
    }

    #[test]
    fn archives_hold_one_folder() {
        let picked = plan(true, &["a.manifest"]);
        assert_eq!(archive_path(&picked, "2 files", "a.manifest"), "appendonlydir/a.manifest");
        let dropped = plan(true, &["redis/prod/a.manifest"]);
        assert_eq!(archive_path(&dropped, "redis", "redis/prod/a.manifest"), "prod/a.manifest");
    }

    #[test]
    fn commands_name_the_right_server() {
        let text =
            commands(&plan(false, &["my tape.aof"]), "my tape.aof", "my tape.repaired.aof", "valkey-9.1");
        assert_eq!(
            text,
            "systemctl stop valkey-server\nmv 'my tape.aof' 'my tape.aof.broken'\ncp 'my tape.repaired.aof' 'my tape.aof'\n\
             chown --reference='my tape.aof.broken' 'my tape.aof'\nchmod --reference='my tape.aof.broken' 'my tape.aof'\n\
             systemctl start valkey-server\nvalkey-cli DBSIZE"
        );
    }

    #[test]
    fn hostile_names_stay_one_word() {
        assert_eq!(quoted("a'; rm -rf /"), "'a'\\''; rm -rf /'");
        assert_eq!(quoted("-rf"), "'-rf'");
        assert_eq!(quoted("appendonly.aof"), "appendonly.aof");
    }
}
