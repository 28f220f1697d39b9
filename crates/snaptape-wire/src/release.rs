//! Server releases, as far as their behaviour differs.

use core::{fmt, str::FromStr};

/// Whose server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// KeyDB, which parted from Redis 6.2.
    KeyDb,
    /// Redis.
    Redis,
    /// Valkey.
    Valkey,
}

/// A release line: product, major and minor. Written `redis-7.4`, `valkey-9.1`, `keydb-6.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// Whose server.
    pub product: Product,
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
}

/// The words are not a release: expected like `redis-7.4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARelease;

impl Release {
    /// A Redis release.
    pub const fn redis(major: u16, minor: u16) -> Self {
        Self { product: Product::Redis, major, minor }
    }

    /// A Valkey release.
    pub const fn valkey(major: u16, minor: u16) -> Self {
        Self { product: Product::Valkey, major, minor }
    }

    /// A KeyDB release.
    pub const fn keydb(major: u16, minor: u16) -> Self {
        Self { product: Product::KeyDb, major, minor }
    }

    /// A release from a product and a version as a server prints it: `7.4.1`, `255.255.255`.
    pub fn parse_version(product: Product, version: &str) -> Option<Self> {
        let mut parts = version.trim().split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = match parts.next() {
            Some(minor) => minor.parse().ok()?,
            None => 0,
        };
        parts.all(|part| !part.is_empty()).then_some(Self { product, major, minor })
    }

    /// Is this Redis `major.minor` or later, or a Valkey or KeyDB (which descend from Redis 7.2 and 6.2)?
    /// Only meaningful for behaviour that was there before they parted.
    pub fn at_least_redis(self, major: u16, minor: u16) -> bool {
        match self.product {
            Product::Redis => (self.major, self.minor) >= (major, minor),
            Product::Valkey => (major, minor) <= (7, 2),
            Product::KeyDb => (major, minor) <= (6, 2),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let product = match self.product {
            Product::KeyDb => "keydb",
            Product::Redis => "redis",
            Product::Valkey => "valkey",
        };
        write!(f, "{product}-{}.{}", self.major, self.minor)
    }
}

impl FromStr for Release {
    type Err = NotARelease;

    fn from_str(text: &str) -> Result<Self, NotARelease> {
        let (product, version) = text.split_once('-').ok_or(NotARelease)?;
        let product = if product.eq_ignore_ascii_case("redis") {
            Product::Redis
        } else if product.eq_ignore_ascii_case("valkey") {
            Product::Valkey
        } else if product.eq_ignore_ascii_case("keydb") {
            Product::KeyDb
        } else {
            return Err(NotARelease);
        };
        Self::parse_version(product, version).ok_or(NotARelease)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn releases_read_as_they_print() {
        for (text, release) in [
            ("redis-7.4", Ok(Release::redis(7, 4))),
            ("valkey-9.1", Ok(Release::valkey(9, 1))),
            ("Redis-7.4.1", Ok(Release::redis(7, 4))),
            ("redis-8", Ok(Release::redis(8, 0))),
            ("redis", Err(NotARelease)),
            ("keydb-6.3.4", Ok(Release::keydb(6, 3))),
            ("dragonfly-1.2", Err(NotARelease)),
            ("redis-x.y", Err(NotARelease)),
        ] {
            assert_eq!(text.parse(), release, "{text}");
        }
        assert_eq!(Release::redis(7, 4).to_string(), "redis-7.4");
    }
}
