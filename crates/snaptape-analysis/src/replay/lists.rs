//! Lists: their elements in order while they are few, else how many there are.

use std::collections::VecDeque;

use snaptape_aof::Argument;

use super::{
    access::charge,
    extent::Extent,
    members::Members,
    state::{Cell, State, Value},
    table::Kind,
    words::{Words, hash_of, int, is},
};

/// Longer lists are not kept in order: some commands walk all of one.
const MAX_ELEMENTS: usize = 1 << 12;

fn from_left(word: &Argument<'_>) -> bool {
    is(word, b"LEFT")
}

impl State {
    /// The elements of a list, if they are known and the walk over them is paid for.
    fn elements<R>(&mut self, cell: &Cell, change: impl FnOnce(&mut VecDeque<u64>) -> R) -> Option<R> {
        let Value::Members(at) = cell.value else { return None };
        let n = self.pool.get(at)?.len();
        if n > MAX_ELEMENTS || !self.afford(n) {
            return None;
        }
        self.pool.change(at, |members| match members {
            Members::List(list) => Some(change(list)),
            _ => None,
        })?
    }

    /// LPUSH, RPUSH k v... and, where it must be there, LPUSHX, RPUSHX.
    pub(super) fn push(&mut self, words: &Words<'_>, left: bool, if_there: bool) {
        let values = words.from(2);
        let more = words.behind(2);
        let change = |state: &mut Self, cell: &mut Cell| {
            let whole = !words.is_cut() && values.iter().all(Argument::is_whole);
            let room = state.extent(cell).most().saturating_add(more) <= MAX_ELEMENTS as u64;
            let at =
                if let (Value::Members(at), true) = (cell.value, whole && room) { Some(at) } else { None };
            let pushed = at.and_then(|at| {
                state.pool.change(at, |members| {
                    let Members::List(list) = members else { return false };
                    for value in values {
                        let hash = hash_of(0, value);
                        if left {
                            list.push_front(hash);
                        } else {
                            list.push_back(hash);
                        }
                    }
                    true
                })
            });
            if pushed != Some(true) {
                cell.value = Value::Extent(state.blur(cell).plus(more, more));
            }
        };
        if if_there {
            self.edit(words, 1, Kind::List, change);
        } else {
            self.write(words, 1, Kind::List, change);
        }
    }

    /// Takes so many elements off an end; the last hash, if it is known.
    fn take_off(&mut self, cell: &mut Cell, n: u64, left: bool) -> Option<u64> {
        if let Value::Members(at) = cell.value {
            let taken = self.pool.change(at, |members| {
                let Members::List(list) = members else { return None };
                let n = usize::try_from(n).unwrap_or(usize::MAX).min(list.len());
                if left { list.drain(..n).next_back() } else { list.drain(list.len() - n..).next() }
            });
            return taken.flatten();
        }
        cell.value = Value::Extent(self.extent(cell).minus(n, n));
        None
    }

    /// LPOP, RPOP k [n].
    pub(super) fn pop(&mut self, words: &Words<'_>, left: bool) {
        let n = match words.get(2) {
            None => 1,
            Some(n) => match int(n.bytes).and_then(|n| u64::try_from(n).ok()) {
                Some(n) => n,
                None => return,
            },
        };
        self.edit(words, 1, Kind::List, |state, cell| {
            state.take_off(cell, n, left);
        });
    }

