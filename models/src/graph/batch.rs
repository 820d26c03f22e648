//! Several windows in one run.

use std::num::NonZero;

use super::{Graph, GraphError, Node, Op};
use crate::data::Array;

impl Graph {
    /// The same network over `windows` inputs at once, which stand one after the other along the first axis of each input and
    /// each output. Each window gets the result that it has alone; weights are read once for all of them.
    ///
    /// # Errors
    /// When an input, output or inner value has a first axis that is not 1, and where an operator mixes windows or keeps
    /// something from run to run.
    pub fn batched(mut self, windows: NonZero<usize>) -> Result<Self, GraphError> {
        self.check()?;
        let windows = windows.get();
        let mut carries = vec![false; self.values.len()];
        for k in 0..self.inputs.len() {
            let input = self.inputs[k];
            match self.value_mut(input).shape.first_mut() {
                Some(first) if *first == 1 => *first = windows,
                Some(_) | None => {
                    let found = format!("{:?}", self.value(input).shape);
                    return Err(self.value_error(input, "an input whose first axis is 1", found));
                }
            }
            carries[input.index()] = true;
        }
        for n in 0..self.nodes.len() {
            if !self.nodes[n].present_inputs().any(|input| carries[input.index()]) {
                continue;
            }
            if !keeps_windows_apart(&self, &self.nodes[n]) {
                return Err(self.node_error(n, "an operator that takes each window for itself", "one that does not"));
            }
            self.widen_reshape(n, windows);
            let shapes = super::infer(&self, &self.nodes[n]).map_err(|e| self.node_error(n, e.expected, e.found))?;
            for (output, shape) in self.nodes[n].outputs.clone().into_iter().zip(shapes) {
                let alone = &self.value(output).shape;
                let mut expected = alone.clone();
                expected.first_mut().into_iter().for_each(|first| *first = windows);
                if alone.first() != Some(&1) || shape != expected {
                    let found = format!("{alone:?} for one, {shape:?} for {windows}");
                    return Err(self.node_error(n, "an output whose first axis counts windows", found));
                }
                self.value_mut(output).shape = shape;
                carries[output.index()] = true;
            }
        }
        self.check()?;
        Ok(self)
    }

    /// Lets a `RESHAPE` that names the extents of one window name those of `windows`.
    fn widen_reshape(&mut self, n: usize, windows: usize) {
        let Op::Reshape { shape } = &mut self.nodes[n].op else { return };
        let one = i32::try_from(windows).unwrap_or(i32::MAX);
        shape.first_mut().filter(|first| **first == 1).into_iter().for_each(|first| *first = one);
        let Some(operand) = self.nodes[n].input(1) else { return };
        let Some(mut extents) = self.value(operand).as_integers() else { return };
        let Some(first) = extents.first_mut().filter(|first| **first == 1) else { return };
        *first = i64::from(one);
        let extents: Vec<i32> = extents.into_iter().filter_map(|extent| i32::try_from(extent).ok()).collect();
        let Ok(array) = Array::new([extents.len()], extents) else { return };
        // Others may read the same constant.
        let mut value = self.value(operand).clone();
        value.set_constant(array);
        let own = self.add(value);
        self.nodes[n].inputs[1] = Some(own);
    }
}

/// Whether an operator computes each element of its outputs from one place along the first axis of its inputs, provided that
/// its outputs' first axis grows as its inputs' does.
fn keeps_windows_apart(graph: &Graph, node: &Node) -> bool {
    let rank = graph.input(node, 0).map_or(0, |x| x.shape.len());
    match &node.op {
        // Over the last axis.
        Op::Softmax { .. } | Op::LogSoftmax => rank > 1,
        Op::Conv2d(_)
        | Op::DepthwiseConv2d { .. }
        | Op::FullyConnected { .. }
        | Op::BatchMatMul { .. }
        | Op::AveragePool2d(_)
        | Op::MaxPool2d(_)
        | Op::Add { .. }
        | Op::Sub { .. }
        | Op::Mul { .. }
        | Op::Div { .. }
        | Op::Minimum
        | Op::Maximum
        | Op::Prelu
        | Op::Mean { .. }
        | Op::Sum { .. }
        | Op::ReduceMax { .. }
        | Op::ArgMax { .. }
        | Op::ArgMin { .. }
        | Op::Logistic
        | Op::Tanh
        | Op::Relu
        | Op::Relu6
        | Op::ReluN1To1
        | Op::LeakyRelu { .. }
        | Op::HardSwish
        | Op::Elu
        | Op::Gelu { .. }
        | Op::Abs
        | Op::Neg
        | Op::Exp
        | Op::Log
        | Op::Sqrt
        | Op::Rsqrt
        | Op::Cast { .. }
        | Op::Quantize
        | Op::Dequantize
        | Op::Densify
        | Op::Reshape { .. }
        | Op::Squeeze { .. }
        | Op::ExpandDims
        | Op::Transpose
        | Op::Pad
        | Op::PadV2
        | Op::MirrorPad { .. }
        | Op::Concatenation { .. }
        | Op::Split { .. }
        | Op::SplitV { .. }
        | Op::Slice
        | Op::StridedSlice(_)
        | Op::Pack { .. }
        | Op::Unpack { .. }
        | Op::DepthToSpace { .. }
        | Op::SpaceToDepth { .. }
        | Op::ResizeNearestNeighbor { .. }
        | Op::ResizeBilinear { .. } => true,
        // They keep what they saw, name the batch in an operand, or pick elements by number.
        Op::TransposeConv { .. }
        | Op::Shape { .. }
        | Op::Gather { .. }
        | Op::Svdf { .. }
        | Op::UnidirectionalSequenceLstm { .. }
        | Op::VarHandle { .. }
        | Op::ReadVariable
        | Op::AssignVariable
        | Op::CallOnce { .. }
        | Op::Custom { .. } => false,
    }
}
