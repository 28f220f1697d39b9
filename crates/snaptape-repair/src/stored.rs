//! What stands in a snapshot, in words.

use snaptape_rdb::{Magic, ObjectType};

/// A key stored with this object type, one and many.
pub(crate) fn describe(object: ObjectType) -> (&'static str, &'static str) {
    match object {
        ObjectType::HashMetadataPreGa
        | ObjectType::HashListpackExPreGa
        | ObjectType::HashMetadata
        | ObjectType::HashListpackEx
        | ObjectType::Hash2 => ("hash uses field TTL", "hashes use field TTL"),
        ObjectType::HashListpack | ObjectType::ZsetListpack | ObjectType::SetListpack => {
            ("key is stored as a listpack", "keys are stored as listpacks")
        }
        ObjectType::ListQuicklist2 => {
            ("list is stored as a quicklist of listpacks", "lists are stored as quicklists of listpacks")
        }
        ObjectType::ListQuicklist => ("list is stored as a quicklist", "lists are stored as quicklists"),
        ObjectType::ListZiplist | ObjectType::ZsetZiplist | ObjectType::HashZiplist => {
            ("key is stored as a ziplist", "keys are stored as ziplists")
        }
        ObjectType::HashZipmap => ("hash is stored as a zipmap", "hashes are stored as zipmaps"),
        ObjectType::SetIntset => ("set is stored as an intset", "sets are stored as intsets"),
        ObjectType::Zset2 => ("sorted set has binary scores", "sorted sets have binary scores"),
        ObjectType::Module2 => ("key is a module value", "keys are module values"),
        ObjectType::StreamListpacks => ("stream", "streams"),
        ObjectType::StreamListpacks2 => {
            ("stream is stored as Redis 7.0 began to", "streams are stored as Redis 7.0 began to")
        }
        ObjectType::StreamListpacks3 => {
            ("stream is stored as Redis 7.2 began to", "streams are stored as Redis 7.2 began to")
        }
        ObjectType::StreamListpacks4 => {
            ("stream is stored as Redis 8.6 began to", "streams are stored as Redis 8.6 began to")
        }
        ObjectType::StreamListpacks5 => {
            ("stream is stored as Redis 8.8 began to", "streams are stored as Redis 8.8 began to")
        }
        ObjectType::Array => ("array", "arrays"),
        ObjectType::HashTmplLp
        | ObjectType::HashTmplLpRef
        | ObjectType::HashTmplArray
        | ObjectType::HashTmplArrayRef => ("hash uses a template", "hashes use templates"),
        ObjectType::Gcra => ("rate limiter", "rate limiters"),
        ObjectType::KeydbCron => ("KeyDB cron job", "KeyDB cron jobs"),
        ObjectType::DragonflyJson => ("JSON document of Dragonfly", "JSON documents of Dragonfly"),
        _ => ("key is stored in a way it does not know", "keys are stored in a way it does not know"),
    }
}

/// A record beside the keys, one and many.
pub(crate) fn describe_opcode(opcode: u8, magic: Magic) -> (&'static str, &'static str) {
    match (opcode, magic) {
        (107 | 121, _) => ("record of Redis Enterprise", "records of Redis Enterprise"),
        (200..=220, _) => ("record of Dragonfly", "records of Dragonfly"),
        (242, Magic::Redis) => ("hash template", "hash templates"),
        (242, Magic::Valkey) => ("command saved with the keys", "commands saved with the keys"),
        (243, Magic::Redis) => ("key has metadata", "keys have metadata"),
        (243, Magic::Valkey) => ("slot import under way", "slot imports under way"),
        (244, _) => ("record of a cluster slot", "records of cluster slots"),
        (245, _) => ("function library", "function libraries"),
        (246, _) => {
            ("function of a Redis 7.0 release candidate", "functions of a Redis 7.0 release candidate")
        }
        (247, _) => ("record of a module beside its keys", "records of modules beside their keys"),
        (248, _) => ("key has an idle time", "keys have an idle time"),
        (249, _) => ("key has an LFU counter", "keys have an LFU counter"),
        _ => ("record it does not know", "records it does not know"),
    }
}
