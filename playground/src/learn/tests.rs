use std::cell::Cell;

use mote_abi::Build;
use mote_models::judge::{self, Accuracy, TestSet};
use mote_models::progress::Silent;
use mote_models::prune::channels::Target;
use mote_models::quantize::Scheme;
use mote_models::run::{Engine, Native};
use mote_models::samples::LabelledSet;
use mote_models::zoo::DIGITS;

use super::*;
use crate::evaluation::{Answered, Part};
use crate::latency::Latency;
use crate::pipeline;
use crate::protocol::{Failure, Kernels, Order, Reply, Request};
use crate::relaxed::{Relaxed, Wanted};
use crate::shrink::{self, Choices, Download};
use crate::sketch::Point;
use crate::update::Event as PageEvent;
use crate::zoo;

fn owned(buffers: &[Bytes]) -> Vec<Vec<u8>> {
    buffers.iter().map(|bytes| bytes.to_vec()).collect()
}

/// A student's page whose workers are functions of this process.
struct Desk {
    state: State,
    model: Vec<u8>,
    clock: Cell<f64>,
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self { state: State::default(), model: Vec::new(), clock: Cell::new(0.0) };
        desk.tell(PageEvent::Started);
        desk.tell(Event::Toggled);
        desk
    }

    fn tell(&mut self, event: impl Into<PageEvent>) {
        let effects = self.state.update(event.into());
        for effect in effects {
            if let Some(event) = self.answer(effect) {
                self.tell(event);
            }
        }
    }

    /// What comes of an effect.
    fn answer(&mut self, effect: Effect) -> Option<PageEvent> {
        match effect {
            Effect::Fetch { job, path } => {
                let entry = |entry: &&zoo::Entry| entry.model == path;
                let bytes = match zoo::ENTRIES.iter().find(entry) {
                    Some(entry) if entry.float => DIGITS.float,
                    Some(_) => DIGITS.int8,
                    None => DIGITS.test_data,
                };
                Some(PageEvent::Fetched { job, result: Ok(bytes.to_vec()) })
            }
            Effect::Post { request, buffers } => {
                let (reply, buffers) = self.reply(request, &owned(&buffers))?;
                Some(PageEvent::Replied { reply, buffers })
            }
            Effect::Work { order: Order { job, task, .. }, buffers } => {
                let now = || self.clock.replace(self.clock.get() + 1.0);
                let (product, buffers) = pipeline::run(&Native, &task, &owned(&buffers), &now, &Silent).unwrap();
                Some(PageEvent::Replied { reply: Reply::Worked { job, product }, buffers })
            }
            // What is left is for a browser.
            _ => None,
        }
    }

    fn reply(&mut self, request: Request, buffers: &[Vec<u8>]) -> Option<(Reply, Vec<Vec<u8>>)> {
        let plain = |reply| Some((reply, Vec::new()));
        match request {
            Request::Probe => plain(Reply::Probed { relaxed: Relaxed::default() }),
            Request::Load { job, .. } => {
                self.model = buffers[0].clone();
                plain(match Native.load(&self.model) {
                    Ok(run) => Reply::Loaded { job, build: Build::Simd128, description: run.description().clone() },
                    Err(mote_models::run::RunError::Refused(error)) => {
                        Reply::Failed { job: Some(job), failure: Failure::Guest(error) }
                    }
                    Err(error) => panic!("{error}"),
                })
            }
            Request::Run { job } => {
                let outputs = Native.load(&self.model).unwrap().run(buffers).unwrap();
                Some((Reply::Ran { job }, outputs))
            }
            Request::Evaluate { job, .. } => {
                let set = TestSet::try_from(LabelledSet::from_npz(&buffers[0], &[]).unwrap()).unwrap();
                let found = judge::evaluate(&Native, &self.model, &set, &Silent).unwrap();
                let Ok(Accuracy::Classification { confusion, .. }) = Accuracy::of(&set, &found.predictions) else {
                    panic!("a classifier")
                };
                let rows = confusion.counts().iter().enumerate();
                let counts = rows.flat_map(|(label, row)| {
                    let said = row.iter().enumerate().filter(|(_, samples)| **samples > 0);
                    said.map(move |(class, &samples)| (label, class, samples))
                });
                let (counts, total) = (counts.collect(), set.len());
                let part = Part { from: 0, end: total };
                plain(Reply::Evaluated { job, answered: Answered { part, total, counts, millis: 1.0 } })
            }
            Request::Time { job } => {
                let slow = if self.state.kernels.reference() { 8.0 } else { 1.0 };
                self.clock.set(self.clock.get() + 1.0);
                let median_millis = slow * (0.02 + 1e-6 * self.clock.get());
                let latency = Some(Latency { median_millis, p95_millis: 1.0, blocks: 20, runs: 4000 });
                plain(Reply::Timed { job, latency, more: false })
            }
            Request::Forget { .. } => None,
        }
    }

    fn make(&mut self, change: impl FnOnce(&mut Choices)) {
        let mut choices = Choices { samples: 8, ..Choices::default() };
        change(&mut choices);
        self.tell(shrink::Event::Chosen(choices.into()));
        self.tell(shrink::Event::Kept);
        assert!(!self.state.shrink.is_running(), "all was done");
    }

    fn draw(&mut self, points: &[(f32, f32)]) {
        self.tell(PageEvent::SketchCleared);
        for (k, &(x, y)) in points.iter().enumerate() {
            let point = Point { x, y };
            self.tell(if k == 0 { PageEvent::PenPressed(point) } else { PageEvent::PenMoved(point) });
        }
        self.tell(PageEvent::PenLifted);
    }

    fn lesson(&mut self, of: Check) {
        let lesson = LESSONS.iter().position(|lesson| lesson.tasks.iter().any(|task| task.check == of));
        self.tell(Event::LessonChosen(lesson.expect("each check has its lesson")));
    }

    /// Does what a task asks for.
    fn perform(&mut self, check: Check) {
        match check {
            Check::Drawn => self.draw(&[(0.5, 0.1), (0.5, 0.9)]),
            Check::Evaluated | Check::Timed => self.tell(PageEvent::EvaluateAsked),
            Check::Float => self.tell(PageEvent::ZooChosen(1)),
            Check::Quantized => self.make(|_| {}),
            Check::Energy => {
                self.make(|_| {});
                self.tell(shrink::Event::EnergyOpened(true));
            }
            Check::Zeroed => self.make(|choices| choices.weights.on = true),
            Check::Narrowed => self.make(|choices| choices.channels.on = true),
            Check::Arenas => self.make(|choices| choices.set_scheme(Some(Scheme::Int16x8))),
            Check::Written => {
                let id = self.state.shrink.variants[0].id;
                self.tell(shrink::Event::DownloadAsked { id, file: Download::Header });
            }
            Check::TimedPlain => {
                self.tell(PageEvent::KernelsChosen(Wanted::These(Kernels::Reference)));
                self.tell(PageEvent::EvaluateAsked);
            }
            Check::Refused => self.tell(Event::BrokenAsked),
            Check::Recovered => self.tell(PageEvent::ZooChosen(0)),
            Check::Dot => self.draw(&[(0.5, 0.5)]),
            Check::TooFar => {
                self.tell(PageEvent::ZooChosen(1));
                self.make(|choices| {
                    choices.channels.on = true;
                    choices.channels.options.target = Target::Macs(0.8);
                    choices.quantize.options.weight_bits = 3;
                });
            }
        }
    }
}

