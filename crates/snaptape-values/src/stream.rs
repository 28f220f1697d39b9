//! What a stream says beside its entries.

use snaptape_rdb::{Part, StreamId};
use snaptape_report::{ConsumerFacts, GroupFacts, PendingFacts, StreamFacts};
use snaptape_wire::Str;

/// Most groups, consumers of a group, and pending entries of a group that are listed.
const MAX_LISTED: usize = 100;

/// Gathers it.
#[derive(Debug, Default)]
pub struct StreamScan {
    facts: StreamFacts,
    last_id: StreamId,
    max_deleted_id: StreamId,
    seen: bool,
    /// Is the group that is being read listed?
    group_listed: bool,
    consumer_listed: bool,
    /// IDs of [`GroupFacts::first_pending`] of the group that is being read.
    pending: Vec<StreamId>,
    scratch: Vec<u8>,
}

/// An ID as commands have it.
pub fn id_text(id: StreamId) -> String {
    format!("{}-{}", id.ms, id.seq)
}

impl StreamScan {
    /// Takes the next part.
    pub fn part(&mut self, part: &Part<'_>) {
        match *part {
            Part::StreamInfo(info) => {
                self.seen = true;
                self.last_id = info.last_id;
                self.facts.length = info.length;
                self.facts.last_id = id_text(info.last_id);
                self.facts.first_id = info.first_id.map(id_text);
                self.facts.max_deleted_id = info.max_deleted_id.map(id_text);
                self.facts.entries_added = info.entries_added;
                self.max_deleted_id = info.max_deleted_id.unwrap_or_default();
            }
            Part::StreamGroup { name, last_id, entries_read } => {
                self.group_listed = self.facts.groups.len() < MAX_LISTED;
                self.pending.clear();
                self.consumer_listed = false;
                if !self.group_listed {
                    self.facts.more_groups += 1;
                    return;
                }
                let lag = self.lag(last_id, entries_read);
                let name = self.name(&name);
                self.facts.groups.push(GroupFacts {
                    name,
                    last_id: id_text(last_id),
                    entries_read,
                    lag,
                    ..GroupFacts::default()
                });
            }
            Part::StreamPending { id, delivered_at_ms, deliveries } => {
                let Some(group) = self.facts.groups.last_mut().filter(|_| self.group_listed) else { return };
                group.pending += 1;
                if self.pending.len() < MAX_LISTED {
                    self.pending.push(id);
                    group.first_pending.push(PendingFacts {
                        id: id_text(id),
                        consumer: None,
                        delivered_at_ms,
                        deliveries,
                    });
                }
            }
            Part::StreamConsumer { name, seen_at_ms, active_at_ms } => {
                let name = self.name(&name);
                let Some(group) = self.facts.groups.last_mut().filter(|_| self.group_listed) else { return };
                self.consumer_listed = group.consumers.len() < MAX_LISTED;
                if self.consumer_listed {
                    group.consumers.push(ConsumerFacts { name, seen_at_ms, active_at_ms, pending: 0 });
                } else {
                    group.more_consumers += 1;
                }
            }
            Part::StreamOwned(id) => {
                let Some(group) = self.facts.groups.last_mut().filter(|_| self.consumer_listed) else {
                    return;
                };
                let Some(consumer) = group.consumers.last_mut() else { return };
                consumer.pending += 1;
                if let Ok(at) = self.pending.binary_search(&id)
                    && let Some(pending) = group.first_pending.get_mut(at)
                {
                    pending.consumer = Some(consumer.name.clone());
                }
            }
            Part::StreamIdempotence { duration_s, max_entries } => {
                self.facts.idempotence = Some((duration_s, max_entries, 0));
            }
            Part::StreamProducer { .. } => {
                if let Some((_, _, producers)) = &mut self.facts.idempotence {
                    *producers += 1;
                }
            }
            _ => {}
        }
    }

    /// Entries the group has not been given yet. Source: t_stream.c, `streamReplyWithCGLag`: where entries behind the group's last
    /// one were deleted, nobody knows.
    fn lag(&self, last_id: StreamId, entries_read: Option<u64>) -> Option<u64> {
        let added = self.facts.entries_added?;
        if added == 0 || last_id == self.last_id {
            return Some(0);
        }
        let deleted = self.max_deleted_id;
        let is_whole = self.facts.length > 0 && (deleted == StreamId::default() || deleted < last_id);
        entries_read.filter(|_| is_whole).map(|read| added.saturating_sub(read))
    }

    fn name(&mut self, name: &Str<'_>) -> Vec<u8> {
        match name.decode(&mut self.scratch) {
            Ok(bytes) => bytes.get(..bytes.len().min(1024)).unwrap_or_default().to_vec(),
            Err(_) => Vec::new(),
        }
    }

    /// What was found; nothing where no stream came to its end.
    pub fn finish(self) -> Option<StreamFacts> {
        self.seen.then_some(self.facts)
    }
}
