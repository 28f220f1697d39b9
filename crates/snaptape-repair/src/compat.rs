//! Which snapshots each release loads: what its `rdb.h` knows, beside what the snapshot asks for.

use snaptape_analysis::{Features, Harm, MeaningFacts, Sightings};
use snaptape_aof::CommandSpec;
use snaptape_rdb::{Magic, ObjectType};
use snaptape_report::{LoadCause, LoadCauseKind as Kind, ReleaseGroup, module_product, units};
use snaptape_sort::Sort as _;
use snaptape_wire::{Error, ErrorKind, Product, Release};

use crate::{
    facts::{FileFacts, SnapshotFacts},
    stored::{describe, describe_opcode},
    words::offset,
};

/// What the releases from this one to the next line of its product read.
struct Line {
    /// The first of them.
    since: Release,
    /// The newest version with the magic `REDIS`.
    redis: u16,
    /// The newest version with the magic `VALKEY`: nothing where the magic is not known, 0 where it is, and no version of it.
    valkey: Option<u16>,
    /// Object types, by byte, first and last of each run.
    types: &'static [(u8, u8)],
    /// Opcodes, likewise.
    opcodes: &'static [(u8, u8)],
}

const fn redis(
    (major, minor): (u16, u16),
    redis: u16,
    types: &'static [(u8, u8)],
    opcodes: &'static [(u8, u8)],
) -> Line {
    Line { since: Release::redis(major, minor), redis, valkey: None, types, opcodes }
}

const fn valkey(
    (major, minor): (u16, u16),
    valkey: Option<u16>,
    types: &'static [(u8, u8)],
    opcodes: &'static [(u8, u8)],
) -> Line {
    Line { since: Release::valkey(major, minor), redis: 11, valkey, types, opcodes }
}

/// Sources: `RDB_VERSION`, the `RDB_TYPE_` and `RDB_OPCODE_` constants in rdb.h and the loader in rdb.c of each line. Redis 8.10 and
/// Valkey 9.2 are not known from their own source: from descriptions, and from versions in the making.
///
/// The loaders of Redis 7.2 and Valkey know opcode 246 (functions of a release candidate) by name and refuse it. Valkey has known its
/// own magic since 8.1, where no version of it is old enough to be loaded.
const LINES: &[Line] = &[
    redis((2, 0), 1, &[(0, 4)], &[(253, 255)]),
    redis((2, 4), 2, &[(0, 4), (9, 12)], &[(253, 255)]),
    redis((2, 6), 6, &[(0, 4), (9, 13)], &[(252, 255)]),
    redis((3, 2), 7, &[(0, 4), (9, 14)], &[(250, 255)]),
    redis((4, 0), 8, &[(0, 5), (7, 7), (9, 14)], &[(250, 255)]),
    redis((5, 0), 9, &[(0, 5), (7, 7), (9, 15)], &[(247, 255)]),
    redis((7, 0), 10, &[(0, 5), (7, 7), (9, 19)], &[(245, 255)]),
    redis((7, 2), 11, &[(0, 5), (7, 7), (9, 21)], &[(245, 245), (247, 255)]),
    redis((7, 4), 12, &[(0, 5), (7, 7), (9, 25)], &[(244, 245), (247, 255)]),
    redis((8, 6), 13, &[(0, 5), (7, 7), (9, 26)], &[(243, 245), (247, 255)]),
    redis((8, 8), 14, &[(0, 5), (7, 7), (9, 28)], &[(243, 245), (247, 255)]),
    redis((8, 10), 15, &[(0, 5), (7, 7), (9, 32)], &[(242, 245), (247, 255)]),
    valkey((7, 2), None, &[(0, 5), (7, 7), (9, 21)], &[(245, 245), (247, 255)]),
    valkey((8, 1), Some(0), &[(0, 5), (7, 7), (9, 21)], &[(245, 245), (247, 255)]),
    valkey((9, 0), Some(80), &[(0, 5), (7, 7), (9, 22)], &[(243, 245), (247, 255)]),
    valkey((9, 2), Some(81), &[(0, 5), (7, 7), (9, 23)], &[(242, 245), (247, 255)]),
    Line {
        since: Release::keydb(5, 0),
        redis: 9,
        valkey: None,
        types: &[(0, 5), (7, 7), (9, 15), (64, 64)],
        opcodes: &[(247, 255)],
    },
];

