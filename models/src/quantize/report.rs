//! What quantization did, layer by layer, measured on the samples.

use serde::{Deserialize, Serialize};

use super::QuantizeError;
use super::affine::Range;
use super::options::Calibration;
use super::ranges::Ranges;
use super::taps::{Taps, both};
use crate::graph::{Graph, Quantization, TensorType, ValueId};
use crate::progress::Progress;
use crate::run::Engine;
use crate::weighted::weighted;

/// What became of a network.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Samples that were looked at.
    pub samples: usize,
    /// The layers in the order in which they run.
    pub layers: Vec<LayerReport>,
    /// Signal to noise of each output of the network on the samples, in dB; none where there is no noise.
    pub outputs_sqnr_db: Vec<Option<f64>>,
}

/// What became of one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LayerReport {
    /// The node's name.
    pub node: String,
    /// Its operator.
    pub op: String,
    /// Why it computes with float32, if it does.
    pub float: Option<String>,
    /// The scale of its output; none where that is real.
    pub scale: Option<f32>,
    /// The zero point of its output; none where that is real.
    pub zero_point: Option<i64>,
    /// What was seen of its output in float32.
    pub observed: Range,
    /// What its output can hold.
    pub range: Option<Range>,
    /// The share of its output's values on the samples that are outside that.
    pub clipped: f64,
    /// How the range was chosen.
    pub calibration: Calibration,
    /// Signal to noise of its output, with all that went before it quantized, in dB; none where there is no noise.
    pub sqnr_db: Option<f64>,
    /// Its weights' scales: the least and the greatest.
    pub weight_scales: Option<(f32, f32)>,
    /// The share of its weights that are stored as 0.
    pub zero_weights: Option<f64>,
}

/// Powers of a signal and of what was added to it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Noise {
    signal: f64,
    noise: f64,
    outside: u64,
    count: u64,
}

impl Noise {
    pub(super) fn add(&mut self, real: &[f32], other: &[f32], range: Option<Range>) {
        for (&a, &b) in real.iter().zip(other) {
            self.signal += f64::from(a) * f64::from(a);
            self.noise += (f64::from(a) - f64::from(b)).powi(2);
            self.outside += u64::from(range.is_some_and(|r| a < r.min || a > r.max));
        }
        self.count += real.len() as u64;
    }

    /// `10 log10(signal / noise)`; none without noise.
    pub(super) fn sqnr_db(&self) -> Option<f64> {
        (self.noise > 0.0).then(|| 10.0 * (self.signal / self.noise).log10())
    }
}

/// Runs both graphs on the samples and compares them value by value. `reasons` say for each node why it stays float32.
///
/// # Errors
/// When the runtime does not run one of them, or the work is given up.
pub(super) fn report(
    engine: &dyn Engine,
    float: &Graph,
    quantized: &Graph,
    (ranges, reasons): (&Ranges, &[Option<String>]),
    samples: &[Vec<Vec<u8>>],
    progress: &dyn Progress,
) -> Result<Report, QuantizeError> {
    let values: Vec<ValueId> = super::taps::activations(float);
    let computed: Vec<ValueId> = values.iter().copied().filter(|id| !float.inputs.contains(id)).collect();
    let mut ends = computed.clone();
    ends.extend(&float.outputs);
    let mut stored_ends = computed.clone();
    stored_ends.extend(&quantized.outputs);
    let mut taps = Taps::new(engine, float, &ends)?;
    let mut stored_taps = Taps::new(engine, quantized, &stored_ends)?;
    let held: Vec<Option<Range>> = stored_ends.iter().map(|&id| held(quantized, id)).collect();
    let mut noises = vec![Noise::default(); ends.len()];
    let stored_inputs = |i: usize| as_fed(float, quantized, &samples[i]);
    both((&mut taps, &mut stored_taps), (samples, stored_inputs), ("measure", progress), |reals, others| {
        for (k, (real, other)) in reals.iter().zip(others).enumerate() {
            noises[k].add(real, other, held[k]);
        }
    })?;
    let noise_of = |id: ValueId| computed.iter().position(|&other| other == id).map_or(Noise::default(), |k| noises[k]);
    let layer = |(n, node): (usize, &crate::graph::Node)| {
        let output = node.outputs.first().copied()?;
        let known = ranges.get(output)?;
        let (noise, value) = (noise_of(output), quantized.value(output));
        let places = weighted(&node.op);
        let weights = places.and_then(|p| quantized.nodes.iter().find(|q| q.name == node.name)?.input(p.weights));
        let weights = weights.map(|id| quantized.value(id)).filter(|w| w.dtype == TensorType::Int8);
        let quantization = value.quantization.as_ref();
        Some(LayerReport {
            node: node.name.clone(),
            op: node.op.name().to_owned(),
            float: reasons[n].clone(),
            scale: quantization.map(|q| q.scales[0]),
            zero_point: quantization.map(|q| q.zero_points[0]),
            observed: known.observed,
            range: held_of(value.dtype, quantization),
            clipped: noise.outside as f64 / noise.count.max(1) as f64,
            calibration: known.method,
            sqnr_db: noise.sqnr_db(),
            weight_scales: weights.and_then(|w| w.quantization.as_ref()).map(|q| {
                (q.scales.iter().copied().fold(f32::INFINITY, f32::min), q.scales.iter().copied().fold(0.0, f32::max))
            }),
            zero_weights: weights
                .and_then(crate::graph::Value::as_integers)
                .map(|w| w.iter().filter(|&&w| w == 0).count() as f64 / w.len().max(1) as f64),
        })
    };
    Ok(Report {
        samples: samples.len(),
        layers: float.nodes.iter().enumerate().filter_map(layer).collect(),
        outputs_sqnr_db: noises[computed.len()..].iter().map(Noise::sqnr_db).collect(),
    })
}

fn held(graph: &Graph, id: ValueId) -> Option<Range> {
    let value = graph.value(id);
    held_of(value.dtype, value.quantization.as_ref())
}

/// The numbers that a stored value can be.
fn held_of(dtype: TensorType, quantization: Option<&Quantization>) -> Option<Range> {
    use super::affine::{Affine, Width};
    let q = quantization?;
    let affine = Affine { scale: q.scales[0], zero_point: q.zero_points[0] };
    match dtype {
        TensorType::Int8 => Some(affine.range(Width::Int8)),
        TensorType::Int16 => Some(affine.range(Width::Int16)),
        _ => None,
    }
}

/// A sample of the float graph as the quantized one takes it.
pub(super) fn as_fed(float: &Graph, quantized: &Graph, sample: &[Vec<u8>]) -> Vec<Vec<u8>> {
    use super::affine::{Affine, Width};
    let fed = |(k, bytes): (usize, &Vec<u8>)| {
        let value = quantized.value(quantized.inputs[k]);
        let width = match value.dtype {
            TensorType::Int8 => Width::Int8,
            TensorType::Int16 => Width::Int16,
            _ => return bytes.clone(),
        };
        let Some(q) = value.quantization.as_ref().filter(|_| float.value(float.inputs[k]).dtype == TensorType::Float32)
        else {
            return bytes.clone();
        };
        let affine = Affine { scale: q.scales[0], zero_point: q.zero_points[0] };
        let reals = bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b));
        affine.store_all(reals, width).to_le_bytes()
    };
    sample.iter().enumerate().map(fed).collect()
}
