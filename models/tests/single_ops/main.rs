//! Seeded models of one operator, made by the writer and run by the runtime, against an evaluation in double precision
//! that knows nothing of either.
//!
//! - [`naive`]: that evaluation.
//! - [`float`]: float32 operators; the tolerance is what rounding each term and sum may cost.
//! - [`quantized`]: integer operators; the tolerance is counted in steps of the output.
//! - [`moving`]: operators that only move elements, of every type, exactly.

mod float;
mod moving;
mod naive;
mod quantized;
mod run;