/// The releases everybody asks about, oldest first.
pub(crate) const RELEASES: [Release; 23] = [
    Release::redis(2, 8),
    Release::redis(3, 0),
    Release::redis(3, 2),
    Release::redis(4, 0),
    Release::redis(5, 0),
    Release::redis(6, 0),
    Release::redis(6, 2),
    Release::redis(7, 0),
    Release::redis(7, 2),
    Release::redis(7, 4),
    Release::redis(8, 0),
    Release::redis(8, 2),
    Release::redis(8, 4),
    Release::redis(8, 6),
    Release::redis(8, 8),
    Release::redis(8, 10),
    Release::valkey(7, 2),
    Release::valkey(8, 0),
    Release::valkey(8, 1),
    Release::valkey(9, 0),
    Release::valkey(9, 1),
    Release::valkey(9, 2),
    Release::keydb(6, 3),
];

/// Databases a server has unless its configuration says otherwise.
const DEFAULT_DATABASES: u64 = 16;
/// Versions that Valkey leaves to Redis and refuses unless told otherwise. Source: `RDB_FOREIGN_VERSION_MIN` and `_MAX` in rdb.h.
const FOREIGN_VERSIONS: core::ops::RangeInclusive<u16> = 12..=79;
/// Numbers that mean something else under the other magic. Source: `RDB_FOREIGN_TYPE_MIN` and `_MAX` in rdb.h of Valkey.
const FOREIGN_NUMBERS: core::ops::RangeInclusive<u8> = 22..=243;

/// The line `release` belongs to: the newest of its product that is not newer. What is older than all of them counts as the first.
fn line(release: Release) -> &'static Line {
    let mut lines = LINES.iter().filter(|line| line.since.product == release.product);
    let first = lines.clone().next();
    let known = lines.rfind(|line| line.since <= release).or(first);
    // Every product has lines; a test asks for each.
    known.unwrap_or(&LINES[0])
}

impl Line {
    fn reads(&self, list: &[(u8, u8)], number: u8, magic: Magic) -> bool {
        let foreign = self.since.product == Product::Valkey
            && magic == Magic::Redis
            && FOREIGN_NUMBERS.contains(&number);
        !foreign && list.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }

    fn reads_object(&self, byte: u8, object: ObjectType, magic: Magic) -> bool {
        // Numbers that forks used before Redis or Valkey gave them out.
        let private = matches!(object, ObjectType::DragonflyJson | ObjectType::Gcra);
        !private && self.reads(self.types, byte, magic)
    }
}

/// Something that keeps a release from loading, before it is put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) kind: Kind,
    /// What it is, apart from how often: causes of several files that agree in this are one.
    pub(crate) what: What,
    /// What is true for this release alone: `it reads up to 11`.
    pub(crate) detail: Option<String>,
    pub(crate) keys: Sightings,
    pub(crate) way_out: Option<String>,
}

/// How a cause reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// As it stands.
    Sentence(String),
    /// With the number of keys before it, singular and plural: `hash uses field TTL`, `hashes use field TTL`.
    Counted(String, String),
}

impl Cause {
    pub(crate) fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: What::Sentence(what.into()),
            detail: None,
            keys: Sightings::default(),
            way_out: None,
        }
    }

    fn counted(kind: Kind, keys: &Sightings, one: impl Into<String>, many: impl Into<String>) -> Self {
        Self {
            kind,
            what: What::Counted(one.into(), many.into()),
            detail: None,
            keys: keys.clone(),
            way_out: None,
        }
    }

    fn or(self, way_out: impl Into<String>) -> Self {
        Self { way_out: Some(way_out.into()), ..self }
    }

    /// In words, the same for all releases.
    fn what(&self) -> String {
        match &self.what {
            What::Sentence(text) => text.clone(),
            What::Counted(one, many) => units::plural(self.keys.count, one, many),
        }
    }

    /// In words, with what is true for this release.
    pub(crate) fn text(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.what()),
            None => self.what(),
        }
    }

    /// Does it speak of the same thing as `other`, perhaps in another file?
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind && self.what == other.what
    }

    pub(crate) fn into_report(self, files: Vec<String>) -> LoadCause {
        LoadCause {
            what: self.what(),
            kind: self.kind,
            // Records are counted, too, but are no keys.
            keys: if self.kind == Kind::Opcode { 0 } else { self.keys.count },
            examples: self.keys.examples,
            files,
            way_out: self.way_out,
        }
    }
}

