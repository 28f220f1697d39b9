//! Inside a stream: listpacks of entries, counters, consumer groups.

use alloc::{format, string::String};

use snaptape_wire::{Cursor, Error, ErrorKind, Limits, Read};

use crate::{Packing, Part, Role, StreamId, StreamInfo, parser::text};

/// Which fields a stream has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StreamVersion {
    /// Type 15.
    V1,
    /// Type 19: first and deleted IDs, entries read.
    V2,
    /// Type 21: when a consumer was active.
    V3,
    /// Type 26: what was added twice.
    V4,
    /// Type 27: pending entries without consumer.
    V5,
}

/// What comes next in a stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stream {
    version: StreamVersion,
    at: At,
    /// Elements of the outermost list before this one: nodes, then groups.
    done: u64,
    /// Groups to come, the current one included.
    groups_left: u64,
    /// Consumers to come in this group, then producers, the current one included. One number for both: the state of a value is
    /// copied at every step, and its size shows.
    inner_left: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    NodeCount,
    NodeId { left: u64 },
    Node { left: u64 },
    Info,
    GroupCount,
    Group,
    PendingCount,
    Pending { left: u64 },
    ConsumerCount,
    Consumer,
    OwnedCount,
    Owned { left: u64 },
    UnownedCount,
    Unowned { left: u64 },
    Idempotence,
    ProducerCount,
    Producer,
    ProducedCount,
    Produced { left: u64 },
    Totals,
    End,
}

impl Stream {
    pub(crate) fn new(version: StreamVersion) -> Self {
        Self { version, at: At::NodeCount, done: 0, groups_left: 0, inner_left: 0 }
    }

    /// Nodes to come and nodes before, if it is before one.
    pub(crate) fn before_node(&self) -> Option<(u64, u64)> {
        match self.at {
            At::NodeId { left } => Some((left, self.done)),
            _ => None,
        }
    }

    /// The same stream, before a node.
    pub(crate) fn at_node(self, left: u64, done: u64) -> Self {
        Self { at: if left == 0 { At::Info } else { At::NodeId { left } }, done, ..self }
    }

    pub(crate) fn place(&self) -> String {
        match self.at {
            At::NodeCount | At::NodeId { .. } | At::Node { .. } => format!(" / node {}", self.done),
            At::Info | At::GroupCount | At::End => " / counters".into(),
            At::Idempotence
            | At::ProducerCount
            | At::Producer
            | At::ProducedCount
            | At::Produced { .. }
            | At::Totals => " / producers".into(),
            _ => format!(" / group {}", self.done),
        }
    }

