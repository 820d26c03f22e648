//! The weights that stay, fitted anew to what the layer gave before: what training would do, layer by layer and without labels.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{PruneError, PruneErrorKind};
use crate::data::Array;
use crate::export;
use crate::graph::{Graph, Node, Value, ValueId};
use crate::passes::remove_dead;
use crate::patches::Patches;
use crate::progress::{Part, Progress};
use crate::run::{Engine, Run, abreast};
use crate::samples::Inputs;
use crate::weighted::weighted;

/// How strongly weights are held, as a share of the sum of the variances over the number of patches. Measured on keyword spotting
/// pruned to 50, 70 and 80 % with 101 samples (`examples/measure_pruning.rs`): 0.1 keeps more accuracy than 1 in each case, and
/// 0.01 is within two points of it either way.
const HOLD: f64 = 0.1;

/// Changes the weights and biases of `CONV_2D` and `FULLY_CONNECTED` of a pruned graph, one layer after the other, so that on the
/// samples they give what the same layers of the original gave, as near as the weights that are not 0 can.
///
/// With `x` what the original's layer reads and `q` what the pruned one reads, after all layers before it have been
/// fitted, the new weights `V` and bias are those of least `mean |V q + c - (W x + b)|^2 + r |V - P|^2`, where `P` are the pruned
/// weights as given and `r` is a tenth of the sum of the variances of `q` over the number of patches: few samples
/// move weights little. Weights of 0 stay 0. Both graphs have the same nodes; `removed` names the output channels of the original's layers that
/// the pruned ones lack, by node.
///
/// Source: the layer-wise objective of E. Frantar and D. Alistarh, Optimal brain compression, 2022, and of Y. He et al., Channel
/// pruning for accelerating very deep neural networks, 2017.
///
/// # Errors
/// When the graphs are not those of one network, samples do not suit it, the engine fails, or the work is cancelled.
pub fn refit(
    engine: &dyn Engine,
    original: &Graph,
    pruned: Graph,
    removed: &BTreeMap<usize, Vec<usize>>,
    samples: &Inputs,
    progress: &dyn Progress,
) -> Result<Graph, PruneError> {
    original.check()?;
    pruned.check()?;
    let same =
        |(a, b): (&Node, &Node)| a.name == b.name && std::mem::discriminant(&a.op) == std::mem::discriminant(&b.op);
    if original.nodes.len() != pruned.nodes.len() || !original.nodes.iter().zip(&pruned.nodes).all(same) {
        let remedy = "give the graph that was pruned and what pruning made of it, nothing between";
        return Err(PruneError::new(PruneErrorKind::Graph, "graphs", "the same nodes", "others", remedy));
    }
    let layers: Vec<usize> = (0..original.nodes.len()).filter(|&n| Layer::of(original, n).is_some()).collect();
    let mut fitted = pruned;
    for (done, &n) in layers.iter().enumerate() {
        let part = Part { progress, stage: "refit", done, total: layers.len() };
        let (Some(before), Some(after)) = (Layer::of(original, n), Layer::of(&fitted, n)) else { continue };
        let gone = removed.get(&n).map_or(&[][..], Vec::as_slice);
        let kept: Vec<usize> = (0..before.rows).filter(|row| !gone.contains(row)).collect();
        if kept.len() != after.rows {
            let place = format!("layer {}", original.nodes[n].name);
            let (expected, found) = (format!("{} channels", kept.len()), after.rows.to_string());
            return Err(PruneError::new(PruneErrorKind::Graph, place, expected, found, "name the channels that went"));
        }
        let moments = moments(engine, (original, &before), (&fitted, &after), samples, &part)?;
        let (weights, bias) = solve(&before, &after, &kept, &moments);
        after.put(&mut fitted, n, weights, bias);
    }
    progress.at("refit", layers.len(), layers.len())?;
    Ok(fitted)
}