/// What keeps `release`, with its default configuration and no modules but its own, from loading the snapshot of a file; worst
/// first. Nothing where there is no snapshot.
pub(crate) fn causes(file: &FileFacts, release: Release) -> Vec<Cause> {
    let Some(snapshot) = &file.snapshot else { return Vec::new() };
    let mut causes = structure(snapshot, release);
    causes.extend(contents(&snapshot.features, release));
    causes.extend(bad_values(&snapshot.features, |harm| harm.refused_by(release)));
    causes.order_by_key(|cause| cause.kind);
    causes
}

/// Does the check tool of `release` call the snapshot of a file wrong? It needs neither modules nor databases, and does not compare
/// keys; that of Valkey 9 tries versions that its server refuses.
pub(crate) fn tool_refuses(file: &FileFacts, release: Release) -> bool {
    let relaxed = release.product == Product::Valkey && release >= Release::valkey(9, 0);
    let Some(snapshot) = &file.snapshot else { return true };
    if bad_values(&snapshot.features, |harm| harm.seen_by_tool(release)).is_some() {
        return true;
    }
    causes(file, release).iter().any(|cause| match cause.kind {
        Kind::Version => !relaxed,
        // Seen with 3.2: it does not compare the checksum.
        Kind::Checksum => release.at_least_redis(4, 0),
        Kind::Magic | Kind::ObjectType | Kind::Opcode | Kind::Damage => true,
        _ => false,
    })
}

/// Does the check tool of `release` read no further than magic and version?
pub(crate) fn tool_stops_at_header(file: &FileFacts, release: Release) -> bool {
    let relaxed = release.product == Product::Valkey && release >= Release::valkey(9, 0);
    causes(file, release).iter().any(|cause| match cause.kind {
        Kind::Version => !relaxed,
        Kind::Magic => true,
        _ => false,
    })
}

/// Does `release` not know how the snapshot of a file is stored? Why, as a clause. What is damaged is not foreign.
pub(crate) fn foreign_to(file: &FileFacts, release: Release) -> Option<String> {
    file.snapshot.as_ref()?.features.header?;
    let is_foreign =
        |cause: &Cause| matches!(cause.kind, Kind::Magic | Kind::Version | Kind::ObjectType | Kind::Opcode);
    let causes: Vec<Cause> = causes(file, release).into_iter().filter(is_foreign).collect();
    (!causes.is_empty()).then(|| sentence(&causes))
}

/// Causes in one clause: the first few, and how many more.
pub(crate) fn sentence(causes: &[Cause]) -> String {
    let mut parts: Vec<String> = causes.iter().take(ReleaseGroup::MAX_CAUSES).map(Cause::text).collect();
    let more = causes.len() - parts.len();
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    parts.join("; ")
}

/// Damaged values that do this harm.
fn bad_values(features: &Features, does: impl Fn(Harm) -> bool) -> Option<Cause> {
    let mut keys = Sightings::default();
    for (_, found) in features.faults.iter().filter(|(harm, _)| does(**harm)) {
        keys.merge(found);
    }
    let (one, many) = ("value is damaged inside", "values are damaged inside");
    (keys.count > 0).then(|| Cause::counted(Kind::BadValue, &keys, one, many))
}

/// How many damaged values the release takes as they are.
pub(crate) fn unnoticed(file: &FileFacts, release: Release) -> u64 {
    let Some(snapshot) = &file.snapshot else { return 0 };
    bad_values(&snapshot.features, |harm| !harm.refused_by(release)).map_or(0, |cause| cause.keys.count)
}

