//! What the address says after `#`: the view, the order of its tables, and the theme.
//! `#keys?keys=-memory&patterns=pattern&theme=dark`; what is left out is the default.

use snaptape_report::{
    RestoreOptions,
    restore::{parse_percent, parse_ratio, ratio},
};

use snaptape_summary::Weigh;

use crate::hash_text;
use crate::key_route::KeyRoute;
use crate::map::MapPlace;
use crate::protocol::NamesAsked;
use crate::samples::SAMPLES;
use crate::sort::{KeyColumn, PatternColumn, Sort};
use crate::timeline::Axis;

/// A screen of an opened report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// Verdict, sizes, distributions.
    #[default]
    Overview,
    /// Where the memory is, as a picture.
    Map,
    /// All key patterns.
    Patterns,
    /// All keys.
    Keys,
    /// When keys expire.
    Expiry,
    /// How values are stored.
    Encodings,
    /// Hash slots, and shards.
    Slots,
    /// When keys were used last.
    Access,
    /// What a restore needs.
    Restore,
    /// The commands of a tape.
    Tape,
    /// Findings, and what the programs make of them.
    Integrity,
    /// Plans and their export.
    Repair,
    /// Bytes, and what they are.
    Bytes,
    /// One key; on no rail, since the keys lead to it.
    Key,
    /// A document for a ticket.
    Report,
}

impl View {
    /// All, in the order of the rail.
    pub const ALL: [Self; 14] = [
        Self::Overview,
        Self::Map,
        Self::Patterns,
        Self::Keys,
        Self::Expiry,
        Self::Encodings,
        Self::Slots,
        Self::Access,
        Self::Restore,
        Self::Tape,
        Self::Integrity,
        Self::Repair,
        Self::Bytes,
        Self::Report,
    ];

    /// Its word in the address.
    pub fn id(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Map => "map",
            Self::Patterns => "patterns",
            Self::Keys => "keys",
            Self::Expiry => "expiry",
            Self::Encodings => "encodings",
            Self::Slots => "slots",
            Self::Access => "access",
            Self::Restore => "restore",
            Self::Tape => "tape",
            Self::Integrity => "integrity",
            Self::Repair => "repair",
            Self::Bytes => "bytes",
            Self::Key => "key",
            Self::Report => "report",
        }
    }

    /// Its name on the rail.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Map => "Memory map",
            Self::Patterns => "Key patterns",
            Self::Keys => "Keys",
            Self::Expiry => "Expiry",
            Self::Encodings => "Encodings",
            Self::Slots => "Slots and shards",
            Self::Access => "Hot and cold",
            Self::Restore => "Restore",
            Self::Tape => "Tape",
            Self::Integrity => "Integrity",
            Self::Repair => "Repair",
            Self::Bytes => "Bytes",
            Self::Key => "One key",
            Self::Report => "Report",
        }
    }
}

/// Light, dark, or as the system says (no theme at all).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

impl Theme {
    /// Its word in the address, in the store and on the root element.
    pub fn id(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that word.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.id() == id)
    }
}

/// Plans that can be named in the address.
const PLANS: [&str; 6] = ["truncate", "mend", "salvage", "close-multi", "before", "without"];

/// Everything the address holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// The view.
    pub view: View,
    /// Order of the key table.
    pub keys: Sort<KeyColumn>,
    /// Which keys are listed: the filter line.
    pub filter: String,
    /// The row of the key table that one is on.
    pub row: u64,
    /// What the rows of the key table may take, if not as usual; megabytes.
    pub rows_mb: Option<u64>,
    /// Order of the pattern tables.
    pub patterns: Sort<PatternColumn>,
    /// What is shown of the memory map.
    pub map: MapPlace,
    /// What the restore is planned with.
    pub restore: RestoreOptions,
    /// The plan that is looked at; the best one where there is none.
    pub plan: Option<&'static str>,
    /// What the writes of a tape are drawn over.
    pub tape_axis: Axis,
    /// How a document gives names of keys.
    pub names: NamesAsked,
    /// What the pictures of keys measure.
    pub weigh: Weigh,
    /// The key that is looked at.
    pub key: Option<KeyRoute>,
    /// Bytes that are looked at.
    pub at: Option<BytesAt>,
    /// The sample that is opened at once where an address names one: for links from elsewhere.
    pub sample: Option<&'static str>,
    /// The theme, when chosen.
    pub theme: Option<Theme>,
}

