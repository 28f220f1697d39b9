//! The test dumps of other projects that say what is in them: names, types, values, expiries, groups and functions compared.
//!
//! The repository carries the small ones; where the full corpus lies beside the checkout, all are compared.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use snaptape_analysis::{SnapshotOptions, SnapshotScan, hex};
use snaptape_rdb::{Event, Part, Reader, Role, StreamId};
use snaptape_testdata::{read, sha256, third_party};
use snaptape_wire::Limits;

/// A key as the fold sees it.
#[derive(Debug, Clone)]
struct Key {
    type_name: String,
    elements: Option<u64>,
    expires_at_ms: Option<i64>,
    digest: Option<String>,
}

/// A dump with everything the comparisons need.
struct Dump {
    keys: BTreeMap<(u64, String), Key>,
    aux: BTreeMap<String, String>,
    functions: Vec<String>,
    /// Strings of each key in the order of the file: what role they play, and their bytes.
    texts: BTreeMap<String, Vec<(Role, Vec<u8>)>>,
    /// Type byte and value of each key as they stand in the file.
    stored: BTreeMap<String, Vec<u8>>,
    /// Groups, consumers and pending entries in words.
    groups: Vec<String>,
}

fn id(id: StreamId) -> String {
    format!("{}-{}", id.ms, id.seq)
}

fn dump(path: &Path) -> Dump {
    let bytes = read(path);
    let mut keys = BTreeMap::new();
    let mut scan = SnapshotScan::new("x.rdb", SnapshotOptions { digest: true, ..SnapshotOptions::default() });
    scan.feed(&bytes, true, |key| {
        let facts = Key {
            type_name: key.type_name.into(),
            elements: key.elements,
            expires_at_ms: key.expires_at_ms,
            digest: key.value_sha256.map(|digest| hex(&digest)),
        };
        keys.insert((key.db, String::from_utf8_lossy(key.name).into_owned()), facts);
    });
    let result = scan.finish();
    assert!(result.complete, "{}: {:?}", path.display(), result.error);
    let aux = result.info.unwrap().aux.into_iter().map(|field| (field.name, field.value)).collect();

    let (mut functions, mut texts, mut stored, mut groups) =
        (vec![], BTreeMap::new(), BTreeMap::new(), vec![]);
    let (mut name, mut type_byte, mut value_start) = (String::new(), 0, 0);
    let mut reader = Reader::new(Limits::default());
    let mut scratch = Vec::new();
    reader
        .feed(&bytes, true, |span, event| match event {
            Event::Key(key) => {
                name = String::from_utf8_lossy(key.name.decode(&mut scratch).unwrap()).into_owned();
                (type_byte, value_start) = (key.type_byte, usize::try_from(span.end).unwrap());
                texts.insert(name.clone(), vec![]);
            }
            Event::KeyEnd => {
                let mut value = vec![type_byte];
                value.extend_from_slice(&bytes[value_start..usize::try_from(span.end).unwrap()]);
                stored.insert(name.clone(), value);
            }
            Event::Function { code } => {
                functions.push(String::from_utf8_lossy(code.decode(&mut scratch).unwrap()).into_owned());
            }
            Event::Part(Part::Text(role, text)) if !texts.is_empty() => {
                let text = text.decode(&mut scratch).unwrap().to_vec();
                texts.get_mut(&name).unwrap().push((role, text));
            }
            Event::Part(Part::StreamGroup { name, last_id, entries_read }) => {
                let name = String::from_utf8_lossy(name.decode(&mut scratch).unwrap()).into_owned();
                groups.push(format!("group {name} {} {entries_read:?}", id(last_id)));
            }
            Event::Part(Part::StreamPending { id: entry, delivered_at_ms, deliveries }) => {
                groups.push(format!("pending {} {delivered_at_ms} {deliveries}", id(entry)));
            }
            Event::Part(Part::StreamConsumer { name, seen_at_ms, active_at_ms }) => {
                let name = String::from_utf8_lossy(name.decode(&mut scratch).unwrap()).into_owned();
                groups.push(format!("consumer {name} {seen_at_ms} {active_at_ms:?}"));
            }
            Event::Part(Part::StreamOwned(entry)) => groups.push(format!("owned {}", id(entry))),
            Event::Part(Part::StreamInfo(info)) => groups.push(format!(
                "stream {} {} {:?} {:?} {:?}",
                info.length,
                id(info.last_id),
                info.first_id.map(id),
                info.max_deleted_id.map(id),
                info.entries_added
            )),
            _ => {}
        })
        .unwrap();
    Dump { keys, aux, functions, texts, stored, groups }
}