/// Header, end, checksum.
fn structure(snapshot: &SnapshotFacts, release: Release) -> Vec<Cause> {
    let mut causes = Vec::new();
    match (snapshot.features.header, &snapshot.error) {
        (Some(header), error) => {
            causes.extend(header_cause(header, &snapshot.features, release));
            causes.extend(error.as_ref().and_then(|error| damage(error, header.0, release)));
        }
        (None, Some(error)) => causes.push(match error.kind() {
            ErrorKind::BadVersion { got } => {
                Cause::new(Kind::Version, format!("there is no RDB version {got}"))
            }
            ErrorKind::UnexpectedEnd { .. } => {
                Cause::new(Kind::Damage, "the file ends within its first nine bytes")
            }
            _ => Cause::new(Kind::Magic, "the file begins with neither REDIS nor VALKEY"),
        }),
        (None, None) => {}
    }
    if snapshot.checksum_mismatch {
        let way_out = "rdbchecksum no (and then with whatever is wrong in the file)";
        causes.push(Cause::new(Kind::Checksum, "the checksum is wrong").or(way_out));
    }
    causes
}

fn damage(error: &Error, magic: Magic, release: Release) -> Option<Cause> {
    let at = offset(error.offset());
    match error.kind() {
        ErrorKind::UnexpectedEnd { .. } => {
            Some(Cause::new(Kind::Damage, format!("the file ends early, behind {at}")))
        }
        ErrorKind::Unsupported { number, what } => {
            // The release may well read what this build cannot.
            let line = line(release);
            let known = line.reads(line.types, *number, magic) || line.reads(line.opcodes, *number, magic);
            (!known).then(|| Cause::new(Kind::ObjectType, format!("{what} stands at {at}")))
        }
        _ => Some(Cause::new(Kind::Damage, format!("it cannot be read behind {at}"))),
    }
}

fn header_cause((magic, version): (Magic, u16), features: &Features, release: Release) -> Option<Cause> {
    let line = line(release);
    let newest = match magic {
        Magic::Redis => line.redis,
        Magic::Valkey => match line.valkey {
            Some(newest) => newest,
            None => return Some(Cause::new(Kind::Magic, "the magic VALKEY is not known to it")),
        },
    };
    if version <= newest && !(magic == Magic::Valkey && version <= *FOREIGN_VERSIONS.end()) {
        return None;
    }
    // A product goes on: what comes behind the newest line may read more than is known of it.
    if release > newest_known(release.product)
        && (magic == Magic::Valkey) == (release.product == Product::Valkey)
    {
        return None;
    }
    let name = match magic {
        Magic::Redis => "RDB version",
        Magic::Valkey => "VALKEY version",
    };
    let of_redis = release.product == Product::Valkey && magic == Magic::Redis;
    let what = if of_redis && FOREIGN_VERSIONS.contains(&version) {
        format!("{name} {version} is one of Redis alone")
    } else {
        format!("{name} {version} is newer than it reads")
    };
    // Tried with Valkey 8.1.1 and 9.1.2: told so, the first reads later versions of its own, the second those of Redis, too, as far
    // as nothing in them is new.
    let tries = release >= if of_redis { Release::valkey(9, 0) } else { Release::valkey(8, 1) }
        && release.product == Product::Valkey;
    let detail = (newest > 0).then(|| format!("it reads up to {newest}"));
    let cause = Cause { detail, ..Cause::new(Kind::Version, what) };
    let relaxed = tries && contents_foreign(features, line).is_empty();
    Some(if relaxed { cause.or("rdb-version-check relaxed") } else { cause })
}

/// The release to judge tapes for where nobody said one: `guess`, unless they hold commands that it does not know and another release
/// does; then the first such one, of the same product if possible. Commands of modules do not count.
pub fn guess_release<'a>(guess: Release, tapes: impl IntoIterator<Item = &'a MeaningFacts>) -> Release {
    let mut used: Vec<&CommandSpec> =
        tapes.into_iter().flat_map(|tape| &tape.used).map(|used| used.spec).collect();
    used.retain(|spec| spec.module().is_none() && !spec.known_to(guess));
    if used.is_empty() {
        return guess;
    }
    let mut others: Vec<Release> =
        RELEASES.into_iter().filter(|release| *release > guess || release.product != guess.product).collect();
    others.order_by_key(|release| release.product != guess.product);
    others.into_iter().find(|release| used.iter().all(|spec| spec.known_to(*release))).unwrap_or(guess)
}

