//! What the search's events do: the part of [`State::update`] that is about it.
//!
//! The worker searches for some seconds at a time and gives way to other tasks; as long as there is more to do the page asks for
//! the next slice. What is found comes in while it is found, so that nothing but the trial under way is lost when it is stopped.

use super::{Begin, News, Search, Wishes, Work};
use crate::pipeline::{Product, Task};
use crate::protocol::Job;
use crate::state::State;
use crate::update::Effect;
use crate::workshop::{Outcome, Owner};

/// What happened about the search.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The user wants something else of it.
    Wished(Wishes),
    /// The user started it, anew or from where it was.
    Asked,
    /// The user stopped it.
    Stopped,
}

impl State {
    /// Takes in an event.
    pub(crate) fn searching(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Wished(wishes) => self.search.wishes = wishes,
            Event::Asked => self.search(),
            Event::Stopped => {
                self.search.asked = false;
                if let Work::Running(job) = self.search.work {
                    self.cancel_work(job);
                    self.search.work = Work::Stopped;
                }
            }
        }
        Vec::new()
    }

    /// Whether there is something to search with: a model that can be made smaller, and enough samples with labels.
    #[must_use]
    pub fn could_search(&self) -> bool {
        let labelled = self.shrink.survey().is_some_and(|survey| survey.labelled);
        labelled && self.can_shrink() && self.search_begin().is_some()
    }

    /// Whether a search can start now.
    #[must_use]
    pub fn can_search(&self) -> bool {
        self.could_search() && !matches!(self.search.work, Work::Running(_))
    }

    /// Where a search would begin; none without samples, or with too few for three parts.
    #[must_use]
    pub fn search_begin(&self) -> Option<Begin> {
        let split = self.shrink.split().filter(|split| split.test() >= 2)?;
        Some(self.search.begin(self.search.wishes.options(split)))
    }

    /// Starts the search that a link asks for, when its turn has come.
    pub(crate) fn search_if_asked(&mut self) {
        let variants_are_made = self.shrink.asked.is_empty() && !self.shrink.is_running();
        if self.search.asked && variants_are_made && self.can_search() {
            self.search();
        }
    }

    fn search(&mut self) {
        self.search.asked = false;
        let Some(begin) = self.search_begin().filter(|_| self.can_search()) else { return };
        match &begin {
            Begin::Anew(_) => self.search.found = None,
            Begin::GoOn(_) => {}
        }
        self.search_on(begin);
    }

    fn search_on(&mut self, begin: Begin) {
        let buffers = vec![self.source_bytes(), self.archive()];
        let job = self.enqueue(Owner::Search, Task::Search { begin: Box::new(begin) }, buffers);
        self.search.work = Work::Running(job);
    }

    /// Takes in a piece of what is found.
    pub(crate) fn search_news(&mut self, job: Job, news: News) {
        if self.search.work != Work::Running(job) {
            return;
        }
        match (&mut self.search.found, news) {
            (found, News::Begun(begun)) => *found = Some(*begun),
            (Some(found), news) => found.take(news),
            (None, News::Original(_) | News::Probe(_) | News::Trial(_)) => {}
        }
    }

    /// Takes in how a slice ended, and asks for the next one where there is more to do.
    pub(crate) fn searched(&mut self, job: Job, outcome: Outcome) {
        if self.search.work != Work::Running(job) {
            return;
        }
        self.search.work = match (outcome, &mut self.search.found) {
            (Ok((Product::Searched { parts: Some(parts) }, _)), Some(found)) => {
                found.parts = parts;
                Work::Ended
            }
            (Ok((Product::Searched { parts: None }, _)), Some(found)) => {
                let begin = Begin::GoOn(found.state.clone());
                return self.search_on(begin);
            }
            (Ok((product, _)), _) => Work::Failed(product.unexpected()),
            (Err(failure), _) => Work::Failed(failure),
        };
    }

    /// Gives up the search and what it has found, since the model or the samples are others now. What the user wants stays.
    pub(crate) fn drop_search(&mut self) {
        if let Work::Running(job) = self.search.work {
            self.cancel_work(job);
        }
        self.search = Search { wishes: self.search.wishes, ..Search::default() };
    }
}

#[cfg(test)]
mod tests;
