//! The numbers of the format, in the order of the servers' `rdb.h`.

/// Opcodes.
pub(crate) mod op {
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

/// Highest version this build reads, for each magic.
pub const MAX_REDIS_VERSION: u16 = 12;
/// See [`MAX_REDIS_VERSION`].
pub const MAX_VALKEY_VERSION: u16 = 80;

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
}

impl LogicalType {
    /// The word TYPE answers; for modules the module's own name takes its place.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::Zset => "zset",
            Self::Hash => "hash",
            Self::Stream => "stream",
            Self::Module => "module",
        }
    }
}

impl ObjectType {
    /// The type a byte stands for in a file with this magic.
    pub fn from_byte(byte: u8, magic: Magic) -> Option<Self> {
        Some(match (byte, magic) {
            (0, _) => Self::String,
            (1, _) => Self::List,
            (2, _) => Self::Set,
            (3, _) => Self::Zset,
            (4, _) => Self::Hash,
            (5, _) => Self::Zset2,
            (7, _) => Self::Module2,
            (9, _) => Self::HashZipmap,
            (10, _) => Self::ListZiplist,
            (11, _) => Self::SetIntset,
            (12, _) => Self::ZsetZiplist,
            (13, _) => Self::HashZiplist,
            (14, _) => Self::ListQuicklist,
            (15, _) => Self::StreamListpacks,
            (16, _) => Self::HashListpack,
            (17, _) => Self::ZsetListpack,
            (18, _) => Self::ListQuicklist2,
            (19, _) => Self::StreamListpacks2,
            (20, _) => Self::SetListpack,
            (21, _) => Self::StreamListpacks3,
            (22, Magic::Redis) => Self::HashMetadataPreGa,
            (22, Magic::Valkey) => Self::Hash2,
            (23, Magic::Redis) => Self::HashListpackExPreGa,
            (24, Magic::Redis) => Self::HashMetadata,
            (25, Magic::Redis) => Self::HashListpackEx,
            _ => return None,
        })
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
            | Self::HashListpackEx => LogicalType::Hash,
            Self::StreamListpacks | Self::StreamListpacks2 | Self::StreamListpacks3 => LogicalType::Stream,
            Self::Module2 => LogicalType::Module,
        }
    }
}
