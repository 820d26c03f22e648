//! What an output element of a layer is summed from: the patch of its input under the weights.

use crate::graph::{Conv2d, Graph, Node, Op, Padding};
use crate::weighted::Weighted;

/// How a layer's sums go over its input.
///
/// An output element of channel `c` at position `p` is `sum_k weights[c][k] * x[at(p, group of c, k)]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Patches {
    /// Positions of the output, rows by columns (or rows of a dense layer).
    pub(crate) positions: usize,
    /// Groups of output channels that sum over the same patch: one, or one for each input channel of a depthwise layer.
    pub(crate) groups: usize,
    /// Output channels of a group.
    pub(crate) channels: usize,
    /// Length of a patch.
    pub(crate) depth: usize,
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Dense,
    Window { conv: Conv2d, input: [usize; 3], columns: usize, kernel: [usize; 2], before: [usize; 2], depthwise: bool },
}

impl Patches {
    /// Of a weighted node; none for one whose output elements are not sums over patches of a constant length.
    pub(crate) fn of(graph: &Graph, node: &Node, places: Weighted) -> Option<Self> {
        let (x, w) = (graph.input(node, places.x)?, graph.input(node, places.weights)?);
        let y = graph.value(*node.outputs.first()?);
        match (&node.op, &*x.shape, &*w.shape, &*y.shape) {
            (Op::FullyConnected { .. }, _, &[units, depth], _) => {
                Some(Self { positions: x.len() / depth.max(1), groups: 1, channels: units, depth, shape: Shape::Dense })
            }
            (Op::Conv2d(conv), &[1, h, w, c], &[filters, kh, kw, wc], &[1, rows, columns, _]) if c == wc => {
                let shape = window(*conv, [h, w, c], [rows, columns], [kh, kw], false);
                Some(Self { positions: rows * columns, groups: 1, channels: filters, depth: kh * kw * c, shape })
            }
            (Op::DepthwiseConv2d { conv, .. }, &[1, h, w, c], &[1, kh, kw, out], &[1, rows, columns, _]) => {
                let shape = window(*conv, [h, w, c], [rows, columns], [kh, kw], true);
                Some(Self { positions: rows * columns, groups: c, channels: out / c.max(1), depth: kh * kw, shape })
            }
            _ => None,
        }
    }

    /// Copies the patch of group `group` at `position` out of an input; outside the image are zeros.
    pub(crate) fn copy(&self, x: &[f32], position: usize, group: usize, patch: &mut [f32]) {
        match &self.shape {
            Shape::Dense => patch.copy_from_slice(&x[position * self.depth..][..self.depth]),
            &Shape::Window { conv, input: [h, w, c], columns, kernel: [kh, kw], before, depthwise } => {
                let (row, column) = (position / columns, position % columns);
                let run = if depthwise { 1 } else { c };
                for (k, patch) in (0..kh * kw).zip(patch.chunks_exact_mut(run)) {
                    let at = |start: usize, axis: usize, k: usize| {
                        let (stride, dilation) = (conv.stride[axis] as usize, conv.dilation[axis] as usize);
                        (start * stride + k * dilation).checked_sub(before[axis])
                    };
                    match (at(row, 0, k / kw), at(column, 1, k % kw)) {
                        (Some(y), Some(z)) if y < h && z < w => {
                            patch.copy_from_slice(&x[(y * w + z) * c + group..][..run]);
                        }
                        _ => patch.fill(0.0),
                    }
                }
            }
        }
    }

    /// The place of weight `k` of output channel `channel` of group `group` among the layer's weights.
    pub(crate) fn weight(&self, group: usize, channel: usize, k: usize) -> usize {
        match &self.shape {
            Shape::Dense | Shape::Window { depthwise: false, .. } => channel * self.depth + k,
            Shape::Window { depthwise: true, .. } => k * self.groups * self.channels + group * self.channels + channel,
        }
    }
}

