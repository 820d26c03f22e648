//! A network that runs one node at a time, all samples together, so that a node can be changed by what reaches it before
//! it runs.

use super::QuantizeError;
use super::affine::{Affine, Width};
use super::taps::reals;
use crate::export;
use crate::graph::{Graph, Node, Op, Value, ValueId};
use crate::progress::Silent;
use crate::run::{Engine, each};

/// The values of a graph that later nodes still read, for each sample.
pub(super) struct Stepper<'e> {
    engine: &'e dyn Engine,
    /// By value, then by sample; empty where nobody reads it any more, or not yet.
    bytes: Vec<Vec<Vec<u8>>>,
    /// How many nodes still read each value.
    readers: Vec<usize>,
    samples: usize,
}

impl<'e> Stepper<'e> {
    /// Before the first node. `samples` hold the bytes of each input.
    pub(super) fn new(engine: &'e dyn Engine, graph: &Graph, samples: &[Vec<Vec<u8>>]) -> Self {
        let mut bytes = vec![Vec::new(); graph.values.len()];
        for (k, input) in graph.inputs.iter().enumerate() {
            bytes[input.index()] = samples.iter().map(|sample| sample[k].clone()).collect();
        }
        let readers = graph.consumers().iter().map(Vec::len).collect();
        Self { engine, bytes, readers, samples: samples.len() }
    }

    /// Whether a graph can be run node by node: no node talks to another but through values.
    pub(super) fn suits(graph: &Graph) -> bool {
        !graph.nodes.iter().any(|node| {
            let variables = Op::VarHandle { container: String::new(), shared_name: String::new() };
            std::mem::discriminant(&node.op) == std::mem::discriminant(&variables)
                || matches!(node.op, Op::ReadVariable | Op::AssignVariable | Op::CallOnce { .. })
        })
    }

    /// The real numbers of a value in one sample; none when nobody reads it any more.
    pub(super) fn reals(&self, graph: &Graph, id: ValueId, sample: usize) -> Option<Vec<f32>> {
        Some(reals(graph.value(id), self.bytes[id.index()].get(sample)?))
    }

    /// How much storing one of a node's inputs in each of some ways changes its outputs: the power of the change as a part of
    /// that of the outputs, over all samples.
    ///
    /// # Errors
    /// When the runtime refuses the node.
    pub(super) fn disturb(
        &self,
        graph: &Graph,
        node: &Node,
        id: ValueId,
        ways: &[Affine],
        width: Width,
    ) -> Result<Vec<f64>, QuantizeError> {
        let (alone, fed) = alone(graph, node);
        let mut run = self.engine.load(&export::tflite(&alone)?)?;
        let real = |outputs: &[Vec<u8>]| -> Vec<f32> {
            node.outputs.iter().zip(outputs).flat_map(|(id, bytes)| reals(graph.value(*id), bytes)).collect()
        };
        let (mut power, mut changes) = (0.0, vec![0.0; ways.len()]);
        let place = fed.iter().position(|&other| other == id);
        // Each sample as it is, then in each of the ways.
        let runs = 1 + if place.is_some() { ways.len() } else { 0 };
        let feed = |i: usize| {
            let mut inputs: Vec<Vec<u8>> = fed.iter().map(|id| self.bytes[id.index()][i / runs].clone()).collect();
            if let (Some(place), Some(way)) = (place, (i % runs).checked_sub(1)) {
                let x = reals(graph.value(id), &inputs[place]);
                let restored = |&v: &f32| ways[way].real(ways[way].store(v, width)).to_le_bytes();
                inputs[place] = x.iter().flat_map(restored).collect();
            }
            Ok::<_, QuantizeError>(inputs)
        };
        let mut truth = Vec::new();
        each(&mut *run, self.samples * runs, ("disturb", &Silent), feed, |i, _, outputs| {
            let found = real(outputs);
            match (i % runs).checked_sub(1) {
                None => {
                    power += found.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
                    truth = found;
                }
                Some(way) => {
                    changes[way] += truth.iter().zip(&found).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
                }
            }
            Ok(())
        })?;
        Ok(changes.into_iter().map(|change| if power > 0.0 { change / power } else { 0.0 }).collect())
    }

    /// Runs a node on all samples.
    ///
    /// # Errors
    /// When the runtime refuses it.
    pub(super) fn step(&mut self, graph: &Graph, node: &Node) -> Result<(), QuantizeError> {
        let (alone, fed) = alone(graph, node);
        let mut run = self.engine.load(&export::tflite(&alone)?)?;
        let mut outputs = vec![Vec::with_capacity(self.samples); node.outputs.len()];
        let feed = |i: usize| Ok::<_, QuantizeError>(fed.iter().map(|id| self.bytes[id.index()][i].clone()).collect());
        each(&mut *run, self.samples, ("step", &Silent), feed, |_, _, found| {
            outputs.iter_mut().zip(found).for_each(|(all, one)| all.push(one.clone()));
            Ok(())
        })?;
        for input in node.present_inputs() {
            // A bias that the node was given since has no bytes here.
            let Some(readers) = self.readers.get_mut(input.index()) else { continue };
            *readers -= 1;
            if *readers == 0 {
                self.bytes[input.index()] = Vec::new();
            }
        }
        for (id, bytes) in node.outputs.iter().zip(outputs) {
            if self.readers[id.index()] > 0 {
                self.bytes[id.index()] = bytes;
            }
        }
        Ok(())
    }
}

/// A graph of one node, and the values that it is fed with.
fn alone(graph: &Graph, node: &Node) -> (Graph, Vec<ValueId>) {
    let mut alone = Graph::default();
    let mut places: Vec<(ValueId, ValueId)> = Vec::new();
    let mut fed = Vec::new();
    let all = node.present_inputs().chain(node.outputs.iter().copied()).chain(node.intermediates.iter().copied());
    for id in all {
        if places.iter().any(|&(known, _)| known == id) {
            continue;
        }
        let value: Value = graph.value(id).clone();
        let is_fed = value.constant.is_none() && !value.is_variable && node.present_inputs().any(|input| input == id);
        let place = alone.add(value);
        places.push((id, place));
        if is_fed {
            alone.inputs.push(place);
            fed.push(id);
        }
    }
    let place = |id: ValueId| places.iter().find(|&&(known, _)| known == id).map_or(id, |&(_, place)| place);
    alone.outputs = node.outputs.iter().map(|&id| place(id)).collect();
    alone.nodes = vec![Node {
        inputs: node.inputs.iter().map(|id| id.map(place)).collect(),
        outputs: alone.outputs.clone(),
        intermediates: node.intermediates.iter().map(|&id| place(id)).collect(),
        ..node.clone()
    }];
    (alone, fed)
}