/// A layer as rows of weights over patches of its input.
struct Layer {
    x: ValueId,
    rows: usize,
    patches: Patches,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Layer {
    /// Of a node; none where rows do not all see the same patches, and for weights or biases that are computed.
    fn of(graph: &Graph, n: usize) -> Option<Self> {
        let node = &graph.nodes[n];
        let places = weighted(&node.op)?;
        let patches = Patches::of(graph, node, places)?;
        places.in_axis?;
        let weights: Vec<f32> = graph.input(node, places.weights)?.as_f32()?.iter().copied().collect();
        let rows = patches.channels;
        let bias = match graph.input(node, places.bias) {
            Some(bias) => bias.as_f32()?.iter().copied().collect(),
            None => vec![0.0; rows],
        };
        Some(Self { x: node.input(places.x)?, rows, patches, weights, bias })
    }

    /// All patches of an input, one after the other.
    fn patches(&self, x: &[f32]) -> Vec<f32> {
        let Patches { positions, depth, .. } = self.patches;
        let mut all = vec![0.0; positions * depth];
        for (position, patch) in all.chunks_exact_mut(depth).enumerate() {
            self.patches.copy(x, position, 0, patch);
        }
        all
    }

    fn put(self, graph: &mut Graph, n: usize, weights: Vec<f32>, bias: Vec<f32>) {
        let node = &graph.nodes[n];
        let Some(places) = weighted(&node.op) else { return };
        let Some(old) = graph.input(node, places.weights).cloned() else { return };
        let bias_name = match graph.input(node, places.bias) {
            Some(bias) => bias.name.clone(),
            None => format!("{}/bias", node.name),
        };
        // Other layers may share the old ones.
        let weights = Array::new(old.shape, weights).expect("as many weights as before");
        let weights = graph.add(Value::constant(old.name, weights));
        let bias = graph.add(Value::constant(bias_name, Array::vector(bias)));
        let inputs = &mut graph.nodes[n].inputs;
        inputs.resize(inputs.len().max(places.bias + 1), None);
        inputs[places.weights] = Some(weights);
        inputs[places.bias] = Some(bias);
        graph.drop_unused_values();
    }
}

/// Means over all patches, and means of products about them.
struct Moments {
    count: usize,
    x: Vec<f64>,
    q: Vec<f64>,
    /// Of `q_i q_j`, row by row.
    qq: Vec<f64>,
    /// Of `q_i x_j`, row by row.
    qx: Vec<f64>,
}

/// What a layer reads, run only as far as that.
fn reader(graph: &Graph, x: ValueId) -> Result<Option<Vec<u8>>, PruneError> {
    if graph.inputs.contains(&x) {
        return Ok(None);
    }
    let part = remove_dead(Graph { outputs: vec![x], ..graph.clone() })?;
    Ok(Some(export::tflite(&part)?))
}

fn moments(
    engine: &dyn Engine,
    (original, before): (&Graph, &Layer),
    (fitted, after): (&Graph, &Layer),
    samples: &Inputs,
    progress: &dyn Progress,
) -> Result<Moments, PruneError> {
    let sides = [(original, before), (fitted, after)];
    let mut runs = Vec::new();
    for (graph, layer) in sides {
        runs.extend(reader(graph, layer.x)?.map(|file| engine.load(&file)).transpose()?);
    }
    let (dx, dq) = (before.patches.depth, after.patches.depth);
    let mut sums =
        Moments { count: 0, x: vec![0.0; dx], q: vec![0.0; dq], qq: vec![0.0; dq * dq], qx: vec![0.0; dq * dx] };
    let both = runs.len();
    let mut runs: Vec<&mut dyn Run> = runs.iter_mut().map(|run| &mut **run as &mut dyn Run).collect();
    let feed = |i| Ok::<_, PruneError>(vec![samples.sample(i)?; both]);
    abreast(&mut runs, samples.len(), ("refit", progress), feed, |i, _, found| {
        let mut found = found.iter();
        let mut read = Vec::new();
        for (graph, layer) in sides {
            // What a layer reads is fed, or is all that comes out.
            let bytes = match graph.inputs.iter().position(|&input| input == layer.x) {
                Some(k) => Cow::Owned(samples.bytes(k, i)?),
                None => Cow::Borrowed(found.next().and_then(|outputs| outputs.first()).map_or(&[][..], Vec::as_slice)),
            };
            let numbers: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
            read.push(layer.patches(&numbers));
        }
        sums.add(&read[0], &read[1]);
        Ok(())
    })?;
    Ok(sums.about_means())
}

impl Moments {
    fn add(&mut self, x: &[f32], q: &[f32]) {
        let (dx, dq) = (self.x.len(), self.q.len());
        let add = |sums: &mut [f64], row: &[f32]| sums.iter_mut().zip(row).for_each(|(sum, &v)| *sum += f64::from(v));
        // One sample's products in single precision, all samples' in double.
        let (mut qq, mut qx) = (vec![0.0f32; dq * dq], vec![0.0f32; dq * dx]);
        for (x, q) in x.chunks_exact(dx).zip(q.chunks_exact(dq)) {
            self.count += 1;
            add(&mut self.x, x);
            add(&mut self.q, q);
            for (i, &a) in q.iter().enumerate().filter(|(_, a)| **a != 0.0) {
                qq[i * dq..][..dq].iter_mut().zip(q).for_each(|(sum, &b)| *sum += a * b);
                qx[i * dx..][..dx].iter_mut().zip(x).for_each(|(sum, &b)| *sum += a * b);
            }
        }
        add(&mut self.qq, &qq);
        add(&mut self.qx, &qx);
    }

