//! Operators on stored values in place of those on real ones.

use std::collections::{BTreeMap, BTreeSet};

use super::requantize::{alike, brought_to, int8, of_int8};
use super::signed::moves;
use super::weights;
use crate::graph::{Activation, Graph, Node, Op, Value, ValueId};
use crate::passes::{activation_of, only_reader};
use crate::weighted::{Weighted, weighted};

/// The graph with int8 operators wherever both sides of an operator are int8.
pub(super) fn fused(graph: Graph) -> Graph {
    let (consumers, nodes) = (graph.consumers(), graph.nodes.clone());
    let mut fusing =
        Fusing { graph, consumers, old: nodes, nodes: Vec::new(), stored: BTreeMap::new(), done: BTreeSet::new() };
    for n in 0..fusing.old.len() {
        if !fusing.done.contains(&n) {
            fusing.node(n);
        }
    }
    let Fusing { mut graph, nodes, .. } = fusing;
    graph.nodes = nodes;
    graph
}

struct Fusing {
    graph: Graph,
    /// Readers of each value among the old nodes.
    consumers: Vec<Vec<usize>>,
    old: Vec<Node>,
    /// The nodes so far.
    nodes: Vec<Node>,
    /// Dequantized values, and what they are stored as.
    stored: BTreeMap<ValueId, ValueId>,
    /// Old nodes that are part of others by now.
    done: BTreeSet<usize>,
}

/// Where a result goes: the `QUANTIZE` that reads it, through an activation perhaps.
struct Target {
    activation: Activation,
    output: ValueId,
    scale: (f32, i64),
    /// Old nodes that it makes needless.
    nodes: Vec<usize>,
}

impl Fusing {
    fn node(&mut self, n: usize) {
        let node = self.old[n].clone();
        if node.op == Op::Dequantize
            && let (Some(x), &[y]) = (node.input(0), &node.outputs[..])
            && of_int8(&self.graph, x).is_some()
            && self.graph.value(x).constant.is_none()
        {
            self.stored.insert(y, x);
        }
        let fused = if node.op == Op::Quantize {
            self.rescaled(&node)
        } else {
            self.moved(&node).or_else(|| self.computed(n, &node))
        };
        if fused.is_none() {
            self.nodes.push(node);
        }
    }

    /// What an input is stored as, and its scale.
    fn stored(&self, node: &Node, k: usize) -> Option<(ValueId, (f32, i64))> {
        let stored = *self.stored.get(&node.input(k)?)?;
        Some((stored, of_int8(&self.graph, stored)?))
    }

    /// A dequantized value that is quantized again.
    fn rescaled(&mut self, node: &Node) -> Option<()> {
        let ((x, from), &[y]) = (self.stored(node, 0)?, &node.outputs[..]) else { return None };
        let to = of_int8(&self.graph, y)?;
        if alike(from, to) && !self.graph.is_output(y) {
            for reader in self.old.iter_mut().chain(&mut self.nodes) {
                reader.inputs.iter_mut().filter(|input| **input == Some(y)).for_each(|input| *input = Some(x));
            }
            return Some(());
        }
        self.nodes.push(Node::new(node.name.clone(), Op::Quantize, &[x], &[y]));
        Some(())
    }

    /// What only moves elements moves stored ones; they are dequantized behind it.
    fn moved(&mut self, node: &Node) -> Option<()> {
        let &[y] = &node.outputs[..] else { return None };
        let mut moving = node.clone();
        let scale = if let Op::Concatenation { .. } = node.op {
            let parts = (0..node.inputs.len()).map(|k| self.stored(node, k)).collect::<Option<Vec<_>>>()?;
            let (_, scale) = *parts.first()?;
            if !parts.iter().all(|&(_, other)| alike(scale, other)) {
                return None;
            }
            moving.inputs = parts.into_iter().map(|(part, _)| Some(part)).collect();
            scale
        } else if moves(&node.op) {
            let (x, scale) = self.stored(node, 0)?;
            *moving.inputs.first_mut()? = Some(x);
            scale
        } else {
            return None;
        };
        let (name, shape) = (self.graph.value(y).name.clone(), self.graph.value(y).shape.clone());
        let stored = int8(&mut self.graph, format!("{name}/int8"), shape, scale);
        moving.outputs = vec![stored];
        self.nodes.push(moving);
        self.nodes.push(Node::new(format!("{name}/real"), Op::Dequantize, &[stored], &[y]));
        self.stored.insert(y, stored);
        Some(())
    }

    /// The `QUANTIZE` that alone reads the result of an old node.
    fn target(&self, n: usize) -> Option<Target> {
        let &[y] = &self.old[n].outputs[..] else { return None };
        let only_reader = |id: ValueId| only_reader(&self.graph, &self.consumers, id);
        let mut reader = only_reader(y)?;
        let mut nodes = Vec::new();
        let activation = activation_of(&self.old[reader].op).unwrap_or(Activation::None);
        if activation != Activation::None {
            nodes.push(reader);
            reader = only_reader(*self.old[reader].outputs.first()?)?;
        }
        if self.old[reader].op != Op::Quantize {
            return None;
        }
        nodes.push(reader);
        let &[output] = &self.old[reader].outputs[..] else { return None };
        Some(Target { activation, output, scale: of_int8(&self.graph, output)?, nodes })
    }