#[test]
fn the_whole_path_can_be_walked_and_tells_the_students_own_figures() {
    let mut desk = Desk::new();
    for (at, lesson) in LESSONS.iter().enumerate() {
        desk.tell(Event::LessonChosen(at));
        for task in lesson.tasks {
            let check = task.check;
            // What the lessons before have left may do: a student who has made it need not make it again.
            if let Some(missing) = desk.state.missing(check) {
                assert!(missing.ends_with('.'), "{check:?}: {missing}");
                desk.perform(check);
            }
            let missing = desk.state.missing(check);
            assert!(desk.state.learn.found(check).is_some(), "{check:?}: {missing:?}");
            println!("{check:?}: {}", desk.state.learn.found(check).unwrap());
        }
        assert!(desk.state.learn.is_done(lesson), "{}", lesson.title);
    }
    assert_eq!(desk.state.learn.done(), LESSONS.len());

    let size = DIGITS.float.len() as u64;
    let figures = [crate::format::grouped(size), crate::format::grouped(DIGITS.int8.len() as u64)];
    for check in [Check::Quantized, Check::Float, Check::Arenas] {
        let found = desk.state.learn.found(check).unwrap();
        assert!(found.contains(&figures[0]), "the original's own bytes: {found}");
    }
    assert!(desk.state.learn.found(Check::Drawn).unwrap().contains(&figures[1]));

    let text = serde_json::to_string(&desk.state.learn).unwrap();
    assert_eq!(serde_json::from_str::<Learn>(&text).unwrap(), desk.state.learn, "progress can be kept");
}

