//! What the page knows, and how it changes. Pure: no browser in here.

use core::ops::Deref;
use std::rc::Rc;

use snaptape_report::{Receipt, Role};
use yew::{AttrValue, Reducible};

use crate::meter::Meter;
use crate::protocol::{self, Answers};

/// Large data that is compared by address: two renders of the same report are equal at once.
#[derive(Debug)]
pub struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    /// Shares `data`.
    pub fn new(data: T) -> Self {
        Self(Rc::new(data))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What the user opened, as it is called on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// File or folder name.
    pub name: AttrValue,
    /// How many files.
    pub files: usize,
    /// Bytes of all of them.
    pub total_bytes: u64,
    /// What to say of files that lie beside them.
    pub note: AttrValue,
}

/// A report on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// What it is about.
    pub subject: Subject,
    /// The answers.
    pub answers: Shared<Answers>,
}

/// Which screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Screen {
    /// Nothing opened.
    #[default]
    Empty,
    /// What was given is listed, or a sample fetched: there are no files yet.
    Listing {
        /// What it is called.
        name: AttrValue,
        /// Files so far.
        files: usize,
    },
    /// The worker reads.
    Reading {
        /// What it reads.
        subject: Subject,
        /// How far it is.
        meter: Meter,
    },
    /// Everything was read.
    Ready(Opened),
    /// A file could not be read to its end: the figures speak of what came before.
    Partial(Opened),
    /// No answer; one sentence says why.
    Failed {
        /// What was opened.
        subject: Subject,
        /// Why.
        message: AttrValue,
    },
}

impl Screen {
    /// The report, when there is one.
    pub fn opened(&self) -> Option<&Opened> {
        match self {
            Self::Ready(opened) | Self::Partial(opened) => Some(opened),
            Self::Empty | Self::Listing { .. } | Self::Reading { .. } | Self::Failed { .. } => None,
        }
    }
}

/// Where a finished copy is.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// Ready to be saved, and saved by itself where the browser does that.
    File {
        /// Its file name.
        file_name: AttrValue,
        /// Its object URL.
        url: AttrValue,
    },
    /// In a folder the user chose.
    Folder {
        /// Its name.
        name: AttrValue,
    },
}

/// The export of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Export {
    /// None asked for.
    #[default]
    Idle,
    /// Under way.
    Working {
        /// Which plan.
        plan: usize,
        /// How far.
        meter: Meter,
    },
    /// Done, and found sound.
    Done {
        /// Which plan.
        plan: usize,
        /// Where the copy is.
        delivery: Delivery,
        /// The proof.
        receipt: Shared<Receipt>,
    },
    /// Not done; one sentence says why.
    Failed {
        /// Which plan.
        plan: usize,
        /// Why.
        message: AttrValue,
    },
}

/// What is shown for another release before the files were read for it; nothing where it is shown already.
fn in_release(opened: &Opened, target: &str) -> Option<Opened> {
    if opened.answers.report.target == target {
        return None;
    }
    // Copied the way it came: to clone a report would be another 12 KB of program, and nobody does it often.
    let mut answers: Answers = protocol::take(&mut protocol::encode(&*opened.answers).as_slice())?;
    let dataset = answers.report.dataset.take()?;
    let release = dataset.releases.iter().position(|release| release == target)?;
    answers.report.dataset = Some(dataset.in_release(release));
    target.clone_into(&mut answers.report.target);
    Some(Opened { subject: opened.subject.clone(), answers: Shared::new(answers) })
}

/// Reading the opened files once more, to put their keys into other groups or for another release. The report stays until the new one is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Regroup {
    /// Not asked for.
    #[default]
    Idle,
    /// Under way.
    Working {
        /// How far.
        meter: Meter,
    },
    /// Not done; one sentence says why.
    Failed {
        /// Why.
        message: AttrValue,
    },
}

/// A file of keys, written beside everything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Writing {
    /// None asked for.
    #[default]
    Idle,
    /// The one of this name is under way.
    Working(AttrValue),
    /// It was handed to the browser.
    Done(AttrValue),
    /// It was not.
    Failed(AttrValue),
}

/// Everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The screen.
    pub screen: Screen,
    /// The export of the opened report.
    pub export: Export,
    /// Its keys in other groups.
    pub regroup: Regroup,
    /// Its keys as a file.
    pub writing: Writing,
    /// What was to be read and was stopped; empty where nothing was.
    pub stopped: AttrValue,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Something was given, and is being listed.
    Listing {
        /// What it is called.
        name: AttrValue,
        /// Files so far.
        files: usize,
    },
    /// Files were handed to the worker.
    Opening {
        /// What they are called.
        subject: Subject,
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
    /// The worker answered.
    Opened(Shared<Answers>),
    /// The opened files were handed to the worker once more.
    Rereading {
        /// Monotonic time, ms.
        now_ms: f64,
        /// The release it is read for, if one was chosen: what follows from the sums is shown at once.
        target: Option<String>,
    },
    /// A plan was handed to the worker.
    Exporting {
        /// Which plan.
        plan: usize,
        /// Monotonic time, ms.
        now_ms: f64,
    },
    /// The copy is there.
    Exported {
        /// Where it is.
        delivery: Delivery,
        /// The proof.
        receipt: Shared<Receipt>,
    },
    /// The work under way failed, or could not begin.
    Failed(AttrValue),
    /// A file of keys is written, or is not any more.
    Writing(Writing),
    /// The user stopped the work under way.
    Cancelled,
    /// The user wants to open something else.
    Closed,
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        match self.after(action) {
            Some(next) if next != *self => Rc::new(next),
            _ => self,
        }
    }
}

impl State {
    /// Does the worker owe an answer? Then it takes no other request.
    pub fn is_working(&self) -> bool {
        matches!(self.screen, Screen::Listing { .. } | Screen::Reading { .. })
            || matches!(self.export, Export::Working { .. })
            || matches!(self.regroup, Regroup::Working { .. })
    }

    /// Is something being made that would be lost if the files were left?
    pub fn is_making(&self) -> bool {
        matches!(self.export, Export::Working { .. }) || matches!(self.writing, Writing::Working(_))
    }

    /// The state after `action`; none where the action comes too late to matter.
    fn after(&self, action: Action) -> Option<Self> {
        match action {
            Action::Listing { name, files } => {
                Some(Self { screen: Screen::Listing { name, files }, ..Self::default() })
            }
            Action::Opening { subject, now_ms } => {
                let meter = Meter::new(now_ms, subject.total_bytes);
                Some(Self { screen: Screen::Reading { subject, meter }, ..Self::default() })
            }
            Action::Progress { now_ms, done_bytes, total_bytes } => {
                let mut next = self.clone();
                match (&mut next.screen, &mut next.export, &mut next.regroup) {
                    (Screen::Reading { meter, .. }, ..)
                    | (_, Export::Working { meter, .. }, _)
                    | (.., Regroup::Working { meter }) => {
                        *meter = meter.advance(now_ms, done_bytes, total_bytes);
                    }
                    _ => return None,
                }
                Some(next)
            }
            Action::Opened(answers) => {
                let subject = match (&self.screen, &self.regroup) {
                    (Screen::Reading { subject, .. }, _) => subject,
                    (Screen::Ready(opened) | Screen::Partial(opened), Regroup::Working { .. }) => {
                        &opened.subject
                    }
                    _ => return None,
                };
                let partial = is_partial(&answers);
                let opened = Opened { subject: subject.clone(), answers };
                let screen = if partial { Screen::Partial(opened) } else { Screen::Ready(opened) };
                // Keys are written from what was open before; that goes on.
                Some(Self { screen, writing: self.writing.clone(), ..Self::default() })
            }
            Action::Rereading { now_ms, target } => {
                let opened = self.screen.opened()?;
                let screen = match target.and_then(|target| in_release(opened, &target)) {
                    Some(opened) if matches!(self.screen, Screen::Partial(_)) => Screen::Partial(opened),
                    Some(opened) => Screen::Ready(opened),
                    None => self.screen.clone(),
                };
                let regroup = Regroup::Working { meter: Meter::new(now_ms, 0) };
                Some(Self { screen, regroup, ..self.clone() })
            }
            Action::Exporting { plan, now_ms } => {
                let opened = self.screen.opened()?;
                opened.answers.plans.get(plan)?;
                Some(Self { export: Export::Working { plan, meter: Meter::new(now_ms, 0) }, ..self.clone() })
            }
            Action::Exported { delivery, receipt } => {
                let Export::Working { plan, .. } = self.export else { return None };
                Some(Self { export: Export::Done { plan, delivery, receipt }, ..self.clone() })
            }
            Action::Writing(writing) => Some(Self { writing, ..self.clone() }),
            Action::Failed(message) => match (&self.screen, &self.export) {
                (_, Export::Working { plan, .. }) => {
                    Some(Self { export: Export::Failed { plan: *plan, message }, ..self.clone() })
                }
                (Screen::Ready(_) | Screen::Partial(_), _)
                    if matches!(self.regroup, Regroup::Working { .. }) =>
                {
                    Some(Self { regroup: Regroup::Failed { message }, ..self.clone() })
                }
                (Screen::Reading { subject, .. }, _) => {
                    let screen = Screen::Failed { subject: subject.clone(), message };
                    Some(Self { screen, ..Self::default() })
                }
                // A failure before anything was handed over: a folder that cannot be listed, a sample not served.
                (Screen::Empty | Screen::Listing { .. } | Screen::Failed { .. }, _) => {
                    let screen = Screen::Failed { subject: Subject::default(), message };
                    Some(Self { screen, ..Self::default() })
                }
                (Screen::Ready(_) | Screen::Partial(_), _) => None,
            },
            Action::Cancelled => match (&self.screen, &self.export) {
                (Screen::Listing { name, .. } | Screen::Reading { subject: Subject { name, .. }, .. }, _) => {
                    Some(Self { stopped: name.clone(), ..Self::default() })
                }
                (_, Export::Working { .. }) => Some(Self { export: Export::Idle, ..self.clone() }),
                _ if matches!(self.regroup, Regroup::Working { .. }) => {
                    Some(Self { regroup: Regroup::Idle, ..self.clone() })
                }
                _ => None,
            },
            Action::Closed => Some(Self::default()),
        }
    }
}

