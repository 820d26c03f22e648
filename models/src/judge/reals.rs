//! What stored weights mean.

use crate::graph::{Quantization, Value};

/// The elements of a constant in real numbers: `scale * (stored - zero point)`, or the floats that they are. None unless it stands
/// for real numbers: it is of floats, or has scales.
pub fn reals(value: &Value) -> Option<impl Iterator<Item = f64>> {
    let elements = value.constant.as_ref()?.elements();
    let (scales, zero_points, axis): (&[f32], &[i64], i32) = match &value.quantization {
        _ if elements.dtype().is_real() => (&[], &[], 0),
        Some(Quantization { scales, zero_points, axis }) if !scales.is_empty() => (scales, zero_points, *axis),
        Some(_) | None => return None,
    };
    let step = channel_step(&value.shape, axis);
    Some((0..elements.len()).filter_map(move |i| {
        let channel = i / step;
        let scale = of_channel(scales, channel).map_or(1.0, f64::from);
        let zero = of_channel(zero_points, channel).unwrap_or(0);
        elements.real(i).map(|stored| scale * (stored - zero as f64))
    }))
}

/// Elements from one index of an axis to the next.
pub(super) fn channel_step(shape: &[usize], axis: i32) -> usize {
    let axis = usize::try_from(axis).unwrap_or(0);
    shape.get(axis + 1..).unwrap_or(&[]).iter().product::<usize>().max(1)
}

/// A list has one for all channels, or one for each.
fn of_channel<T: Copy>(list: &[T], channel: usize) -> Option<T> {
    list.get(channel % list.len().max(1)).copied()
}
