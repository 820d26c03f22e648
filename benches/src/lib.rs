//! What the benchmark suites measure, and on what.
//!
//! - [`models`]: whole models, from the zoo and, where its data is there, MLPerf Tiny.
//! - [`kernels`]: models of one operator, in the shapes that those models have.
//! - [`guests`]: the guest under wasmtime, in every way in which it can run a model.
//! - [`forms`]: a network in the forms that other runtimes take it in.
//! - [`peak`]: what this machine's 128-bit unit can do at most, beside which figures are read.
//! - [`peers`]: Mote beside other runtimes, in turn, within one run.
//!
//! The suites themselves are in `suites/`; `README.md` tells how to read their figures.

pub mod forms;
pub mod guests;
pub mod kernels;
pub mod models;
pub mod peak;
pub mod peers;
