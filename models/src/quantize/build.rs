//! The quantized graph.

use std::collections::BTreeMap;

use super::QuantizeError;
use super::affine::{Affine, Width};
use super::options::{Granularity, Interface, Options, Scheme};
use super::plan::{Plan, Treatment, plan};
use super::ranges::Ranges;
use super::rules::Rule;
use super::weights::{self, Floor, StoredWeights};
use crate::data::{Array, Elements};
use crate::graph::{Graph, Node, Op, Quantization, TensorType, Value, ValueId};
use crate::weighted::{Weighted, is_dense, weighted};

/// The graph with stored values: weights to the nearest, activations as `ranges` say.
///
/// Values keep their places, so that a value of the result is compared with the float one of the same id: it is stored where its
/// producer computes with stored values, and float32 where the producer does. What is changed between both, and weights that
/// several nodes share, are values behind the others.
///
/// # Errors
/// When the graph is no sound float32 graph, options name what is not there, or ranges are missing.
pub fn quantize(graph: &Graph, ranges: &Ranges, options: &Options) -> Result<Graph, QuantizeError> {
    graph.check()?;
    let plan = plan(graph, ranges, options)?;
    let mut uses = vec![0; graph.values.len()];
    for id in graph.nodes.iter().flat_map(Node::present_inputs).chain(graph.outputs.iter().copied()) {
        uses[id.index()] += 1;
    }
    let result = Graph { nodes: Vec::new(), ..graph.clone() };
    let mut builder = Builder { float: graph, plan: &plan, options, graph: result, uses, twins: BTreeMap::new() };
    builder.inputs();
    for (n, node) in graph.nodes.iter().enumerate() {
        builder.node(n, node);
    }
    builder.outputs();
    let result = builder.graph;
    result.check()?;
    Ok(result)
}

struct Builder<'a> {
    float: &'a Graph,
    plan: &'a Plan,
    options: &'a Options,
    graph: Graph,
    /// How many still read each value of the float graph.
    uses: Vec<usize>,
    /// The other form of a value: real for a stored one, stored for a real one.
    twins: BTreeMap<ValueId, ValueId>,
}

