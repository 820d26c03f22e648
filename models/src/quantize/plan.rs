//! What becomes of each node and value, before anything is changed.

use std::collections::BTreeSet;

use super::QuantizeError;
use super::affine::{Affine, Range, Width};
use super::options::{Options, Scheme};
use super::ranges::Ranges;
use super::rules::{Rule, rule};
use super::weights::largest_stored;
use crate::graph::{Graph, Node, Op, TensorType, ValueId};

/// Interpreters scale 64-bit sums by factors below 128.
const LARGEST_WIDE_FACTOR: f32 = 64.0;

/// How a node computes.
#[derive(Debug, Clone, PartialEq)]
pub enum Treatment {
    /// With stored values.
    Stored(Rule),
    /// With float32, for this reason.
    Float(String),
    /// As before: it has no real operands.
    Plain,
}

/// What becomes of a graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The type of stored activations.
    pub width: Width,
    /// How each node computes.
    pub nodes: Vec<Treatment>,
    /// How each value is stored, if it is a real one that may be.
    pub values: Vec<Option<Affine>>,
    /// Inputs of nodes (node, input) that need their own `QUANTIZE` to the scale of the node's output.
    pub rescaled: BTreeSet<(usize, usize)>,
}

/// How each node of a graph will compute.
///
/// # Errors
/// When options name a node that is not there or a number of bits that is none, or the graph is quantized already.
pub fn treatments(graph: &Graph, options: &Options) -> Result<Vec<Treatment>, QuantizeError> {
    for name in options.keep_float.iter().chain(options.layers.keys()) {
        if !graph.nodes.iter().any(|node| node.name == *name) {
            return Err(QuantizeError::Unsuited {
                place: format!("layer {name}"),
                expected: "the name of a node of the network".into(),
                found: "none of that name".into(),
                remedy: "take a name that the report lists".into(),
            });
        }
    }
    let bits = [options.weight_bits].into_iter().chain(options.layers.values().filter_map(|layer| layer.weight_bits));
    if let Some(bits) = bits.into_iter().find(|bits| !(2..=8).contains(bits)) {
        return Err(QuantizeError::Unsuited {
            place: "weight-bits".into(),
            expected: "2 to 8".into(),
            found: bits.to_string(),
            remedy: "take 8, or less where the compressed file is to be small".into(),
        });
    }
    if let Some(value) = graph.values.iter().find(|value| value.quantization.is_some()) {
        return Err(QuantizeError::Unsuited {
            place: format!("value {}", value.name),
            expected: "a float32 network".into(),
            found: format!("{:?} with a scale: this one is quantized already", value.dtype),
            remedy: "quantize the float model that it was made from".into(),
        });
    }
    Ok(graph.nodes.iter().map(|node| treatment(graph, node, options)).collect())
}

fn treatment(graph: &Graph, node: &Node, options: &Options) -> Treatment {
    let real = |id: ValueId| graph.value(id).dtype == TensorType::Float32;
    let float = |reason: &str| Treatment::Float(reason.to_owned());
    if !node.present_inputs().chain(node.outputs.iter().copied()).any(real) {
        return Treatment::Plain;
    }
    if options.keep_float.contains(&node.name) {
        return float("the options keep it");
    }
    if node.present_inputs().any(|id| graph.value(id).is_variable) {
        return float("it reads a variable");
    }
    match rule(&node.op, options.scheme) {
        Rule::Float(reason) => float(reason),
        Rule::Weighted(places) => {
            let constant = |k: usize| graph.input(node, k).is_some_and(|value| value.as_f32().is_some());
            if !constant(places.weights) || node.input(places.bias).is_some() && !constant(places.bias) {
                return float("its weights are computed");
            }
            Treatment::Stored(Rule::Weighted(places))
        }
        rule => Treatment::Stored(rule),
    }
}

/// What becomes of a graph, by the ranges of its activations.
///
/// # Errors
/// As [`treatments`]; when an activation that is to be stored has no range.
pub fn plan(graph: &Graph, ranges: &Ranges, options: &Options) -> Result<Plan, QuantizeError> {
    let width = if options.scheme == Scheme::Int16x8 { Width::Int16 } else { Width::Int8 };
    let nodes = treatments(graph, options)?;
    let mut groups = Groups::of(graph, &nodes);
    let rescaled = groups.join_many(graph, &nodes);
    let mut spans: Vec<Option<Range>> = vec![None; graph.values.len()];
    for id in graph.ids().filter(|&id| graph.value(id).dtype == TensorType::Float32) {
        let span = match graph.value(id).as_f32() {
            Some(constant) => Some(Range::around(constant.iter().copied())),
            None => ranges.get(behind_clamp(graph, &nodes, id)).map(|range| range.chosen),
        };
        let root = groups.root(id.index());
        spans[root] = match (spans[root], span) {
            (Some(a), Some(b)) => Some(a.union(b)),
            (a, b) => a.or(b),
        };
    }
    let affine = |id: ValueId| {
        let root = groups.root(id.index());
        groups.fixed[root].or_else(|| spans[root].map(|span| Affine::of(span, width)))
    };
    let real = |id: &ValueId| graph.value(*id).dtype == TensorType::Float32;
    let values = graph.ids().map(|id| Some(id).filter(real).and_then(affine)).collect();
    let mut plan = Plan { width, nodes, values, rescaled };
    plan.check(graph)?;
    if width == Width::Int16 {
        plan.keep_factors_small(graph, &groups, options);
    }
    Ok(plan)
}

