//! A MULTI ... EXEC block: it counts as a whole, or not at all.

use super::{
    Aftermath, ChoiceFacts, ChoiceFold,
    facts::{Named, Taken},
    keys::Mark,
};

/// A block whose EXEC has not come yet.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Offset of its MULTI.
    pub(super) start: u64,
    /// Byte after its last command.
    pub(super) end: u64,
    /// The database selected before it.
    db: u64,
    time_s: Option<i64>,
    /// Commands of the file before it.
    pub(super) commands_before: u64,
    /// Its commands, MULTI and EXEC included.
    pub(super) commands: u64,
    /// Those among them that do something.
    pub(super) inner: u64,
    /// Is all of it to go?
    pub(super) whole: bool,
    /// What was chosen in it.
    pub(super) taken: Vec<Named>,
    mark: Mark,
    /// What there is to go back to, once something in it was chosen.
    saved: Option<Box<(ChoiceFacts, Aftermath)>>,
}

impl ChoiceFold {
    pub(super) fn open_block(&mut self, start: u64) {
        self.block = Some(Block {
            start,
            end: start,
            db: self.db,
            time_s: self.time_s,
            commands_before: self.commands,
            commands: 0,
            inner: 0,
            whole: false,
            taken: Vec::new(),
            mark: self.keys.aftermath.mark(),
            saved: None,
        });
    }

    /// Before something in a block is noted.
    pub(super) fn save(&mut self) {
        if let Some(block) = self.block.as_mut().filter(|block| block.saved.is_none()) {
            block.saved = Some(Box::new((self.facts.clone(), self.keys.aftermath.clone())));
        }
    }

    /// Its EXEC has come.
    pub(super) fn close_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        let span = block.start..block.end;
        // MULTI and EXEC around nothing are not worth keeping.
        if block.whole || (!block.taken.is_empty() && block.taken.len() as u64 == block.inner) {
            let select = (self.db != block.db).then_some(self.db);
            let commands = block.commands;
            let first = block.taken.into_iter().next();
            self.facts.taken.extend(first.map(|item| Taken {
                item,
                span,
                transaction: true,
                commands,
                select,
            }));
            return;
        }
        self.facts.taken.extend(block.taken.into_iter().map(|item| Taken {
            span: item.span.clone(),
            item,
            transaction: false,
            commands: 1,
            select: None,
        }));
    }

    /// Its EXEC will never come.
    pub(super) fn undo_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        (self.db, self.time_s, self.commands) = (block.db, block.time_s, block.commands_before);
        // A flush in it did not happen.
        self.last_flush.take_if(|flush| flush.file == self.file && flush.span.start >= block.start);
        match block.saved {
            Some(saved) => {
                let times = (self.facts.first_time_s, self.facts.last_time_s);
                (self.facts, self.keys.aftermath) = *saved;
                (self.facts.first_time_s, self.facts.last_time_s) = times;
            }
            None => self.keys.aftermath.rewind(block.mark),
        }
    }
}
