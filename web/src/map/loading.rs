//! The maps of an opened data set: the one that came with the report, and those the files were read again for.

use std::rc::Rc;

use snaptape_report::{MapNesting, MemoryMap};
use yew::{AttrValue, Reducible};

use super::Tree;
use crate::meter::Meter;
use crate::state::Shared;

/// Most maps that are kept beside the first: a few thousand parts each.
const MAX_KEPT: usize = 6;

/// The maps there are, and the one that is being made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loading {
    /// Those there are; the one that was shown last comes last.
    maps: Vec<(MapNesting, Shared<Tree>)>,
    /// The one under way.
    working: Option<(MapNesting, Meter)>,
    /// The one that could not be made, and why.
    failed: Option<(MapNesting, AttrValue)>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    /// Other answers, with this map.
    Reset(Option<MemoryMap>),
    /// A map was asked for.
    Asked {
        /// Nested so.
        nesting: MapNesting,
        /// Monotonic time, ms.
        now_ms: f64,
    },
    /// The worker got on.
    Progress {
        /// Monotonic time, ms.
        now_ms: f64,
        /// Bytes behind it.
        done_bytes: u64,
        /// Bytes of the whole work.
        total_bytes: u64,
    },
    /// The map that was asked for.
    Made(MemoryMap),
    /// It could not be made.
    Failed(AttrValue),
    /// The user stopped it.
    Stopped,
    /// What failed or was stopped is wanted again.
    Again,
}

impl Loading {
    /// The map that is nested so.
    pub fn map(&self, nesting: &MapNesting) -> Option<&Shared<Tree>> {
        self.maps.iter().find(|(known, _)| known == nesting).map(|(_, map)| map)
    }

    /// What is to be shown meanwhile: the map that came last, and what it is nested by.
    pub fn last(&self) -> Option<(&MapNesting, &Shared<Tree>)> {
        self.maps.last().map(|(nesting, map)| (nesting, map))
    }

    /// How far the one that is nested so is.
    pub fn working(&self, nesting: &MapNesting) -> Option<&Meter> {
        self.working.as_ref().filter(|(known, _)| known == nesting).map(|(_, meter)| meter)
    }

    /// Why the one that is nested so could not be made.
    pub fn failed(&self, nesting: &MapNesting) -> Option<&AttrValue> {
        self.failed.as_ref().filter(|(known, _)| known == nesting).map(|(_, why)| why)
    }

    /// Has this map still to be asked for?
    pub fn lacks(&self, nesting: &MapNesting) -> bool {
        self.map(nesting).is_none() && self.working(nesting).is_none() && self.failed(nesting).is_none()
    }
}

impl Reducible for Loading {
    type Action = Load;

    fn reduce(self: Rc<Self>, action: Load) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Load::Reset(map) => {
                let first = map.map(|map| (map.nesting.clone(), Shared::new(Tree::new(map))));
                next = Self { maps: first.into_iter().collect(), ..Self::default() };
            }
            Load::Asked { nesting, now_ms } => {
                next.failed = None;
                next.working = Some((nesting, Meter::new(now_ms, 0)));
            }
            Load::Progress { now_ms, done_bytes, total_bytes } => match &mut next.working {
                Some((_, meter)) => *meter = meter.advance(now_ms, done_bytes, total_bytes),
                None => return self,
            },
            Load::Made(map) => {
                next.working = None;
                if next.maps.len() > MAX_KEPT {
                    next.maps.remove(1);
                }
                next.maps.push((map.nesting.clone(), Shared::new(Tree::new(map))));
            }
            Load::Failed(why) => match next.working.take() {
                Some((nesting, _)) => next.failed = Some((nesting, why)),
                None => return self,
            },
            Load::Stopped => match next.working.take() {
                Some((nesting, _)) => next.failed = Some((nesting, "The reading was stopped.".into())),
                None => return self,
            },
            Load::Again => next.failed = None,
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nesting(words: &str) -> MapNesting {
        MapNesting::parse(words).expect(words)
    }

    fn map(words: &str) -> MemoryMap {
        MemoryMap { nesting: nesting(words), ..MemoryMap::default() }
    }

    fn run(actions: impl IntoIterator<Item = Load>) -> Rc<Loading> {
        actions.into_iter().fold(Rc::new(Loading::default()), Reducible::reduce)
    }

    fn asked(words: &str) -> Load {
        Load::Asked { nesting: nesting(words), now_ms: 0.0 }
    }

    #[test]
    fn the_first_map_is_there_and_others_are_asked_for() {
        let state = run([Load::Reset(Some(map("pattern")))]);
        assert!(state.map(&nesting("pattern")).is_some() && state.lacks(&nesting("type")));
        let state = run([Load::Reset(Some(map("pattern"))), asked("type")]);
        assert!(state.working(&nesting("type")).is_some() && !state.lacks(&nesting("type")));
        assert_eq!(state.last().map(|(nesting, _)| nesting.words()).as_deref(), Some("pattern"));
        let state = Rc::clone(&state).reduce(Load::Made(map("type")));
        assert!(state.map(&nesting("type")).is_some() && state.working(&nesting("type")).is_none());
        assert_eq!(state.last().map(|(nesting, _)| nesting.words()).as_deref(), Some("type"));
        let state = state.reduce(Load::Reset(Some(map("pattern"))));
        assert!(state.lacks(&nesting("type")));
    }

    #[test]
    fn failure_and_stop_end_the_work() {
        let failed = run([Load::Reset(None), asked("type"), Load::Failed("gone".into())]);
        assert_eq!(failed.failed(&nesting("type")).map(AttrValue::as_str), Some("gone"));
        assert!(!failed.lacks(&nesting("type")) && failed.lacks(&nesting("slot")));
        let stopped = run([Load::Reset(None), asked("type"), Load::Stopped]);
        assert!(stopped.failed(&nesting("type")).is_some() && !stopped.lacks(&nesting("type")));
        assert!(stopped.reduce(Load::Again).lacks(&nesting("type")));
        assert_eq!(*run([Load::Failed("late".into())]), Loading::default());
    }

    #[test]
    fn only_a_few_are_kept_and_the_first_among_them() {
        let words = ["type", "encoding", "database", "slot", "file", "type,slot", "slot,type", "file,type"];
        let mut actions = vec![Load::Reset(Some(map("pattern")))];
        actions.extend(words.iter().flat_map(|words| [asked(words), Load::Made(map(words))]));
        let state = run(actions);
        assert_eq!(state.maps.len(), MAX_KEPT + 1);
        assert!(state.map(&nesting("pattern")).is_some() && state.map(&nesting("file,type")).is_some());
        assert!(state.lacks(&nesting("type")));
    }
}