impl Plan {
    /// Makes output scales so large that no sum of a layer is brought to them by more than [`LARGEST_WIDE_FACTOR`].
    fn keep_factors_small(&mut self, graph: &Graph, groups: &Groups, options: &Options) {
        for (node, treatment) in graph.nodes.iter().zip(&self.nodes) {
            let Treatment::Stored(Rule::Weighted(places)) = treatment else { continue };
            let (Some(x), Some(w)) = (node.input(places.x), graph.input(node, places.weights)) else { continue };
            let (Some(x), Some(w)) = (self.values[x.index()], w.as_f32()) else { continue };
            let largest = w.iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
            let stored = largest_stored(options.weight_bits_of(&node.name));
            let least = x.scale * largest / stored / LARGEST_WIDE_FACTOR;
            let root = groups.root(node.outputs[0].index());
            for (id, value) in self.values.iter_mut().enumerate() {
                if let Some(affine) = value.as_mut().filter(|_| groups.root(id) == root) {
                    affine.scale = affine.scale.max(least);
                }
            }
        }
    }

    fn check(&self, graph: &Graph) -> Result<(), QuantizeError> {
        for (node, treatment) in graph.nodes.iter().zip(&self.nodes) {
            let Treatment::Stored(rule) = treatment else { continue };
            let operands = node.inputs.iter().enumerate().filter_map(|(k, id)| Some((k, (*id)?)));
            let operands = operands.filter(|(k, _)| !matches!(rule, Rule::Weighted(places) if *k != places.x));
            for id in operands.map(|(_, id)| id).chain(node.outputs.iter().copied()) {
                let value = graph.value(id);
                if value.dtype == TensorType::Float32 && self.values[id.index()].is_none() {
                    return Err(QuantizeError::Unsuited {
                        place: format!("value {}", value.name),
                        expected: "a range".into(),
                        found: "none".into(),
                        remedy: "take the ranges that were calibrated for this very graph".into(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The value whose range says what is worth storing of `id`: behind a clamp that alone reads it, the clamp's output, because
/// what clipping takes away the clamp would, too.
fn behind_clamp(graph: &Graph, nodes: &[Treatment], id: ValueId) -> ValueId {
    let mut readers = graph.nodes.iter().zip(nodes).filter(|(node, _)| node.present_inputs().any(|input| input == id));
    let (Some((node, treatment)), None) = (readers.next(), readers.next()) else { return id };
    let clamps = matches!(node.op, Op::Relu | Op::Relu6 | Op::ReluN1To1) && matches!(treatment, Treatment::Stored(_));
    if clamps && !graph.is_output(id) { node.outputs[0] } else { id }
}

/// Values that share a scale and zero point.
struct Groups {
    parents: Vec<usize>,
    /// What is prescribed, by root.
    fixed: Vec<Option<Affine>>,
}

impl Groups {
    /// Ties the operands of operators of one real input that leave scales as they are.
    fn of(graph: &Graph, nodes: &[Treatment]) -> Self {
        let count = graph.values.len();
        let mut groups = Self { parents: (0..count).collect(), fixed: vec![None; count] };
        for (node, treatment) in graph.nodes.iter().zip(nodes) {
            if let (Treatment::Stored(Rule::Same), [(_, input)]) = (treatment, &*real_inputs(graph, node)) {
                node.outputs.iter().for_each(|output| groups.join(input.index(), output.index()));
            }
        }
        for (node, treatment) in graph.nodes.iter().zip(nodes) {
            if let Treatment::Stored(Rule::Fixed { scale, zero_point }) = *treatment {
                let root = groups.root(node.outputs[0].index());
                groups.fixed[root] = Some(Affine { scale, zero_point });
            }
        }
        groups
    }

    /// Ties those of several real inputs, but for inputs whose scale is prescribed: those are rescaled, unless all have the same
    /// one.
    fn join_many(&mut self, graph: &Graph, nodes: &[Treatment]) -> BTreeSet<(usize, usize)> {
        let mut rescaled = BTreeSet::new();
        for (n, (node, treatment)) in graph.nodes.iter().zip(nodes).enumerate() {
            let inputs = real_inputs(graph, node);
            if !matches!(treatment, Treatment::Stored(Rule::Same)) || inputs.len() < 2 {
                continue;
            }
            let output = node.outputs[0].index();
            let prescribed = |groups: &Self, id: ValueId| groups.fixed[groups.root(id.index())];
            let first = prescribed(self, inputs[0].1);
            let all_same = inputs.iter().all(|&(_, id)| prescribed(self, id) == first);
            for (k, id) in inputs {
                if all_same || prescribed(self, id).is_none() {
                    self.join(id.index(), output);
                } else {
                    rescaled.insert((n, k));
                }
            }
        }
        rescaled
    }

    fn root(&self, mut value: usize) -> usize {
        while self.parents[value] != value {
            value = self.parents[value];
        }
        value
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.fixed[a] = self.fixed[a].or(self.fixed[b]);
        self.parents[b] = a;
    }
}

fn real_inputs(graph: &Graph, node: &Node) -> Vec<(usize, ValueId)> {
    let inputs = node.inputs.iter().enumerate().filter_map(|(k, id)| Some((k, (*id)?)));
    inputs.filter(|&(_, id)| graph.value(id).dtype == TensorType::Float32).collect()
}
