//! ElastiCache node types and their `maxmemory`.
//!
//! Source: ElastiCache user guide, "Engine specific parameters", the tables "Valkey node-type specific parameters" and "Redis
//! OSS node-type specific parameters", read in stored copies that agree with each other. Nothing here was measured on an account.
//! `maxmemory` cannot be changed by a user, so it is the size of a node. One exception in the sources: copies before 2023 give
//! m4.xlarge as 11,496,376,320 bytes.
//!
//! What a family is offered for follows from the table it stands in. Previous generations (t1, m3, r3) can still be restored
//! within, but no new cluster can be made of them (same guide, "Supported node types"). m1, m2 and c1 are left out.

use snaptape_report::Engines;

/// Node types that differ in size only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    /// `r7g`.
    pub(super) name: &'static str,
    /// Servers it is offered for.
    pub(super) engines: Engines,
    /// Anything else about it.
    pub(super) kind: Kind,
    /// Size and `maxmemory` in bytes, ascending.
    pub(super) sizes: &'static [(&'static str, u64)],
}

/// How a family differs from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// In no way.
    Plain,
    /// Its CPU is shared: micro and small ones want a larger reserve.
    Burstable,
    /// Values also live on an SSD, which the figures leave out.
    DataTiering,
    /// No new clusters.
    Previous,
    /// No new clusters, and the CPU is shared.
    PreviousBurstable,
}

const fn family(
    name: &'static str,
    engines: Engines,
    kind: Kind,
    sizes: &'static [(&'static str, u64)],
) -> Family {
    Family { name, engines, kind, sizes }
}

/// Newest first within each purpose, so that of two nodes of one size the newer is named first.
#[rustfmt::skip]
pub(super) const FAMILIES: [Family; 19] = [
    family("t4g", Engines::Both, Kind::Burstable, T3),
    family("t3", Engines::Both, Kind::Burstable, T3),
    family("t2", Engines::Both, Kind::Burstable, &[
        ("micro",        581_959_680),
        ("small",      1_665_138_688),
        ("medium",     3_461_349_376),
    ]),
    family("m8g", Engines::Valkey, Kind::Plain, &[
        ("large",      7_294_178_820),
        ("xlarge",    15_222_495_510),
        ("2xlarge",   31_866_224_640),
        ("4xlarge",   65_856_864_256),
        ("8xlarge",  133_838_143_488),
        ("12xlarge", 201_819_422_720),
        ("16xlarge", 269_800_701_952),
    ]),
    family("m7g", Engines::Both, Kind::Plain, M6G),
    family("m6g", Engines::Both, Kind::Plain, M6G),
    family("m5", Engines::Both, Kind::Plain, &[
        ("large",      6_854_542_746),
        ("xlarge",    13_891_921_715),
        ("2xlarge",   27_966_669_210),
        ("4xlarge",   56_116_178_125),
        ("12xlarge", 168_715_971_994),
        ("24xlarge", 337_500_562_842),
    ]),
    family("m4", Engines::Both, Kind::Plain, &[
        ("large",      6_892_593_152),
        ("xlarge",    15_328_501_760),
        ("2xlarge",   31_889_126_359),
        ("4xlarge",   65_257_290_629),
        ("10xlarge", 166_047_614_239),
    ]),
    family("r8g", Engines::Valkey, Kind::Plain, &[
        ("large",     15_222_495_510),
        ("xlarge",    31_866_224_640),
        ("2xlarge",   65_856_864_256),
        ("4xlarge",  133_838_143_488),
        ("8xlarge",  269_800_701_952),
        ("12xlarge", 405_763_260_416),
        ("16xlarge", 541_725_818_880),
    ]),
    family("r7g", Engines::Both, Kind::Plain, R6G),
    family("r6g", Engines::Both, Kind::Plain, R6G),
    family("r6gd", Engines::Both, Kind::DataTiering, &[
        ("xlarge",    28_261_849_702),
        ("2xlarge",   56_711_183_565),
        ("4xlarge",  113_609_865_216),
        ("8xlarge",  225_000_375_228),
        ("12xlarge", 341_206_346_547),
        ("16xlarge", 450_000_750_456),
    ]),
    family("r5", Engines::Both, Kind::Plain, &[
        ("large",     14_037_181_030),
        ("xlarge",    28_261_849_702),
        ("2xlarge",   56_711_183_565),
        ("4xlarge",  113_609_865_216),
        ("12xlarge", 341_206_346_547),
        ("24xlarge", 682_485_973_811),
    ]),
    family("r4", Engines::Both, Kind::Plain, &[
        ("large",     13_201_781_556),
        ("xlarge",    26_898_228_839),
        ("2xlarge",   54_197_537_997),
        ("4xlarge",  108_858_546_586),
        ("8xlarge",  218_255_432_090),
        ("16xlarge", 437_021_573_120),
    ]),
    family("c8gn", Engines::Valkey, Kind::Plain, &[
        ("large",      3_330_020_474),
        ("xlarge",     7_294_178_820),
        ("2xlarge",   15_222_495_510),
        ("4xlarge",   31_866_224_640),
        ("8xlarge",   65_856_864_256),
        ("12xlarge",  99_847_503_872),
        ("16xlarge", 133_838_143_488),
    ]),
    family("c7gn", Engines::Both, Kind::Plain, &[
        ("large",      3_317_862_236),
        ("xlarge",     6_854_542_746),
        ("2xlarge",   13_891_921_715),
        ("4xlarge",   27_966_669_210),
        ("8xlarge",   56_116_178_125),
        ("12xlarge",  84_357_985_997),
        ("16xlarge", 113_609_865_216),
    ]),
    family("t1", Engines::Redis, Kind::PreviousBurstable, &[
        ("micro",        142_606_336),
    ]),
    family("m3", Engines::Redis, Kind::Previous, &[
        ("medium",     2_988_441_600),
        ("large",      6_501_171_200),
    ]),
    family("r3", Engines::Redis, Kind::Previous, &[
        ("large",     14_470_348_800),
        ("xlarge",    30_513_561_600),
        ("2xlarge",   62_495_129_600),
        ("4xlarge",  126_458_265_600),
        ("8xlarge",  254_384_537_600),
    ]),
];