    /// An operator that computes, between dequantized inputs and a `QUANTIZE`.
    fn computed(&mut self, n: usize, node: &Node) -> Option<()> {
        let target = self.target(n)?;
        let mut fused = node.clone();
        if target.activation != Activation::None {
            set_activation(&mut fused.op, target.activation)?;
        }
        // The scale that the operator prescribes, if it does.
        let mut prescribed = None;
        match &node.op {
            op if let Some(places) = weighted(op) => self.weighted(&mut fused, places)?,
            Op::Add { .. } | Op::Sub { .. } | Op::Mul { .. } | Op::Prelu => {
                for k in 0..2 {
                    fused.inputs[k] = Some(self.operand(node, k)?);
                }
            }
            Op::BatchMatMul { .. } => {
                for k in 0..2 {
                    fused.inputs[k] = Some(self.stored(node, k)?.0);
                }
            }
            Op::Relu
            | Op::Relu6
            | Op::ReluN1To1
            | Op::LeakyRelu { .. }
            | Op::HardSwish
            | Op::Elu
            | Op::Gelu { .. }
            | Op::Mean { .. } => {
                fused.inputs[0] = Some(self.stored(node, 0)?.0);
            }
            Op::AveragePool2d(_) | Op::ResizeBilinear { .. } | Op::ReduceMax { .. } => {
                let (x, scale) = self.stored(node, 0)?;
                fused.inputs[0] = Some(x);
                prescribed = Some(scale);
            }
            Op::Maximum | Op::Minimum => {
                let (x, scale) = self.stored(node, 0)?;
                let other = node.input(1)?;
                let reals = weights::reals(&self.graph, &self.nodes, other)?;
                let other = weights::quantized(&mut self.graph, other, &reals, scale)?;
                fused.inputs = vec![Some(x), Some(other)];
                prescribed = Some(scale);
            }
            Op::Concatenation { .. } => {
                for k in 0..node.inputs.len() {
                    let (part, _) = self.stored(node, k)?;
                    fused.inputs[k] = Some(brought_to(&mut self.graph, &mut self.nodes, part, target.scale)?);
                }
            }
            // Source: TensorFlow Lite's quantization specification, the restrictions of single operators.
            Op::Softmax { .. } | Op::Logistic => {
                fused.inputs[0] = Some(self.stored(node, 0)?.0);
                prescribed = Some((1.0 / 256.0, -128));
            }
            Op::Tanh => {
                fused.inputs[0] = Some(self.stored(node, 0)?.0);
                prescribed = Some((1.0 / 128.0, 0));
            }
            Op::LogSoftmax => {
                fused.inputs[0] = Some(self.stored(node, 0)?.0);
                prescribed = Some((16.0 / 256.0, 127));
            }
            _ => return None,
        }
        match prescribed.filter(|&scale| !alike(scale, target.scale)) {
            None => {
                fused.outputs = vec![target.output];
                self.nodes.push(fused);
            }
            Some(scale) => {
                let Value { name, shape, .. } = self.graph.value(target.output).clone();
                let stored = int8(&mut self.graph, format!("{name}/own_scale"), shape, scale);
                fused.outputs = vec![stored];
                self.nodes.push(fused);
                self.nodes.push(Node::new(
                    format!("{}/rescaled", node.name),
                    Op::Quantize,
                    &[stored],
                    &[target.output],
                ));
            }
        }
        self.done.extend(target.nodes);
        Some(())
    }

    /// An input on int8: what it is stored as, or a known tensor quantized.
    fn operand(&mut self, node: &Node, k: usize) -> Option<ValueId> {
        match self.stored(node, k) {
            Some((stored, _)) => Some(stored),
            None => weights::operand(&mut self.graph, &self.nodes, node.input(k)?),
        }
    }

    /// Inputs of an operator with weights.
    fn weighted(&mut self, fused: &mut Node, places: Weighted) -> Option<()> {
        let Weighted { x, weights: w, bias: b, out_axis, .. } = places;
        let (stored_x, (x_scale, _)) = self.stored(fused, x)?;
        let stored_w = weights::stored(&self.graph, &self.nodes, fused.input(w)?)?;
        let real_bias = match fused.input(b) {
            Some(bias) => Some((
                weights::reals(&self.graph, &self.nodes, bias)?,
                format!("{}/int32", self.graph.value(bias).name),
            )),
            None => None,
        };
        let (stored_w, scales) = weights::weights(&mut self.graph, stored_w, out_axis)?;
        if let Some((reals, name)) = real_bias {
            fused.inputs[b] = Some(weights::bias(&mut self.graph, &reals, name, x_scale, &scales)?);
        }
        (fused.inputs[x], fused.inputs[w]) = (Some(stored_x), Some(stored_w));
        Some(())
    }
}

/// Puts an activation into an operator that has none yet; none when it has no place for one.
fn set_activation(op: &mut Op, wanted: Activation) -> Option<()> {
    let activation = match op {
        Op::Conv2d(conv) | Op::DepthwiseConv2d { conv, .. } => &mut conv.activation,
        Op::TransposeConv { activation, .. }
        | Op::FullyConnected { activation, .. }
        | Op::Add { activation, .. }
        | Op::Sub { activation, .. }
        | Op::Mul { activation } => activation,
        _ => return None,
    };
    if *activation != Activation::None {
        return None;
    }
    *activation = wanted;
    Some(())
}
