//! What passes ask a graph, and what they do to it.

use super::{Graph, Node, Value, ValueId};

impl Graph {
    /// A value.
    #[must_use]
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    /// The same, to be changed.
    pub fn value_mut(&mut self, id: ValueId) -> &mut Value {
        &mut self.values[id.index()]
    }

    /// Adds a value.
    pub fn add(&mut self, value: Value) -> ValueId {
        self.values.push(value);
        ValueId(u32::try_from(self.values.len() - 1).expect("fewer than 2^32 values"))
    }

    /// All ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = ValueId> + use<> {
        (0..u32::try_from(self.values.len()).expect("fewer than 2^32 values")).map(ValueId)
    }

    /// Input `k` of a node, if it is there.
    #[must_use]
    pub fn input(&self, node: &Node, k: usize) -> Option<&Value> {
        node.input(k).map(|id| self.value(id))
    }

    /// For each value the node that writes it.
    #[must_use]
    pub fn producers(&self) -> Vec<Option<usize>> {
        let mut producers = vec![None; self.values.len()];
        for (n, node) in self.nodes.iter().enumerate() {
            for output in &node.outputs {
                producers[output.index()] = Some(n);
            }
        }
        producers
    }

    /// For each value the nodes that read it, in order; one that reads it twice stands there twice.
    #[must_use]
    pub fn consumers(&self) -> Vec<Vec<usize>> {
        let mut consumers = vec![Vec::new(); self.values.len()];
        for (n, node) in self.nodes.iter().enumerate() {
            for input in node.present_inputs() {
                consumers[input.index()].push(n);
            }
        }
        consumers
    }

    /// Whether a value is handed out.
    #[must_use]
    pub fn is_output(&self, id: ValueId) -> bool {
        self.outputs.contains(&id)
    }

    /// Whoever reads `from`, and whoever takes it as the graph's output, has `to` instead.
    pub fn replace_uses(&mut self, from: ValueId, to: ValueId) {
        let uses = self.nodes.iter_mut().flat_map(|node| node.inputs.iter_mut().flatten());
        for use_ in uses.chain(&mut self.outputs).filter(|use_| **use_ == from) {
            *use_ = to;
        }
    }

    /// Takes the nodes for which `keep` is false out; their outputs stay as values that nobody writes.
    pub fn retain_nodes(&mut self, mut keep: impl FnMut(usize, &Node) -> bool) {
        let mut index = 0;
        self.nodes.retain(|node| {
            index += 1;
            keep(index - 1, node)
        });
    }

    /// Takes values out that nothing mentions, and numbers the others anew, in order.
    pub fn drop_unused_values(&mut self) {
        let mut used = vec![false; self.values.len()];
        let mentioned = self.nodes.iter().flat_map(|node| {
            node.present_inputs().chain(node.outputs.iter().copied()).chain(node.intermediates.iter().copied())
        });
        for id in mentioned.chain(self.inputs.iter().copied()).chain(self.outputs.iter().copied()) {
            used[id.index()] = true;
        }
        let mut next = 0;
        let places: Vec<ValueId> = used
            .iter()
            .map(|&used| {
                next += u32::from(used);
                ValueId(next.saturating_sub(1))
            })
            .collect();
        let mut k = 0;
        self.values.retain(|_| {
            k += 1;
            used[k - 1]
        });
        let moved = |id: &mut ValueId| *id = places[id.index()];
        for node in &mut self.nodes {
            node.inputs.iter_mut().flatten().for_each(moved);
            node.outputs.iter_mut().chain(&mut node.intermediates).for_each(moved);
        }
        self.inputs.iter_mut().chain(&mut self.outputs).for_each(moved);
    }
}
