//! One model with each of the guest's builds: from nothing to the first answer, then blocks of runs in turn.
//!
//! ```text
//! starts  x builds:  compile -> instantiate -> load -> first run          medians of each
//! warm-up x builds:  runs that count for nothing, until browsers have compiled again what is hot
//! rounds  x builds:  a block of runs                                      median and spread of the blocks' means
//! ```
//!
//! Builds take turns, a block each, so that what disturbs one disturbs all: a machine is another one a minute later.

use mote_abi::Build;
use mote_models::progress::Progress;
use mote_models::run::{Run, RunError};
use mote_models::samples::synthetic;
use serde::{Deserialize, Serialize};

use crate::latency::{Blocks, median};
use crate::protocol::{Failure, Kernels};
use crate::relaxed::ran_with;

/// Starts from nothing of each build; few, since each compiles a guest.
const STARTS: usize = 5;
/// How long each build warms up: browsers compile hot functions again in the background, within some tenths of a second.
const WARM_UP_MILLIS: f64 = 300.0;
/// Blocks of each build: one in forty lies above the 97.5th percentile.
const ROUNDS: usize = 40;
/// Fewer suffice once all have taken this long together.
const ROUNDS_MILLIS: f64 = 6000.0;
/// But no fewer than these, whatever they take.
const FEWEST: usize = 5;

/// Where guests are made and timed.
pub trait Place {
    /// A clock in milliseconds.
    fn now(&self) -> f64;

    /// Compiles the guest anew that has these kernels.
    ///
    /// # Errors
    /// When there is none, or it cannot be compiled.
    fn compile(&self, kernels: Kernels) -> Result<Box<dyn Module + '_>, Failure>;

    /// Runs so many turns of a probe's loop.
    ///
    /// # Errors
    /// When the probe is not there, or it traps.
    fn turns(&self, which: Loop, count: u32) -> Result<(), Failure>;
}

/// A loop of nothing but multiply-accumulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loop {
    /// By `i32x4.dot_i16x8_s` and `i32x4.add`.
    Simd128,
    /// By the relaxed dot product.
    Relaxed,
}

impl Loop {
    /// The probe's file, beside the page.
    #[must_use]
    pub fn module(self) -> &'static str {
        match self {
            Loop::Simd128 => "probe.simd128.wasm",
            Loop::Relaxed => "probe.relaxed.wasm",
        }
    }

    /// Multiply-accumulates of one turn: twelve products of eight, or of sixteen.
    #[must_use]
    pub fn macs(self) -> u64 {
        match self {
            Loop::Simd128 => 12 * 8,
            Loop::Relaxed => 12 * 16,
        }
    }
}

/// A clock alone, where no guest is: enough for all tasks but those of a benchmark.
impl<F: Fn() -> f64> Place for F {
    fn now(&self) -> f64 {
        self()
    }

    fn compile(&self, kernels: Kernels) -> Result<Box<dyn Module + '_>, Failure> {
        Err(Failure::Page(format!("there is no {} here", kernels.module())))
    }

    fn turns(&self, which: Loop, _: u32) -> Result<(), Failure> {
        Err(Failure::Page(format!("there is no {} here", which.module())))
    }
}

/// A compiled guest.
pub trait Module {
    /// A fresh instance.
    ///
    /// # Errors
    /// When the engine refuses.
    fn instantiate(&self) -> Result<Box<dyn Instance>, Failure>;
}

/// A guest without a model.
pub trait Instance {
    /// Loads a `.tflite` file; says how the guest was built, too.
    ///
    /// # Errors
    /// When the guest refuses it.
    fn load(self: Box<Self>, model: &[u8]) -> Result<(Build, Box<dyn Run>), Failure>;
}

/// One model with each of the builds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Multiply-accumulates of one run.
    pub macs: u64,
    /// Whether it computes with float32.
    pub float: bool,
    /// Bytes of the `.tflite` file.
    pub file_bytes: u64,
    /// One for each build, in the order in which they were asked for.
    pub builds: Vec<BuildTimes>,
}

/// A model with one build.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BuildTimes {
    /// The kernels that were asked for.
    pub kernels: Kernels,
    /// How the guest says that it was built.
    pub build: Build,
    /// From nothing to the first answer.
    pub start: Start,
    /// One run of a warm guest.
    pub run: RunTime,
}

impl BuildTimes {
    /// What ran, for people.
    #[must_use]
    pub fn label(&self) -> &'static str {
        ran_with(self.kernels, self.build)
    }
}

/// From nothing to the first answer, in milliseconds: the median of each step over some starts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// The guest's bytes become a module.
    pub compile: f64,
    /// A module becomes an instance.
    pub instantiate: f64,
    /// The instance reads, checks and packs the model.
    pub load: f64,
    /// The first run, with code that the browser has compiled in haste.
    pub first_run: f64,
}