    /// Reads the next piece; `None` at the end. In every arm all reads come before the first change.
    pub(crate) fn step<'a>(
        mut self,
        cursor: &mut Cursor<'a>,
        limits: &Limits,
    ) -> Read<Option<(Part<'a>, Self)>> {
        let part = match self.at {
            At::NodeCount => {
                let left = cursor.len()?;
                self.at = if left == 0 { At::Info } else { At::NodeId { left } };
                Part::Count(left)
            }
            At::NodeId { left } => {
                let id = node_id(cursor)?;
                self.at = At::Node { left };
                Part::StreamNode(id)
            }
            At::Node { left } => {
                let part = text(cursor, limits, Role::Packed(Packing::Listpack))?;
                self.done += 1;
                self.at = if left == 1 { At::Info } else { At::NodeId { left: left - 1 } };
                part
            }
            At::Info => {
                let mut info =
                    StreamInfo { length: cursor.len()?, last_id: len_id(cursor)?, ..StreamInfo::default() };
                if self.version >= StreamVersion::V2 {
                    info.first_id = Some(len_id(cursor)?);
                    info.max_deleted_id = Some(len_id(cursor)?);
                    info.entries_added = Some(cursor.len()?);
                }
                self.at = At::GroupCount;
                Part::StreamInfo(info)
            }
            At::GroupCount => {
                self.groups_left = cursor.len()?;
                self.done = 0;
                self.at = if self.groups_left == 0 { self.behind_groups() } else { At::Group };
                Part::Count(self.groups_left)
            }
            At::Group => {
                let name = cursor.str_within("the name of a consumer group", limits.max_name_bytes)?;
                let last_id = len_id(cursor)?;
                // All ones mean "not known".
                let entries_read = if self.version >= StreamVersion::V2 {
                    Some(cursor.len()?).filter(|n| *n != u64::MAX)
                } else {
                    None
                };
                self.at = At::PendingCount;
                Part::StreamGroup { name, last_id, entries_read }
            }
            At::PendingCount => {
                let left = cursor.len()?;
                self.at = if left == 0 { At::ConsumerCount } else { At::Pending { left } };
                Part::Count(left)
            }
            At::Pending { left } => {
                let part = Part::StreamPending {
                    id: raw_id(cursor)?,
                    delivered_at_ms: cursor.le_i64()?,
                    deliveries: cursor.len()?,
                };
                self.at = if left == 1 { At::ConsumerCount } else { At::Pending { left: left - 1 } };
                part
            }
            At::ConsumerCount => {
                self.inner_left = cursor.len()?;
                let count = self.inner_left;
                if count == 0 {
                    self.end_consumers();
                } else {
                    self.at = At::Consumer;
                }
                Part::Count(count)
            }
            At::Consumer => {
                let name = cursor.str_within("the name of a consumer", limits.max_name_bytes)?;
                let seen_at_ms = cursor.le_i64()?;
                let active_at_ms = if self.version >= StreamVersion::V3 {
                    Some(cursor.le_i64()?).filter(|ms| *ms != -1)
                } else {
                    None
                };
                self.at = At::OwnedCount;
                Part::StreamConsumer { name, seen_at_ms, active_at_ms }
            }
            At::OwnedCount => {
                let left = cursor.len()?;
                if left == 0 {
                    self.end_consumer();
                } else {
                    self.at = At::Owned { left };
                }
                Part::Count(left)
            }
            At::Owned { left } => {
                let id = raw_id(cursor)?;
                if left == 1 {
                    self.end_consumer();
                } else {
                    self.at = At::Owned { left: left - 1 };
                }
                Part::StreamOwned(id)
            }
            At::UnownedCount => {
                let left = cursor.len()?;
                if left == 0 {
                    self.end_group();
                } else {
                    self.at = At::Unowned { left };
                }
                Part::Count(left)
            }
            At::Unowned { left } => {
                let id = raw_id(cursor)?;
                if left == 1 {
                    self.end_group();
                } else {
                    self.at = At::Unowned { left: left - 1 };
                }
                Part::StreamUnowned(id)
            }
            At::Idempotence => {
                let part = Part::StreamIdempotence { duration_s: cursor.len()?, max_entries: cursor.len()? };
                self.at = At::ProducerCount;
                part
            }
            At::ProducerCount => {
                self.inner_left = cursor.len()?;
                self.at = if self.inner_left == 0 { At::Totals } else { At::Producer };
                Part::Count(self.inner_left)
            }
            At::Producer => {
                let name = cursor.str_within("the name of a producer", limits.max_name_bytes)?;
                self.at = At::ProducedCount;
                Part::StreamProducer { name }
            }
            At::ProducedCount => {
                // A producer whose entries have all expired is still there, with none.
                let left = cursor.len()?;
                if left == 0 {
                    self.end_producer();
                } else {
                    self.at = At::Produced { left };
                }
                Part::Count(left)
            }
            At::Produced { left } => {
                let name = cursor.str_within("the name of an entry", limits.max_name_bytes)?;
                let id = len_id(cursor)?;
                if left == 1 {
                    self.end_producer();
                } else {
                    self.at = At::Produced { left: left - 1 };
                }
                Part::StreamProduced { name, id }
            }
            At::Totals => {
                let part = Part::StreamIdempotenceTotals { added: cursor.len()?, duplicates: cursor.len()? };
                self.at = At::End;
                part
            }
            At::End => return Ok(None),
        };
        Ok(Some((part, self)))
    }

    fn end_consumer(&mut self) {
        self.inner_left -= 1;
        if self.inner_left == 0 {
            self.end_consumers();
        } else {
            self.at = At::Consumer;
        }
    }

    fn end_consumers(&mut self) {
        if self.version >= StreamVersion::V5 {
            self.at = At::UnownedCount;
        } else {
            self.end_group();
        }
    }

    fn end_group(&mut self) {
        self.groups_left -= 1;
        self.done += 1;
        self.at = if self.groups_left == 0 { self.behind_groups() } else { At::Group };
    }

    fn behind_groups(&self) -> At {
        if self.version >= StreamVersion::V4 { At::Idempotence } else { At::End }
    }

    fn end_producer(&mut self) {
        self.inner_left -= 1;
        self.at = if self.inner_left == 0 { At::Totals } else { At::Producer };
    }
}

/// An ID as two lengths.
fn len_id(cursor: &mut Cursor<'_>) -> Read<StreamId> {
    Ok(StreamId { ms: cursor.len()?, seq: cursor.len()? })
}

/// An ID as sixteen bytes.
fn raw_id(cursor: &mut Cursor<'_>) -> Read<StreamId> {
    Ok(StreamId { ms: cursor.be_u64()?, seq: cursor.be_u64()? })
}

/// An ID as a string of sixteen bytes.
fn node_id(cursor: &mut Cursor<'_>) -> Read<StreamId> {
    let wrong = |at| Error::new(ErrorKind::Invalid { what: "stream node ID" }, at);
    let at = cursor.offset();
    let name = cursor.str_within("a stream node ID", 16)?;
    let ([a @ .., _, _, _, _, _, _, _, _], n) = name.prefix::<16>()?;
    if n != 16 {
        return Err(wrong(at).into());
    }
    let ([_, _, _, _, _, _, _, _, b @ ..], _) = name.prefix::<16>()?;
    Ok(StreamId { ms: u64::from_be_bytes(a), seq: u64::from_be_bytes(b) })
}
