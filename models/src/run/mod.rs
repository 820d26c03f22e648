//! Running models, for whoever looks at what they compute: calibration, metrics, autopsies.
//!
//! There is one evaluator, the runtime. It stands behind [`Engine`], because it runs in three places: in this process
//! ([`Native`]), in the gateway's sandbox, and in a browser's workers. All give the same integers.
//!
//! Values inside a network are seen by handing them out: [`observe`] gives a graph that computes the same and has more
//! outputs.

mod error;
mod native;
mod observe;

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
}