    /// RPOPLPUSH a b and LMOVE a b from to.
    pub(super) fn move_element(&mut self, words: &Words<'_>) {
        let (Some(from), Some(to)) = (words.get(1), words.get(2)) else { return };
        let (left, to_left) = match (words.get(3), words.get(4)) {
            (Some(a), Some(b)) => (from_left(a), from_left(b)),
            _ => (false, true),
        };
        let source = self.open(from);
        let target = self.open(to);
        let element = if let Some(mut cell) = source {
            if !self.need(&mut cell, Some(Kind::List), words, from) {
                self.close(cell);
                return;
            }
            // A type that does not fit is found before anything is moved.
            if let Some(target) = target.as_ref().filter(|target| !target.is_same(&cell))
                && target.is_certain()
                && !matches!(target.kind, Kind::List | Kind::Unknown)
            {
                self.facts.wrong_type(words, self.db, to);
                self.close(cell);
                return;
            }
            if target.as_ref().is_some_and(|target| target.is_same(&cell)) {
                // Nobody comes, nobody goes.
                let turned = self.elements(&cell, |list| {
                    let element = if left { list.pop_front() } else { list.pop_back() };
                    if let Some(element) = element {
                        if to_left {
                            list.push_front(element);
                        } else {
                            list.push_back(element);
                        }
                    }
                });
                if turned.is_none() {
                    self.blur(&mut cell);
                }
                charge(&mut cell, words, 1);
                self.close(cell);
                return;
            }
            let element = self.take_off(&mut cell, 1, left);
            charge(&mut cell, words, 2);
            self.close(cell);
            element
        } else {
            None
        };
        // A cell that was opened before another was closed is stale only if it is the same key.
        let Some(mut cell) = target else { return };
        if self.want(&mut cell, Kind::List, words, to) {
            let room = self.extent(&cell).most() < MAX_ELEMENTS as u64;
            let pushed = match (element, cell.value) {
                (Some(element), Value::Members(at)) if room => self.pool.change(at, |members| {
                    if let Members::List(list) = members {
                        if to_left {
                            list.push_front(element);
                        } else {
                            list.push_back(element);
                        }
                    }
                }),
                _ => None,
            };
            if pushed.is_none() {
                cell.value = Value::Extent(self.blur(&mut cell).plus(1, 1));
            }
            charge(&mut cell, words, 2);
        }
        self.close(cell);
    }

    /// LINSERT k BEFORE|AFTER pivot v.
    pub(super) fn insert(&mut self, words: &Words<'_>) {
        let (Some(pivot), Some(value)) = (words.get(3), words.get(4)) else { return };
        let after = words.is(2, b"AFTER");
        let mut missed = false;
        self.edit(words, 1, Kind::List, |state, cell| {
            let whole = pivot.is_whole() && value.is_whole();
            let done = if whole {
                state.elements(cell, |list| {
                    let pivot = hash_of(0, pivot);
                    let at = list.iter().position(|element| *element == pivot);
                    if let Some(at) = at {
                        list.insert(at + usize::from(after), hash_of(0, value));
                    }
                    at.is_some()
                })
            } else {
                None
            };
            missed = done == Some(false);
            if done.is_none() {
                cell.value = Value::Extent(state.blur(cell).plus(1, 1));
            }
        });
        if let (true, Some(name)) = (missed, words.get(1)) {
            self.facts.no_effect(words, self.db, name);
        }
    }

    /// LSET k at v.
    pub(super) fn set_element(&mut self, words: &Words<'_>) {
        let (Some(at), Some(value)) = (words.int(2), words.get(3)) else { return };
        self.edit(words, 1, Kind::List, |state, cell| {
            let done = value.is_whole()
                && state
                    .elements(cell, |list| {
                        if let Some(element) = absolute(at, list.len()).and_then(|at| list.get_mut(at)) {
                            *element = hash_of(0, value);
                        }
                    })
                    .is_some();
            if !done {
                state.blur(cell);
            }
        });
    }

