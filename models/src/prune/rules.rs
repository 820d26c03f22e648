//! What each operator does to channels.

use super::groups::{Along, Channel, Channels};
use crate::graph::{Graph, Node, Op, ValueId, axis};
use crate::weighted::{Weighted, weighted};

impl Channels {
    /// Binds the operands of a node and gives its outputs their channels.
    pub(super) fn visit(&mut self, graph: &Graph, n: usize) {
        let node = &graph.nodes[n];
        let along = match &node.op {
            Op::Conv2d(_) | Op::TransposeConv { .. } | Op::FullyConnected { .. } => self.layer(graph, n),
            Op::DepthwiseConv2d { multiplier, .. } => {
                self.depthwise(graph, n, usize::try_from(*multiplier).unwrap_or(1))
            }
            Op::AveragePool2d(_) | Op::MaxPool2d(_) | Op::ResizeNearestNeighbor { .. } | Op::ResizeBilinear { .. } => {
                self.image(graph, node)
            }
            Op::Add { .. }
            | Op::Sub { .. }
            | Op::Mul { .. }
            | Op::Div { .. }
            | Op::Minimum
            | Op::Maximum
            | Op::Prelu => self.elementwise(graph, node),
            Op::Logistic
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
            | Op::Rsqrt => node.input(0).and_then(|x| self.along(x)),
            Op::Mean { keep_dims } | Op::Sum { keep_dims } | Op::ReduceMax { keep_dims } => {
                self.reduce(graph, node, *keep_dims)
            }
            Op::Reshape { .. } | Op::Squeeze { .. } | Op::ExpandDims => self.reshape(graph, node),
            Op::Transpose => self.transpose(graph, node),
            Op::Pad | Op::PadV2 | Op::MirrorPad { .. } => self.pad(graph, node),
            Op::Concatenation { axis, .. } => self.concatenation(graph, node, *axis),
            Op::BatchMatMul { .. }
            | Op::ArgMax { .. }
            | Op::ArgMin { .. }
            | Op::Softmax { .. }
            | Op::LogSoftmax
            | Op::Shape { .. }
            | Op::Split { .. }
            | Op::SplitV { .. }
            | Op::Slice
            | Op::StridedSlice(_)
            | Op::Pack { .. }
            | Op::Unpack { .. }
            | Op::Gather { .. }
            | Op::DepthToSpace { .. }
            | Op::SpaceToDepth { .. }
            | Op::Cast { .. }
            | Op::Quantize
            | Op::Dequantize
            | Op::Densify
            | Op::Svdf { .. }
            | Op::UnidirectionalSequenceLstm { .. }
            | Op::VarHandle { .. }
            | Op::ReadVariable
            | Op::AssignVariable
            | Op::CallOnce { .. }
            | Op::Custom { .. } => self.refuse(node, &format!("{} reads it", node.op.name())),
        };
        if let (Some(along), [y]) = (along, &node.outputs[..]) {
            self.bind(graph, *y, along);
        }
    }

    /// Fixes all that a node reads; its outputs have no channels that may go.
    fn refuse(&mut self, node: &Node, why: &str) -> Option<Along> {
        node.present_inputs().for_each(|id| self.hold(id, why));
        None
    }

    /// Layers each of whose outputs sees all inputs: the weights shrink along both.
    fn layer(&mut self, graph: &Graph, n: usize) -> Option<Along> {
        let node = &graph.nodes[n];
        let Weighted { x, weights, bias, out_axis, in_axis } = weighted(&node.op)?;
        let (x, weights, in_axis) = (node.input(x)?, node.input(weights)?, in_axis?);
        let value = graph.value(weights);
        if value.as_f32().is_none() {
            return self.refuse(node, "its weights, or those of the layer after it, are not constants of float32");
        }
        let last = graph.value(x).shape.last().copied().unwrap_or(0);
        if matches!(node.op, Op::Conv2d(_)) && value.shape[in_axis] != last {
            return self.refuse(node, "a convolution in groups, which must stay of one size, reads or makes it");
        }
        if matches!(node.op, Op::TransposeConv { .. }) && graph.input(node, 0)?.constant.is_none() {
            return self.refuse(node, "TRANSPOSE_CONV reads or makes it, and its extents are computed");
        }
        let depth = value.shape[in_axis];
        let read = self.along(x).and_then(|along| rows(&along, &graph.value(x).shape, depth));
        if read.is_none() {
            self.hold(x, "the layer after it reads several of its channels by the same weights");
        }
        let read = read.unwrap_or_else(|| self.fresh_fixed(depth, "it is no channel of a layer"));
        self.bind(graph, weights, Along { axis: in_axis, channels: read });
        let channels = self.fresh(value.shape[out_axis]);
        self.bind(graph, weights, Along { axis: out_axis, channels: channels.clone() });
        if let Some(bias) = node.input(bias) {
            self.bind(graph, bias, Along { axis: 0, channels: channels.clone() });
        }
        self.made.insert(n, channels.clone());
        let axis = graph.value(*node.outputs.first()?).shape.len().checked_sub(1)?;
        Some(Along { axis, channels })
    }