/// The digest of a canonical form: the type's name, then each piece.
#[expect(clippy::unnecessary_wraps, reason = "it is compared with a digest that may not be there")]
fn digest<T: AsRef<[u8]>>(kind: &str, pieces: impl IntoIterator<Item = T>) -> Option<String> {
    let mut form = format!("{}:{kind},", kind.len()).into_bytes();
    for piece in pieces {
        let piece = piece.as_ref();
        form.extend(piece.len().to_string().as_bytes());
        form.push(b':');
        form.extend(piece);
        form.push(b',');
    }
    Some(sha256(&form))
}

fn sorted<const N: usize>(mut elements: Vec<[String; N]>) -> Vec<String> {
    elements.sort_by(|a, b| a[0].as_bytes().cmp(b[0].as_bytes()));
    elements.into_iter().flatten().collect()
}

fn score(text: &str) -> String {
    format!("{:016x}", text.parse::<f64>().unwrap().to_bits())
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn set_digest(list: &Value) -> Option<String> {
    digest("set", sorted(strings(list).into_iter().map(|member| [member]).collect()))
}

/// The bytes a JSON text of Latin-1 characters stands for.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("one byte per character")).collect()
}

/// Every string in a document, in order, one after the other.
fn flat(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => out.extend(latin1(text)),
        Value::Array(items) => items.iter().for_each(|item| flat(item, out)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            out.extend(latin1(name));
            flat(member, out);
        }),
        other => panic!("{other}"),
    }
}