    /// LREM k n v.
    pub(super) fn remove_elements(&mut self, words: &Words<'_>) {
        let (Some(n), Some(value)) = (words.int(2), words.get(3)) else { return };
        let most = if n == 0 { u64::MAX } else { n.unsigned_abs() };
        let mut missed = false;
        self.edit(words, 1, Kind::List, |state, cell| {
            let removed = if value.is_whole() {
                state.elements(cell, |list| {
                    let value = hash_of(0, value);
                    let before = list.len();
                    let mut left = most;
                    let mut keep = |element: &u64| {
                        let goes = *element == value && left > 0;
                        left -= u64::from(goes);
                        !goes
                    };
                    if n < 0 {
                        let kept: VecDeque<u64> = list.iter().rev().copied().filter(&mut keep).collect();
                        *list = kept.into_iter().rev().collect();
                    } else {
                        list.retain(keep);
                    }
                    before - list.len()
                })
            } else {
                None
            };
            missed = removed == Some(0);
            if removed.is_none() {
                // It was written down, so it removed something.
                cell.value = Value::Extent(state.blur(cell).minus(1, most));
            }
        });
        if let (true, Some(name)) = (missed, words.get(1)) {
            self.facts.no_effect(words, self.db, name);
        }
    }

    /// LTRIM k from to.
    pub(super) fn trim(&mut self, words: &Words<'_>) {
        let (Some(from), Some(to)) = (words.int(2), words.int(3)) else { return };
        self.edit(words, 1, Kind::List, |state, cell| {
            if let Value::Members(at) = cell.value {
                state.pool.change(at, |members| {
                    if let Members::List(list) = members {
                        let (start, end) = range(from, to, list.len() as u64);
                        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(list.len());
                        let (start, end) = (place(start), place(end));
                        list.truncate(end);
                        list.drain(..start.min(end));
                    }
                });
                return;
            }
            cell.value = Value::Extent(trimmed(state.extent(cell), from, to));
        });
    }
}

/// A place counted from the end, counted from the start.
fn absolute(at: i64, len: usize) -> Option<usize> {
    if at >= 0 {
        return usize::try_from(at).ok();
    }
    len.checked_sub(usize::try_from(at.unsigned_abs()).ok()?)
}

/// Of a range as servers take it, over so many elements: first and behind the last. Empty where they meet.
pub(super) fn range(from: i64, to: i64, len: u64) -> (u64, u64) {
    let place = |at: i64| if at < 0 { len.saturating_sub(at.unsigned_abs()) } else { at.unsigned_abs() };
    let end = match to {
        0.. => (to.unsigned_abs() + 1).min(len),
        _ => len.saturating_sub(to.unsigned_abs() - 1),
    };
    let start = place(from);
    if start >= end { (0, 0) } else { (start, end) }
}

/// How many elements such a range has.
pub(super) fn trimmed(extent: Extent, from: i64, to: i64) -> Extent {
    let n = |len: u64| {
        let (start, end) = range(from, to, len);
        end - start
    };
    if from < 0 && to >= 0 && extent.exact().is_none() {
        // The longer the list, the fewer may be in it.
        return Extent::between(0, (to.unsigned_abs() + 1).min(from.unsigned_abs()).min(extent.most()));
    }
    Extent::between(n(extent.least()), n(extent.most()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_server() {
        for (from, to, len, n) in [
            (0, -1, 5, 5),
            (0, 0, 5, 1),
            (1, 3, 5, 3),
            (-2, -1, 5, 2),
            (-9, 1, 5, 2),
            (3, 2, 5, 0),
            (5, 9, 5, 0),
            (0, -6, 5, 0),
            (0, -5, 5, 1),
            (0, 9, 5, 5),
            (-1, 2, 5, 0),
        ] {
            let (start, end) = range(from, to, len);
            assert_eq!(end - start, n, "{from} {to} of {len}");
            assert_eq!(trimmed(Extent::exactly(len), from, to), Extent::exactly(n));
        }
        for (from, to) in [(0, 2), (1, -2), (-3, -1), (-3, 2)] {
            for len in 2..9 {
                let (start, end) = range(from, to, len);
                let bounds = trimmed(Extent::between(2, 8), from, to);
                assert!((bounds.least()..=bounds.most()).contains(&(end - start)), "{from} {to} {len}");
            }
        }
        assert_eq!(trimmed(Extent::SOME, 0, 99), Extent::between(1, 100));
    }
}