    /// Each input channel becomes `multiplier` output channels, which go with it. Where the input is fixed, what may go is a
    /// part of the multiplier: the same output of every input channel.
    fn depthwise(&mut self, graph: &Graph, n: usize, multiplier: usize) -> Option<Along> {
        let node = &graph.nodes[n];
        let Weighted { x, weights, bias, out_axis, .. } = weighted(&node.op)?;
        let (x, weights) = (node.input(x)?, node.input(weights)?);
        if graph.value(weights).as_f32().is_none() {
            return self.refuse(node, "its weights, or those of the layer after it, are not constants of float32");
        }
        let outputs = graph.value(weights).shape[out_axis];
        let channels: Vec<Channel> = match self.along(x) {
            Some(along) if along.axis == 3 => {
                along.channels.iter().flat_map(|&c| std::iter::repeat_n(c, multiplier)).collect()
            }
            Some(_) => return self.refuse(node, "DEPTHWISE_CONV_2D reads it, and its channels are not the last axis"),
            None if multiplier == 1 => self.fresh_fixed(outputs, "each of its channels is one that cannot go"),
            None => {
                let made = self.fresh(multiplier);
                (0..outputs).map(|output| made[output % multiplier.max(1)]).collect()
            }
        };
        self.bind(graph, weights, Along { axis: out_axis, channels: channels.clone() });
        if let Some(bias) = node.input(bias) {
            self.bind(graph, bias, Along { axis: 0, channels: channels.clone() });
        }
        self.made.insert(n, channels.clone());
        Some(Along { axis: 3, channels })
    }

    /// Operators that treat every channel, the last axis, by itself.
    fn image(&mut self, graph: &Graph, node: &Node) -> Option<Along> {
        let x = node.input(0)?;
        let along = self.along(x)?;
        if along.axis + 1 == graph.value(x).shape.len() {
            return Some(along);
        }
        self.refuse(node, &format!("{} reads it, and its channels are not the last axis", node.op.name()))
    }

    fn elementwise(&mut self, graph: &Graph, node: &Node) -> Option<Along> {
        let rank = graph.value(*node.outputs.first()?).shape.len();
        let operands = [node.input(0)?, node.input(1)?];
        // Axes count from the output's first.
        let shift = |id: ValueId| rank - graph.value(id).shape.len();
        let mut result: Option<Along> = None;
        for id in operands.into_iter().filter(|&id| graph.value(id).constant.is_none()) {
            let Some(along) = self.along(id) else { continue };
            let along = Along { axis: along.axis + shift(id), ..along };
            let stretches = graph.value(*node.outputs.first()?).shape[along.axis] != along.channels.len();
            if stretches || result.as_ref().is_some_and(|other| other.axis != along.axis) {
                // One channel for all places of the other operand, or channels across one another.
                self.hold(id, &format!("{} stretches it", node.op.name()));
                continue;
            }
            if let Some(other) = &result {
                self.unite(&other.channels, &along.channels);
            }
            result.get_or_insert(along);
        }
        let Some(along) = result else { return self.refuse(node, "it belongs to what cannot shrink") };
        for id in operands {
            let shape = &graph.value(id).shape;
            let extent = along.axis.checked_sub(shift(id)).map_or(1, |axis| shape[axis]);
            let is_computed = graph.value(id).constant.is_none();
            if extent == 1 && along.channels.len() != 1 {
                continue;
            }
            if is_computed && self.along(id).is_none() {
                self.fix(&along.channels, &format!("{} joins it with what cannot shrink", node.op.name()));
            } else if !is_computed && extent == along.channels.len() && along.axis >= shift(id) {
                let axis = along.axis - shift(id);
                self.bind(graph, id, Along { axis, channels: along.channels.clone() });
            }
        }
        Some(along)
    }

