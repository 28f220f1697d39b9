//! What is in a server, in a form that two servers can be compared by.

use std::collections::BTreeMap;

use super::Server;

/// How many keys each database has that is not empty, and how many of those have an expiry.
pub type Keyspace = BTreeMap<u64, (u64, u64)>;

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// TYPE.
    pub kind: String,
    /// DEBUG DIGEST-VALUE: equal values have equal ones, in whatever order and encoding a server holds them.
    pub digest: String,
    /// Whether it has an expiry.
    pub expires: bool,
    /// Its expiry in Unix milliseconds; none where it has none, or the server cannot say (before 7.0).
    pub expires_at_ms: Option<i64>,
}

impl Server {
    /// What INFO says of the databases. Keys whose time is past count, as long as the server has not noticed.
    ///
    /// # Panics
    /// If the server answers what cannot be understood.
    pub fn keyspace(&mut self) -> Keyspace {
        let text = self.command(&[b"INFO", b"keyspace"]).text();
        keyspace(text.lines())
    }

    /// Every key of every database, with its type, a digest of its value, and its expiry. Keys whose time is past are not there.
    ///
    /// # Panics
    /// If the server refuses DEBUG, or has more keys than one answer of SCAN should hold.
    pub fn dump_all(&mut self) -> BTreeMap<(u64, Vec<u8>), Entry> {
        let mut all = BTreeMap::new();
        let absolute = !matches!(self.command(&[b"PEXPIRETIME", b""]), super::Reply::Error(_));
        for db in self.keyspace().into_keys() {
            self.command(&[b"SELECT", db.to_string().as_bytes()]).text();
            for key in self.scan() {
                let key = key.as_slice();
                let ttl: &[u8] = if absolute { b"PEXPIRETIME" } else { b"PTTL" };
                let questions: [Vec<&[u8]>; 3] =
                    [vec![b"TYPE", key], vec![ttl, key], vec![b"DEBUG", b"DIGEST-VALUE", key]];
                let [kind, ttl, digest] =
                    self.pipeline(&questions).try_into().expect("three answers to three questions");
                let (kind, ttl) = (kind.text(), ttl.integer());
                // Its time came just now.
                if kind == "none" {
                    continue;
                }
                let entry = Entry {
                    kind,
                    digest: digest.list().remove(0).text(),
                    expires: ttl >= 0,
                    expires_at_ms: (absolute && ttl >= 0).then_some(ttl),
                };
                all.insert((db, key.to_vec()), entry);
            }
        }
        all
    }

    /// The keys of the selected database.
    fn scan(&mut self) -> Vec<Vec<u8>> {
        let mut keys = Vec::new();
        let mut cursor = b"0".to_vec();
        loop {
            let mut answer = self.command(&[b"SCAN", &cursor, b"COUNT", b"1000"]).list().into_iter();
            cursor = answer.next().expect("a cursor").bytes();
            keys.extend(answer.next().expect("keys").list().into_iter().map(super::Reply::bytes));
            if cursor == b"0" {
                return keys;
            }
        }
    }
}

/// Lines of `INFO keyspace`: `db0:keys=3,expires=1,avg_ttl=0`.
fn keyspace<'a>(lines: impl Iterator<Item = &'a str>) -> Keyspace {
    let databases = lines.filter_map(|line| line.trim_end().strip_prefix("db")?.split_once(':'));
    databases
        .map(|(db, fields)| {
            let field = |name: &str| {
                let value = fields.split(',').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
                value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {fields}"))
            };
            (db.parse().expect("a number of a database"), (field("keys"), field("expires")))
        })
        .collect()
}

/// The same from a sidecar: `{"db0": "keys=3,expires=1,avg_ttl=0"}`.
///
/// # Panics
/// If it is anything else.
pub fn recorded_keyspace(value: &serde_json::Value) -> Keyspace {
    let databases = value.as_object().expect("databases");
    let lines: Vec<String> = databases
        .iter()
        .map(|(db, fields)| format!("{db}:{}", fields.as_str().expect("the fields of INFO")))
        .collect();
    keyspace(lines.iter().map(String::as_str))
}
