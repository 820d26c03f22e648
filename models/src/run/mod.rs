//! Running models, for whoever looks at what they compute: calibration, metrics, autopsies.
//!
//! There is one evaluator, the runtime. It stands behind [`Engine`], because it runs in three places: in this process
//! ([`Native`]), in the gateway's sandbox, and in a browser's workers. All give the same integers.
//!
//! [`each`] runs a model over many samples, [`abreast`] several models, as many samples at once as the engine likes.
//!
//! Values inside a network are seen by handing them out: [`observe`] gives a graph that computes the same and has more
//! outputs.

mod each;
mod error;
mod native;
mod observe;

pub use each::{Bytes, abreast, each};
pub use error::RunError;
pub use mote_abi::{Description, Tensor};
pub use native::Native;
pub use observe::observe;

/// Loads models.
pub trait Engine {
    /// Makes a `.tflite` file ready to run.
    ///
    /// # Errors
    /// When the runtime refuses it, or the engine fails.
    fn load(&self, model: &[u8]) -> Result<Box<dyn Run + '_>, RunError>;
}

/// A model that is ready to run.
pub trait Run {
    /// Its inputs, outputs, operators and memory.
    fn description(&self) -> &Description;

    /// Computes the outputs. Each input and output is a tensor's elements in C order, little-endian; the state of stateful
    /// operators is at its start.
    ///
    /// # Errors
    /// When inputs are of other sizes, or their values cannot be computed with.
    fn run(&mut self, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, RunError>;

    /// The same, but stateful operators go on from where the run before left them: for signals that come in pieces.
    ///
    /// # Errors
    /// As [`Run::run`]; and where an engine cannot do it for a model that has state.
    fn run_on(&mut self, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, RunError> {
        match self.description().state_bytes {
            0 => self.run(inputs),
            _ => Err(RunError::Engine("this engine starts every run from the model's start state".into())),
        }
    }

    /// How many samples it is well to give at once: more than one where several instances share them.
    fn batch(&self) -> usize {
        1
    }

    /// The outputs of each of some samples, in their order: what [`Run::run`] gives for one after the other.
    ///
    /// # Errors
    /// That of the first sample, in their order, that [`Run::run`] refuses.
    fn run_batch(&mut self, samples: &[Bytes]) -> Result<Vec<Bytes>, RunError> {
        samples.iter().map(|inputs| self.run(inputs)).collect()
    }
}
