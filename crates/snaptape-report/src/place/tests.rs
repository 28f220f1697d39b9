use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use super::*;
use crate::{Losses, OutputFile};

fn plan(directory: bool, names: &[&str]) -> Plan {
    let output = |name: &&str| OutputFile { name: (*name).into(), source: (*name).into(), edits: vec![] };
    Plan {
        name: "truncate".into(),
        summary: String::new(),
        outputs: names.iter().map(output).collect(),
        directory,
        losses: Losses::default(),
        commands_kept: 0,
        keys_kept: 0,
        notes: Vec::new(),
        lost_keys: Vec::new(),
        holds: None,
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
        (true, &["a.manifest"], "aof-redis-8.2.3", "aof-redis-8.2.3.repaired.zip"),
        (true, &["a.manifest"], "my backup", "my backup.repaired.zip"),
        (true, &["a.manifest"], "backup.tar.gz", "appendonlydir.repaired.zip"),
    ] {
        assert_eq!(copy_name(&plan(directory, names), subject), expected);
    }
    let picked = plan(true, &["a.manifest"]);
    assert_eq!(archive_path(&picked, "2 files", "a.manifest"), "appendonlydir/a.manifest");
    let dropped = plan(true, &["redis/prod/a.manifest"]);
    assert_eq!(archive_path(&dropped, "redis", "redis/prod/a.manifest"), "prod/a.manifest");
}

#[test]
fn hostile_names_stay_one_word() {
    assert_eq!(quoted("a'; rm -rf /"), "'a'\\''; rm -rf /'");
    assert_eq!(path("-rf"), "./-rf");
    assert_eq!(path("- rf"), "'./- rf'");
    assert_eq!(quoted("appendonly.aof"), "appendonly.aof");
    assert_eq!(quoted(""), "''");
}

/// The lines that are no comments, with comments at their ends cut off.
fn commands(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split("   #").next().unwrap_or(line)).collect()
}

#[test]
fn a_directory_under_systemd() {
    let plan = plan(true, &["appendonly.aof.1.base.rdb", "appendonly.aof.manifest"]);
    let placement = Placement::of(&plan, "appendonlydir", "copy", "redis-7.4");
    assert_eq!(
        commands(&placement.steps().systemd),
        [
            "( set -e",
            "cp -a appendonlydir appendonlydir.aside",
            "redis-cli CONFIG SET auto-aof-rewrite-percentage 0 || true",
            "systemctl stop redis-server",
            "mv appendonlydir appendonlydir.broken",
            "cp -R copy appendonlydir",
            "chown -R \"$(stat -c %u:%g appendonlydir.broken)\" appendonlydir",
            "chmod \"$(stat -c %a appendonlydir.broken)\" appendonlydir",
            "chmod -R u+rwX appendonlydir",
            "systemctl start redis-server )",
            "redis-cli INFO persistence",
            "redis-cli INFO keyspace",
            "redis-cli DBSIZE",
        ]
    );
    let zipped = Placement { copy: "appendonlydir.repaired.zip".into(), ..placement };
    let steps = zipped.steps();
    for text in [&steps.systemd, &steps.container] {
        let lines = commands(text);
        let at = lines
            .iter()
            .position(|line| *line == "unzip appendonlydir.repaired.zip")
            .expect("it is unpacked");
        assert_eq!(lines[at + 1], "sha256sum -c SHA256SUMS");
    }
}

