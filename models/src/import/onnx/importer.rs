//! The graph as it grows: what the file's names stand for, and the nodes that are made.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::rc::Rc;

use super::constant::Constant;
use super::limits::{FOLDED_BYTES, NODES};
use super::node::Node;
use super::refusal::{Outcome, invalid, over, unsupported};
use super::tensor::{runtime_type, within_limits};
use super::view::View;
use crate::data::{Array, Elements};
use crate::graph::{self, Graph, Op, Quantization, TensorType, Value, ValueId};

/// What a name of the file stands for.
#[derive(Debug, Clone)]
pub(super) enum Tensor {
    /// Known while importing.
    Constant(Rc<Constant>),
    /// Fed or computed.
    Computed(View),
    /// The result of a node that is not supported.
    Refused,
}

/// The graph as it grows.
#[derive(Debug, Default)]
pub(super) struct Importer<'a> {
    pub(super) graph: Graph,
    tensors: BTreeMap<&'a str, Tensor>,
    /// Constants of the graph, as the file has them.
    pub(super) known: BTreeMap<ValueId, Rc<Constant>>,
    /// Constants of the file that are in the graph already.
    placed: BTreeMap<&'a str, ValueId>,
    /// Values under another shape: what they were made from.
    pub(super) sources: BTreeMap<ValueId, ValueId>,
    /// Values that were made from others by a reshape (the shape) or a transpose (the permutation).
    pub(super) made: BTreeMap<(ValueId, bool, Vec<usize>), ValueId>,
    /// Bytes of constants computed so far.
    folded: usize,
    /// Name of the node that is being imported.
    scope: String,
}

impl<'a> Importer<'a> {
    /// What a name stands for.
    pub(super) fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// Gives a name its meaning.
    pub(super) fn define(&mut self, name: &'a str, tensor: Tensor) -> Outcome<()> {
        match self.tensors.insert(name, tensor) {
            None => Ok(()),
            Some(_) => Err(invalid("names that are written once", format!("{name:?} again"))),
        }
    }

    /// From now on nodes are made for this one of the file.
    pub(super) fn enter(&mut self, name: &str) {
        name.clone_into(&mut self.scope);
    }

    /// Input `k` of a node, which must be there.
    pub(super) fn input(&self, node: &Node<'_>, k: usize) -> Outcome<&Tensor> {
        self.optional(node, k)?.ok_or_else(|| invalid(format!("input {k}"), "none"))
    }

    /// Input `k` of a node, if it is there.
    pub(super) fn optional(&self, node: &Node<'_>, k: usize) -> Outcome<Option<&Tensor>> {
        let Some(name) = node.input(k) else { return Ok(None) };
        let found = || invalid(format!("input {k} that an earlier node or the file gives"), format!("{name:?}"));
        self.tensors.get(name).map(Some).ok_or_else(found)
    }

    /// Input `k`, as a value of the graph.
    pub(super) fn view(&mut self, node: &Node<'a>, k: usize) -> Outcome<View> {
        match self.input(node, k)?.clone() {
            Tensor::Computed(view) => Ok(view),
            Tensor::Constant(constant) => {
                let name = node.input(k).unwrap_or_default();
                let value = match self.placed.get(name) {
                    Some(&value) => value,
                    None => self.add_named(name, &constant)?,
                };
                self.placed.insert(name, value);
                Ok(View::plain(value, constant.shape()))
            }
            Tensor::Refused => Err(unsupported("reads what is not supported", "see there")),
        }
    }

    /// Input `k`, if it is known.
    pub(super) fn known(&self, node: &Node<'_>, k: usize) -> Outcome<Option<Rc<Constant>>> {
        match self.optional(node, k)? {
            Some(Tensor::Constant(constant)) => Ok(Some(constant.clone())),
            _ => Ok(None),
        }
    }

    /// Input `k`, which must be known if it is there.
    pub(super) fn constant(&self, node: &Node<'_>, k: usize, what: &str) -> Outcome<Option<Rc<Constant>>> {
        match self.optional(node, k)? {
            None => Ok(None),
            Some(Tensor::Constant(constant)) => Ok(Some(constant.clone())),
            Some(_) => Err(unsupported(
                format!("{what} (input {k}) computed at run time"),
                "export the model with constants there (constant folding, fixed shapes)",
            )),
        }
    }