/// Bytes of a file: `at=FILE.START-END`, with `&inside=OFFSET` those that the string at that offset of the file unpacks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BytesAt {
    /// The file's number in the report.
    pub file: u32,
    /// The first byte, on which the cursor is.
    pub start: u64,
    /// The byte behind the last one.
    pub end: u64,
    /// The string they were unpacked from.
    pub inside: Option<u64>,
}

impl BytesAt {
    /// Bytes of a file as they are.
    pub fn new(file: u32, start: u64, end: u64) -> Self {
        Self { file, start, end: end.max(start.saturating_add(1)), inside: None }
    }

    /// From the first byte to behind the last.
    pub fn range(&self) -> core::ops::Range<u64> {
        self.start..self.end
    }

    fn parse(word: &str) -> Option<Self> {
        let (file, range) = word.split_once('.')?;
        let (start, end) = range.split_once('-').unwrap_or((range, "0"));
        Some(Self::new(file.parse().ok()?, start.parse().ok()?, end.parse().ok()?))
    }
}

impl Route {
    /// Reads an address; words it does not know are passed over.
    pub fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (view, query) = hash.split_once('?').unwrap_or((hash, ""));
        let mut route = Self::default();
        if let Some(view) = View::ALL.into_iter().chain([View::Key]).find(|known| known.id() == view) {
            route.view = view;
        }
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some((name, word)) if KeyRoute::take(&mut route.key, name, word) => {}
                Some(("keys", word)) => route.keys = Sort::parse(word).unwrap_or_default(),
                Some(("filter", text)) => route.filter = hash_text::decode(text),
                Some(("row", word)) => route.row = word.parse().unwrap_or_default(),
                Some(("rows-mb", word)) => {
                    route.rows_mb = word.parse().ok().filter(|mb| (1..=3_072).contains(mb));
                }
                Some(("patterns", word)) => route.patterns = Sort::parse(word).unwrap_or_default(),
                Some(("rewrite-share", word)) => {
                    route.restore.rewrite_percent =
                        parse_percent(word).unwrap_or(route.restore.rewrite_percent);
                }
                Some(("reserved-memory-percent", word)) => {
                    route.restore.reserved_memory_percent =
                        parse_percent(word).unwrap_or(route.restore.reserved_memory_percent);
                }
                Some(("replicas", word)) => {
                    let replicas = word.parse().ok().filter(|n| *n <= RestoreOptions::MAX_REPLICAS);
                    route.restore.replicas = replicas.unwrap_or(route.restore.replicas);
                }
                Some(("mem-fragmentation-ratio", word)) => {
                    route.restore.mem_fragmentation_percent =
                        parse_ratio(word).unwrap_or(route.restore.mem_fragmentation_percent);
                }
                Some(("plan", word)) => route.plan = plan_word(word),
                Some(("over", word)) if word == Axis::Offset.id() => route.tape_axis = Axis::Offset,
                Some(("names", word)) => route.names = NamesAsked::from_id(word).unwrap_or_default(),
                Some(("weigh", word)) => route.weigh = Weigh::from_id(word).unwrap_or_default(),
                Some((name, word)) if name.starts_with("map") => route.map.take(name, word),
                Some(("at", word)) => route.at = BytesAt::parse(word),
                Some(("inside", word)) => {
                    route.at = route.at.map(|at| BytesAt { inside: word.parse().ok(), ..at });
                }
                Some(("sample", word)) => {
                    route.sample = SAMPLES.iter().find(|sample| sample.id == word).map(|sample| sample.id);
                }
                Some(("theme", word)) => route.theme = Theme::from_id(word),
                _ => {}
            }
        }
        route
    }

    /// Writes it; begins with `#`.
    pub fn to_hash(&self) -> String {
        let mut query = Vec::new();
        if self.keys != Sort::default() {
            query.push(format!("keys={}", self.keys.word()));
        }
        if !self.filter.is_empty() {
            query.push(format!("filter={}", hash_text::encode(&self.filter)));
        }
        if self.row > 0 {
            query.push(format!("row={}", self.row));
        }
        if let Some(mb) = self.rows_mb {
            query.push(format!("rows-mb={mb}"));
        }
        if self.patterns != Sort::default() {
            query.push(format!("patterns={}", self.patterns.word()));
        }
        self.map.write(&mut query);
        let (restore, default) = (self.restore, RestoreOptions::default());
        if restore.rewrite_percent != default.rewrite_percent {
            query.push(format!("rewrite-share={}", restore.rewrite_percent));
        }
        if restore.reserved_memory_percent != default.reserved_memory_percent {
            query.push(format!("reserved-memory-percent={}", restore.reserved_memory_percent));
        }
        if restore.replicas != default.replicas {
            query.push(format!("replicas={}", restore.replicas));
        }
        if restore.mem_fragmentation_percent != default.mem_fragmentation_percent {
            query.push(format!("mem-fragmentation-ratio={}", ratio(restore.mem_fragmentation_percent)));
        }
        if let Some(plan) = self.plan {
            query.push(format!("plan={plan}"));
        }
        if self.tape_axis != Axis::default() {
            query.push(format!("over={}", self.tape_axis.id()));
        }
        if self.names != NamesAsked::default() {
            query.push(format!("names={}", self.names.id()));
        }
        if self.weigh != Weigh::default() {
            query.push(format!("weigh={}", self.weigh.id()));
        }
        if let Some(at) = self.at {
            query.push(format!("at={}.{}-{}", at.file, at.start, at.end));
            query.extend(at.inside.map(|inside| format!("inside={inside}")));
        }
        query.extend(self.sample.map(|sample| format!("sample={sample}")));
        if let Some(key) = self.key.as_ref().filter(|_| self.view == View::Key) {
            key.push_to(&mut query);
        }
        if let Some(theme) = self.theme {
            query.push(format!("theme={}", theme.id()));
        }
        let mark = if query.is_empty() { "" } else { "?" };
        format!("#{}{mark}{}", self.view.id(), query.join("&"))
    }

    /// The repair view, with that plan.
    #[must_use]
    pub fn with_plan(&self, name: &str) -> Self {
        Self { view: View::Repair, plan: plan_word(name), ..self.clone() }
    }

    /// The memory map, at another place.
    #[must_use]
    pub fn with_map(&self, map: MapPlace) -> Self {
        Self { view: View::Map, map, ..self.clone() }
    }

    /// The bytes view, with these bytes of file number `file`.
    #[must_use]
    pub fn with_bytes(&self, file: u32, start: u64, end: u64) -> Self {
        Self { view: View::Bytes, at: Some(BytesAt::new(file, start, end)), ..self.clone() }
    }

    /// One key: the index of its file in the report, the offset of its entry in the contents of that, and its database.
    #[must_use]
    pub fn with_key(&self, file: u32, offset: u64, db: u64) -> Self {
        self.with_key_route(KeyRoute::new(file, offset, db))
    }

    /// The same, seen in another way.
    #[must_use]
    pub fn with_key_route(&self, key: KeyRoute) -> Self {
        Self { view: View::Key, key: Some(key), ..self.clone() }
    }

    /// The keys that a filter line takes.
    #[must_use]
    pub fn with_filter(&self, line: &str) -> Self {
        Self { view: View::Keys, filter: line.to_owned(), row: 0, ..self.clone() }
    }

    /// The same with another view.
    #[must_use]
    pub fn with_view(&self, view: View) -> Self {
        Self { view, ..self.clone() }
    }
}