#[test]
fn a_task_counts_once_it_is_done_and_not_before() {
    let mut desk = Desk::new();
    assert_eq!(desk.state.missing(Check::Drawn).as_deref(), Some("Nothing is drawn yet."));
    desk.perform(Check::Float);
    desk.lesson(Check::Zeroed);
    desk.make(|choices| {
        choices.weights.on = true;
        choices.weights.options.sparsity = 0.3;
    });
    assert!(desk.state.missing(Check::Zeroed).is_some(), "30 % are not half");
    desk.perform(Check::Zeroed);
    assert_eq!(desk.state.missing(Check::Zeroed), None);
    desk.lesson(Check::Dot);
    desk.draw(&[(0.2, 0.2), (0.8, 0.8)]);
    let missing = desk.state.missing(Check::Dot).unwrap();
    assert!(missing.starts_with("There is more than a dot"), "{missing}");
}

#[test]
fn the_energy_is_compared_once_it_is_looked_at() {
    let mut desk = Desk::new();
    desk.perform(Check::Float);
    desk.lesson(Check::Energy);
    desk.make(|_| {});
    let missing = desk.state.missing(Check::Energy).unwrap();
    assert!(missing.starts_with("Open “Where the energy goes”"), "{missing}");
    desk.perform(Check::Energy);
    let found = desk.state.learn.found(Check::Energy).unwrap();
    let energy = |measured: &shrink::Measured| crate::format::joules(measured.judged.energy.total_nj());
    let (original, variant) = (desk.state.shrink.original.as_ref(), desk.state.shrink.variants[0].measured.as_ref());
    let both = format!("{} → {}", energy(original.unwrap()), energy(variant.unwrap()));
    assert!(found.contains(&both), "{found}, not {both}");
}

#[test]
fn what_is_not_looked_at_is_not_counted() {
    let mut desk = Desk::new();
    desk.tell(Event::Toggled);
    desk.perform(Check::Drawn);
    assert_eq!(desk.state.learn.found(Check::Drawn), None, "the drawer is closed");
    desk.tell(Event::Toggled);
    assert!(desk.state.learn.found(Check::Drawn).is_some());
}

#[test]
fn a_lesson_can_be_done_again_with_new_results_only() {
    let mut desk = Desk::new();
    desk.perform(Check::Drawn);
    desk.perform(Check::Evaluated);
    assert!(desk.state.learn.is_done(&LESSONS[0]));
    desk.tell(Event::AgainAsked);
    assert_eq!((desk.state.learn.found(Check::Drawn), desk.state.learn.done()), (None, 0));
    assert_eq!(desk.state.missing(Check::Drawn).as_deref(), Some("Do it once more."));
    desk.draw(&[(0.3, 0.2), (0.7, 0.2), (0.4, 0.9)]);
    assert!(desk.state.learn.found(Check::Drawn).is_some(), "another drawing");
    desk.perform(Check::Evaluated);
    assert!(desk.state.learn.is_done(&LESSONS[0]), "another evaluation");
    desk.tell(Event::ForgetAsked);
    assert!(desk.state.learn.open && !desk.state.learn.is_done(&LESSONS[0]));
    assert_eq!((desk.state.learn.found(Check::Drawn), desk.state.learn.found(Check::Evaluated)), (None, None));
}

#[test]
fn a_lesson_that_is_not_there_is_the_last_and_one_that_was_kept_wrongly_the_first() {
    let mut desk = Desk::new();
    desk.tell(Event::LessonChosen(1000));
    assert_eq!(desk.state.learn.shown(), LESSONS.last().unwrap());
    let kept = r#"{"open":true,"lesson":99,"term":null,"found":{},"again":{},"fast_millis":null}"#;
    let learn: Learn = serde_json::from_str(kept).unwrap();
    assert_eq!(learn.shown(), &LESSONS[0]);
}

#[test]
fn half_a_model_can_be_had_only_of_a_whole_one() {
    let mut desk = Desk::new();
    assert!(desk.state.can_break());
    desk.lesson(Check::Refused);
    desk.perform(Check::Refused);
    assert!(!desk.state.can_break());
    assert!(desk.state.learn.found(Check::Refused).unwrap().contains("malformed"));
    assert_eq!(desk.state.source.as_ref().unwrap().name, "Half of Digits, int8");
}
