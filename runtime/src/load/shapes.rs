//! Shapes that a file leaves out. TensorFlow Lite works shapes out when it makes room for tensors, so some tools do not write those
//! of results, and then they read as scalars.

use alloc::vec::Vec;

use crate::model::{Model, Operator, Tensor};
use crate::ops::OpCode;
use crate::shape::Shape;

/// Place of an LSTM's last output among its inputs; it is as wide as the output.
const LSTM_HIDDEN: usize = 18;

/// Gives scalar results of operators whose result cannot be one the shape that follows from their inputs.
pub(crate) fn infer(model: &mut Model<'_>) {
    for subgraph in &mut model.subgraphs {
        for operator in &subgraph.operators {
            let &[output] = operator.outputs.as_slice() else { continue };
            let stated = subgraph.tensors[output].shape;
            if stated.is_some_and(|s| s.is_empty())
                && let Some(shape) = result(operator, &subgraph.tensors)
            {
                subgraph.tensors[output].shape = Some(shape);
            }
        }
    }
}

fn result(operator: &Operator<'_>, tensors: &[Tensor<'_>]) -> Option<Shape> {
    let input = |k: usize| tensors[(*operator.inputs.get(k)?)?].shape;
    match OpCode::of(operator)? {
        OpCode::Quantize | OpCode::Dequantize => input(0),
        OpCode::Lstm | OpCode::UnidirectionalSequenceLstm => {
            let (x, hidden) = (input(0)?, input(LSTM_HIDDEN)?);
            let mut extents: Vec<usize> = x.to_vec();
            *extents.last_mut()? = *hidden.last()?;
            Shape::new(&extents)
        }
        _ => None,
    }
}
