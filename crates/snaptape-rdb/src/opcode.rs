//! The numbers of the format, in the order of the servers' `rdb.h`.

/// Opcodes.
pub(crate) mod op {
    /// Redis Enterprise: when a key that lives on disk was used last.
    pub(crate) const ENTERPRISE_RAM_LRU: u8 = 107;
    /// Redis Enterprise: the cluster slot of what follows.
    pub(crate) const ENTERPRISE_SLOT_NUM: u8 = 121;
    /// Dragonfly: the end of what a full synchronisation sends.
    pub(crate) const DRAGONFLY_FULLSYNC_END: u8 = 200;
    /// Dragonfly: items, compressed with zstd.
    pub(crate) const DRAGONFLY_ZSTD: u8 = 201;
    /// Dragonfly: items, compressed with LZ4.
    pub(crate) const DRAGONFLY_LZ4: u8 = 202;
    /// Dragonfly: flags of the next key.
    pub(crate) const DRAGONFLY_KEY_FLAGS: u8 = 220;
    /// Redis 8.10: a hash template. (Valkey 9.2 uses the number for commands.)
    pub(crate) const HASH_TEMPLATE: u8 = 242;
    /// Redis 8.6: metadata of the next key.
    pub(crate) const KEY_META: u8 = 243;
    /// Valkey 9: a slot import that was under way. (Redis 8.6 uses the number for key metadata.)
    pub(crate) const SLOT_IMPORT: u8 = 243;
    pub(crate) const SLOT_INFO: u8 = 244;
    pub(crate) const FUNCTION2: u8 = 245;
    pub(crate) const FUNCTION_PRE_GA: u8 = 246;
    pub(crate) const MODULE_AUX: u8 = 247;
    pub(crate) const IDLE: u8 = 248;
    pub(crate) const FREQ: u8 = 249;
    pub(crate) const AUX: u8 = 250;
    pub(crate) const RESIZEDB: u8 = 251;
    pub(crate) const EXPIRETIME_MS: u8 = 252;
    pub(crate) const EXPIRETIME: u8 = 253;
    pub(crate) const SELECTDB: u8 = 254;
    pub(crate) const EOF: u8 = 255;
}

/// Who defines the numbers that Redis and Valkey use differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Magic {
    /// `REDIS`, four digits.
    Redis,
    /// `VALKEY`, three digits; Valkey 9.0 and later.
    Valkey,
}

/// Highest version this build reads, for each magic. Newer ones are tried; what they added is not known.
pub const MAX_REDIS_VERSION: u16 = 15;
/// See [`MAX_REDIS_VERSION`].
pub const MAX_VALKEY_VERSION: u16 = 81;

/// From this version on Redis has hash templates, under numbers that forks and private builds used before.
pub(crate) const TEMPLATES_SINCE: u16 = 15;
/// From this version on Redis has metadata of keys.
pub(crate) const KEY_META_SINCE: u16 = 13;

/// How the value of a key is stored. Names follow `rdb.h`, without the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation: they are the servers' own")]
#[non_exhaustive]
pub enum ObjectType {
    String,
    List,
    Set,
    Zset,
    Hash,
    Zset2,
    Module2,
    HashZipmap,
    ListZiplist,
    SetIntset,
    ZsetZiplist,
    HashZiplist,
    ListQuicklist,
    StreamListpacks,
    HashListpack,
    ZsetListpack,
    ListQuicklist2,
    StreamListpacks2,
    SetListpack,
    StreamListpacks3,
    /// Redis 7.4 release candidates.
    HashMetadataPreGa,
    /// Redis 7.4 release candidates.
    HashListpackExPreGa,
    /// Valkey 9.0.
    Hash2,
    HashMetadata,
    HashListpackEx,
    /// Redis 8.6.
    StreamListpacks4,
    /// Redis 8.8.
    StreamListpacks5,
    /// Redis 8.8.
    Array,
    /// Redis 8.10: a hash with its field names, values in a listpack.
    HashTmplLp,
    /// Redis 8.10: a hash whose field names stand in a template; template and values in a listpack.
    HashTmplLpRef,
    /// Redis 8.10: a hash with its field names, values apart.
    HashTmplArray,
    /// Redis 8.10: a hash whose field names stand in a template; values apart.
    HashTmplArrayRef,
    /// A rate limiter, in builds of Redis that have it.
    Gcra,
    /// KeyDB: a script that runs again and again.
    KeydbCron,
    /// Dragonfly: a JSON document, as text.
    DragonflyJson,
}

/// The logical type of a value, in the words of the TYPE command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the TYPE command")]
pub enum LogicalType {
    String,
    List,
    Set,
    Zset,
    Hash,
    Stream,
    Module,
    /// Redis 8.8.
    Array,
    /// Private builds of Redis.
    RateLimiter,
    /// KeyDB.
    Cron,
    /// Dragonfly.
    Json,
}

