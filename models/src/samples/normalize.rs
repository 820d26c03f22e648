//! Raw values as a float model takes them.

use super::error::{SampleError, SampleErrorKind};
use crate::data::Array;
use crate::graph::Normalization;

impl Normalization {
    /// Whether it can be applied to so many channels.
    ///
    /// # Errors
    /// When means and deviations are not as many, or neither one nor as many as channels, or one is no finite number, or a
    /// deviation is not above 0.
    pub fn check(&self, channels: usize) -> Result<(), SampleError> {
        let wrong = |kind, expected: String, found: String| SampleError {
            kind,
            place: "normalization".into(),
            expected,
            found,
            remedy: "give one mean and one deviation, or one of each for every channel".into(),
        };
        let Self { mean, deviation } = self;
        if mean.len() != deviation.len() || (mean.len() != 1 && mean.len() != channels) {
            let found = format!("{} means and {} deviations for {channels} channels", mean.len(), deviation.len());
            return Err(wrong(SampleErrorKind::Count, format!("1 or {channels} of each"), found));
        }
        if let Some(bad) = deviation.iter().find(|d| !(d.is_finite() && **d > 0.0)) {
            return Err(wrong(SampleErrorKind::Value, "deviations above 0".into(), bad.to_string()));
        }
        match mean.iter().find(|m| !m.is_finite()) {
            Some(bad) => Err(wrong(SampleErrorKind::Value, "finite means".into(), bad.to_string())),
            None => Ok(()),
        }
    }

    /// `(raw - mean) / deviation` of each element, as float32. Where there is more than one mean, the last axis of the array
    /// holds the channels.
    ///
    /// # Errors
    /// As [`Normalization::check`].
    pub fn apply(&self, raw: &Array) -> Result<Array, SampleError> {
        let channels = raw.shape().last().copied().unwrap_or(1);
        self.check(channels)?;
        let Self { mean, deviation } = self;
        let value = |i: usize| {
            let k = i % mean.len();
            let raw = raw.elements().real(i).unwrap_or(f64::NAN);
            ((raw - f64::from(mean[k])) / f64::from(deviation[k])) as f32
        };
        let values: Vec<f32> = (0..raw.elements().len()).map(value).collect();
        Ok(Array::new(raw.shape(), values).expect("as many elements as before"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_has_its_own_mean_and_deviation() {
        let raw = Array::new([2, 2], vec![0u8, 10, 255, 30]).unwrap();
        let apply = |mean: &[f32], deviation: &[f32]| {
            Normalization { mean: mean.into(), deviation: deviation.into() }.apply(&raw)
        };
        let one = apply(&[5.0], &[10.0]).unwrap();
        assert_eq!(one, Array::new([2, 2], vec![-0.5f32, 0.5, 25.0, 2.5]).unwrap());
        let two = apply(&[0.0, 10.0], &[255.0, 10.0]).unwrap();
        assert_eq!(two, Array::new([2, 2], vec![0.0f32, 0.0, 1.0, 2.0]).unwrap());
        for (mean, deviation) in [
            (&[][..], &[][..]),
            (&[1.0], &[1.0, 2.0]),
            (&[1.0; 3], &[1.0; 3]),
            (&[1.0], &[0.0]),
            (&[1.0], &[f32::NAN]),
            (&[f32::INFINITY], &[1.0]),
        ] {
            assert!(apply(mean, deviation).is_err(), "{mean:?} {deviation:?}");
        }
    }
}