    /// The known integers of input `k`, if it is there.
    pub(super) fn integers(&self, node: &Node<'_>, k: usize, what: &str) -> Outcome<Option<Vec<i64>>> {
        let Some(constant) = self.constant(node, k, what)? else { return Ok(None) };
        let integers = constant.integers();
        integers.map(Some).ok_or_else(|| invalid(format!("integers as {what} (input {k})"), "real numbers"))
    }

    /// Integers that are an attribute in older operator sets and input `k` in newer ones, if they are there.
    pub(super) fn attribute_or_integers(
        &self,
        node: &Node<'_>,
        name: &str,
        k: usize,
        what: &str,
    ) -> Outcome<Option<Vec<i64>>> {
        match node.ints(name)? {
            Some(list) => Ok(Some(list.to_vec())),
            None => self.integers(node, k, what),
        }
    }

    /// The file's shape and element type of a tensor.
    pub(super) fn shape_of(&self, tensor: &Tensor) -> Vec<usize> {
        match tensor {
            Tensor::Constant(constant) => constant.shape().to_vec(),
            Tensor::Computed(view) => view.shape(),
            Tensor::Refused => Vec::new(),
        }
    }

    /// The element type of a value.
    pub(super) fn dtype(&self, value: ValueId) -> TensorType {
        self.graph.value(value).dtype
    }

    /// Output `k` of a node is this.
    pub(super) fn bind(&mut self, node: &Node<'a>, k: usize, view: View) -> Outcome<()> {
        match node.output(k) {
            Some(name) => self.define(name, Tensor::Computed(view)),
            None => Ok(()),
        }
    }

    /// Output `k` of a node is known.
    pub(super) fn bind_known(&mut self, node: &Node<'a>, k: usize, constant: Constant) -> Outcome<()> {
        let bytes = constant.array.elements().len().saturating_mul(constant.array.dtype().size());
        self.folded = self.folded.saturating_add(bytes);
        if self.folded > FOLDED_BYTES {
            return Err(over(format!("at most {FOLDED_BYTES} bytes of computed constants"), "more"));
        }
        match node.output(k) {
            Some(name) => self.define(name, Tensor::Constant(Rc::new(constant))),
            None => Ok(()),
        }
    }

    /// A value that stands for a constant of the file.
    fn add_named(&mut self, name: &str, constant: &Constant) -> Outcome<ValueId> {
        let value = self.add_constant(constant)?;
        name.clone_into(&mut self.graph.value_mut(value).name);
        Ok(value)
    }

    /// A value that stands for a constant: dequantized, if it was stored as integers.
    pub(super) fn add_constant(&mut self, constant: &Constant) -> Outcome<ValueId> {
        runtime_type(constant.array.dtype())?;
        if constant.array.elements().is_empty() {
            return Err(unsupported("a tensor without elements", "remove what reads it"));
        }
        let name = self.fresh("constant");
        let value = match &constant.stored {
            None => self.graph.add(Value::constant(name, constant.array.clone())),
            Some(stored) => {
                let quantized = Value::constant(name, stored.array.clone());
                let quantization = Some(stored.quantization.clone());
                let quantized = self.graph.add(Value { quantization, ..quantized });
                self.emit(Op::Dequantize, &[quantized], TensorType::Float32)?
            }
        };
        self.known.insert(value, Rc::new(constant.clone()));
        Ok(value)
    }

    /// A constant of float32.
    pub(super) fn add_floats(&mut self, shape: &[usize], elements: Vec<f32>) -> Outcome<ValueId> {
        let found = elements.len();
        let array =
            Array::new(shape, elements).map_err(|_| invalid(format!("elements for {shape:?}"), found.to_string()))?;
        self.add_constant(&Constant::new(array))
    }

    /// One number, of the type of `value`.
    pub(super) fn add_scalar_like(&mut self, value: ValueId, number: f32) -> Outcome<ValueId> {
        let elements = match self.dtype(value) {
            TensorType::Int32 => Elements::Int32(vec![number as i32]),
            TensorType::Int64 => Elements::Int64(vec![number as i64]),
            _ => Elements::Float32(vec![number]),
        };
        let array = Array::new([], elements).map_err(|_| invalid("one number", "several"))?;
        self.add_constant(&Constant::new(array))
    }