impl Builder<'_> {
    fn inputs(&mut self) {
        if self.options.interface == Interface::Stored && self.options.scheme != Scheme::WeightOnly {
            for id in self.graph.inputs.clone() {
                if self.is_real(id) && self.plan.values[id.index()].is_some() {
                    self.set_stored(id);
                }
            }
        }
    }

    fn outputs(&mut self) {
        let stored = self.options.interface == Interface::Stored && self.options.scheme != Scheme::WeightOnly;
        for (k, id) in self.float.outputs.clone().into_iter().enumerate() {
            if self.float.value(id).dtype != TensorType::Float32 || self.float.value(id).constant.is_some() {
                continue;
            }
            let may = self.plan.values[id.index()].is_some();
            self.graph.outputs[k] = if stored && may { self.stored(id) } else { self.real(id) };
        }
    }

    fn node(&mut self, n: usize, node: &Node) {
        match &self.plan.nodes[n] {
            Treatment::Plain => self.graph.nodes.push(node.clone()),
            Treatment::Float(_) => self.float_node(node),
            Treatment::Stored(Rule::Weighted(places)) => self.weighted_node(node, *places),
            Treatment::Stored(_) => self.stored_node(n, node),
        }
    }

    fn float_node(&mut self, node: &Node) {
        let mut result = node.clone();
        let places = if self.options.scheme == Scheme::WeightOnly { weighted(&node.op) } else { None };
        for (k, input) in result.inputs.iter_mut().enumerate() {
            let Some(id) = *input else { continue };
            let is_weight = places.is_some_and(|places| places.weights == k);
            *input = Some(if is_weight { self.dequantized_weights(node, id) } else { self.real(id) });
        }
        self.graph.nodes.push(result);
    }

    fn stored_node(&mut self, n: usize, node: &Node) {
        let mut result = node.clone();
        for (k, input) in result.inputs.iter_mut().enumerate() {
            let Some(id) = *input else { continue };
            if self.float.value(id).dtype == TensorType::Float32 {
                *input = Some(match self.plan.rescaled.contains(&(n, k)) {
                    true => self.rescaled(id, node.outputs[0]),
                    false => self.stored(id),
                });
            }
        }
        for &output in &node.outputs {
            if self.is_real(output) {
                self.set_stored(output);
            }
        }
        self.graph.nodes.push(result);
    }

    fn weighted_node(&mut self, node: &Node, places: Weighted) {
        let mut result = node.clone();
        let (Some(x), Some(w)) = (node.input(places.x), node.input(places.weights)) else { return };
        let [x_affine, y_affine] = [x, node.outputs[0]].map(|id| self.affine(id));
        result.inputs[places.x] = Some(self.stored(x));
        self.set_stored(node.outputs[0]);

        let bias: Option<Vec<f32>> =
            node.input(places.bias).and_then(|id| Some(self.float.value(id).as_f32()?.iter().copied().collect()));
        let floor = |c: usize| {
            let bias = bias.as_ref().map_or(0.0, |bias| bias[c]);
            Floor::of(bias, x_affine.scale, y_affine.scale, self.plan.width)
        };
        let stored = self.stored_weights(node, w, places, floor);
        let sum_scales: Vec<f32> = stored.scales.iter().map(|w| x_affine.scale * w).collect();
        result.inputs[places.weights] = Some(self.put_weights(w, stored, places.out_axis));
        if let (Some(id), Some(bias)) = (node.input(places.bias), bias) {
            let value = stored_bias(&self.float.value(id).name, &bias, sum_scales, self.plan.width);
            result.inputs[places.bias] = Some(self.put(id, value));
        }
        self.graph.nodes.push(result);
    }

    fn stored_weights(
        &self,
        node: &Node,
        w: ValueId,
        places: Weighted,
        floor: impl Fn(usize) -> Floor,
    ) -> StoredWeights {
        let values = self.float.value(w).as_f32().expect("weights that the plan has seen to be constant");
        let per_channel = self.options.weights_of(&node.name, is_dense(&node.op)) == Granularity::PerChannel;
        let largest = weights::largest_stored(self.options.weight_bits_of(&node.name));
        let scales = weights::scales(values.view(), places.out_axis, per_channel, largest, floor);
        weights::nearest(values, places.out_axis, scales, largest)
    }

    /// Weights as int8 behind a `DEQUANTIZE`; one scale, because TensorFlow Lite Micro's looks at the first only.
    fn dequantized_weights(&mut self, node: &Node, w: ValueId) -> ValueId {
        let Some(values) = self.float.value(w).as_f32() else { return self.real(w) };
        let largest = weights::largest_stored(self.options.weight_bits_of(&node.name));
        let scales =
            weights::scales(values.view(), 0, false, largest, |_| Floor { scale: 0.0, of_zeros: 1.0 / largest });
        let stored = weights::nearest(values, 0, scales, largest);
        let stored = self.put_weights(w, stored, 0);
        let Value { name, shape, .. } = self.float.value(w);
        let real = self.graph.add(Value::new(format!("{name}/real"), TensorType::Float32, shape.clone()));
        self.graph.nodes.push(Node::new(format!("{}/weights", node.name), Op::Dequantize, &[stored], &[real]));
        real
    }

    fn put_weights(&mut self, id: ValueId, StoredWeights { scales, stored }: StoredWeights, axis: usize) -> ValueId {
        let Value { name, shape, .. } = self.float.value(id);
        let array = Array::new(shape.clone(), stored).expect("a stored weight for each weight");
        let zero_points = vec![0; scales.len()];
        let axis = if scales.len() == 1 { 0 } else { i32::try_from(axis).expect("an axis") };
        let quantization = Some(Quantization { scales, zero_points, axis });
        self.put(id, Value { quantization, ..Value::constant(name.clone(), array) })
    }

    /// Puts a constant in the place of the float one that it was made from, or behind all others while that is still read.
    fn put(&mut self, id: ValueId, value: Value) -> ValueId {
        let uses = &mut self.uses[id.index()];
        *uses -= 1;
        if *uses > 0 {
            return self.graph.add(value);
        }
        *self.graph.value_mut(id) = value;
        id
    }

    fn affine(&self, id: ValueId) -> Affine {
        self.plan.values[id.index()].expect("a scale for each value that is stored")
    }

    fn is_real(&self, id: ValueId) -> bool {
        self.graph.value(id).dtype == TensorType::Float32
    }

    /// Makes a value that is fed or computed a stored one.
    fn set_stored(&mut self, id: ValueId) {
        let quantization = Some(self.affine(id).quantization());
        let value = self.graph.value_mut(id);
        (value.dtype, value.quantization) = (self.plan.width.dtype(), quantization);
    }

    /// A value as a stored one.
    fn stored(&mut self, id: ValueId) -> ValueId {
        let affine = self.affine(id);
        if let Some(constant) = self.float.value(id).as_f32() {
            let Value { name, shape, .. } = self.float.value(id);
            let elements = affine.store_all(constant.iter().copied(), self.plan.width);
            let array = Array::new(shape.clone(), elements).expect("a stored element for each");
            let quantization = Some(affine.quantization());
            return self.put(id, Value { quantization, ..Value::constant(name.clone(), array) });
        }
        self.uses[id.index()] -= 1;
        if !self.is_real(id) {
            return id;
        }
        self.twin(id, "quantized", Op::Quantize, self.plan.width.dtype(), Some(affine.quantization()))
    }

    /// A value as a real one.
    fn real(&mut self, id: ValueId) -> ValueId {
        if self.is_real(id) || self.float.value(id).dtype != TensorType::Float32 {
            return id;
        }
        self.twin(id, "real", Op::Dequantize, TensorType::Float32, None)
    }

    fn twin(
        &mut self,
        id: ValueId,
        suffix: &str,
        op: Op,
        dtype: TensorType,
        quantization: Option<Quantization>,
    ) -> ValueId {
        if let Some(&twin) = self.twins.get(&id) {
            return twin;
        }
        let Value { name, shape, .. } = self.graph.value(id);
        let name = format!("{name}/{suffix}");
        let value = Value { quantization, ..Value::new(name.clone(), dtype, shape.clone()) };
        let twin = self.graph.add(value);
        self.graph.nodes.push(Node::new(name, op, &[id], &[twin]));
        self.twins.insert(id, twin);
        twin
    }

    /// A stored value at the scale of another.
    fn rescaled(&mut self, id: ValueId, like: ValueId) -> ValueId {
        let from = self.stored(id);
        let quantization = Some(self.affine(like).quantization());
        let name = format!("{}/rescaled", self.graph.value(from).name);
        let shape = self.graph.value(from).shape.clone();
        let to = self.graph.add(Value { quantization, ..Value::new(name.clone(), self.plan.width.dtype(), shape) });
        self.graph.nodes.push(Node::new(name, Op::Quantize, &[from], &[to]));
        to
    }
}

/// A bias at the scale of its layer's sums: int32, or int64 where activations are int16.
pub(super) fn stored_bias(name: &str, bias: &[f32], scales: Vec<f32>, width: Width) -> Value {
    let scale = |c: usize| f64::from(scales[if scales.len() == 1 { 0 } else { c }]);
    let steps = bias.iter().enumerate().map(|(c, &b)| (f64::from(b) / scale(c)).round());
    let elements = match width {
        Width::Int8 => Elements::Int32(steps.map(|steps| steps as i32).collect()),
        Width::Int16 => Elements::Int64(steps.map(|steps| steps as i64).collect()),
    };
    let array = Array::new(vec![bias.len()], elements).expect("a step for each");
    let zero_points = vec![0; scales.len()];
    let quantization = Some(Quantization { scales, zero_points, axis: 0 });
    Value { quantization, ..Value::constant(name, array) }
}
