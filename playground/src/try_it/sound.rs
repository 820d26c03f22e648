//! Sound from a microphone: the last second of it, at the rate that models of speech have, as a recording.

use std::collections::VecDeque;

/// Samples a second that models of speech take (Speech Commands and everything trained on it).
pub const RATE: u32 = 16_000;
/// Half the length of the low-pass filter, in samples of the slower of the two rates.
const LOBES: f64 = 8.0;
/// A band below half of the slower rate is left for the filter's slope.
const PASS: f64 = 0.9;

/// The last samples that a microphone gave.
#[derive(Debug, Clone)]
pub struct Last {
    samples: VecDeque<f32>,
    most: usize,
    rate: u32,
}

impl Last {
    /// The last `seconds` at `rate` samples a second.
    #[must_use]
    pub fn new(seconds: f64, rate: u32) -> Self {
        let most = (seconds * f64::from(rate)).ceil() as usize;
        Self { samples: VecDeque::with_capacity(most), most, rate }
    }

    /// Takes in samples, from -1 to 1.
    pub fn push(&mut self, samples: &[f32]) {
        self.samples.extend(samples);
        let beyond = self.samples.len().saturating_sub(self.most);
        self.samples.drain(..beyond);
    }

    /// Whether there are as many as were asked for.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.samples.len() == self.most
    }

    /// A recording of them at [`RATE`].
    #[must_use]
    pub fn wav(&self) -> Vec<u8> {
        let samples: Vec<f32> = self.samples.iter().copied().collect();
        wav(&resampled(&samples, self.rate, RATE), RATE)
    }
}

/// Samples at another rate: each is the sum of those around it, weighted by a sinc in a Hann window that keeps what both rates can
/// hold (J. O. Smith, Digital audio resampling, 2002).
#[must_use]
pub fn resampled(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to || from == 0 || to == 0 {
        return samples.to_vec();
    }
    let step = f64::from(from) / f64::from(to);
    // Cycles a sample of the source, at most half.
    let cutoff = 0.5 * PASS * (1.0 / step).min(1.0);
    let reach = LOBES / (2.0 * cutoff);
    let count = (samples.len() as f64 / step).floor() as usize;
    let at = |k: usize| {
        let centre = k as f64 * step;
        let first = (centre - reach).ceil().max(0.0) as usize;
        let last = ((centre + reach).floor() as usize).min(samples.len().saturating_sub(1));
        let mut sum = 0.0;
        for (j, &sample) in samples.iter().enumerate().take(last + 1).skip(first) {
            let x = j as f64 - centre;
            let window = 0.5 + 0.5 * (std::f64::consts::PI * x / reach).cos();
            sum += f64::from(sample) * 2.0 * cutoff * sinc(2.0 * cutoff * x) * window;
        }
        sum as f32
    };
    (0..count).map(at).collect()
}

fn sinc(x: f64) -> f64 {
    let x = std::f64::consts::PI * x;
    if x == 0.0 { 1.0 } else { x.sin() / x }
}

/// A RIFF WAVE recording of one channel in 16 bits; what is beyond -1 and 1 becomes its end.
#[must_use]
pub fn wav(samples: &[f32], rate: u32) -> Vec<u8> {
    const PCM: u16 = 1;
    const SAMPLE_BYTES: u16 = 2;
    let data = u32::try_from(samples.len() * usize::from(SAMPLE_BYTES)).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(44 + data as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend(PCM.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(SAMPLE_BYTES)).to_le_bytes());
    bytes.extend(SAMPLE_BYTES.to_le_bytes());
    bytes.extend((8 * SAMPLE_BYTES).to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    let code = |sample: f32| (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16;
    bytes.extend(samples.iter().flat_map(|&sample| code(sample).to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use mote_models::data::wav as reader;

    use super::*;

    fn tone(hertz: f64, rate: u32, count: usize) -> Vec<f32> {
        let at = |k: usize| (std::f64::consts::TAU * hertz * k as f64 / f64::from(rate)).sin() as f32;
        (0..count).map(at).collect()
    }

    /// Away from the ends, where the filter has samples on both sides.
    fn inner(samples: &[f32]) -> &[f32] {
        &samples[100..samples.len() - 100]
    }

    #[test]
    fn a_tone_that_both_rates_hold_stays_what_it_is() {
        for from in [48_000, 44_100, 8000] {
            let found = resampled(&tone(440.0, from, from as usize / 4), from, RATE);
            let wanted = tone(440.0, RATE, found.len());
            assert_eq!(found.len(), RATE as usize / 4);
            let worst = inner(&found).iter().zip(inner(&wanted)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 0.01, "{from} Hz: off by {worst}");
        }
    }

    #[test]
    fn a_tone_that_the_slower_rate_cannot_hold_goes() {
        let found = resampled(&tone(12_000.0, 48_000, 12_000), 48_000, RATE);
        let loudest = inner(&found).iter().map(|s| s.abs()).fold(0.0, f32::max);
        assert!(loudest < 0.01, "12 kHz would come back as 4 kHz: {loudest}");
    }

    #[test]
    fn the_last_second_is_kept_and_read_as_a_recording() {
        let mut last = Last::new(1.0, RATE);
        last.push(&[0.0; 15_999]);
        assert!(!last.is_full());
        last.push(&[0.5, -2.0, 1.0]);
        assert!(last.is_full());
        let wav = reader::read(&last.wav()).unwrap();
        assert_eq!((wav.sample_rate, wav.samples.shape()), (RATE, &[16_000][..]));
        let end = |k: usize| wav.samples.elements().integer(16_000 - k).unwrap();
        assert_eq!([end(3), end(2), end(1)], [16_384, -32_767, 32_767], "loud samples are cut, not wrapped");
    }
}
