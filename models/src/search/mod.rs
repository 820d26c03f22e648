//! Search: which pruning and quantization choices keep to given limits, and what each of them costs.
//!
//! ```text
//! samples -> Split: calibration | validation | test
//! source  -> the float network on the validation part
//!         -> probes: each layer alone pruned, and quantized
//!         -> trials: kinds of numbers; fewer bits; zeros by sensitivity; then from one of the front to the next
//!         -> Outcome: the front, everything tried, the winner with its recipe, judged once on the test part
//! ```
//!
//! A [`Search`] goes on step by step, and all that it knows is its [`State`]: stored and continued it ends as if it had not
//! been. The same source, samples and options give the same outcome.

mod choices;
mod error;
mod front;
mod options;
mod outcome;
mod probe;
mod propose;
mod split;
mod state;

pub use choices::{Choices, Numbers};
pub use error::SearchError;
pub use front::{front, nearest, undominated, violation, winner};
pub use options::{Bytes, Constraints, Options, Shares};
pub use outcome::{Outcome, Part};
pub use split::Split;
pub use state::{Measured, Probe, State, Trial, VERSION};

use sha2::{Digest, Sha256};

use crate::graph::Value;
use crate::judge::{TestSet, Truth};
use crate::progress::Progress;
use crate::recipe::{Recipe, hexadecimal, sha256};
use crate::run::Engine;
use crate::samples::spread;
use probe::{Bench, make, measure};

/// A search at work.
#[derive(Debug)]
pub struct Search<'a> {
    source: &'a [u8],
    set: &'a TestSet,
    split: Split,
    state: State,
    /// What probes compare with; made when they begin.
    bench: Option<Bench>,
}

impl<'a> Search<'a> {
    /// A new search for a float network and samples in its units.
    ///
    /// # Errors
    /// When options make no sense, or the samples are too few for three parts.
    pub fn new(source: &'a [u8], set: &'a TestSet, options: Options) -> Result<Self, SearchError> {
        let state = State {
            version: VERSION,
            source_sha256: sha256(source),
            data_sha256: data_sha256(set),
            options,
            original: None,
            probes: Vec::new(),
            trials: Vec::new(),
        };
        Self::begin(source, set, state)
    }

    /// Goes on with a stored search.
    ///
    /// # Errors
    /// As [`Search::new`], and when the state is of another version, source or samples.
    pub fn resume(source: &'a [u8], set: &'a TestSet, state: State) -> Result<Self, SearchError> {
        let same = [
            ("version", state.version == VERSION),
            ("source", state.source_sha256 == sha256(source)),
            ("samples and labels", state.data_sha256 == data_sha256(set)),
        ];
        if let Some(&(what, _)) = same.iter().find(|(_, same)| !same) {
            return Err(SearchError::State { what });
        }
        Self::begin(source, set, state)
    }

    /// From a state of this source and these samples.
    fn begin(source: &'a [u8], set: &'a TestSet, state: State) -> Result<Self, SearchError> {
        state.options.check()?;
        let mut split = match &state.options.parts {
            Some(parts) => parts.clone().checked(set.len())?,
            None => Split::new(&set.strata(), state.options.split, state.options.seed)?,
        };
        let few = spread(split.calibration.len(), state.options.calibration_samples.max(1));
        split.calibration = few.map(|k| split.calibration[k]).collect();
        Ok(Self { source, set, split, state, bench: None })
    }

    /// What it knows so far, to be stored.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Which samples are for what.
    #[must_use]
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// Does one thing: measures the float network, probes a layer, or makes and evaluates an artefact. False when it is at its
    /// end.
    ///
    /// Progress: stages `probe` and `search`, besides those of what is done.
    ///
    /// # Errors
    /// When the source is refused, or `progress` cancels; what was done before stays in the state.
    pub fn step(&mut self, engine: &dyn Engine, progress: &dyn Progress) -> Result<bool, SearchError> {
        let Some(original) = self.state.original.clone() else {
            let float = make(self, &Choices::of(Numbers::Float), engine, progress)?.map_err(SearchError::Source)?;
            let integers = |value: &&Value| value.quantization.as_ref().is_some_and(|q| !q.scales.is_empty());
            if let Some(value) = float.graph.values.iter().find(integers) {
                return Err(SearchError::Quantized { value: value.name.clone() });
            }
            self.state.original = Some(measure(self, &float, engine, progress)?);
            return Ok(true);
        };
        if self.state.trials.is_empty() {
            let bench = match self.bench.take() {
                Some(bench) => bench,
                None => Bench::new(self, engine, progress)?,
            };
            let k = self.state.probes.len();
            progress.at("probe", k, bench.len())?;
            let probe = match k < bench.len() {
                true => Some(bench.probe(k, self.state.options.pattern, engine, progress)),
                false => None,
            };
            self.bench = Some(bench);
            if let Some(probe) = probe {
                self.state.probes.push(probe?);
                return Ok(true);
            }
        }
        let (done, budget) = (self.state.trials.len(), self.state.options.trials);
        progress.at("search", done, budget)?;
        if done >= budget {
            return Ok(false);
        }
        let Some((choices, origin)) = propose::propose(&self.state, &original) else { return Ok(false) };
        let trial = self.attempt(choices, origin, engine, progress)?;
        self.state.trials.push(trial);
        Ok(true)
    }

    /// Goes on to the end and judges the winner.
    ///
    /// # Errors
    /// As [`Search::step`].
    pub fn run(&mut self, engine: &dyn Engine, progress: &dyn Progress) -> Result<Outcome, SearchError> {
        while self.step(engine, progress)? {}
        self.outcome(engine, progress)
    }

    /// The recipe that choices mean.
    #[must_use]
    pub fn recipe(&self, choices: &Choices) -> Recipe {
        choices.recipe(&self.state.options, &self.state.source_sha256, &self.split.calibration)
    }

    fn attempt(
        &self,
        choices: Choices,
        origin: String,
        engine: &dyn Engine,
        progress: &dyn Progress,
    ) -> Result<Trial, SearchError> {
        let measured = match make(self, &choices, engine, progress)? {
            Ok(made) => match measure(self, &made, engine, progress) {
                Err(SearchError::Cancelled(cancelled)) => return Err(cancelled.into()),
                measured => measured.map_err(|error| error.to_string()),
            },
            Err(error) => Err(error.to_string()),
        };
        let (measured, refused) = match measured {
            Ok(measured) => (Some(measured), None),
            Err(refused) => (None, Some(refused)),
        };
        Ok(Trial { choices, origin, measured, refused })
    }

    fn source(&self) -> &'a [u8] {
        self.source
    }

    fn set(&self) -> &'a TestSet {
        self.set
    }

    fn part(&self, places: &[usize]) -> TestSet {
        self.set.take(places)
    }
}

/// The SHA-256 of samples and labels.
fn data_sha256(set: &TestSet) -> String {
    let mut digest = Sha256::new();
    let mut array = |array: &crate::data::Array| {
        digest.update(format!("{} {:?} ", array.dtype(), array.shape()));
        digest.update(array.elements().to_le_bytes());
    };
    set.arrays().iter().for_each(&mut array);
    if let Truth::Values(values) = set.truth() {
        array(values);
    }
    digest.update(format!("{:?}", set.strata()));
    hexadecimal(&digest.finalize())
}
