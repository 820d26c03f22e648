//! What a graph costs to run, before there is a file to load: multiply-accumulates of each node.

use crate::graph::{Graph, Node, Op};
use crate::weighted::weighted;

/// Place of an LSTM's projection among its inputs.
const LSTM_PROJECTION: usize = 16;
/// Place of an LSTM's first bias, which has an element for each cell.
const LSTM_BIAS: usize = 12;

/// Multiply-accumulates of one run of a node, those with padding and with weights of 0 included, as the runtime counts them.
/// Operators without products of sums have none.
///
/// | operator | count |
/// | --- | --- |
/// | `CONV_2D` | output elements x rows x columns x channels of a filter |
/// | `DEPTHWISE_CONV_2D` | output elements x rows x columns of a filter |
/// | `TRANSPOSE_CONV` | input pixels x elements of the weights |
/// | `FULLY_CONNECTED`, `BATCH_MATMUL` | output elements x inner extent |
/// | `SVDF` | batches x filters x (inputs + memory) |
/// | `UNIDIRECTIONAL_SEQUENCE_LSTM` | moments x cells x (4 (inputs + outputs) + projected outputs) |
#[must_use]
pub fn macs(graph: &Graph, node: &Node) -> u64 {
    let shape = |k: usize| graph.input(node, k).map_or(&[][..], |value| value.shape.as_slice());
    let results: usize = node.outputs.iter().map(|&id| graph.value(id).len()).sum();
    let last = |shape: &[usize]| shape.last().copied().unwrap_or(0);
    let factors: Vec<usize> = match &node.op {
        Op::Conv2d(_) | Op::DepthwiseConv2d { .. } | Op::FullyConnected { .. } => {
            let Some(places) = weighted(&node.op) else { return 0 };
            let of_one = shape(places.weights).iter().enumerate().filter(|&(axis, _)| axis != places.out_axis);
            [results].into_iter().chain(of_one.map(|(_, &d)| d)).collect()
        }
        Op::TransposeConv { .. } => {
            let pixels = shape(2).split_last().map_or(0, |(_, pixels)| pixels.iter().product());
            [pixels].into_iter().chain(shape(1).iter().copied()).collect()
        }
        Op::BatchMatMul { adj_x, .. } => {
            let inner = match (shape(0).last_chunk::<2>(), adj_x) {
                (Some(&[_, columns]), false) => columns,
                (Some(&[rows, _]), true) => rows,
                (None, _) => 0,
            };
            vec![results, inner]
        }
        Op::Svdf { .. } => {
            let batches = shape(0).first().copied().unwrap_or(0);
            let filters = shape(1).first().copied().unwrap_or(0);
            vec![batches, filters, last(shape(0)) + last(shape(2))]
        }
        Op::UnidirectionalSequenceLstm { .. } => {
            let moments = shape(0).split_last().map_or(0, |(_, moments)| moments.iter().product());
            let outputs = node.outputs.first().map_or(0, |&id| last(&graph.value(id).shape));
            let projected = if node.input(LSTM_PROJECTION).is_some() { outputs } else { 0 };
            vec![moments, shape(LSTM_BIAS).iter().product(), 4 * (last(shape(0)) + outputs) + projected]
        }
        _ => return 0,
    };
    factors.iter().fold(1u64, |n, &f| n.saturating_mul(f as u64))
}

/// Multiply-accumulates of one run of a graph.
#[must_use]
pub fn total_macs(graph: &Graph) -> u64 {
    graph.nodes.iter().fold(0, |n: u64, node| n.saturating_add(macs(graph, node)))
}
