//! How much one signal resembles another, summed up value by value.

/// `10 log10(signal / noise)` in dB, of sums of squares; none without noise (or without both), where it has no end.
pub(crate) fn sqnr_db(signal: f64, noise: f64) -> Option<f64> {
    (noise > 0.0).then(|| 10.0 * (signal / noise).log10())
}

/// Noise over signal from what [`sqnr_db`] gave: `10^(-dB / 10)`; 0 where that is none.
pub(crate) fn noise_over_signal(sqnr_db: Option<f64>) -> f64 {
    sqnr_db.map_or(0.0, |db| 10f64.powf(-db / 10.0))
}
