//! Recordings in the length of the input, or as the features that a front end makes of them.

use mote_abi::Tensor;

use super::error::PrepareError;
use crate::data::wav::Wav;
use crate::data::{Array, Elements};
use crate::run::Run;
use crate::samples::{SampleError, SampleErrorKind, outputs};

/// Frames of a front end that begin in one second, where its step is not given: 20 ms apart, as keyword models have them.
const FRAMES_A_SECOND: u32 = 50;

/// A model that makes the features of one frame of a recording, which go to another model. What it keeps goes from frame to frame.
pub struct FrontEnd<'r> {
    run: Box<dyn Run + 'r>,
}

impl<'r> FrontEnd<'r> {
    /// A loaded model as a front end.
    ///
    /// # Errors
    /// When it has not one input of 16-bit samples and one output.
    pub fn new(run: Box<dyn Run + 'r>) -> Result<Self, SampleError> {
        let description = run.description();
        match (&description.inputs[..], &description.outputs[..]) {
            ([input], [_]) if input.dtype == "int16" => Ok(Self { run }),
            (inputs, outputs) => {
                let types: Vec<&str> = inputs.iter().map(|input| input.dtype.as_str()).collect();
                let found = format!("{} inputs of {} and {} outputs", inputs.len(), types.join(", "), outputs.len());
                let remedy = "choose a model that takes one frame of a recording and gives its features";
                Err(SampleError::missing("front end", "one input of int16 and one output", &found, remedy))
            }
        }
    }

    /// The features of one recording, as many frames as fill the input.
    fn features(&mut self, samples: &[i16], step: usize, input: &Tensor) -> Result<Elements, PrepareError> {
        let (frame, output) = {
            let description = self.run.description();
            (description.inputs[0].elements(), description.outputs[0].clone())
        };
        let each = output.elements().max(1);
        if !input.elements().is_multiple_of(each) {
            return Err(SampleError {
                kind: SampleErrorKind::Shape,
                place: "front end".into(),
                expected: format!("a number of features that divides the model's {} elements", input.elements()),
                found: each.to_string(),
                remedy: "choose the front end that the model was trained with".into(),
            }
            .into());
        }
        let frames = input.elements() / each;
        let mut bytes = Vec::new();
        for k in 0..frames {
            let fed: Vec<u8> = (k * step..k * step + frame)
                .flat_map(|at| samples.get(at).copied().unwrap_or(0).to_le_bytes())
                .collect();
            // The first frame starts from the front end's own state, whatever the recording before left.
            let found = if k == 0 { self.run.run(&[fed])? } else { self.run.run_on(&[fed])? };
            bytes.extend(found.into_iter().next().unwrap_or_default());
        }
        let stacked = Tensor { shape: vec![u32::try_from(frames * each).unwrap_or(u32::MAX)], ..output };
        // The codes of one number format are the same numbers only where both have one scale; that is how such pairs are made.
        if stacked.dtype == input.dtype {
            return Ok(outputs::array(0, &stacked, 1, &bytes)?.into_parts().1);
        }
        Ok(outputs::dequantize(0, &stacked, &bytes)?.into())
    }
}

impl std::fmt::Debug for FrontEnd<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrontEnd").field("description", self.run.description()).finish_non_exhaustive()
    }
}

/// One sample of a recording: its features, or its own samples in the input's length, cut or followed by silence. Several channels
/// become their mean.
///
/// # Errors
/// When a front end is to take what has not 16 bits, or does not run.
pub(super) fn sample(
    wav: Wav,
    step: usize,
    input: &Tensor,
    front_end: Option<&mut FrontEnd<'_>>,
) -> Result<Array, PrepareError> {
    let rate = wav.sample_rate;
    let mono = mono(wav.samples);
    let Some(front_end) = front_end else { return Ok(Array::vector(fitted(mono, input.elements()))) };
    match mono {
        Elements::Int16(samples) => {
            let step = if step == 0 { (rate / FRAMES_A_SECOND).max(1) as usize } else { step };
            Ok(Array::vector(front_end.features(&samples, step, input)?))
        }
        other => {
            let remedy = "convert it, for example with: ffmpeg -i in.wav -c:a pcm_s16le out.wav";
            let found = other.dtype().name();
            Err(SampleError::missing("recording", "16-bit samples for the front end", found, remedy).into())
        }
    }
}

fn mono(samples: Array) -> Elements {
    let channels = match samples.shape() {
        [_, channels] => *channels,
        _ => return samples.into_parts().1,
    };
    /// Integers are rounded towards 0; the mean of some is never outside of their type.
    fn means<T: Copy>(all: &[T], channels: usize, mean: impl Fn(&[T]) -> T) -> Vec<T> {
        all.chunks_exact(channels).map(mean).collect()
    }
    let sum = |frame: &mut dyn Iterator<Item = i64>| frame.sum::<i64>() / channels as i64;
    match samples.into_parts().1 {
        Elements::Int8(all) => means(&all, channels, |f| sum(&mut f.iter().map(|&s| s.into())) as i8).into(),
        Elements::Int16(all) => means(&all, channels, |f| sum(&mut f.iter().map(|&s| s.into())) as i16).into(),
        Elements::Int32(all) => means(&all, channels, |f| sum(&mut f.iter().map(|&s| s.into())) as i32).into(),
        Elements::Float32(all) => means(&all, channels, |f| f.iter().sum::<f32>() / channels as f32).into(),
        // Recordings are read as nothing else.
        other => other,
    }
}

fn fitted(samples: Elements, length: usize) -> Elements {
    fn cut<T: Copy + Default>(mut samples: Vec<T>, length: usize) -> Vec<T> {
        samples.resize(length, T::default());
        samples
    }
    match samples {
        Elements::Int8(samples) => cut(samples, length).into(),
        Elements::Int16(samples) => cut(samples, length).into(),
        Elements::Int32(samples) => cut(samples, length).into(),
        Elements::Float32(samples) => cut(samples, length).into(),
        // Recordings are read as nothing else.
        other => other,
    }
}
