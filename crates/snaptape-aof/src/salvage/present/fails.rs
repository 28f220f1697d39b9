//! Which commands are certain to fail. Sources: `xgroupCommand`, `xclaimCommand` and `xsetidCommand` in `t_stream.c`, `renameGenericCommand`
//! in `db.c`, `lsetCommand` in `t_list.c`.

use super::{Present, Words, any_group, group_of};
use crate::commands::CommandSpec;

impl Present {
    /// Does a command need a key or a group that cannot be there?
    pub(super) fn fails(&self, spec: &CommandSpec, words: &Words<'_>, db: u64) -> bool {
        match spec.name() {
            "RENAME" | "RENAMENX" | "LSET" | "XSETID" => self.lacks_key(words, 1, db),
            "XCLAIM" | "XAUTOCLAIM" => self.lacks_group(words, 1, db),
            "XGROUP" if words.argc >= 4 => {
                let is = |word: &str| words.word(1).bytes.eq_ignore_ascii_case(word.as_bytes());
                if is("CREATE") {
                    // Where it cannot be told, it makes the stream.
                    let makes = words.argc > 5
                        && words.all().is_none_or(|all| {
                            all.iter().skip(5).any(|word| word.bytes.eq_ignore_ascii_case(b"MKSTREAM"))
                        });
                    !makes && self.lacks_key(words, 2, db)
                } else if is("DESTROY") {
                    self.lacks_key(words, 2, db)
                } else {
                    let needs = is("SETID") || is("CREATECONSUMER") || is("DELCONSUMER");
                    needs && self.lacks_group(words, 2, db)
                }
            }
            _ => false,
        }
    }

    /// Is the key at this place certainly not there?
    fn lacks_key(&self, words: &Words<'_>, at: usize, db: u64) -> bool {
        self.slots.get(self.key(db, &words.word(at))).is_none()
    }

    /// Is the key at this place certainly not there, or without the group behind it?
    fn lacks_group(&self, words: &Words<'_>, at: usize, db: u64) -> bool {
        let Some(id) = self.slots.get(self.key(db, &words.word(at))) else { return true };
        let group = group_of(id, &words.word(at + 1));
        self.slots.get(group).or(self.slots.get(any_group(id))).is_none()
    }
}