fn window(conv: Conv2d, input: [usize; 3], output: [usize; 2], kernel: [usize; 2], depthwise: bool) -> Shape {
    let before = |axis: usize| {
        let (stride, dilation) = (conv.stride[axis] as usize, conv.dilation[axis] as usize);
        let reach = (output[axis] - 1) * stride + (kernel[axis] - 1) * dilation + 1;
        match conv.padding {
            Padding::Same => reach.saturating_sub(input[axis]) / 2,
            Padding::Valid => 0,
        }
    };
    Shape::Window { conv, input, columns: output[1], kernel, before: [before(0), before(1)], depthwise }
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;

    use super::*;
    use crate::export;
    use crate::graph::{Activation, TensorType, Value};
    use crate::run::{Engine, Native};
    use crate::weighted::weighted;

    /// Weights times patches against what the runtime computes.
    #[test]
    fn sums_over_patches_are_what_the_runtime_computes() {
        let conv = |padding, stride, dilation| Conv2d { padding, stride, dilation, activation: Activation::None };
        let same = conv(Padding::Same, [2, 1], [1, 2]);
        let valid = conv(Padding::Valid, [1, 2], [2, 1]);
        let dense = Op::FullyConnected { activation: Activation::None, keep_num_dims: false };
        let cases: [(&str, Op, &[usize], &[usize]); 5] = [
            ("conv, same", Op::Conv2d(same), &[1, 7, 6, 3], &[4, 3, 2, 3]),
            ("conv, valid", Op::Conv2d(valid), &[1, 7, 6, 3], &[4, 3, 2, 3]),
            ("depthwise", Op::DepthwiseConv2d { conv: same, multiplier: 1 }, &[1, 7, 6, 3], &[1, 3, 2, 3]),
            ("depthwise, doubled", Op::DepthwiseConv2d { conv: valid, multiplier: 2 }, &[1, 7, 6, 3], &[1, 3, 2, 6]),
            ("dense", dense, &[2, 5], &[3, 5]),
        ];
        for (name, op, x, w) in cases {
            let mut random = fastrand::Rng::with_seed(11);
            let mut reals = |shape: &[usize]| -> Vec<f32> {
                (0..shape.iter().product()).map(|_| random.f32() * 2.0 - 1.0).collect()
            };
            let (input, weights) = (reals(x), reals(w));
            let mut graph = Graph::default();
            let ids = [
                graph.add(Value::new("x", TensorType::Float32, x)),
                graph.add(Value::constant_f32("w", ArrayD::from_shape_vec(w, weights.clone()).unwrap())),
            ];
            let y = graph.add(Value::new("y", TensorType::Float32, []));
            (graph.inputs, graph.outputs) = (vec![ids[0]], vec![y]);
            graph.nodes = vec![Node::new("y", op, &ids, &[y])];
            graph.infer_shapes().unwrap();

            let bytes = input.iter().flat_map(|v| v.to_le_bytes()).collect();
            let output = Native.load(&export::tflite(&graph).unwrap()).unwrap().run(&[bytes]).unwrap();
            let expected: Vec<f32> = output[0].as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();

            let places = weighted(&graph.nodes[0].op).unwrap();
            let patches = Patches::of(&graph, &graph.nodes[0], places).unwrap();
            let mut patch = vec![0.0; patches.depth];
            let mut found = Vec::new();
            for position in 0..patches.positions {
                for group in 0..patches.groups {
                    patches.copy(&input, position, group, &mut patch);
                    for channel in 0..patches.channels {
                        let weight = |k| weights[patches.weight(group, channel, k)];
                        found.push(patch.iter().enumerate().map(|(k, x)| x * weight(k)).sum::<f32>());
                    }
                }
            }
            assert_eq!(found.len(), expected.len(), "{name}");
            for (k, (a, b)) in found.iter().zip(&expected).enumerate() {
                assert!((a - b).abs() <= 1e-5, "{name}: element {k} is {b}, summed {a}");
            }
        }
    }
}
