//! Which files of a large folder are worth opening. A folder may hold anything: what lies in it is judged by its name, while
//! files that somebody points at are judged by what is in them, whatever they are called.

use std::collections::HashSet;

use snaptape_report::units;

use crate::words::file_name;

/// More files than this are opened at once by nobody who means it.
pub const MAX_FILES: usize = 2_000;
/// Up to this many files of a folder are all opened: the reading tells what they are.
pub const FEW_FILES: usize = 100;
/// More files than this in a folder are not even listed to the end.
pub const MAX_LISTED: usize = 200_000;

/// Some of many files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Which, in the order given.
    pub indices: Vec<usize>,
    /// What to say of the others; empty where there are none.
    pub note: String,
}

/// Names that are taken. Two files that were pointed at may have one name and lie in two folders, which no browser tells.
#[derive(Debug, Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// The name, or where it is taken `dump (2).rdb`.
    pub fn free(&mut self, name: &str) -> String {
        let (stem, end) = match name.rfind('.') {
            Some(at) if at > 0 => name.split_at(at),
            _ => (name, ""),
        };
        let numbered = (2_u32..).map(|n| format!("{stem} ({n}){end}"));
        let free = core::iter::once(name.to_owned()).chain(numbered).find(|name| !self.0.contains(name));
        let free = free.unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// Chooses what to open of these paths; a sentence where that is nothing.
pub fn choose<'a>(paths: impl ExactSizeIterator<Item = &'a str> + Clone) -> Result<Choice, String> {
    let all = paths.len();
    if all == 0 {
        return Err("There are no files in what you opened.".into());
    }
    let in_folders = paths.clone().any(|path| path.contains('/'));
    if all <= if in_folders { FEW_FILES } else { MAX_FILES } {
        return Ok(Choice { indices: (0..all).collect(), note: String::new() });
    }
    let indices: Vec<usize> =
        paths.enumerate().filter(|(_, path)| is_called_like_backup(path)).map(|(index, _)| index).collect();
    let files = units::plural(all as u64, "file", "files");
    match indices.len() {
        0 => Err(format!(
            "None of the {files} is called like a snapshot or a tape (.rdb, .aof, .manifest, also with .gz, .zip, .zst or .lz4 behind). \
             Open the file itself: then its content decides, whatever it is called."
        )),
        some if some > MAX_FILES => Err(format!(
            "{} of the {files} are called like snapshots or tapes; at most {} are opened at once. \
             Open the data folder itself, or the shards that belong together.",
            units::count(some as u64),
            units::count(MAX_FILES as u64),
        )),
        some if some == all => Ok(Choice { indices, note: String::new() }),
        some => Ok(Choice {
            note: format!(
                "Of {files}, {} called like a snapshot or a tape and opened; the other {} not looked at.",
                if some == 1 { "1 is".into() } else { format!("{} are", units::count(some as u64)) },
                match all - some {
                    1 => "one was".into(),
                    others => format!("{} were", units::count(others as u64)),
                },
            ),
            indices,
        }),
    }
}

/// `dump.rdb`, `dump.rdb.gz`, `dump.rdb.1`, `appendonly.aof.3.incr.aof`, and everything in an `appendonlydir`.
fn is_called_like_backup(path: &str) -> bool {
    let name = file_name(path).as_bytes();
    let has_end = |at: usize| {
        [&b".rdb"[..], b".aof", b".manifest"].iter().any(|end| {
            let (found, behind) = (name.get(at..at + end.len()), name.get(at + end.len()));
            found.is_some_and(|found| found.eq_ignore_ascii_case(end))
                && behind.is_none_or(|byte| b".-~_".contains(byte))
        })
    };
    name.iter().enumerate().any(|(at, byte)| *byte == b'.' && has_end(at))
        || path.rsplit('/').nth(1).is_some_and(|folder| folder == "appendonlydir")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &[String]) -> Result<Choice, String> {
        choose(paths.iter().map(String::as_str))
    }

    fn numbered(count: usize, name: &str) -> Vec<String> {
        (0..count).map(|i| format!("home/{i}{name}")).collect()
    }

    #[test]
    fn names_of_backups() {
        for (path, is) in [
            ("dump.rdb", true),
            ("a/DUMP.RDB.gz", true),
            ("dump.rdb.1", true),
            ("dump.rdb-2026", true),
            ("x/appendonlydir/appendonly.aof.1.incr.aof", true),
            ("x/appendonlydir/strange", true),
            ("appendonlydir", false),
            ("dump.rdbms.txt", false),
            ("report.pdf", false),
            ("", false),
        ] {
            assert_eq!(is_called_like_backup(path), is, "{path}");
        }
    }

    #[test]
    fn names_are_given_once() {
        let mut names = Names::default();
        let given = [
            "dump.rdb",
            "dump.rdb",
            "a/dump.rdb",
            "dump (2).rdb",
            "dump.rdb",
            "appendonlydir",
            "appendonlydir",
            ".x",
            ".x",
        ];
        let free = given.map(|name| names.free(name));
        let expected = [
            "dump.rdb",
            "dump (2).rdb",
            "a/dump.rdb",
            "dump (2) (2).rdb",
            "dump (3).rdb",
            "appendonlydir",
            "appendonlydir (2)",
            ".x",
            ".x (2)",
        ];
        assert_eq!(free, expected);
    }

    #[test]
    fn few_files_are_all_opened() {
        assert_eq!(check(&numbered(FEW_FILES, ".txt")).unwrap().indices.len(), FEW_FILES);
        let pointed_at: Vec<String> = (0..500).map(|i| format!("{i}.txt")).collect();
        assert_eq!(check(&pointed_at).unwrap().indices.len(), 500);
        assert!(check(&[]).unwrap_err().contains("no files"));
    }

    #[test]
    fn of_many_files_those_with_a_name_are_opened() {
        let mut paths = numbered(20_000, ".json");
        assert!(check(&paths).unwrap_err().contains("None of the 20,000 files"));
        paths.insert(7, "home/redis/dump.rdb".into());
        let choice = check(&paths).unwrap();
        assert_eq!(choice.indices, [7]);
        assert_eq!(
            choice.note,
            "Of 20,001 files, 1 is called like a snapshot or a tape and opened; the other 20,000 were not looked at."
        );
        assert_eq!(check(&numbered(FEW_FILES + 1, ".rdb")).unwrap().note, "");
        assert!(check(&numbered(MAX_FILES + 1, ".rdb")).unwrap_err().starts_with("2,001 of the 2,001 files"));
    }
}
