//! Between data and a model: arrays become the exact bytes of its inputs, its outputs' bytes become numbers.
//!
//! | data | input tensor | bytes |
//! | --- | --- | --- |
//! | integers or truth values | integers or truth values | as they are; each must fit |
//! | `uint8` | `int8` (and the reverse) | value - 128 (+ 128): the same picture in the other signedness |
//! | real numbers | integers with a scale | round(value / scale) + zero point, halves away from zero, clamped |
//! | anything | `float32` | converted |
//!
//! Channels that stand first in the samples and last in the input are moved.
//!
//! - [`Inputs`]: a file's or some arrays' samples, encoded for all inputs of a model.
//! - [`Normalization::apply`](crate::graph::Normalization::apply): raw values as a float model takes them.
//! - [`synthetic`]: seeded input for measurements.
//! - [`outputs`]: dequantized values, the predicted class, arrays to write.
//! - [`Targeted`]: samples and what stands beside each in a file; [`LabelledSet`]: samples and their classes.

mod encode;
mod error;
mod inputs;
mod labelled;
mod normalize;
pub mod outputs;
mod spread;
mod stratified;
pub mod synthetic;
mod targeted;

pub use encode::Samples;
pub use error::{InputError, SampleError, SampleErrorKind};
pub use inputs::{Inputs, arrays_of_archive, arrays_of_file, arrays_of_npz};
pub use labelled::{LabelledFile, LabelledSet};
pub(crate) use spread::spread;
pub(crate) use stratified::stratified;
pub use targeted::{Targeted, Targets};