/// The release to judge files for where nobody said one: `guess`, which wrote them, if it is one of those that are described; else the
/// nearest of the same product that loads all of them, or of any.
pub fn settle_release(guess: Release, files: &[FileFacts]) -> Release {
    let described = |product| RELEASES.into_iter().filter(move |release| release.product == product);
    let mut nearest: Vec<Release> = described(guess.product).collect();
    let (Some(oldest), Some(newest)) = (nearest.iter().min().copied(), nearest.iter().max().copied()) else {
        return guess;
    };
    if guess >= oldest && guess <= newest {
        return guess;
    }
    if guess > newest {
        nearest.reverse();
    }
    let others = RELEASES.into_iter().filter(|release| release.product != guess.product);
    let loads = |release: &Release| files.iter().all(|file| causes(file, *release).is_empty());
    // What no release loads stays with the one that wrote it: a later one may.
    nearest.iter().copied().chain(others).find(loads).unwrap_or(if guess > newest { guess } else { oldest })
}

/// The newest release the table was made for.
fn newest_known(product: Product) -> Release {
    RELEASES.into_iter().filter(|release| release.product == product).max().unwrap_or(RELEASES[0])
}

/// What is stored, and how.
fn contents(features: &Features, release: Release) -> Vec<Cause> {
    let line = line(release);
    let mut causes = contents_foreign(features, line);
    if line.types.contains(&(7, 7)) {
        causes.extend(modules(features, release));
    }
    if features.highest_db >= DEFAULT_DATABASES {
        let needed = features.highest_db.saturating_add(1);
        causes.push(
            Cause::new(Kind::Databases, format!("it holds database {}", features.highest_db))
                .or(format!("databases {needed}")),
        );
    }
    if features.twice.count > 0 {
        let (one, many) = ("key stands in its database twice", "keys stand in their database twice");
        causes.push(Cause::counted(Kind::DuplicateKey, &features.twice, one, many));
    }
    causes
}

/// Object types and opcodes the line does not know.
fn contents_foreign(features: &Features, line: &Line) -> Vec<Cause> {
    let Some((magic, _)) = features.header else { return Vec::new() };
    let mut causes: Vec<Cause> = Vec::new();
    for stored in &features.objects {
        if line.reads_object(stored.type_byte, stored.object, magic) {
            continue;
        }
        let (one, many) = describe(stored.object);
        let what = What::Counted(one.into(), many.into());
        match causes.iter_mut().find(|known| known.what == what) {
            Some(known) => known.keys.merge(&stored.keys),
            None => causes.push(Cause::counted(Kind::ObjectType, &stored.keys, one, many)),
        }
    }
    for (opcode, count) in &features.records {
        if !line.reads(line.opcodes, *opcode, magic) {
            let (one, many) = describe_opcode(*opcode, magic);
            let records = Sightings { count: *count, ..Sightings::default() };
            causes.push(Cause::counted(Kind::Opcode, &records, one, many));
        }
    }
    causes
}

/// Modules the release does not bring along. Redis 8.0 and later have vector sets built in.
fn modules(features: &Features, release: Release) -> Vec<Cause> {
    let built_in = |name: &str| {
        name == "vectorset" && release.product == Product::Redis && release >= Release::redis(8, 0)
    };
    let mut causes: Vec<Cause> = Vec::new();
    for (id, stored) in &features.modules {
        let name = String::from_utf8_lossy(&id.name()).into_owned();
        if built_in(&name) {
            continue;
        }
        let cause = if stored.values.count > 0 {
            let (one, many) =
                (format!("value of the module type {name}"), format!("values of the module type {name}"));
            Cause::counted(Kind::Module, &stored.values, one, many)
        } else {
            Cause::new(Kind::Module, format!("data of the module type {name}"))
        }
        .or(match module_product(&name).and_then(|product| product.split_once(": ")) {
            Some((product, _)) => format!("the module {product}"),
            None => format!("the module that defines {name}"),
        });
        match causes.iter_mut().find(|known| known.what == cause.what) {
            Some(known) => known.keys.merge(&cause.keys),
            None => causes.push(cause),
        }
    }
    for (class, count) in features.meta_classes.iter().filter(|(class, _)| !class.may_be_ignored()) {
        let name = String::from_utf8_lossy(&class.name()).into_owned();
        let keys = units::plural(*count, "key has", "keys have");
        let cause = Cause::new(Kind::Module, format!("{keys} metadata of the class META-{name}"));
        causes.push(cause.or(format!("the module that defines META-{name}")));
    }
    causes
}