    fn reduce(&mut self, graph: &Graph, node: &Node, keep_dims: bool) -> Option<Along> {
        let x = node.input(0)?;
        let along = self.along(x)?;
        let axes = axes(graph, node, graph.value(x).shape.len())?;
        if axes.contains(&along.axis) {
            return self.refuse(node, &format!("{} goes over it", node.op.name()));
        }
        let gone = if keep_dims { 0 } else { (0..along.axis).filter(|axis| axes.contains(axis)).count() };
        Some(Along { axis: along.axis - gone, ..along })
    }

    fn reshape(&mut self, graph: &Graph, node: &Node) -> Option<Along> {
        let (x, y) = (node.input(0)?, *node.outputs.first()?);
        let along = self.along(x)?;
        let found = along_of(&graph.value(y).shape, &elements(&along, &graph.value(x).shape));
        if found.is_none() {
            return self.refuse(node, &format!("{} mixes it with other axes", node.op.name()));
        }
        found
    }

    fn transpose(&mut self, graph: &Graph, node: &Node) -> Option<Along> {
        let x = node.input(0)?;
        let along = self.along(x)?;
        let axes = axes(graph, node, graph.value(x).shape.len())?;
        let axis = axes.iter().position(|&axis| axis == along.axis)?;
        Some(Along { axis, ..along })
    }

    fn pad(&mut self, graph: &Graph, node: &Node) -> Option<Along> {
        let x = node.input(0)?;
        let along = self.along(x)?;
        let by = graph.input(node, 1)?.as_integers();
        let stays = by.is_some_and(|by| by.get(2 * along.axis..2 * along.axis + 2) == Some(&[0, 0]));
        if stays { Some(along) } else { self.refuse(node, &format!("{} adds channels to it", node.op.name())) }
    }

    fn concatenation(&mut self, graph: &Graph, node: &Node, along: i32) -> Option<Along> {
        let inputs: Vec<ValueId> = node.present_inputs().collect();
        let rank = graph.value(*inputs.first()?).shape.len();
        let axis = axis(along.into(), rank).ok()?;
        let along: Vec<Option<Along>> = inputs.iter().map(|&id| self.along(id)).collect();
        let first = along.iter().flatten().next()?.clone();
        if along.iter().flatten().any(|other| other.axis != first.axis) {
            return self.refuse(node, "CONCATENATION joins it with channels along another axis");
        }
        if first.axis != axis {
            // Side by side: channel k of all inputs is one.
            if along.iter().any(Option::is_none) {
                return self.refuse(node, "CONCATENATION joins it with what cannot shrink");
            }
            along.iter().flatten().for_each(|other| self.unite(&first.channels, &other.channels));
            return Some(first);
        }
        let mut channels = Vec::new();
        for (id, along) in inputs.into_iter().zip(along) {
            let extent = graph.value(id).shape[axis];
            channels.extend(match along {
                Some(along) => along.channels,
                None => self.fresh_fixed(extent, "it is no channel of a layer"),
            });
        }
        Some(Along { axis, channels })
    }
}

/// The axes that operand 1 names, from the start.
fn axes(graph: &Graph, node: &Node, rank: usize) -> Option<Vec<usize>> {
    let axes = graph.input(node, 1)?.as_integers()?;
    axes.into_iter().map(|k| axis(k, rank).ok()).collect()
}

/// The channel of each element.
fn elements(along: &Along, shape: &[usize]) -> Vec<Channel> {
    let inner: usize = shape[along.axis + 1..].iter().product();
    let total: usize = shape.iter().product();
    (0..total).map(|i| along.channels[i / inner % along.channels.len()]).collect()
}

/// The axis of a shape along which elements have one channel at each place, and those channels; the last such axis.
fn along_of(shape: &[usize], elements: &[Channel]) -> Option<Along> {
    (0..shape.len()).rev().filter(|&axis| shape[axis] > 1 || elements.len() == 1).find_map(|axis| {
        let inner: usize = shape[axis + 1..].iter().product();
        let place = |i: usize| i / inner % shape[axis];
        let channels: Vec<Channel> = (0..shape[axis]).map(|k| elements[k * inner]).collect();
        let holds = elements.iter().enumerate().all(|(i, &channel)| channels[place(i)] == channel);
        holds.then_some(Along { axis, channels })
    })
}

/// The channels of a row of `depth` elements, if all rows are alike.
fn rows(along: &Along, shape: &[usize], depth: usize) -> Option<Vec<Channel>> {
    let elements = elements(along, shape);
    let mut rows = elements.chunks(depth.max(1));
    let first = rows.next()?.to_vec();
    rows.all(|row| row == first).then_some(first)
}
