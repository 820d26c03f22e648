//! Which task follows on which: the part of [`State::update`] that is about the benchmark.

use super::{Benchmark, Machine, Row, Run, Subject, Work, share};
use crate::bytes::Bytes;
use crate::pipeline::{Product, Task};
use crate::protocol::{Failure, Job};
use crate::state::State;
use crate::update::Effect;
use crate::workshop::{Outcome, Owner};
use crate::zoo;

/// What happened about the benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The user asked for it, on this machine.
    Asked(Machine),
    /// The user stopped it.
    Stopped,
    /// The user wants the results as a table, to be pasted somewhere.
    CopyAsked,
    /// The user wants the results as a file for programs.
    DownloadAsked,
}

impl State {
    /// Takes in an event.
    pub(crate) fn benchmarking(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Asked(machine) => {
                self.stop_benchmark();
                let own = self.source.as_ref().filter(|source| source.zoo.is_none() && source.bytes.is_some());
                let own = own.map(|source| Subject { name: source.name.clone(), zoo: None });
                let zoo = zoo::ENTRIES.iter().enumerate();
                let zoo = zoo.map(|(entry, model)| Subject { name: model.name.into(), zoo: Some(entry) });
                let next = own.into_iter().chain(zoo).collect();
                let relaxed = self.relaxed.is_some_and(|relaxed| relaxed.dot.is_some());
                let job = self.enqueue(Owner::Benchmark, Task::Peak { relaxed }, Vec::new());
                let work = Work::Running(Run { job, subject: None, next });
                self.benchmark = Benchmark { work, machine: Some(machine), ..Benchmark::default() };
                Vec::new()
            }
            Event::Stopped => {
                self.stop_benchmark();
                Vec::new()
            }
            Event::CopyAsked => vec![Effect::Copy(share::markdown(&self.benchmark))],
            Event::DownloadAsked => {
                let bytes = share::json(&self.benchmark).into_bytes();
                vec![Effect::Save { name: "mote-benchmark.json".into(), bytes }]
            }
        }
    }

    fn stop_benchmark(&mut self) {
        if let Work::Running(Run { job, .. }) = self.benchmark.work {
            self.cancel_work(job);
            self.benchmark.work = Work::Stopped;
        }
    }

    /// Goes on to the next model, after which there are others; with none left it is done.
    fn measure_next(&mut self, mut next: Vec<Subject>) -> Vec<Effect> {
        if next.is_empty() {
            self.benchmark.work = Work::Idle;
            return Vec::new();
        }
        let subject = next.remove(0);
        let entry = subject.zoo.and_then(|entry| zoo::ENTRIES.get(entry));
        let own = self.source.as_ref().and_then(|source| source.bytes.clone()).filter(|_| subject.zoo.is_none());
        let (job, effects) = match (entry, own) {
            (Some(entry), _) => {
                let job = self.next_job();
                (job, vec![Effect::Fetch { job, path: entry.model }])
            }
            (None, Some(bytes)) => (self.measure_model(bytes), Vec::new()),
            // Another model was opened meanwhile.
            (None, None) => return self.measure_next(next),
        };
        self.benchmark.work = Work::Running(Run { job, subject: Some(subject), next });
        effects
    }

    fn measure_model(&mut self, model: Bytes) -> Job {
        let kernels = self.relaxed.unwrap_or_default().kernels();
        self.enqueue(Owner::Benchmark, Task::Benchmark { kernels }, vec![model])
    }

    /// Takes in a model that was fetched; says whether the job was one of the benchmark's.
    pub(crate) fn benchmark_fetched(&mut self, job: Job, result: &Result<Vec<u8>, String>) -> bool {
        let Work::Running(run) = &self.benchmark.work else { return false };
        if run.job != job {
            return false;
        }
        let run = run.clone();
        self.benchmark.work = match result {
            Ok(bytes) => Work::Running(Run { job: self.measure_model(bytes.clone().into()), ..run }),
            Err(why) => Work::Failed(Failure::Page(why.clone())),
        };
        true
    }

    /// Takes in what came of a task, and goes on to the next. What came of one that was given up is dropped.
    pub(crate) fn benchmarked(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        let Work::Running(run) = &self.benchmark.work else { return Vec::new() };
        if run.job != job {
            return Vec::new();
        }
        let Run { subject, next, .. } = run.clone();
        match (subject, outcome) {
            (None, Ok((Product::Peaked(peak), _))) => self.benchmark.peak = Some(peak),
            (Some(subject), Ok((Product::Benchmarked(measured), _))) => {
                self.benchmark.rows.push(Row { model: subject.name, measured });
            }
            (_, Ok((product, _))) => {
                self.benchmark.work = Work::Failed(product.unexpected());
                return Vec::new();
            }
            (_, Err(failure)) => {
                self.benchmark.work = Work::Failed(failure);
                return Vec::new();
            }
        }
        self.measure_next(next)
    }
}

#[cfg(test)]
mod tests;