/// Was a file that a server would load not read to its end?
pub fn is_partial(answers: &Answers) -> bool {
    answers.report.files.iter().any(|file| {
        matches!(file.role, Role::Rdb | Role::Aof | Role::Base | Role::Incr)
            && file.sound_up_to < file.content_bytes()
    })
}

#[cfg(test)]
mod tests {
    use snaptape_report::Verdict;

    use super::*;
    use crate::testing;

    fn run(actions: impl IntoIterator<Item = Action>) -> Rc<State> {
        actions.into_iter().fold(Rc::new(State::default()), Rc::reduce_with)
    }

    trait ReduceWith {
        fn reduce_with(self, action: Action) -> Self;
    }
    impl ReduceWith for Rc<State> {
        fn reduce_with(self, action: Action) -> Self {
            self.reduce(action)
        }
    }

    fn subject() -> Subject {
        Subject { name: "dump.rdb".into(), files: 1, total_bytes: 1_000, note: AttrValue::default() }
    }

    fn opening() -> Action {
        Action::Opening { subject: subject(), now_ms: 0.0 }
    }

    fn opened() -> Action {
        Action::Opened(Shared::new(testing::answers()))
    }

    fn receipt() -> Shared<Receipt> {
        Shared::new(Receipt { inputs: vec![], outputs: vec![], verdict: Verdict::Sound, keys: vec![] })
    }

    #[test]
    fn reading_then_ready() {
        let state = run([opening()]);
        let Screen::Reading { subject, meter } = &state.screen else { panic!("{:?}", state.screen) };
        assert_eq!((subject.name.as_str(), meter.total_bytes), ("dump.rdb", 1_000));
        let state =
            run([opening(), Action::Progress { now_ms: 1.0, done_bytes: 400, total_bytes: 1_000 }, opened()]);
        assert!(matches!(state.screen, Screen::Ready(_)), "{:?}", state.screen);
    }

    #[test]
    fn listing_comes_before_reading_and_can_be_stopped() {
        let listing = |files| Action::Listing { name: "home".into(), files };
        let state = run([opening(), opened(), listing(0), listing(8_400)]);
        assert_eq!(state.screen, Screen::Listing { name: "home".into(), files: 8_400 });
        assert!(state.is_working());
        let stopped = Rc::clone(&state).reduce(Action::Cancelled);
        assert_eq!((&stopped.screen, stopped.stopped.as_str()), (&Screen::Empty, "home"));
        let failed = Rc::clone(&state).reduce(Action::Failed("too many".into()));
        assert!(matches!(&failed.screen, Screen::Failed { message, .. } if message == "too many"));
        assert!(matches!(state.reduce(opening()).screen, Screen::Reading { .. }));
    }

