//! The samples that come with the page: small files written by real servers, see `web/samples/README.md`.

/// A sample.
#[derive(Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its word, also the folder under `samples/`.
    pub id: &'static str,
    /// Name on its button.
    pub title: &'static str,
    /// What it is.
    pub line: &'static str,
    /// What can be learned from it.
    pub teaches: &'static str,
    /// Paths of its files below that folder, as the user would drop them.
    pub paths: &'static [&'static str],
}

/// All of them.
pub const SAMPLES: [Sample; 4] = [
    Sample {
        id: "healthy",
        title: "Healthy cache",
        line: "Snapshot by Redis 7.4",
        teaches: "Where the memory goes when nothing is wrong",
        paths: &["cache.rdb"],
    },
    Sample {
        id: "bigkey",
        title: "One key too big",
        line: "Snapshot by Redis 7.4",
        teaches: "How to find the key that outweighs all others",
        paths: &["attendance.rdb"],
    },
    Sample {
        id: "torn",
        title: "Torn tape",
        line: "appendonlydir by Redis 7.4, cut in a transaction",
        teaches: "How to get a tape that loads again, and what it costs",
        paths: &[
            "appendonlydir/appendonly.aof.manifest",
            "appendonlydir/appendonly.aof.2.base.rdb",
            "appendonlydir/appendonly.aof.2.incr.aof",
            "appendonlydir/appendonly.aof.3.incr.aof",
        ],
    },
    Sample {
        id: "flushall",
        title: "FLUSHALL on the tape",
        line: "appendonlydir by Valkey 8.1",
        teaches: "How to take back an accident",
        paths: &[
            "appendonlydir/appendonly.aof.manifest",
            "appendonlydir/appendonly.aof.1.base.rdb",
            "appendonlydir/appendonly.aof.1.incr.aof",
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_listed_and_every_listed_file_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        for sample in &SAMPLES {
            let mut found = Vec::new();
            files_below(&root.join(sample.id), "", &mut found);
            found.sort();
            let mut listed: Vec<String> = sample.paths.iter().map(|&path| path.to_owned()).collect();
            listed.sort();
            assert_eq!(found, listed, "{}", sample.id);
        }
    }

    fn files_below(folder: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder of samples") {
            let entry = entry.expect("a readable entry");
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                files_below(&entry.path(), &format!("{path}/"), found);
            } else {
                found.push(path);
            }
        }
    }
}
