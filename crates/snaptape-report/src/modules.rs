//! What people call the module types that stand in snapshots by nine characters.

/// The product a module type belongs to, and what it is there. Several vendors use `ReJSON-RL`: the name alone does not say
/// which. Source: the modules' own sources.
pub fn module_product(name: &str) -> Option<&'static str> {
    Some(match name {
        "ReJSON-RL" => "JSON document (RedisJSON, Valkey JSON or AWS)",
        "MBbloom--" => "RedisBloom: Bloom filter",
        "MBbloomCF" => "RedisBloom: cuckoo filter",
        "CMSk-TYPE" => "RedisBloom: count-min sketch",
        "TopK-TYPE" => "RedisBloom: top-k",
        "TDIS-TYPE" => "RedisBloom: t-digest",
        "bloomfltr" => "Valkey Bloom: Bloom filter",
        "TSDB-TYPE" => "RedisTimeSeries: time series",
        "ft_index0" => "RediSearch: index",
        "ft_invidx" => "RediSearch: inverted index",
        "numericdx" => "RediSearch: numeric index",
        "trietype0" => "RediSearch: suggestions",
        "graphdata" | "graphmeta" => "RedisGraph or FalkorDB: graph",
        "vectorset" => "Redis: vector set",
        "SchMgr-VS" => "Valkey Search: index schemas",
        "exstrtype" => "Tair: string with version",
        "tairhash-" => "Tair: hash with expiry per field",
        "tairzset_" => "Tair: sorted set with several scores",
        "AI_TENSOR" => "RedisAI: tensor",
        "AI__MODEL" => "RedisAI: model",
        "AI_SCRIPT" => "RedisAI: script",
        name if name.starts_with("GearsReg") => "RedisGears: registrations",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::module_product;

    #[test]
    fn known_by_the_whole_name() {
        assert_eq!(module_product("vectorset"), Some("Redis: vector set"));
        assert_eq!(module_product("hellotype"), None);
        assert_eq!(module_product("string"), None);
    }
}
