//! JSON documents that are saved as text.

use snaptape_report::units;

use super::{Layout, Next, out::Out};

/// `ReJSON-RL` from version 2 on. Source: RedisJSON, redis_json/src/redisjson.rs, `value_rdb_load_json`; valkey-json, src/json/dom.cc, for
/// version 3.
#[derive(Debug)]
pub(super) struct Document {
    version: u64,
    at: At,
    bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Text,
    HasIndex,
    Index,
    IndexPath,
    End,
}

impl Document {
    pub(super) fn new(version: u64) -> Self {
        Self { version, at: At::Text, bytes: 0 }
    }
}

impl Layout for Document {
    fn next(&self) -> Next {
        match self.at {
            At::HasIndex => Next::Uint,
            At::End => Next::End,
            _ => Next::Pass,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        out.number("has an index", n);
        self.at = if n > 0 { At::Index } else { At::End };
        Some(())
    }

    fn text(&mut self, len: u64, out: &mut Out<'_, '_>) -> Option<()> {
        let name = match self.at {
            At::Text => {
                self.bytes = len;
                "document"
            }
            At::Index => "index",
            _ => "index path",
        };
        out.begin(format_args!("{name}"));
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        out.end();
        self.at = match self.at {
            At::Text if self.version == 2 => At::HasIndex,
            At::Index => At::IndexPath,
            _ => At::End,
        };
    }

    fn sentence(&self) -> String {
        format!("JSON document of {}, saved as text", units::bytes(self.bytes))
    }

    fn is_document(&self) -> bool {
        true
    }
}