impl Start {
    /// All of it: the sum of the steps' medians.
    #[must_use]
    pub fn total(self) -> f64 {
        self.compile + self.instantiate + self.load + self.first_run
    }
}

/// One run of a warm guest, from the input's bytes to the output's, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RunTime {
    /// Median of the blocks' means.
    pub median: f64,
    /// Their 5th percentile.
    pub low: f64,
    /// Their 95th percentile.
    pub high: f64,
    /// Blocks that were timed.
    pub blocks: usize,
    /// Runs in all of them together.
    pub runs: usize,
}

/// A build under measurement.
struct Contestant {
    kernels: Kernels,
    /// The guest of the last start.
    guest: Option<Guest>,
    /// Times of compiling, instantiating, loading and running first, one of each start.
    steps: [Vec<f64>; 4],
    blocks: Blocks,
}

/// A guest with its model and what it is given.
struct Guest {
    build: Build,
    run: Box<dyn Run>,
    inputs: Vec<Vec<u8>>,
}

/// Measures a model, a `.tflite` file, with builds of the guest. Its inputs are seeded, so that each run does the same work.
///
/// Progress: stages `start`, `warm up` and `measure`.
///
/// # Errors
/// What the guest or its engine says, and a failure of the page when `progress` cancels.
pub fn measure(
    place: &dyn Place,
    model: &[u8],
    kernels: &[Kernels],
    progress: &dyn Progress,
) -> Result<Measured, Failure> {
    let tell = |stage: &str, done: usize, total: usize| {
        progress.at(stage, done, total).map_err(|cancelled| Failure::Page(cancelled.to_string()))
    };
    let contestant =
        |&kernels: &Kernels| Contestant { kernels, guest: None, steps: Default::default(), blocks: Blocks::default() };
    let mut contestants: Vec<Contestant> = kernels.iter().map(contestant).collect();
    for start in 0..STARTS {
        for contestant in &mut contestants {
            tell("start", start, STARTS)?;
            contestant.start(place, model)?;
        }
    }
    let all = contestants.len();
    for (k, contestant) in contestants.iter_mut().enumerate() {
        tell("warm up", k, all)?;
        contestant.warm_up(place)?;
    }
    let started = place.now();
    let goes_on = |round: usize| round < FEWEST || round < ROUNDS && place.now() - started < ROUNDS_MILLIS;
    for round in (0..).take_while(|&round| goes_on(round)) {
        for contestant in &mut contestants {
            tell("measure", round, ROUNDS)?;
            contestant.block(place)?;
        }
    }
    let described = contestants.iter().find_map(|contestant| contestant.guest.as_ref());
    let ops = described.map_or(&[][..], |guest| &guest.run.description().ops);
    Ok(Measured {
        macs: ops.iter().map(|op| op.macs).sum(),
        float: ops.iter().filter(|op| op.macs > 0).flat_map(|op| &op.outputs).any(|output| output.dtype == "float32"),
        file_bytes: model.len() as u64,
        builds: contestants.iter().filter_map(Contestant::times).collect(),
    })
}

impl Contestant {
    /// From nothing to the first answer, once.
    fn start(&mut self, place: &dyn Place, model: &[u8]) -> Result<(), Failure> {
        // The guest before goes first: two of them would share memory that each should have for itself.
        self.guest = None;
        let begun = place.now();
        let module = place.compile(self.kernels)?;
        let compiled = place.now();
        let instance = module.instantiate()?;
        let made = place.now();
        let (build, mut run) = instance.load(model)?;
        let loaded = place.now();
        let inputs: Vec<_> = run.description().inputs.iter().map(synthetic::input).collect();
        let fed = place.now();
        run.run(&inputs).map_err(of_run)?;
        let answered = place.now();
        let times = [compiled - begun, made - compiled, loaded - made, answered - fed];
        self.steps.iter_mut().zip(times).for_each(|(all, time)| all.push(time));
        self.guest = Some(Guest { build, run, inputs });
        Ok(())
    }

    fn warm_up(&mut self, place: &dyn Place) -> Result<(), Failure> {
        let begun = place.now();
        if let Some(guest) = &mut self.guest {
            while place.now() - begun < WARM_UP_MILLIS {
                guest.run.run(&guest.inputs).map_err(of_run)?;
            }
        }
        Ok(())
    }

    fn block(&mut self, place: &dyn Place) -> Result<(), Failure> {
        let (begun, mut runs) = (place.now(), 0);
        if let Some(guest) = &mut self.guest {
            while !self.blocks.add(runs, place.now() - begun) {
                guest.run.run(&guest.inputs).map_err(of_run)?;
                runs += 1;
            }
        }
        Ok(())
    }

