//! What an output element of a layer is summed from: the patch of its input under the weights.

use super::rules::Weighted;
use crate::graph::{Conv2d, Graph, Node, Op, Padding};

/// How a layer's sums go over its input.
///
/// An output element of channel `c` at position `p` is `sum_k weights[c][k] * x[at(p, group of c, k)]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Patches {
    /// Positions of the output, rows by columns (or rows of a dense layer).
    pub(super) positions: usize,
    /// Groups of output channels that sum over the same patch: one, or one for each input channel of a depthwise layer.
    pub(super) groups: usize,
    /// Output channels of a group.
    pub(super) channels: usize,
    /// Length of a patch.
    pub(super) depth: usize,
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Dense,
    Window { conv: Conv2d, input: [usize; 3], columns: usize, kernel: [usize; 2], before: [usize; 2], depthwise: bool },
}

impl Patches {
    /// Of a weighted node; none for one whose output elements are not sums over patches of a constant length.
    pub(super) fn of(graph: &Graph, node: &Node, places: Weighted) -> Option<Self> {
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
    pub(super) fn copy(&self, x: &[f32], position: usize, group: usize, patch: &mut [f32]) {
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
    pub(super) fn weight(&self, group: usize, channel: usize, k: usize) -> usize {
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
