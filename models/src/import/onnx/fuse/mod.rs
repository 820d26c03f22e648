//! Float operators between `DEQUANTIZE` and `QUANTIZE` become int8 operators, as TensorFlow Lite has them.
//!
//! 1. [`signed`]: activations without a sign get one, their zero point 128 less. Inputs and outputs keep their type.
//! 2. [`operators`]: what only moves elements moves stored ones; an operator that reads dequantized values and is quantized
//!    at once computes with the stored ones, its weights and bias in TensorFlow Lite's scheme.
//! 3. [`leftovers`]: a known tensor that is still dequantized becomes the real numbers that it stands for.
//!
//! An operator whose scales TensorFlow Lite does not take (weights with a zero point that int8 has no room for, say) stays a
//! float operator between the two: right, and slower.

mod leftovers;
mod operators;
mod requantize;
mod signed;
mod weights;

use crate::graph::{Graph, GraphError};
use crate::passes::remove_dead;

/// All of it, in order.
pub(super) fn quantized(graph: Graph) -> Result<Graph, GraphError> {
    remove_dead(leftovers::as_reals(operators::fused(signed::signed(graph))))
}
