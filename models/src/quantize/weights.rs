//! Weights as int8: symmetric, from -127 to 127 or less, so that 0 is stored as 0 and what was pruned stays pruned.

use ndarray::{ArrayViewD, Axis};

use super::affine::Width;

/// The greatest magnitude of a stored weight of so many bits, from 2 to 8: `2^(bits - 1) - 1`.
#[must_use]
pub(super) fn largest_stored(bits: u8) -> f32 {
    f32::from((1u8 << (bits.clamp(2, 8) - 1)) - 1)
}

/// Stored weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StoredWeights {
    /// One, or one for each output channel.
    pub(super) scales: Vec<f32>,
    /// In C order.
    pub(super) stored: Vec<i8>,
}

/// What a channel's scale must hold besides its weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floor {
    /// The least scale.
    pub(super) scale: f32,
    /// The scale of a channel that is all zero, where any would do.
    pub(super) of_zeros: f32,
}

/// Half of an int32 for a bias, half for the sum of products.
const LARGEST_BIAS: f32 = (1 << 30) as f32;
/// The least factor from a layer's sums to its output: below, the multiplier would lose bits of the bias.
const LEAST_FACTOR: f32 = 1.0 / (1 << 24) as f32;
/// The factor for a channel that is all zero and whose output its bias alone decides.
const FACTOR_OF_ZEROS: f32 = 1.0 / 256.0;

impl Floor {
    /// Of a channel with this bias, in a layer with these scales of input and output.
    pub(super) fn of(bias: f32, x_scale: f32, y_scale: f32, width: Width) -> Self {
        let for_bias = match width {
            Width::Int8 => bias.abs() / LARGEST_BIAS / x_scale,
            Width::Int16 => 0.0,
        };
        let factor = y_scale / x_scale;
        Self { scale: for_bias.max(factor * LEAST_FACTOR), of_zeros: factor * FACTOR_OF_ZEROS }
    }
}

/// The scale of each output channel, which goes along `axis`: `largest magnitude / largest stored`, at least what `floor` of the
/// channel says; with `per_channel` false one for all.
#[must_use]
pub(super) fn scales(
    weights: ArrayViewD<'_, f32>,
    axis: usize,
    per_channel: bool,
    largest_stored: f32,
    floor: impl Fn(usize) -> Floor,
) -> Vec<f32> {
    let largest = |weights: ArrayViewD<'_, f32>| weights.iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
    let scale = |largest: f32, Floor { scale, of_zeros }: Floor| match largest {
        0.0 => of_zeros.max(scale),
        largest => (largest / largest_stored).max(scale),
    };
    if per_channel {
        return weights
            .axis_iter(Axis(axis))
            .enumerate()
            .map(|(c, weights)| scale(largest(weights), floor(c)))
            .collect();
    }
    let floors = (0..weights.shape()[axis]).map(floor);
    let highest = |a: Floor, b: Floor| Floor { scale: a.scale.max(b.scale), of_zeros: a.of_zeros.max(b.of_zeros) };
    vec![scale(largest(weights), floors.fold(Floor { scale: 0.0, of_zeros: 0.0 }, highest))]
}

/// Each weight at the nearest multiple of its channel's scale.
#[must_use]
pub(super) fn nearest(
    weights: ArrayViewD<'_, f32>,
    axis: usize,
    scales: Vec<f32>,
    largest_stored: f32,
) -> StoredWeights {
    let inner: usize = weights.shape()[axis + 1..].iter().product();
    let channels = weights.shape()[axis];
    let scale_of = |i: usize| if scales.len() == 1 { scales[0] } else { scales[i / inner % channels] };
    let stored = weights.iter().enumerate().map(|(i, w)| round(w / scale_of(i), largest_stored)).collect();
    StoredWeights { stored, scales }
}

/// The stored weight nearest to `steps`.
#[must_use]
pub(super) fn round(steps: f32, largest_stored: f32) -> i8 {
    steps.round().clamp(-largest_stored, largest_stored) as i8
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;

    use super::*;

    fn free(_: usize) -> Floor {
        Floor { scale: 0.0, of_zeros: 0.5 }
    }

    #[test]
    fn each_channel_reaches_127_and_zeros_stay_zeros() {
        let weights = ArrayD::from_shape_vec(vec![3, 2], vec![1.0, -2.0, 0.0, 0.254, 0.0, 0.0]).unwrap();
        let scales = scales(weights.view(), 0, true, largest_stored(8), free);
        let StoredWeights { scales, stored } = nearest(weights.view(), 0, scales, 127.0);
        assert_eq!(stored, [64, -127, 0, 127, 0, 0]);
        assert_eq!(scales, [2.0 / 127.0, 0.254 / 127.0, 0.5]);
    }

    #[test]
    fn fewer_bits_have_fewer_steps() {
        assert_eq!([2, 3, 4, 8].map(largest_stored), [1.0, 3.0, 7.0, 127.0]);
        let weights = ArrayD::from_shape_vec(vec![1, 4], vec![1.4, -0.7, 0.05, 0.0]).unwrap();
        let scales = scales(weights.view(), 0, true, largest_stored(4), free);
        assert_eq!(nearest(weights.view(), 0, scales, largest_stored(4)).stored, [7, -4, 0, 0]);
    }

    #[test]
    fn channels_go_along_the_axis() {
        let weights = ArrayD::from_shape_vec(vec![1, 2, 2], vec![1.0, 10.0, -0.5, 5.0]).unwrap();
        let StoredWeights { stored, .. } =
            nearest(weights.view(), 2, scales(weights.view(), 2, true, 127.0, free), 127.0);
        assert_eq!(stored, [127, 127, -64, 64]);
        let one = scales(weights.view(), 2, false, 127.0, |c| Floor { of_zeros: 0.0, ..free(c) });
        let one = nearest(weights.view(), 2, one, 127.0);
        assert_eq!((one.scales.len(), one.stored), (1, vec![13, 127, -6, 64]));
    }
}
