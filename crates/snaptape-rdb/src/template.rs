//! What a file says once for many keys: hash templates.

use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};

use snaptape_wire::{Cursor, Error, ErrorKind, Limits, Read, Str, packed::Listpack};

/// What one template costs in the map, about.
const ENTRY_BYTES: u64 = 48;

/// How many fields each hash template has. Names pass through as events; whoever needs them keeps them.
///
/// A clone shares the map, if there is one: parsers are cloned at every byte to try places out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Templates(Option<Arc<BTreeMap<u64, u64>>>);

impl Templates {
    /// Notes a template. All of them together may take what one name may.
    pub(crate) fn add(&mut self, id: u64, fields: u64, limits: &Limits, at: u64) -> Result<(), Error> {
        let max = limits.max_name_bytes / ENTRY_BYTES;
        let map = self.0.get_or_insert_default();
        let got = map.len() as u64 + 1;
        if got > max {
            let limit = "the number of hash templates";
            return Err(Error::new(ErrorKind::LimitExceeded { limit, max, got }, at));
        }
        Arc::make_mut(map).insert(id, fields);
        Ok(())
    }

    /// Number of fields of a template.
    pub(crate) fn fields(&self, id: u64) -> Option<u64> {
        self.0.as_ref()?.get(&id).copied()
    }
}

/// A listpack of field names, whole, and how many there are.
pub(crate) fn names<'a>(cursor: &mut Cursor<'a>, limits: &Limits) -> Read<(Str<'a>, u64)> {
    let blob = cursor.str_within("a listpack of field names", limits.max_name_bytes)?;
    let place = |error: Error| Error::new(error.kind().clone(), blob.offset);
    let announced = blob.prefix::<6>().map(|(header, _)| Listpack::announced(header)).map_err(place)?;
    if let Some(count) = announced {
        return Ok((blob, count));
    }
    // "Count them": the only case in which something is unpacked here.
    let mut scratch = Vec::new();
    let bytes = blob.decode(&mut scratch)?;
    let mut count = 0;
    for entry in Listpack::new(bytes).map_err(place)? {
        entry.map_err(place)?;
        count += 1;
    }
    Ok((blob, count))
}
