//! What the benchmark suites measure, and on what.
//!
//! - [`models`]: whole models, from the zoo and, where its data is there, MLPerf Tiny.
//! - [`kernels`]: models of one operator, in the shapes that those models have.
//! - [`guests`]: the guest under wasmtime, in every way in which it can run a model.
//!
//! The suites themselves are in `suites/`; `README.md` tells how to read their figures.

pub mod guests;
pub mod kernels;
pub mod models;
