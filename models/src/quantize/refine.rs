//! Weights and biases of a quantized network, made better layer by layer by what reaches each.
//!
//! Both networks run side by side, node by node, on the samples. Before a layer of the quantized network runs, its weights are
//! rounded to what makes its output nearest to the float network's, and its bias takes up the difference of the means:
//! `bias + W E x - V E q`. What later layers see are the outputs of layers that are better already.
//!
//! Source of the bias: Nagel et al., Data-free quantization through weight equalization and bias correction, 2019, empirical.

use super::QuantizeError;
use super::affine::Width;
use super::build::stored_bias;
use super::moments::{Means, Moments};
use super::options::{Options, Rounding, Scheme};
use super::report::as_fed;
use super::round::{self, Error};
use super::stepper::Stepper;
use super::weights::{self, Floor};
use crate::data::{Array, Elements};
use crate::graph::{Graph, Node, Quantization, TensorType, Value, ValueId};
use crate::patches::Patches;
use crate::progress::Progress;
use crate::run::Engine;
use crate::weighted::{Weighted, weighted};

/// Patches that are looked at, at least, where there are so many.
const PATCHES: usize = 4096;
/// Patches for each weight of a channel, where there are so many.
const PATCHES_PER_WEIGHT: usize = 8;

/// A quantized network with better weights and biases. `float` is what it was made from, its values in the same places;
/// `samples` are the float network's. A network with variables, and one of which
/// only the weights are stored, stays as it is.
///
/// # Errors
/// When the runtime does not run a node, or the work is given up.
pub fn refine(
    engine: &dyn Engine,
    float: &Graph,
    mut quantized: Graph,
    samples: &[Vec<Vec<u8>>],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Graph, QuantizeError> {
    if options.scheme == Scheme::WeightOnly || !Stepper::suits(float) || !options.refines() {
        return Ok(quantized);
    }
    let stored_samples: Vec<Vec<Vec<u8>>> = samples.iter().map(|sample| as_fed(float, &quantized, sample)).collect();
    let mut real = Stepper::new(engine, float, samples);
    let mut stored = Stepper::new(engine, &quantized, &stored_samples);
    let mut ahead = float.nodes.iter();
    for n in 0..quantized.nodes.len() {
        progress.at("round weights", n, quantized.nodes.len())?;
        let node = quantized.nodes[n].clone();
        let twin = float.nodes.iter().find(|twin| twin.outputs == node.outputs);
        if let Some(twin) = twin {
            if let Some(layer) = Layer::of(float, &quantized, twin, &node) {
                let groups = layer.watch(&real, &stored, (float, &quantized), samples.len());
                layer.improve(float, &mut quantized, groups, options);
            }
            // The float network stands before the same node.
            for passed in ahead.by_ref() {
                real.step(float, passed)?;
                if passed.outputs == twin.outputs {
                    break;
                }
            }
        }
        let node = quantized.nodes[n].clone();
        stored.step(&quantized, &node)?;
    }
    progress.at("round weights", quantized.nodes.len(), quantized.nodes.len())?;
    Ok(quantized)
}

/// The least stride from `least` that has no divisor in common with `positions`, so that strides through image after image
/// come by all rows and columns alike.
fn apart(least: usize, positions: usize) -> usize {
    let common = |a: usize| {
        let (mut a, mut b) = (a, positions);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    (least.max(1)..).find(|&stride| common(stride) == 1).unwrap_or(1)
}

/// A layer in both networks.
struct Layer<'g> {
    twin: &'g Node,
    places: Weighted,
    patches: Patches,
    /// The stored input and weights, and what the float network has there.
    ids: Ids,
    node: Node,
}

#[derive(Debug, Clone, Copy)]
struct Ids {
    x: ValueId,
    real_x: ValueId,
    w: ValueId,
}

impl<'g> Layer<'g> {
    /// None for a node without stored weights.
    fn of(float: &Graph, quantized: &Graph, twin: &'g Node, node: &Node) -> Option<Self> {
        let places = weighted(&node.op)?;
        let ids = Ids { x: node.input(places.x)?, real_x: twin.input(places.x)?, w: node.input(places.weights)? };
        if quantized.value(ids.w).dtype != TensorType::Int8 || quantized.value(ids.x).quantization.is_none() {
            return None;
        }
        let patches = Patches::of(float, twin, places)?;
        Some(Self { twin, places, patches, ids, node: node.clone() })
    }

    /// The means of what it sums over, for each group.
    fn watch(
        &self,
        real: &Stepper<'_>,
        stored: &Stepper<'_>,
        (float, quantized): (&Graph, &Graph),
        samples: usize,
    ) -> Vec<Means> {
        let Patches { positions, groups, depth, .. } = self.patches;
        let most = PATCHES.max(PATCHES_PER_WEIGHT * depth);
        let stride = apart((positions * samples).div_ceil(most), positions);
        let mut moments = vec![Moments::new(depth); groups];
        let (mut x_patch, mut q_patch) = (vec![0.0; depth], vec![0.0; depth]);
        for sample in 0..samples {
            let first = (sample * positions).next_multiple_of(stride);
            let (Some(x), Some(q)) =
                (real.reals(float, self.ids.real_x, sample), stored.reals(quantized, self.ids.x, sample))
            else {
                continue;
            };
            for position in (first..(sample + 1) * positions).step_by(stride).map(|p| p - sample * positions) {
                for (group, moments) in moments.iter_mut().enumerate() {
                    self.patches.copy(&x, position, group, &mut x_patch);
                    self.patches.copy(&q, position, group, &mut q_patch);
                    moments.add(&x_patch, &q_patch);
                }
            }
        }
        moments.into_iter().map(Moments::means).collect()
    }

    /// Puts better weights and a better bias into the quantized network.
    fn improve(&self, float: &Graph, quantized: &mut Graph, mut groups: Vec<Means>, options: &Options) {
        let Some(w) = float.input(self.twin, self.places.weights).and_then(Value::as_f32) else { return };
        let w: Vec<f32> = w.iter().copied().collect();
        let bias: Option<Vec<f32>> =
            float.input(self.twin, self.places.bias).and_then(|b| Some(b.as_f32()?.iter().copied().collect()));
        let ends: Vec<(Vec<f64>, Vec<f64>)> = groups.iter().map(|means| (means.x.clone(), means.q.clone())).collect();
        if options.rounding_of(&self.twin.name) == Rounding::Adaptive {
            if options.correct_bias {
                groups.iter_mut().for_each(Means::centre);
            }
            let largest_stored = weights::largest_stored(options.weight_bits_of(&self.twin.name));
            self.round(quantized, &w, bias.as_deref(), &groups, largest_stored);
        }
        if options.correct_bias {
            self.correct(quantized, &w, bias, &ends);
        } else if let Some(bias) = bias {
            self.put_bias(quantized, &bias);
        }
    }

    fn channels(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (groups, channels) = (self.patches.groups, self.patches.channels);
        (0..groups).flat_map(move |group| (0..channels).map(move |channel| (group, channel)))
    }

    fn row<T: Copy>(&self, weights: &[T], (group, channel): (usize, usize)) -> Vec<T> {
        (0..self.patches.depth).map(|k| weights[self.patches.weight(group, channel, k)]).collect()
    }

    fn round(&self, quantized: &mut Graph, w: &[f32], bias: Option<&[f32]>, groups: &[Means], largest_stored: f32) {
        let errors: Vec<Option<Steadied>> = groups.iter().map(Steadied::of).collect();
        let rows: Vec<Vec<f32>> = self.channels().map(|place| self.row(w, place)).collect();
        let weighed = |c: usize| errors[c / self.patches.channels].as_ref().map(|e| (rows[c].clone(), &*e.diagonal));
        let (x_scale, y_scale) = (self.scale(quantized, self.ids.x), self.scale(quantized, self.node.outputs[0]));
        let width = if quantized.value(self.ids.x).dtype == TensorType::Int16 { Width::Int16 } else { Width::Int8 };
        let floor = |c: usize| Floor::of(bias.map_or(0.0, |bias| bias[c]), x_scale, y_scale, width).scale;
        let old = quantized.value(self.ids.w).quantization.clone().unwrap_or_default();
        let largest = |c: usize| rows[c].iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
        let all = 0..rows.len();
        let scales: Vec<f32> = if old.scales.len() == 1 {
            let shared: Vec<_> = all.clone().filter_map(weighed).collect();
            let floor = all.clone().map(floor).fold(0.0, f32::max);
            let largest = all.clone().map(largest).fold(0.0, f32::max);
            vec![if largest > 0.0 { round::scale(largest, largest_stored, floor, &shared) } else { old.scales[0] }]
        } else {
            let one = |c: usize| match (weighed(c), largest(c)) {
                (Some(row), largest) if largest > 0.0 => round::scale(largest, largest_stored, floor(c), &[row]),
                _ => old.scales[c],
            };
            all.clone().map(one).collect()
        };
        let scale = |c: usize| scales[if scales.len() == 1 { 0 } else { c }];
        let mut stored = vec![0i8; w.len()];
        for (c, (group, channel)) in self.channels().enumerate() {
            let mut row: Vec<i8> = rows[c].iter().map(|w| weights::round(w / scale(c), largest_stored)).collect();
            if let Some(steadied) = &errors[group] {
                steadied.error(&rows[c]).descend(&rows[c], scale(c), largest_stored, &mut row);
            }
            (0..row.len()).for_each(|k| stored[self.patches.weight(group, channel, k)] = row[k]);
        }
        let value = quantized.value_mut(self.ids.w);
        let array = Array::new(value.shape.clone(), stored).expect("a stored weight for each weight");
        value.set_constant(array);
        value.quantization = Some(Quantization { scales, ..old });
    }

    /// `bias + W E x - V E q`.
    fn correct(&self, quantized: &mut Graph, w: &[f32], bias: Option<Vec<f32>>, ends: &[(Vec<f64>, Vec<f64>)]) {
        let value = quantized.value(self.ids.w);
        let (Some(Elements::Int8(stored)), Some(quantization)) =
            (value.constant.as_ref().map(Array::elements), &value.quantization)
        else {
            return;
        };
        let corrected = self.channels().enumerate().map(|(c, place)| {
            let scale = f64::from(quantization.scales[if quantization.scales.len() == 1 { 0 } else { c }]);
            let (x, q) = &ends[place.0];
            let real: f64 = self.row(w, place).iter().zip(x).map(|(&w, x)| f64::from(w) * x).sum();
            let given: f64 = self.row(stored, place).iter().zip(q).map(|(&v, q)| f64::from(v) * scale * q).sum();
            (f64::from(bias.as_ref().map_or(0.0, |bias| bias[c])) + real - given) as f32
        });
        let corrected: Vec<f32> = corrected.collect();
        self.put_bias(quantized, &corrected);
    }

    fn put_bias(&self, quantized: &mut Graph, bias: &[f32]) {
        let width = if quantized.value(self.ids.x).dtype == TensorType::Int16 { Width::Int16 } else { Width::Int8 };
        let x_scale = self.scale(quantized, self.ids.x);
        let w = quantized.value(self.ids.w);
        let scales = w.quantization.iter().flat_map(|q| q.scales.iter().map(|w| x_scale * w)).collect();
        let name = format!("{}/bias", self.node.name);
        match self.node.input(self.places.bias) {
            Some(id) => {
                let name = quantized.value(id).name.clone();
                *quantized.value_mut(id) = stored_bias(&name, bias, scales, width);
            }
            None => {
                let id = quantized.add(stored_bias(&name, bias, scales, width));
                let Some(node) = quantized.nodes.iter_mut().find(|node| node.outputs == self.node.outputs) else {
                    return;
                };
                node.inputs.resize(node.inputs.len().max(self.places.bias + 1), None);
                node.inputs[self.places.bias] = Some(id);
            }
        }
    }

    fn scale(&self, quantized: &Graph, id: ValueId) -> f32 {
        quantized.value(id).quantization.as_ref().map_or(1.0, |q| q.scales[0])
    }
}

/// Products of a group's inputs, made steady against the chance of few patches.
struct Steadied {
    a: Vec<f64>,
    diagonal: Vec<f64>,
    /// `E q (x - q)'`.
    drift: Vec<f64>,
}

/// What is added to the diagonal, as a part of its mean.
const DAMPING: f64 = 0.01;
/// How many times as many patches the drift between the networks asks for as what is between inputs: it is small, and fitting
/// the samples' own would cost on others.
const DRIFT_CAUTION: usize = 4;

impl Steadied {
    /// With as much less of what is between different inputs as there are few patches for a weight. None when nothing but
    /// zeros came.
    fn of(means: &Means) -> Option<Self> {
        let depth = means.depth;
        let mean = (0..depth).map(|i| means.qq[i * depth + i]).sum::<f64>() / depth.max(1) as f64;
        if mean <= 0.0 {
            return None;
        }
        let kept = |caution: usize| means.count as f64 / (means.count + caution * depth) as f64;
        let mut a = means.qq.clone();
        let drift: Vec<f64> = means.qx.iter().zip(&means.qq).map(|(qx, qq)| (qx - qq) * kept(DRIFT_CAUTION)).collect();
        for (k, a) in a.iter_mut().enumerate() {
            if k / depth == k % depth {
                *a += DAMPING * mean;
            } else {
                *a *= kept(1);
            }
        }
        let diagonal = (0..depth).map(|i| a[i * depth + i]).collect();
        Some(Self { a, diagonal, drift })
    }

    /// The error of a channel with these real weights.
    fn error(&self, w: &[f32]) -> Error<'_> {
        let rows = self.a.chunks_exact(w.len()).zip(self.drift.chunks_exact(w.len()));
        let b = rows.map(|(a, drift)| a.iter().zip(drift).zip(w).map(|((a, d), &w)| (a + d) * f64::from(w)).sum());
        Error { a: &self.a, b: b.collect() }
    }
}