    /// Integers that an operator takes as an input: a shape, axes, a permutation.
    pub(super) fn add_integers<T: Copy + TryInto<i32> + Debug>(
        &mut self,
        shape: &[usize],
        integers: &[T],
    ) -> Outcome<ValueId> {
        let narrow = integers.iter().map(|&v| v.try_into()).collect::<Result<Vec<i32>, _>>();
        let narrow = narrow.map_err(|_| over("numbers within 32 bits", format!("{integers:?}")))?;
        let array = Array::new(shape, narrow).map_err(|_| invalid("as many integers", format!("{integers:?}")))?;
        self.add_constant(&Constant::new(array))
    }

    /// The constant that a value is.
    pub(super) fn constant_of(&self, value: ValueId) -> Option<&Rc<Constant>> {
        self.known.get(&value)
    }

    fn fresh(&self, what: &str) -> String {
        format!("{}/{what}_{}", self.scope, self.graph.values.len())
    }

    /// A node of one output of this type.
    pub(super) fn emit(&mut self, op: Op, inputs: &[ValueId], dtype: TensorType) -> Outcome<ValueId> {
        let inputs: Vec<_> = inputs.iter().map(|&v| Some(v)).collect();
        self.emit_with(op, &inputs, dtype, None)
    }

    /// A node of one output of the type and scale of its input `k`: those that only move or choose elements.
    pub(super) fn emit_moving(&mut self, op: Op, inputs: &[ValueId], k: usize) -> Outcome<ValueId> {
        let Value { dtype, quantization, .. } = self.graph.value(inputs[k]);
        let (dtype, quantization) = (*dtype, quantization.clone());
        let inputs: Vec<_> = inputs.iter().map(|&v| Some(v)).collect();
        self.emit_with(op, &inputs, dtype, quantization)
    }

    /// A node of one output.
    pub(super) fn emit_with(
        &mut self,
        op: Op,
        inputs: &[Option<ValueId>],
        dtype: TensorType,
        quantization: Option<Quantization>,
    ) -> Outcome<ValueId> {
        self.emit_all(op, inputs, dtype, quantization)?
            .first()
            .copied()
            .ok_or_else(|| invalid("an operator with a result", "none"))
    }

    /// A node of as many outputs as its operator has, of one type.
    pub(super) fn emit_all(
        &mut self,
        op: Op,
        inputs: &[Option<ValueId>],
        dtype: TensorType,
        quantization: Option<Quantization>,
    ) -> Outcome<Vec<ValueId>> {
        if self.graph.nodes.len() >= NODES {
            return Err(over(format!("a graph of at most {NODES} nodes"), "more"));
        }
        let mut node = graph::Node::new(self.scope.clone(), op, &[], &[]);
        node.inputs = inputs.to_vec();
        for shape in graph::infer(&self.graph, &node)? {
            if within_limits(&shape, dtype.size())? == 0 {
                return Err(unsupported("a tensor without elements", "export it without empty tensors"));
            }
            let name = self.fresh(&node.op.name().to_lowercase());
            let value = Value { quantization: quantization.clone(), ..Value::new(name, dtype, shape) };
            node.outputs.push(self.graph.add(value));
        }
        let outputs = node.outputs.clone();
        self.graph.nodes.push(node);
        Ok(outputs)
    }

    /// Names the nodes from `first` on after the node of the file that they were made for: its layer has the name itself, the
    /// others an addition.
    pub(super) fn name_nodes(&mut self, first: usize, name: &str) {
        let nodes = &mut self.graph.nodes[first..];
        let weighted: Vec<usize> = (0..nodes.len()).filter(|&k| is_layer(&nodes[k].op)).collect();
        let layer = if let [one] = weighted[..] { one } else { nodes.len().wrapping_sub(1) };
        for (k, node) in nodes.iter_mut().enumerate() {
            node.name = if k == layer {
                name.to_owned()
            } else {
                let value = node.outputs.first().map_or(0, |v| v.index());
                format!("{name}/{}_{value}", node.op.name().to_lowercase())
            };
        }
    }
}

fn is_layer(op: &Op) -> bool {
    matches!(
        op,
        Op::Conv2d(_)
            | Op::DepthwiseConv2d { .. }
            | Op::TransposeConv { .. }
            | Op::FullyConnected { .. }
            | Op::BatchMatMul { .. }
    )
}
