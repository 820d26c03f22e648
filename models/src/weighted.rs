//! The operators that sum products with weights: which operand is what.

use crate::graph::{Activation, Conv2d, Op, Pool2d};

/// Places of the operands of an operator with weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighted {
    /// The input that holds activations.
    pub x: usize,
    /// The input that holds weights.
    pub weights: usize,
    /// The input that holds the bias, if any.
    pub bias: usize,
    /// The axis of the weights that goes along output channels.
    pub out_axis: usize,
    /// The axis of the weights that goes along input channels; none where each output channel has its own input.
    pub in_axis: Option<usize>,
}

/// Places of the operands; none for operators without weights of this kind.
#[must_use]
pub fn weighted(op: &Op) -> Option<Weighted> {
    let conv = Weighted { x: 0, weights: 1, bias: 2, out_axis: 0, in_axis: Some(3) };
    match op {
        Op::Conv2d(_) => Some(conv),
        Op::DepthwiseConv2d { .. } => Some(Weighted { out_axis: 3, in_axis: None, ..conv }),
        Op::TransposeConv { .. } => Some(Weighted { x: 2, bias: 3, ..conv }),
        Op::FullyConnected { .. } => Some(Weighted { in_axis: Some(1), ..conv }),
        _ => None,
    }
}

/// Whether an operator is a dense layer, whose weights have a granularity of their own.
pub(crate) fn is_dense(op: &Op) -> bool {
    matches!(op, Op::FullyConnected { .. })
}

/// The activation that an operator has as an option, to be read and changed; none for operators that have no such option,
/// or for which it means another thing than clamping the result (recurrent ones).
pub(crate) fn activation_mut(op: &mut Op) -> Option<&mut Activation> {
    match op {
        Op::Conv2d(Conv2d { activation, .. })
        | Op::DepthwiseConv2d { conv: Conv2d { activation, .. }, .. }
        | Op::TransposeConv { activation, .. }
        | Op::FullyConnected { activation, .. }
        | Op::AveragePool2d(Pool2d { activation, .. })
        | Op::MaxPool2d(Pool2d { activation, .. })
        | Op::Add { activation, .. }
        | Op::Sub { activation, .. }
        | Op::Mul { activation }
        | Op::Div { activation } => Some(activation),
        _ => None,
    }
}

/// The activation that an operator has as an option.
#[must_use]
pub fn activation(op: &Op) -> Option<Activation> {
    // Operators are small, and one list of them is enough.
    activation_mut(&mut op.clone()).copied()
}