/// librdb writes the members of a document without the braces around them.
fn fragment(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_json::from_str(&text)
        .or_else(|_| serde_json::from_str(&format!("{{{text}}}")))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What has been compared.
#[derive(Debug, Default)]
struct Tally {
    files: u32,
    values: u32,
    facts: u32,
    wrong: Vec<String>,
}

impl Tally {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, ours: &T, theirs: &T) {
        self.facts += 1;
        if ours != theirs {
            self.wrong.push(format!("{what}: {ours:?}, expected {theirs:?}"));
        }
    }

    #[track_caller]
    fn conclude(&self, place: &Path, least: [u32; 3]) {
        println!("{}: {} files, {} values, {} facts", place.display(), self.files, self.values, self.facts);
        assert!(self.wrong.is_empty(), "{} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
        let got = [self.files, self.values, self.facts];
        assert!(got.iter().zip(least).all(|(got, least)| *got >= least), "{got:?}, expected {least:?}");
    }
}

/// Dumps of librdb and the documents that say what is in them.
const LIBRDB_DATA: [(&str, &str); 18] = [
    ("cluster_slot_info", "cluster_slot_info"),
    ("function2", "function2"),
    ("hash_lp_v11", "hash_lp_v11_data"),
    ("hash_with_expire_v12", "hash_ex_v12_data"),
    ("mem_policy_lfu", "mem_policy_lfu"),
    ("module", "module_data"),
    ("module_aux", "module_aux_data"),
    ("multiple_dbs", "multiple_dbs_data"),
    ("plain_list_v6", "plain_list_v6_data"),
    ("plain_set_v6", "plain_set_v6_data"),
    ("quicklist", "quicklist_data"),
    ("set_is_v11", "set_is_v11_data"),
    ("set_lp_v11", "set_lp_v11_data"),
    ("stream_v11", "stream_data"),
    ("string_int_encoded", "string_int_encoded"),
    ("ziplist_v3", "ziplist_data"),
    ("zset_lp_v11", "zset_lp_v11_data"),
    ("zset_zl_v6", "zset_zl_v6_data"),
];

#[test]
fn librdb_says_the_same_of_values() {
    let Some(corpus) = third_party() else { return };
    let least = [18, 87, 150];
    let folder = corpus.join("redis-librdb");
    let mut tally = Tally::default();
    for (name, expected) in LIBRDB_DATA {
        let (rdb, json) = (folder.join(format!("{name}.rdb")), folder.join(format!("{expected}.json")));
        assert!(rdb.is_file() && json.is_file(), "{name} is missing");
        tally.files += 1;
        let ours = dump(&rdb);
        let theirs = fragment(&json);
        // One document per database, or one for all.
        let databases: Vec<&Map<String, Value>> = match &theirs {
            Value::Array(databases) => databases.iter().map(|db| db.as_object().unwrap()).collect(),
            one => vec![one.as_object().unwrap()],
        };
        let mut names = 0;
        let numbers: Vec<u64> = {
            let mut numbers: Vec<u64> = ours.keys.keys().map(|(db, _)| *db).collect();
            numbers.dedup();
            numbers
        };
        for (i, database) in databases.iter().enumerate() {
            for (key, value) in *database {
                match key.as_str() {
                    "__aux__" => {
                        for (name, value) in value.as_object().unwrap() {
                            tally.same(name, &ours.aux.get(name).map(String::as_str), &value.as_str());
                        }
                    }
                    "__func__" => {
                        let theirs: Vec<String> = value
                            .as_object()
                            .unwrap()
                            .values()
                            .map(|code| code.as_str().unwrap().to_owned())
                            .collect();
                        tally.same("functions", &ours.functions, &theirs);
                    }
                    "__dbsize__" | "__slotinfo__" => {}
                    _ => {
                        names += 1;
                        librdb_value(&mut tally, name, &ours, (numbers[i], key), value);
                    }
                }
            }
        }
        tally.same(&format!("{name}: number of keys"), &ours.keys.len(), &names);
    }
    // A key that had expired is in the dump and not in what librdb prints.
    let expired = dump(&folder.join("set_expired_v11.rdb"));
    assert!(expired.keys.values().all(|key| key.expires_at_ms.is_some_and(|at| at < 1_795_374_000_000)));
    assert_eq!(expired.keys.len(), 1);
    tally.conclude(&folder, least);
}

fn librdb_value(tally: &mut Tally, file: &str, ours: &Dump, (db, name): (u64, &str), value: &Value) {
    let Some(key) = ours.keys.get(&(db, name.to_owned())) else {
        tally.wrong.push(format!("db{db} {name}: missing"));
        return;
    };
    tally.values += 1;
    let theirs = match (key.type_name.as_str(), value) {
        ("string", Value::String(text)) => digest("string", [text]),
        ("list", list) => digest("list", strings(list)),
        ("set", list) => set_digest(list),
        ("zset", Value::Object(members)) => {
            let members = members.iter().map(|(member, text)| {
                // The dump says -0 here, which librdb prints as 0.
                let minus_zero = file == "zset_zl_v6" && matches!(member.as_str(), "a3" | "a4");
                [member.clone(), score(if minus_zero { "-0" } else { text.as_str().unwrap() })]
            });
            digest("zset", sorted(members.collect()))
        }
        ("hash", Value::Object(fields)) => {
            let texts = &ours.texts[name];
            if texts.iter().any(|(role, _)| *role == Role::Field) {
                // It may have expiries, which librdb does not print: compare the pairs.
                let pairs: BTreeMap<_, _> = texts
                    .chunks(2)
                    .map(|pair| (String::from_utf8_lossy(&pair[0].1), String::from_utf8_lossy(&pair[1].1)))
                    .collect();
                let theirs = fields
                    .iter()
                    .map(|(f, v)| (f.into(), v.as_str().unwrap().into()))
                    .collect::<BTreeMap<_, _>>();
                tally.same(name, &pairs, &theirs);
                key.digest.clone()
            } else {
                let fields =
                    fields.iter().map(|(f, v)| [f.clone(), v.as_str().unwrap().into(), String::new()]);
                digest("hash", sorted(fields.collect()))
            }
        }
        ("stream", value) => {
            let entries = value["entries"].as_array().unwrap();
            let last = entries.last().unwrap()["id"].as_str().unwrap();
            let mut pieces = vec![last.to_owned()];
            for entry in entries {
                let items = entry["items"].as_object().unwrap();
                pieces.push(entry["id"].as_str().unwrap().into());
                pieces.push(items.len().to_string());
                for (field, value) in items {
                    pieces.extend([field.clone(), value.as_str().unwrap().into()]);
                }
            }
            digest("stream", pieces)
        }
        (module, Value::String(text)) => {
            // `<Content of Module 'test__rdb'. Occupies a serialized size of 18 bytes>`: that many bytes follow the type.
            assert!(text.contains(&format!("'{module}'")), "{text}");
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            tally.same(name, &(ours.stored[name].len() - 1).to_string(), &digits);
            None
        }
        (other, _) => panic!("{name}: {other}"),
    };
    tally.same(name, &key.digest, &theirs);
}

/// What librdb prints of the bytes as they are stored: with the suffix `_raw` everything behind the key, with `_struct` packed
/// values unpacked from LZF.
#[test]
fn librdb_says_the_same_of_stored_bytes() {
    let Some(corpus) = third_party() else { return };
    let least = [18, 22, 22];
    let folder = corpus.join("redis-librdb");
    let mut tally = Tally::default();
    for (name, _) in LIBRDB_DATA {
        let rdb = folder.join(format!("{name}.rdb"));
        // ziplist_data.json, ziplist_raw.json, ziplist_struct.json belong to ziplist_v3.rdb.
        let stem = name.strip_suffix("_v3").unwrap_or(name);
        for kind in ["raw", "struct"] {
            let json = folder.join(format!("{stem}_{kind}.json"));
            if !rdb.is_file() || !json.is_file() {
                continue;
            }
            tally.files += 1;
            let ours = dump(&rdb);
            for (key, value) in fragment(&json).as_object().unwrap() {
                if key == "__aux__" {
                    continue;
                }
                let mut theirs = Vec::new();
                flat(value, &mut theirs);
                let ours = match kind {
                    // Of these two it prints the packed value alone, without type and length.
                    "raw" if matches!(name, "set_is_v11" | "set_lp_v11") => ours.texts[key][0].1.clone(),
                    "raw" => ours.stored[key].clone(),
                    _ => ours.texts[key].iter().flat_map(|(_, text)| text.clone()).collect(),
                };
                tally.values += 1;
                tally.same(&format!("{name} {kind} {key}"), &show(&ours), &show(&theirs));
            }
        }
    }
    tally.conclude(&folder, least);
}

fn show(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A RESP stream of commands.
fn commands(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.split("\r\n");
    let mut commands = Vec::new();
    while let Some(n) = lines.next().and_then(|line| line.strip_prefix('*')) {
        let n: usize = n.parse().unwrap();
        let command = (0..n).map(|_| {
            assert!(lines.next().unwrap().starts_with('$'));
            lines.next().unwrap().to_owned()
        });
        commands.push(command.collect());
    }
    assert!(!commands.is_empty(), "{}", path.display());
    commands
}

#[test]
fn librdb_says_the_same_of_a_stream() {
    let Some(corpus) = third_party() else { return };
    let folder = corpus.join("redis-librdb");
    let ours = dump(&folder.join("stream_v11.rdb"));
    let mut tally = Tally { files: 1, ..Tally::default() };
    for release in ["6.2", "7.2"] {
        // The commands that build the stream.
        let mut pieces = vec![];
        let (mut last, mut groups) = (String::new(), vec![]);
        for command in commands(&folder.join(format!("stream_v11_target_ver_{release}.resp"))) {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["XADD", _, id, fields @ ..] => {
                    pieces.push((*id).to_owned());
                    pieces.push((fields.len() / 2).to_string());
                    pieces.extend(fields.iter().map(|field| (*field).to_owned()));
                }
                ["XSETID", _, id, ..] => last = (*id).to_owned(),
                ["XGROUP", "CREATE", _, group, id, read @ ..] => {
                    let read = read.last().map(|n| n.parse::<u64>().unwrap());
                    groups.push(format!("group {group} {id} {read:?}"));
                }
                ["XCLAIM", _, _, _, _, id, _, time, _, count, ..] => {
                    groups.push(format!("pending {id} {time} {count}"));
                }
                other => panic!("{other:?}"),
            }
        }
        pieces.insert(0, last);
        tally.files += 1;
        tally.values += 1;
        tally.same(release, &ours.keys[&(0, "mystream".into())].digest, &digest("stream", pieces));
        if release == "7.2" {
            let kept = |line: &&String| line.starts_with("group") || line.starts_with("pending");
            let ours: Vec<String> = ours.groups.iter().filter(kept).cloned().collect();
            tally.same("groups", &ours, &groups);
        }
    }
    // The same with everything else a stream has.
    let meta = fragment(&folder.join("stream_data_with_meta.json"));
    let meta = &meta["mystream"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut theirs = vec![format!(
        "stream {} {} {:?} {:?} {:?}",
        meta["length"],
        text(&meta["lastID"]),
        meta["firstID"].as_str(),
        meta["maxDelEntryID"].as_str(),
        meta["entriesAdded"].as_u64()
    )];
    for group in meta["groups"].as_array().unwrap() {
        theirs.push(format!(
            "group {} {} {:?}",
            text(&group["name"]),
            text(&group["lastid"]),
            group["entriesRead"].as_u64()
        ));
        for pending in group["pending"].as_array().unwrap() {
            theirs.push(format!("pending {} {} {}", text(&pending["id"]), pending["sent"], pending["count"]));
        }
        for consumer in group["consumers"].as_array().unwrap() {
            theirs.push(format!(
                "consumer {} {} {:?}",
                text(&consumer["name"]),
                consumer["seenTime"],
                consumer["activeTime"].as_i64()
            ));
            for owned in consumer["pending"].as_array().into_iter().flatten() {
                theirs.push(format!("owned {}", text(&owned["id"])));
            }
        }
    }
    tally.files += 1;
    tally.same("everything of the stream", &ours.groups, &theirs);
    tally.conclude(&folder, [4, 2, 4]);
}

/// `2022-12-25T18:11:12.573+08:00` as Unix milliseconds.
fn unix_ms(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    // Days since 1970-01-01, with the year beginning in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    let seconds = number(11..13) * 3600 + number(14..16) * 60 + number(17..19);
    let (fraction, zone) = text[19..].split_at(text[19..].find(['+', '-', 'Z']).unwrap());
    let ms = format!("{:0<4}", fraction.trim_start_matches('.'))[..3].parse::<i64>().unwrap_or(0);
    let offset = match zone.split_at(1) {
        ("Z", _) => 0,
        (sign, clock) => {
            let minutes = clock[..2].parse::<i64>().unwrap() * 60 + clock[3..].parse::<i64>().unwrap();
            if sign == "-" { -minutes } else { minutes }
        }
    };
    (days * 86_400 + seconds - offset * 60) * 1000 + ms
}

#[test]
fn hdt3213_says_the_same() {
    let Some(corpus) = third_party() else { return };
    let least = [26, 37, 145];
    let folder = corpus.join("HDT3213-rdb");
    let (mut tally, mut lossy) = (Tally::default(), 0);
    let mut names: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    for json in names.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let rdb = json.with_extension("rdb");
        assert!(rdb.is_file(), "{} stands alone", json.display());
        tally.files += 1;
        let ours = dump(&rdb);
        let mut names = 0;
        for row in snaptape_testdata::json(json).as_array().unwrap() {
            let name = row["key"].as_str().unwrap();
            match row["type"].as_str().unwrap() {
                "aux" => {
                    tally.same(name, &ours.aux.get(name).map(String::as_str), &row["value"].as_str());
                    continue;
                }
                "functions" => {
                    let theirs = vec![row["functionsLua"].as_str().unwrap().to_owned()];
                    tally.same(name, &ours.functions, &theirs);
                    continue;
                }
                _ => names += 1,
            }
            let db = row["db"].as_u64().unwrap();
            let Some(key) = ours.keys.get(&(db, name.to_owned())) else {
                tally.wrong.push(format!("{} db{db} {name}: missing", json.display()));
                continue;
            };
            tally.same(name, &key.type_name.as_str(), &row["type"].as_str().unwrap());
            let expires = row["expiration"].as_str().map(unix_ms);
            tally.same(&format!("expiry of {name}"), &key.expires_at_ms, &expires);
            // Its JSON cannot hold bytes that are no UTF-8.
            if row["value"].as_str().is_some_and(|text| text.contains('\u{fffd}')) {
                lossy += 1;
                continue;
            }
            tally.values += 1;
            tally.same(&format!("value of {name}"), &key.digest, &hdt_digest(row));
        }
        tally.same(&format!("{}: number of keys", json.display()), &ours.keys.len(), &names);
    }
    assert_eq!(lossy, 1, "one value is binary");
    tally.conclude(&folder, least);
}

fn hdt_digest(row: &Value) -> Option<String> {
    match row["type"].as_str().unwrap() {
        "string" => digest("string", [row["value"].as_str().unwrap()]),
        "list" => digest("list", strings(&row["values"])),
        "set" => set_digest(&row["members"]),
        "zset" => {
            let entries = row["entries"].as_array().unwrap().iter().map(|entry| {
                [entry["member"].as_str().unwrap().to_owned(), score(&entry["score"].to_string())]
            });
            digest("zset", sorted(entries.collect()))
        }
        "hash" => {
            let fields = row["hash"].as_object().unwrap().iter().map(|(field, value)| {
                let expiry = match row["expire"][field].as_i64() {
                    None | Some(0) => String::new(),
                    Some(ms) => ms.to_string(),
                };
                [field.clone(), value.as_str().unwrap().to_owned(), expiry]
            });
            digest("hash", sorted(fields.collect()))
        }
        "stream" => {
            let mut pieces = vec![row["lastId"].as_str().unwrap().to_owned()];
            for node in row["entries"].as_array().unwrap() {
                for entry in node["msgs"].as_array().unwrap() {
                    assert_eq!(entry["deleted"], false);
                    let fields = entry["fields"].as_object().unwrap();
                    pieces.push(entry["id"].as_str().unwrap().into());
                    pieces.push(fields.len().to_string());
                    for (field, value) in fields {
                        pieces.extend([field.clone(), value.as_str().unwrap().into()]);
                    }
                }
            }
            digest("stream", pieces)
        }
        other => panic!("{other}"),
    }
}

/// What HDT3213/rdb makes of dumps with field expiries: commands, and tables of counts.
#[test]
fn hdt3213_makes_the_same_commands_and_counts() {
    let Some(corpus) = third_party() else { return };
    let folder = corpus.join("HDT3213-rdb");
    let mut tally = Tally::default();
    for name in ["hash_as_listpack_with_hfe", "hash_with_hfe", "valkey_hash2_with_hfe"] {
        let ours = dump(&folder.join(format!("{name}.rdb")));
        let mut fields: BTreeMap<String, [String; 2]> = BTreeMap::new();
        let mut key = String::new();
        for command in commands(&folder.join(format!("{name}.aof"))) {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["HMSET", name, pairs @ ..] => {
                    key = (*name).to_owned();
                    for pair in pairs.chunks(2) {
                        fields.insert(pair[0].into(), [pair[1].into(), String::new()]);
                    }
                }
                ["HPEXPIREAT", _, at, "FIELDS", "1", field] => {
                    fields.get_mut(*field).unwrap()[1] = (*at).to_owned();
                }
                ["HPERSIST", ..] => {}
                other => panic!("{other:?}"),
            }
        }
        let elements = fields.len() as u64;
        let theirs = digest("hash", fields.into_iter().flat_map(|(field, [value, at])| [field, value, at]));
        tally.files += 1;
        tally.values += 1;
        tally.same(name, &ours.keys[&(0, key.clone())].digest, &theirs);
        tally.same(name, &ours.keys[&(0, key)].elements, &Some(elements));
    }
    for name in ["set_listpack", "stream_listpacks_2"] {
        let ours = dump(&folder.join(format!("{name}.rdb")));
        let table = fs::read_to_string(folder.join(format!("{name}.csv"))).unwrap();
        tally.files += 1;
        for row in table.lines().skip(1).filter(|row| !row.is_empty()) {
            let cells: Vec<&str> = row.split(',').collect();
            let key = &ours.keys[&(cells[0].parse().unwrap(), cells[1].to_owned())];
            tally.same(name, &key.type_name.as_str(), &cells[2]);
            // It does not count the entries of streams.
            if cells[2] != "stream" {
                tally.same(name, &key.elements, &cells[5].parse().ok());
            }
        }
    }
    tally.conclude(&folder, [5, 3, 9]);
}

#[test]
fn times_with_zones_are_read() {
    assert_eq!(unix_ms("1970-01-01T00:00:00Z"), 0);
    assert_eq!(unix_ms("2022-12-25T18:11:12.573+08:00"), 1_671_963_072_573);
}
