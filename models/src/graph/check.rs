//! Whether a graph is sound: what every pass may rely on, and must leave so.

use super::shapes::settled_dtype;
use super::{Graph, GraphError, Node, Value, ValueId, infer};

impl Graph {
    /// Checks that
    /// - every id names a value;
    /// - nodes read only what is fed, constant, a variable, or written by an earlier node;
    /// - every value has one writer at most, and no constant or input has one;
    /// - constants are of their value's type and shape;
    /// - the shape of every node's outputs is the one that follows from its inputs, and so is their type, where the
    ///   operator settles it.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn check(&self) -> Result<(), GraphError> {
        self.check_ids()?;
        self.ids().try_for_each(|id| self.check_constant(id))?;
        let mut has_value: Vec<bool> =
            self.values.iter().map(|v| v.constant.is_some() || v.is_variable || v.is_empty()).collect();
        for &input in &self.inputs {
            if std::mem::replace(&mut has_value[input.index()], true) {
                return Err(self.value_error(input, "an input that is fed once and is no constant", "otherwise"));
            }
        }
        for (n, node) in self.nodes.iter().enumerate() {
            if let Some(unwritten) = node.present_inputs().find(|id| !has_value[id.index()]) {
                let found = format!("{}: a cycle, a wrong order, or nobody writes it", self.value(unwritten).name);
                return Err(self.node_error(n, "inputs that earlier nodes have written", found));
            }
            for &output in &node.outputs {
                if std::mem::replace(&mut has_value[output.index()], true) {
                    let found = format!("{}, which has a value already", self.value(output).name);
                    return Err(self.node_error(n, "outputs that are written once", found));
                }
            }
            self.check_outputs(n, node)?;
        }
        match self.outputs.iter().find(|id| !has_value[id.index()]) {
            Some(&output) => Err(self.value_error(output, "an output that is computed", "nobody writes it")),
            None => Ok(()),
        }
    }

    /// Gives every node's outputs the shapes that follow from its inputs, in order.
    ///
    /// # Errors
    /// When a node's inputs do not fit it.
    pub fn infer_shapes(&mut self) -> Result<(), GraphError> {
        for n in 0..self.nodes.len() {
            let shapes = infer(self, &self.nodes[n]).map_err(|e| self.node_error(n, e.expected, e.found))?;
            let outputs = self.nodes[n].outputs.clone();
            for (output, shape) in outputs.into_iter().zip(shapes) {
                self.value_mut(output).shape = shape;
            }
        }
        Ok(())
    }

    fn check_ids(&self) -> Result<(), GraphError> {
        let missing = |id: &ValueId| id.index() >= self.values.len();
        for (n, node) in self.nodes.iter().enumerate() {
            let mut ids = node.inputs.iter().flatten().chain(&node.outputs).chain(&node.intermediates);
            if let Some(id) = ids.find(|id| missing(id)) {
                let found = format!("value {} of {}", id.index(), self.values.len());
                return Err(GraphError { place: self.place(n), expected: "values of the graph".into(), found });
            }
        }
        match self.inputs.iter().chain(&self.outputs).find(|id| missing(id)) {
            Some(id) => Err(GraphError {
                place: "graph".into(),
                expected: "values of the graph as inputs and outputs".into(),
                found: format!("value {} of {}", id.index(), self.values.len()),
            }),
            None => Ok(()),
        }
    }

    fn check_constant(&self, id: ValueId) -> Result<(), GraphError> {
        let Value { dtype, shape, constant, .. } = self.value(id);
        match constant {
            Some(array) if array.shape() != shape || *dtype != array.dtype().into() => {
                let found = format!("{} of {:?}", array.dtype(), array.shape());
                Err(self.value_error(id, format!("a constant of {dtype:?} {shape:?}"), found))
            }
            _ => Ok(()),
        }
    }

    fn check_outputs(&self, n: usize, node: &Node) -> Result<(), GraphError> {
        let shapes = infer(self, node).map_err(|e| self.node_error(n, e.expected, e.found))?;
        if shapes.len() != node.outputs.len() {
            let found = node.outputs.len().to_string();
            return Err(self.node_error(n, format!("{} outputs", shapes.len()), found));
        }
        for (&output, shape) in node.outputs.iter().zip(&shapes) {
            let value = self.value(output);
            if value.shape != *shape {
                return Err(self.node_error(n, format!("an output of shape {shape:?}"), format!("{:?}", value.shape)));
            }
        }
        match (settled_dtype(self, node), node.outputs.first()) {
            (Some(dtype), Some(&output)) if self.value(output).dtype != dtype => {
                Err(self.node_error(n, format!("an output of {dtype:?}"), format!("{:?}", self.value(output).dtype)))
            }
            _ => Ok(()),
        }
    }

    fn place(&self, n: usize) -> String {
        let node = &self.nodes[n];
        format!("node {n} ({}, {})", node.name, node.op.name())
    }

    pub(super) fn node_error(&self, n: usize, expected: impl Into<String>, found: impl Into<String>) -> GraphError {
        GraphError { place: self.place(n), expected: expected.into(), found: found.into() }
    }

    pub(super) fn value_error(&self, id: ValueId, expected: impl Into<String>, found: impl Into<String>) -> GraphError {
        let place = format!("value {} ({})", id.index(), self.value(id).name);
        GraphError { place, expected: expected.into(), found: found.into() }
    }
}