    #[test]
    fn a_file_with_an_end_that_was_not_reached_is_partial() {
        let mut answers = testing::answers();
        answers.report.files[0].sound_up_to -= 1;
        let state = run([opening(), Action::Opened(Shared::new(answers))]);
        assert!(matches!(state.screen, Screen::Partial(_)), "{:?}", state.screen);
    }

    #[test]
    fn an_answer_after_cancel_comes_too_late() {
        let state = run([opening(), Action::Cancelled, opened()]);
        assert_eq!((&state.screen, state.stopped.as_str()), (&Screen::Empty, "dump.rdb"));
        assert_eq!(run([opening(), Action::Cancelled, opening()]).stopped, "");
    }

    #[test]
    fn nothing_changed_is_the_same_state() {
        let state = run([opening(), opened()]);
        let after = Rc::clone(&state).reduce(Action::Cancelled);
        assert!(Rc::ptr_eq(&state, &after));
        let late = Action::Progress { now_ms: 9.0, done_bytes: 1, total_bytes: 2 };
        assert!(Rc::ptr_eq(&state, &Rc::clone(&state).reduce(late)));
    }

    #[test]
    fn the_report_stays_while_its_keys_are_put_into_other_groups() {
        let regrouping = Action::Rereading { now_ms: 5.0, target: None };
        let working = run([opening(), opened(), regrouping.clone()]);
        assert!(matches!(working.regroup, Regroup::Working { .. }) && working.screen.opened().is_some());
        let on = Rc::clone(&working).reduce(Action::Progress { now_ms: 9.0, done_bytes: 1, total_bytes: 2 });
        assert!(matches!(&on.regroup, Regroup::Working { meter } if meter.done_bytes == 1));
        let mut answers = testing::answers();
        answers.report.target = "redis-8.0".into();
        let done = Rc::clone(&on).reduce(Action::Opened(Shared::new(answers)));
        assert_eq!(done.regroup, Regroup::Idle);
        assert_eq!(
            done.screen.opened().map(|opened| opened.answers.report.target.as_str()),
            Some("redis-8.0")
        );
        let failed = Rc::clone(&on).reduce(Action::Failed("no such group".into()));
        assert_eq!(failed.regroup, Regroup::Failed { message: "no such group".into() });
        assert!(failed.screen.opened().is_some());
        assert_eq!(Rc::clone(&on).reduce(Action::Cancelled).regroup, Regroup::Idle);
        assert_eq!(*run([regrouping]), State::default());
    }

    #[test]
    fn a_failed_reading_says_why() {
        let state = run([opening(), Action::Failed("gone".into())]);
        assert_eq!(state.screen, Screen::Failed { subject: subject(), message: "gone".into() });
    }

    #[test]
    fn a_failure_without_files_is_shown_too() {
        let state = run([Action::Failed("no such sample".into())]);
        assert!(matches!(&state.screen, Screen::Failed { message, .. } if message == "no such sample"));
    }

    #[test]
    fn an_export_keeps_the_report() {
        let exporting = Action::Exporting { plan: 0, now_ms: 0.0 };
        let state = run([opening(), opened(), exporting.clone()]);
        assert!(matches!(state.export, Export::Working { plan: 0, .. }));
        let failed = Rc::clone(&state).reduce(Action::Failed("not sound".into()));
        assert!(matches!(&failed.export, Export::Failed { plan: 0, message } if message == "not sound"));
        assert!(failed.screen.opened().is_some());
        let delivery = Delivery::File { file_name: "a.aof".into(), url: "blob:x".into() };
        let done = Action::Exported { delivery: delivery.clone(), receipt: receipt() };
        let state = state.reduce(done);
        assert!(matches!(&state.export, Export::Done { delivery: done, .. } if *done == delivery));
        let state = state.reduce(opening());
        assert_eq!(state.export, Export::Idle);
    }

    #[test]
    fn a_cancelled_export_leaves_the_report() {
        let state = run([opening(), opened(), Action::Exporting { plan: 0, now_ms: 0.0 }, Action::Cancelled]);
        assert_eq!(state.export, Export::Idle);
        assert!(state.screen.opened().is_some());
    }

    #[test]
    fn there_is_no_export_of_a_plan_that_is_not_there() {
        let state = run([opening(), opened(), Action::Exporting { plan: 9, now_ms: 0.0 }]);
        assert_eq!(state.export, Export::Idle);
    }
}