fn plan_word(word: &str) -> Option<&'static str> {
    PLANS.into_iter().find(|name| *name == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_comes_back() {
        for view in View::ALL {
            let route = Route::default().with_view(view);
            assert_eq!(Route::parse(&route.to_hash()), route);
        }
    }

    #[test]
    fn order_and_theme_come_back() {
        let route = Route {
            view: View::Keys,
            keys: Sort { column: KeyColumn::Elements, descending: false },
            patterns: Sort { column: PatternColumn::Pattern, descending: false },
            theme: Some(Theme::Dark),
            ..Route::default()
        };
        assert_eq!(route.to_hash(), "#keys?keys=elements&patterns=pattern&theme=dark");
        assert_eq!(Route::parse(&route.to_hash()), route);
    }

    #[test]
    fn which_keys_are_listed_comes_back() {
        let filter = "type:hash,zset mem>1mb -match:user:* \"a&b=50% \u{e9}#\"".to_owned();
        let route = Route { view: View::Keys, filter, row: 1_234_567, ..Route::default() };
        let hash = "#keys?filter=type:hash,zset%20mem%3E1mb%20-match:user:*%20%22a%26b%3D50%25%20%C3%A9%23%22&row=1234567";
        assert_eq!(route.to_hash(), hash);
        assert_eq!(Route::parse(hash), route);
        assert_eq!(Route::parse("#keys?filter=%zz%2&row=x").filter, "%zz%2");
    }

    #[test]
    fn the_plan_comes_back() {
        let route = Route::default().with_plan("close-multi");
        assert_eq!(route.to_hash(), "#repair?plan=close-multi");
        assert_eq!(Route::parse(&route.to_hash()), route);
        let route = Route { view: View::Tape, tape_axis: Axis::Offset, ..Route::default() };
        assert_eq!(route.to_hash(), "#tape?over=offset");
        assert_eq!(Route::parse(&route.to_hash()), route);
        assert_eq!(Route::parse("#repair?plan=luck"), Route::default().with_view(View::Repair));
    }

    #[test]
    fn how_names_are_given_comes_back() {
        let route = Route { view: View::Report, names: NamesAsked::Hashed, ..Route::default() };
        assert_eq!(route.to_hash(), "#report?names=hashed");
        assert_eq!(Route::parse("#report?names=hashed"), route);
    }

    #[test]
    fn what_pictures_measure_comes_back() {
        let route = Route { view: View::Expiry, weigh: Weigh::Keys, ..Route::default() };
        assert_eq!(route.to_hash(), "#expiry?weigh=keys");
        assert_eq!(Route::parse("#expiry?weigh=keys"), route);
        assert_eq!(Route::parse("#expiry?weigh=stars"), Route::default().with_view(View::Expiry));
    }

    #[test]
    fn the_place_on_the_map_comes_back() {
        let map = MapPlace { zoom: vec!["user:{int}".into(), ":a/b".into()], ..MapPlace::default() };
        let route = Route::default().with_map(map);
        assert_eq!(route.to_hash(), "#map?map-zoom=user:{int}/:a%2Fb");
        assert_eq!(Route::parse(&route.to_hash()), route);
    }

    #[test]
    fn what_a_restore_is_planned_with_comes_back() {
        let restore = RestoreOptions {
            rewrite_percent: 100,
            reserved_memory_percent: 50,
            replicas: 0,
            mem_fragmentation_percent: 105,
            ..RestoreOptions::default()
        };
        let route = Route { view: View::Restore, restore, ..Route::default() };
        let hash =
            "#restore?rewrite-share=100&reserved-memory-percent=50&replicas=0&mem-fragmentation-ratio=1.05";
        assert_eq!(route.to_hash(), hash);
        assert_eq!(Route::parse(hash), route);
        let bad =
            "#restore?rewrite-share=101&reserved-memory-percent=NaN&replicas=6&mem-fragmentation-ratio=0.5";
        assert_eq!(Route::parse(bad), Route::default().with_view(View::Restore));
    }

    #[test]
    fn a_sample_can_be_linked_to() {
        let route = Route { sample: Some("torn"), ..Route::default().with_bytes(1, 0, 9) };
        assert_eq!(route.to_hash(), "#bytes?at=1.0-9&sample=torn");
        assert_eq!(Route::parse(&route.to_hash()), route);
        assert_eq!(Route::parse("#overview?sample=../x"), Route::default());
    }

    #[test]
    fn bytes_come_back() {
        let route = Route::default().with_bytes(2, 4_096, 4_100);
        assert_eq!(route.to_hash(), "#bytes?at=2.4096-4100");
        assert_eq!(Route::parse(&route.to_hash()), route);
        let at = BytesAt { inside: Some(77), ..BytesAt::new(0, 5, 5) };
        let route = Route { view: View::Bytes, at: Some(at), ..Route::default() };
        assert_eq!(route.to_hash(), "#bytes?at=0.5-6&inside=77");
        assert_eq!(Route::parse(&route.to_hash()), route);
        assert_eq!(Route::parse("#bytes?at=0.9"), Route::default().with_bytes(0, 9, 10));
        for bad in ["#bytes?at=0", "#bytes?at=x.1-2", "#bytes?at=0.1-x", "#bytes?inside=3"] {
            assert_eq!(Route::parse(bad), Route::default().with_view(View::Bytes), "{bad}");
        }
    }

    #[test]
    fn unknown_words_are_passed_over() {
        for hash in ["", "#", "#nowhere", "#?keys", "#overview?keys=-nothing&theme=pink&x=y"] {
            assert_eq!(Route::parse(hash), Route::default(), "{hash}");
        }
        assert_eq!(Route::default().to_hash(), "#overview");
    }
}
