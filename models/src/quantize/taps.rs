//! The values of a graph while it runs on samples.

use super::QuantizeError;
use super::options::Options;
use crate::export;
use crate::graph::{Graph, TensorType, Value, ValueId};
use crate::progress::Progress;
use crate::run::{self, Bytes, Engine, Run, observe};
use crate::samples::Inputs;

/// The places of the samples that are looked at: at most `most`, evenly spaced over `given`.
pub(super) fn spread(given: usize, most: usize) -> impl ExactSizeIterator<Item = usize> + Clone {
    let count = given.min(most);
    (0..count).map(move |k| k * given / count.max(1))
}

/// The bytes of the chosen samples: for each, those of each input.
///
/// # Errors
/// When there are none, or one does not fit the network.
pub(super) fn chosen(graph: &Graph, samples: &Inputs, options: &Options) -> Result<Vec<Vec<Vec<u8>>>, QuantizeError> {
    if samples.is_empty() || options.samples == 0 {
        return Err(QuantizeError::Unsuited {
            place: "samples".into(),
            expected: "at least one to calibrate with".into(),
            found: "none".into(),
            remedy: "give some inputs as the network meets them at work; 100 are plenty".into(),
        });
    }
    let inputs = |i| (0..graph.inputs.len()).map(|k| Ok(samples.bytes(k, i)?)).collect();
    spread(samples.len(), options.samples).map(inputs).collect()
}

/// A graph that runs with some of its values in sight.
pub(super) struct Taps<'e> {
    run: Box<dyn Run + 'e>,
    /// Each value's place among the inputs (`Err`) or the outputs (`Ok`).
    taps: Vec<(Value, Result<usize, usize>)>,
}

impl<'e> Taps<'e> {
    /// With `values` in sight, which are fed or computed.
    ///
    /// # Errors
    /// When the runtime refuses the graph.
    pub(super) fn new(engine: &'e dyn Engine, graph: &Graph, values: &[ValueId]) -> Result<Self, QuantizeError> {
        let (observed, outputs) = observe(graph, values);
        let run = engine.load(&export::tflite(&observed)?)?;
        let tap = |&id: &ValueId| {
            let Value { name, dtype, shape, quantization, .. } = graph.value(id);
            let head = Value { quantization: quantization.clone(), ..Value::new(name.clone(), *dtype, shape.clone()) };
            let place = match graph.inputs.iter().position(|&input| input == id) {
                Some(input) => Err(input),
                None => Ok(outputs.iter().position(|&output| output == id).unwrap_or(usize::MAX)),
            };
            (head, place)
        };
        Ok(Self { run, taps: values.iter().map(tap).collect() })
    }

    /// The real numbers of each of the values in turn, for the inputs and outputs of one run.
    fn reals(taps: &[(Value, Result<usize, usize>)], inputs: &[Vec<u8>], outputs: &[Vec<u8>]) -> Vec<Vec<f32>> {
        let bytes = |place: &Result<usize, usize>| match place {
            Ok(output) => outputs.get(*output),
            Err(input) => inputs.get(*input),
        };
        taps.iter().map(|(value, place)| reals(value, bytes(place).map_or(&[], Vec::as_slice))).collect()
    }
}

/// Runs all samples and hands out each one's values.
///
/// # Errors
/// When the runtime does not run them, `see` refuses one, or the work is given up.
pub(super) fn each(
    taps: &mut Taps<'_>,
    samples: &[Bytes],
    stage: (&str, &dyn Progress),
    mut see: impl FnMut(usize, Vec<Vec<f32>>) -> Result<(), QuantizeError>,
) -> Result<(), QuantizeError> {
    let Taps { run, taps } = taps;
    let feed = |i: usize| Ok::<_, QuantizeError>(samples[i].clone());
    run::each(&mut **run, samples.len(), stage, feed, |i, inputs, outputs| see(i, Taps::reals(taps, inputs, outputs)))
}

/// [`each`] for two graphs at once, of which the second takes other inputs.
///
/// # Errors
/// As [`each`].
pub(super) fn both(
    (first, second): (&mut Taps<'_>, &mut Taps<'_>),
    (samples, others): (&[Bytes], impl Fn(usize) -> Bytes),
    stage: (&str, &dyn Progress),
    mut see: impl FnMut(&[Vec<f32>], &[Vec<f32>]),
) -> Result<(), QuantizeError> {
    let mut runs: [&mut dyn Run; 2] = [&mut *first.run, &mut *second.run];
    let taps = [&first.taps, &second.taps];
    let feed = |i: usize| Ok::<_, QuantizeError>(vec![samples[i].clone(), others(i)]);
    run::abreast(&mut runs, samples.len(), stage, feed, |_, inputs, outputs| {
        let [first, second] = [0, 1].map(|k| Taps::reals(taps[k], &inputs[k], &outputs[k]));
        see(&first, &second);
        Ok(())
    })
}

/// The real numbers that the bytes of a value stand for.
pub(super) fn reals(value: &Value, bytes: &[u8]) -> Vec<f32> {
    let (scale, zero_point) = match &value.quantization {
        Some(q) => (f64::from(q.scales[0]), q.zero_points[0] as f64),
        None => (1.0, 0.0),
    };
    let real = |stored: f64| (scale * (stored - zero_point)) as f32;
    match value.dtype {
        TensorType::Float32 => bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
        TensorType::Int8 => bytes.iter().map(|&b| real(f64::from(b.cast_signed()))).collect(),
        TensorType::Int16 => bytes.as_chunks().0.iter().map(|&b| real(f64::from(i16::from_le_bytes(b)))).collect(),
        _ => Vec::new(),
    }
}

/// The values that are fed or computed, and real.
pub(super) fn activations(graph: &Graph) -> Vec<ValueId> {
    let computed = graph.nodes.iter().flat_map(|node| node.outputs.iter().copied());
    let all = graph.inputs.iter().copied().chain(computed);
    all.filter(|&id| graph.value(id).dtype == TensorType::Float32 && !graph.value(id).is_variable).collect()
}