#[test]
fn a_tape_of_valkey_in_a_container() {
    let plan = plan(false, &["my tape.aof"]);
    let steps = Placement::of(&plan, "my tape.aof", "my tape.repaired.aof", "valkey-9.1").steps();
    let lines = commands(&steps.container);
    for expected in [
        "NAME=valkey",
        "docker exec \"$NAME\" cp -a '/data/my tape.aof' '/data/my tape.aof.aside'",
        "docker exec \"$NAME\" valkey-cli CONFIG SET auto-aof-rewrite-percentage 0 || true",
        "docker stop \"$NAME\"",
        "docker cp 'my tape.repaired.aof' \"$NAME\":'/data/my tape.aof.copy'",
        "docker start \"$NAME\" )",
        "docker exec \"$NAME\" valkey-cli DBSIZE",
    ] {
        assert!(lines.contains(&expected), "{expected} in {lines:#?}");
    }
    assert!(
        steps.systemd.contains("valkey-server") && steps.systemd.contains("appendfilename \"my tape.aof\"")
    );
    assert!(steps.systemd.contains("if [ -e appendonlydir ]; then mv appendonlydir appendonlydir.aside; fi"));
    // Before 7.0 there were no directories.
    let old = Placement::of(&plan, "my tape.aof", "copy.aof", "redis-6.2").steps();
    assert!(!old.systemd.contains("appendonlydir"));
}

#[test]
fn a_snapshot_is_ignored_where_there_is_a_tape() {
    let plan = plan(false, &["dump.rdb"]);
    let steps = Placement::of(&plan, "dump.rdb", "dump.repaired.rdb", "redis-7.4").steps();
    for text in [&steps.systemd, &steps.container] {
        assert!(text.contains("With appendonly yes the server ignores snapshots"), "{text}");
        assert!(text.contains("CONFIG SET appendonly yes"), "{text}");
    }
}

#[test]
fn a_name_with_a_line_end_stays_in_its_comment() {
    let plan = plan(false, &["a\nreboot"]);
    let steps = Placement::of(&plan, "x", "copy", "redis-7.4").steps();
    let comments: Vec<&str> = steps.systemd.lines().filter(|line| line.contains("appendfilename")).collect();
    assert!(comments.iter().all(|line| line.starts_with('#') && line.contains("a reboot")), "{comments:?}");
}

fn run(folder: &Path, script: &str) {
    let output = Command::new("sh").arg("-c").arg(script).current_dir(folder).output().expect("a shell");
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// What the shell does of it, without a server: everything but the lines that stop, start and ask one.
fn without_server(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split(' ').next() {
        Some("redis-cli" | "systemctl") if line.contains(" )") => ")",
        Some("redis-cli" | "systemctl") => "",
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_commands_swap_what_they_say() {
    for (i, (directory, name)) in [
        (true, "append only'dir"),
        (true, "-rf"),
        (false, "a'; touch owned; '.aof"),
        (false, "$(touch owned) \"x\".rdb"),
    ]
    .into_iter()
    .enumerate()
    {
        let root = std::env::temp_dir().join(format!("snaptape-place-{}-{i}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("a folder");
        let (old, copy) = (root.join(name), root.join("the copy"));
        if directory {
            fs::create_dir(&old).expect("a folder");
            fs::create_dir(&copy).expect("a folder");
            fs::write(old.join("x.manifest"), "old").expect("a file");
            fs::write(copy.join("x.manifest"), "new").expect("a file");
        } else {
            fs::write(&old, "old").expect("a file");
            fs::write(&copy, "new").expect("a file");
        }
        let mode = if directory { 0o750 } else { 0o640 };
        fs::set_permissions(&old, fs::Permissions::from_mode(mode)).expect("permissions");
        let placement = Placement {
            original: if directory { Original::Directory } else { Original::Tape },
            name: name.into(),
            copy: "the copy".into(),
            manifest: None,
            target: "redis-7.4".into(),
        };
        run(&root, &without_server(&placement.steps().systemd));
        let text = |path: &Path| {
            fs::read_to_string(if directory { path.join("x.manifest") } else { path.into() }).expect("a file")
        };
        assert_eq!(text(&old), "new", "{name}");
        assert_eq!(text(&root.join(format!("{name}.broken"))), "old", "{name}");
        assert_eq!(text(&root.join(format!("{name}.aside"))), "old", "{name}");
        assert_eq!(fs::metadata(&old).expect("a file").permissions().mode() & 0o777, mode, "{name}");
        assert!(!root.join("owned").exists(), "{name}");
        fs::remove_dir_all(&root).expect("a folder");
    }
}