impl LogicalType {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::String,
        Self::List,
        Self::Set,
        Self::Zset,
        Self::Hash,
        Self::Stream,
        Self::Module,
        Self::Array,
        Self::RateLimiter,
        Self::Cron,
        Self::Json,
    ];

    /// The word TYPE answers; for modules the module's own name takes its place. What private builds and forks answer for a
    /// rate limiter, a cron job and a document is not known: these words are ours.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::Zset => "zset",
            Self::Hash => "hash",
            Self::Stream => "stream",
            Self::Module => "module",
            Self::Array => "array",
            Self::RateLimiter => "rate limiter",
            Self::Cron => "cron",
            Self::Json => "json",
        }
    }
}

impl ObjectType {
    /// The type a byte stands for in a file with this magic and version. Numbers from 26 on meant other things in forks and
    /// private builds before Redis gave them out: there the version decides. One version of tolerance, because
    /// descriptions of the newest versions disagree by as much.
    pub fn in_file(byte: u8, magic: Magic, version: u16) -> Option<Self> {
        let redis = magic == Magic::Redis;
        Some(match byte {
            0 => Self::String,
            1 => Self::List,
            2 => Self::Set,
            3 => Self::Zset,
            4 => Self::Hash,
            5 => Self::Zset2,
            7 => Self::Module2,
            9 => Self::HashZipmap,
            10 => Self::ListZiplist,
            11 => Self::SetIntset,
            12 => Self::ZsetZiplist,
            13 => Self::HashZiplist,
            14 => Self::ListQuicklist,
            15 => Self::StreamListpacks,
            16 => Self::HashListpack,
            17 => Self::ZsetListpack,
            18 => Self::ListQuicklist2,
            19 => Self::StreamListpacks2,
            20 => Self::SetListpack,
            21 => Self::StreamListpacks3,
            22 if redis => Self::HashMetadataPreGa,
            22 => Self::Hash2,
            23 if redis => Self::HashListpackExPreGa,
            24 if redis => Self::HashMetadata,
            25 if redis => Self::HashListpackEx,
            26 if redis && version >= 12 => Self::StreamListpacks4,
            27 if redis && version >= 13 => Self::StreamListpacks5,
            28 if redis && version >= 13 => Self::Array,
            29 if redis && version >= TEMPLATES_SINCE => Self::HashTmplLp,
            29 if redis && version >= 13 => Self::Gcra,
            30 if redis && version >= TEMPLATES_SINCE => Self::HashTmplLpRef,
            30 if redis => Self::DragonflyJson,
            31 if redis && version >= TEMPLATES_SINCE => Self::HashTmplArray,
            32 if redis && version >= TEMPLATES_SINCE => Self::HashTmplArrayRef,
            33 if redis && version >= TEMPLATES_SINCE => Self::Gcra,
            64 if redis => Self::KeydbCron,
            _ => return None,
        })
    }

    /// Is it how hashes are stored of which fields expire on their own? Redis stores a listpack so, too, whose fields have lost their
    /// expiries.
    pub fn expires_fields(self) -> bool {
        matches!(
            self,
            Self::HashMetadataPreGa
                | Self::HashListpackExPreGa
                | Self::HashMetadata
                | Self::HashListpackEx
                | Self::Hash2
        )
    }

    /// Its logical type.
    pub fn logical(self) -> LogicalType {
        match self {
            Self::String => LogicalType::String,
            Self::List | Self::ListZiplist | Self::ListQuicklist | Self::ListQuicklist2 => LogicalType::List,
            Self::Set | Self::SetIntset | Self::SetListpack => LogicalType::Set,
            Self::Zset | Self::Zset2 | Self::ZsetZiplist | Self::ZsetListpack => LogicalType::Zset,
            Self::Hash
            | Self::HashZipmap
            | Self::HashZiplist
            | Self::HashListpack
            | Self::HashMetadataPreGa
            | Self::HashListpackExPreGa
            | Self::Hash2
            | Self::HashMetadata
            | Self::HashListpackEx
            | Self::HashTmplLp
            | Self::HashTmplLpRef
            | Self::HashTmplArray
            | Self::HashTmplArrayRef => LogicalType::Hash,
            Self::StreamListpacks
            | Self::StreamListpacks2
            | Self::StreamListpacks3
            | Self::StreamListpacks4
            | Self::StreamListpacks5 => LogicalType::Stream,
            Self::Module2 => LogicalType::Module,
            Self::Array => LogicalType::Array,
            Self::Gcra => LogicalType::RateLimiter,
            Self::KeydbCron => LogicalType::Cron,
            Self::DragonflyJson => LogicalType::Json,
        }
    }
}
