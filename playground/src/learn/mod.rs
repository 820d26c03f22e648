//! The guided path in the drawer beside the views, and the glossary behind its words.
//!
//! ```text
//! lessons (data) -> the drawer shows one -> its tasks lead to controls of the views
//!                                              |
//!                   any event -> State -> checks: what was done is kept, with the student's own figures
//! ```
//!
//! - [`lessons`]: what is taught, and in which order.
//! - [`checks`]: whether a task was done.
//! - [`glossary`]: what the words mean.

pub mod checks;
pub mod glossary;
pub mod lessons;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::state::{Model, Source, State};
use crate::update::Effect;
pub use checks::{Answer, Check};
pub use lessons::{LESSONS, Lesson, Place, Task};

/// The drawer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Learn {
    /// Whether it is open. It stays as it is when another view is shown.
    pub open: bool,
    /// The lesson, by its place in [`LESSONS`].
    pub lesson: usize,
    /// The term whose meaning is shown or was shown last, by its key.
    pub term: Option<String>,
    /// What came of the tasks that were done.
    found: BTreeMap<Check, String>,
    /// Tasks to be done once more: what was there by then does not count.
    again: BTreeMap<Check, u64>,
    /// The median that was last measured with kernels that use SIMD, in milliseconds.
    pub(crate) fast_millis: Option<f64>,
}

/// What a user does with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Opens or closes it.
    Toggled,
    /// Goes to a lesson.
    LessonChosen(usize),
    /// Asks where something is to be done.
    PlaceAsked(Place),
    /// Wants to do the lesson's tasks again.
    AgainAsked,
    /// Forgets all that was done.
    ForgetAsked,
    /// Opens half of the model's file.
    BrokenAsked,
    /// Asks what a term means.
    TermAsked(&'static str),
}

impl Learn {
    /// What came of a task, if it was done.
    #[must_use]
    pub fn found(&self, check: Check) -> Option<&str> {
        self.found.get(&check).map(String::as_str)
    }

    /// Whether all tasks of a lesson were done.
    #[must_use]
    pub fn is_done(&self, lesson: &Lesson) -> bool {
        lesson.tasks.iter().all(|task| self.found.contains_key(&task.check))
    }

    /// Lessons all of whose tasks were done.
    #[must_use]
    pub fn done(&self) -> usize {
        LESSONS.iter().filter(|lesson| self.is_done(lesson)).count()
    }

    /// The lesson that is shown.
    #[must_use]
    pub fn shown(&self) -> &'static Lesson {
        LESSONS.get(self.lesson).unwrap_or(&LESSONS[0])
    }
}

impl State {
    pub(crate) fn learning(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Toggled => self.learn.open = !self.learn.open,
            Event::LessonChosen(lesson) => self.learn.lesson = lesson.min(LESSONS.len() - 1),
            Event::PlaceAsked(place) => return vec![Effect::Reveal(place)],
            Event::AgainAsked => {
                let tasks = self.learn.shown().tasks;
                self.do_again(tasks.iter().map(|task| task.check));
            }
            Event::ForgetAsked => {
                self.learn.lesson = 0;
                self.do_again(Check::ALL.iter().copied());
            }
            Event::BrokenAsked => return self.open_half(),
            Event::TermAsked(key) => self.learn.term = Some(key.into()),
        }
        Vec::new()
    }

    /// Looks whether the lesson's tasks have been done, after anything has happened.
    pub(crate) fn look_at_tasks(&mut self) {
        if !self.learn.open {
            return;
        }
        if let Some((kernels, millis)) = checks::timing(self)
            && !kernels.reference()
        {
            self.learn.fast_millis = Some(millis);
        }
        for task in self.learn.shown().tasks {
            let again = self.learn.again.get(&task.check).copied();
            match task.check.of(self) {
                Answer::Done { evidence, .. } if again == Some(evidence) => {}
                Answer::Done { found, .. } => {
                    self.learn.again.remove(&task.check);
                    self.learn.found.insert(task.check, found);
                }
                // Gone: whatever comes next is new.
                Answer::Open(_) => {
                    self.learn.again.remove(&task.check);
                }
            }
        }
    }

    /// What is missing of a task; none where nothing is.
    #[must_use]
    pub fn missing(&self, check: Check) -> Option<String> {
        if self.learn.found.contains_key(&check) {
            return None;
        }
        match check.of(self) {
            Answer::Open(missing) => Some(missing),
            Answer::Done { .. } => Some("Do it once more.".into()),
        }
    }

    /// Forgets that tasks were done; what they look at stays, and does not count again.
    fn do_again(&mut self, checks: impl Iterator<Item = Check>) {
        let mut found = std::mem::take(&mut self.learn.found);
        for check in checks {
            // As long as what was found before is away, no check leans on it.
            if let Answer::Done { evidence, .. } = check.of(self) {
                self.learn.again.insert(check, evidence);
            }
            found.remove(&check);
        }
        self.learn.found = found;
    }

    /// Half of the model's file, as a broken one to see what becomes of it.
    fn open_half(&mut self) -> Vec<Effect> {
        let Some((name, bytes)) = self.source.as_ref().and_then(|s| Some((s.name.clone(), s.bytes.clone()?))) else {
            return Vec::new();
        };
        let half = Bytes::from(bytes[..bytes.len() / 2].to_vec());
        self.choose(Source { name: format!("Half of {name}"), zoo: None, bytes: Some(half), loadable: None })
    }

    /// Whether there is a model to cut in half.
    #[must_use]
    pub fn can_break(&self) -> bool {
        matches!(self.model, Model::Ready { .. })
    }
}

#[cfg(test)]
mod tests;