    fn about_means(mut self) -> Self {
        let share = 1.0 / self.count.max(1) as f64;
        for sums in [&mut self.x, &mut self.q, &mut self.qq, &mut self.qx] {
            sums.iter_mut().for_each(|sum| *sum *= share);
        }
        let (dx, dq) = (self.x.len(), self.q.len());
        for i in 0..dq {
            (0..dq).for_each(|j| self.qq[i * dq + j] -= self.q[i] * self.q[j]);
            (0..dx).for_each(|j| self.qx[i * dx + j] -= self.q[i] * self.x[j]);
        }
        self
    }
}

/// New weights and biases, row by row.
fn solve(before: &Layer, after: &Layer, kept: &[usize], moments: &Moments) -> (Vec<f32>, Vec<f32>) {
    let (dx, dq) = (before.patches.depth, after.patches.depth);
    let trace: f64 = (0..dq).map(|i| moments.qq[i * dq + i]).sum();
    let ridge = HOLD * trace / moments.count.max(1) as f64;
    let (mut weights, mut biases) = (after.weights.clone(), after.bias.clone());
    let mut factored: Option<(Vec<usize>, Vec<f64>)> = None;
    for (row, &original) in kept.iter().enumerate() {
        let w = &before.weights[original * dx..][..dx];
        let p = &mut weights[row * dq..][..dq];
        let places: Vec<usize> = (0..dq).filter(|&i| p[i] != 0.0).collect();
        // Rows without pattern have the same system.
        if factored.as_ref().is_none_or(|(other, _)| *other != places) {
            let matrix = |a: usize, b: usize| moments.qq[places[a] * dq + places[b]] + if a == b { ridge } else { 0.0 };
            factored = cholesky(places.len(), matrix).map(|factor| (places.clone(), factor));
        }
        let Some((_, factor)) = &factored else { continue };
        let dot = |row: &[f64]| row.iter().zip(w).map(|(a, &b)| a * f64::from(b)).sum::<f64>();
        let wanted = places.iter().map(|&i| dot(&moments.qx[i * dx..][..dx]) + ridge * f64::from(p[i]));
        let solved = back_and_forth(factor, wanted.collect());
        let mut bias = f64::from(before.bias[original]) + dot(&moments.x);
        for (&i, &v) in places.iter().zip(&solved) {
            p[i] = v as f32;
            bias -= v * moments.q[i];
        }
        biases[row] = bias as f32;
    }
    (weights, biases)
}

/// The lower triangle `L` of a symmetric matrix `L L^T`, row by row; none unless it is positive definite.
fn cholesky(n: usize, matrix: impl Fn(usize, usize) -> f64) -> Option<Vec<f64>> {
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let (a, b) = (&l[i * n..i * n + j], &l[j * n..j * n + j]);
            let rest = matrix(i, j) - a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            l[i * n + j] = if i == j { Some(rest.sqrt()).filter(|root| *root > 0.0)? } else { rest / l[j * n + j] };
        }
    }
    Some(l)
}

/// Solves `L L^T v = b`.
fn back_and_forth(l: &[f64], mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        let known: f64 = (0..i).map(|j| l[i * n + j] * b[j]).sum();
        b[i] = (b[i] - known) / l[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| l[j * n + i] * b[j]).sum();
        b[i] = (b[i] - known) / l[i * n + i];
    }
    b
}
