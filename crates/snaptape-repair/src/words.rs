//! Counts and names of programs in sentences.

use snaptape_report::units;
pub(crate) use snaptape_report::units::offset;
use snaptape_wire::{Product, Release};

/// `Redis 7.4`, `Valkey 9.1`.
pub(crate) fn release_name(release: Release) -> String {
    let product = match release.product {
        Product::KeyDb => "KeyDB",
        Product::Redis => "Redis",
        Product::Valkey => "Valkey",
    };
    format!("{product} {}.{}", release.major, release.minor)
}

/// `1,316 bytes`.
pub(crate) fn n_bytes(n: u64) -> String {
    units::plural(n, "byte", "bytes")
}

/// `12 commands`.
pub(crate) fn n_commands(n: u64) -> String {
    units::plural(n, "command", "commands")
}

/// `redis-check-aof`, `valkey-check-aof`.
pub(crate) fn check_aof(release: Release) -> &'static str {
    match release.product {
        Product::KeyDb => "keydb-check-aof",
        Product::Redis => "redis-check-aof",
        Product::Valkey => "valkey-check-aof",
    }
}

/// `redis-check-rdb`, `valkey-check-rdb`.
pub(crate) fn check_rdb(release: Release) -> &'static str {
    match release.product {
        Product::KeyDb => "keydb-check-rdb",
        Product::Redis => "redis-check-rdb",
        Product::Valkey => "valkey-check-rdb",
    }
}
