//! Running a command, and the scripts among them.

use snaptape_aof::{Argument, commands};

use super::{
    actions::{Name, does},
    script::{self, Word},
    state::State,
    words::Words,
};

impl State {
    /// Executes a command.
    pub(super) fn run(&mut self, words: &Words<'_>) {
        self.pay(words.file_bytes());
        let does = does(words);
        if !does.goes_on {
            self.facts.end_run(self.table.one_in());
        }
        (does.action)(self, words);
    }

    /// Of an unknown command the first argument is a key more often than not.
    pub(super) fn run_unknown(&mut self, words: &Words<'_>) {
        if let Some(name) = words.get(1) {
            self.doubt_key(name);
        }
    }

    /// The keys a script names.
    fn named<'a>(words: &Words<'a>) -> Option<(&'a [Argument<'a>], &'a [Argument<'a>])> {
        words.from(3).split_at_checked(words.count(2)?)
    }

    /// EVAL script n k... v...
    pub(super) fn eval(&mut self, words: &Words<'_>) {
        let calls =
            words.get(1).filter(|script| script.is_whole()).and_then(|text| script::calls(text.bytes));
        let (Some(calls), Some((keys, values))) = (calls, Self::named(words)) else {
            self.doubt_named(words);
            return;
        };
        let mut rows: Vec<Vec<Argument<'_>>> = Vec::new();
        for call in &calls {
            let row = call.iter().map(|word| match word {
                Word::Literal(bytes) => Some(super::words::argument(bytes)),
                Word::Key(at) => keys.get(*at).copied(),
                Word::Value(at) => values.get(*at).copied(),
            });
            let Some(row) = row.collect::<Option<Vec<_>>>() else {
                self.doubt_named(words);
                return;
            };
            rows.push(row);
        }
        let db = self.db;
        for row in &rows {
            let name = row.first().map_or(&[][..], |name| name.bytes);
            // The bytes are those of the script, once.
            let span = words.span.start..words.span.start;
            let spec = commands::find(name);
            let call = Words { span, spec, all: row, argc: row.len() as u64 };
            if !matches!(Name::new(name).get(), b"EVAL" | b"EVALSHA" | b"FCALL" | b"MULTI" | b"EXEC") {
                self.run(&call);
            }
        }
        // What a script selects ends with it.
        self.select(db);
    }

    /// A script nobody here can run, on the keys it names. One that names none may have changed anything.
    pub(super) fn doubt_named(&mut self, words: &Words<'_>) {
        match Self::named(words) {
            Some((keys, _)) if !keys.is_empty() => {
                for key in keys {
                    self.doubt_key(key);
                }
            }
            _ => self.spaces.doubt_all(self.space, true),
        }
    }
}