/// t3 and t4g.
#[rustfmt::skip]
const T3: &[(&str, u64)] = &[
    ("micro",        536_870_912),
    ("small",      1_471_026_299),
    ("medium",     3_317_862_236),
];

/// m6g and m7g.
#[rustfmt::skip]
const M6G: &[(&str, u64)] = &[
    ("large",      6_854_542_746),
    ("xlarge",    13_891_921_715),
    ("2xlarge",   27_966_669_210),
    ("4xlarge",   56_116_178_125),
    ("8xlarge",  111_325_552_312),
    ("12xlarge", 168_715_971_994),
    ("16xlarge", 225_000_375_228),
];

/// r6g and r7g.
#[rustfmt::skip]
const R6G: &[(&str, u64)] = &[
    ("large",     14_037_181_030),
    ("xlarge",    28_261_849_702),
    ("2xlarge",   56_711_183_565),
    ("4xlarge",  113_609_865_216),
    ("8xlarge",  225_000_375_228),
    ("12xlarge", 341_206_346_547),
    ("16xlarge", 450_000_750_456),
];

impl Family {
    /// Can no new cluster be made of it?
    pub(super) fn is_previous(&self) -> bool {
        matches!(self.kind, Kind::Previous | Kind::PreviousBurstable)
    }

    /// AWS's advice for `reserved-memory-percent`, where it is more than the default of 25.
    /// Source: the same guide, "Managing reserved memory".
    pub(super) fn advised_reserved_percent(&self, size: &str) -> Option<u8> {
        match (self.kind, size) {
            (Kind::Burstable | Kind::PreviousBurstable, "micro") | (Kind::DataTiering, _) => Some(50),
            (Kind::Burstable | Kind::PreviousBurstable, "small") => Some(30),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_ascend_and_nothing_is_named_twice() {
        for (i, family) in FAMILIES.iter().enumerate() {
            assert!(family.sizes.is_sorted_by(|a, b| a.1 < b.1), "{}", family.name);
            assert!(FAMILIES[..i].iter().all(|other| other.name != family.name), "{}", family.name);
        }
        let all: Vec<u64> =
            FAMILIES.iter().flat_map(|family| family.sizes.iter().map(|size| size.1)).collect();
        assert_eq!(all.len(), 102);
        assert_eq!((all.iter().min(), all.iter().max()), (Some(&142_606_336), Some(&682_485_973_811)));
    }
}