    /// What was found; none before it was measured.
    fn times(&self) -> Option<BuildTimes> {
        let [compile, instantiate, load, first_run] = self.steps.each_ref().map(|times| median(times));
        let start = Start { compile: compile?, instantiate: instantiate?, load: load?, first_run: first_run? };
        let blocks = &self.blocks;
        let run = RunTime {
            median: blocks.quantile(0.5)?,
            low: blocks.quantile(0.05)?,
            high: blocks.quantile(0.95)?,
            blocks: blocks.count(),
            runs: blocks.runs(),
        };
        Some(BuildTimes { kernels: self.kernels, build: self.guest.as_ref()?.build, start, run })
    }
}

fn of_run(error: RunError) -> Failure {
    match error {
        RunError::Refused(refusal) => Failure::Guest(refusal),
        RunError::Engine(what) => Failure::Trap(what),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use mote_models::progress::{Cancelled, Silent};
    use mote_models::run::{Engine as _, Native};
    use mote_models::zoo::DIGITS;

    use super::*;

    /// A place whose clock goes on a little at each look, so that nothing depends on the machine.
    struct Clockwork {
        now: Cell<f64>,
        tick: f64,
        compiled: RefCell<Vec<Kernels>>,
    }

    impl Clockwork {
        fn ticking(tick: f64) -> Self {
            Self { now: Cell::new(0.0), tick, compiled: RefCell::default() }
        }
    }

    struct InProcess;

    impl Place for Clockwork {
        fn now(&self) -> f64 {
            self.now.set(self.now.get() + self.tick);
            self.now.get()
        }

        fn compile(&self, kernels: Kernels) -> Result<Box<dyn Module + '_>, Failure> {
            self.compiled.borrow_mut().push(kernels);
            Ok(Box::new(InProcess))
        }

        fn turns(&self, which: Loop, _: u32) -> Result<(), Failure> {
            Err(Failure::Page(format!("no model runs {which:?}")))
        }
    }

    impl Module for InProcess {
        fn instantiate(&self) -> Result<Box<dyn Instance>, Failure> {
            Ok(Box::new(InProcess))
        }
    }

    impl Instance for InProcess {
        fn load(self: Box<Self>, model: &[u8]) -> Result<(Build, Box<dyn Run>), Failure> {
            Ok((Build::Scalar, Native.load(model).map_err(of_run)?))
        }
    }

    #[test]
    fn each_build_starts_anew_and_is_timed_in_blocks_in_turn() {
        let place = Clockwork::ticking(0.5);
        let kernels = [Kernels::Reference, Kernels::Simd128];
        let measured = measure(&place, DIGITS.int8, &kernels, &Silent).unwrap();
        assert_eq!(*place.compiled.borrow(), kernels.repeat(STARTS));
        assert!(measured.macs > 10_000 && !measured.float);
        assert_eq!(measured.file_bytes, DIGITS.int8.len() as u64);
        assert_eq!(measured.builds.iter().map(|times| times.kernels).collect::<Vec<_>>(), kernels);
        for times in &measured.builds {
            // Half a millisecond goes by from look to look at the clock: a block, of at least 2 ms, has one look more than runs.
            assert_eq!((times.run.blocks, times.run.runs), (ROUNDS, 3 * ROUNDS));
            assert_eq!([times.run.low, times.run.median, times.run.high], [2.0 / 3.0; 3]);
            assert_eq!(times.start.total(), 4.0 * 0.5);
        }
    }

    #[test]
    fn a_slow_model_gets_fewer_blocks_but_some() {
        let measured = measure(&Clockwork::ticking(900.0), DIGITS.int8, &[Kernels::Simd128], &Silent).unwrap();
        assert_eq!(measured.builds[0].run.blocks, FEWEST);
    }

    #[test]
    fn it_is_cancelled_between_blocks_and_a_refused_model_is_told() {
        struct Impatient;
        impl Progress for Impatient {
            fn at(&self, stage: &str, done: usize, _: usize) -> Result<(), Cancelled> {
                if stage == "measure" && done == 2 { Err(Cancelled) } else { Ok(()) }
            }
        }
        let place = Clockwork::ticking(0.5);
        let stopped = measure(&place, DIGITS.int8, &[Kernels::Simd128], &Impatient);
        assert_eq!(stopped, Err(Failure::Page(Cancelled.to_string())));
        let refused = measure(&place, &DIGITS.int8[..100], &[Kernels::Simd128], &Silent);
        assert!(matches!(refused, Err(Failure::Guest(_))), "{refused:?}");
    }
}
