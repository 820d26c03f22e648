//! Scales and zero points.

use serde::{Deserialize, Serialize};

use crate::data::Elements;
use crate::graph::{Quantization, TensorType};

/// An interval of real numbers that holds 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Range {
    /// Its least number, at most 0.
    pub min: f32,
    /// Its greatest number, at least 0.
    pub max: f32,
}

impl Range {
    /// The least interval that holds 0 and both numbers.
    #[must_use]
    pub fn of(a: f32, b: f32) -> Self {
        Self { min: a.min(b).min(0.0), max: a.max(b).max(0.0) }
    }

    /// The least interval that holds 0 and all of `values`.
    #[must_use]
    pub fn around(values: impl IntoIterator<Item = f32>) -> Self {
        values.into_iter().fold(Self::default(), |range, v| range.union(Self::of(v, v)))
    }

    /// The least interval that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// The part that both hold.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self { min: self.min.max(other.min), max: self.max.min(other.max) }
    }

    /// Its length.
    #[must_use]
    pub fn width(self) -> f32 {
        self.max - self.min
    }
}

/// The type that activations are stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// int8, with a zero point.
    Int8,
    /// int16, without.
    Int16,
}

impl Width {
    /// The type of tensors.
    #[must_use]
    pub fn dtype(self) -> TensorType {
        match self {
            Width::Int8 => TensorType::Int8,
            Width::Int16 => TensorType::Int16,
        }
    }

    /// The least and the greatest stored value.
    #[must_use]
    pub fn limits(self) -> (i64, i64) {
        match self {
            Width::Int8 => (-128, 127),
            Width::Int16 => (-32768, 32767),
        }
    }
}

/// real = scale * (stored - zero point).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Affine {
    /// Above 0.
    pub scale: f32,
    /// In the range of the stored type; 0 is stored as it, exactly.
    pub zero_point: i64,
}

/// The least scale: products of two still are normal numbers.
pub(super) const LEAST_SCALE: f32 = 1e-12;

impl Affine {
    /// The finest scale by which `range` fits.
    ///
    /// int8: `scale = (max - min) / 255`, `zero_point = round(-128 - min / scale)`. int16: `scale = max(-min, max) / 32767`. A
    /// range of nothing but 0 has scale 1.
    #[must_use]
    pub fn of(range: Range, width: Width) -> Self {
        let (low, high) = width.limits();
        let (min, max) = (f64::from(range.min.min(0.0)), f64::from(range.max.max(0.0)));
        let (scale, least) = match width {
            Width::Int8 => ((max - min) / (high - low) as f64, min),
            Width::Int16 => ((-min).max(max) / high as f64, 0.0),
        };
        if scale == 0.0 {
            return Self { scale: 1.0, zero_point: 0 };
        }
        let scale = (scale as f32).max(LEAST_SCALE);
        let zero_point = match width {
            Width::Int8 => ((low as f64 - least / f64::from(scale)).round() as i64).clamp(low, high),
            Width::Int16 => 0,
        };
        Self { scale, zero_point }
    }

    /// The numbers that can be stored without clipping.
    #[must_use]
    pub fn range(self, width: Width) -> Range {
        let (low, high) = width.limits();
        let real = |stored: i64| (f64::from(self.scale) * (stored - self.zero_point) as f64) as f32;
        Range { min: real(low), max: real(high) }
    }

    /// `round(value / scale) + zero_point`, halves away from zero, clamped: as the runtime's `QUANTIZE`.
    #[must_use]
    pub fn store(self, value: f32, width: Width) -> i64 {
        let (low, high) = width.limits();
        ((value / self.scale).round() as i64).saturating_add(self.zero_point).clamp(low, high)
    }

    /// The real number of a stored one.
    #[must_use]
    pub fn real(self, stored: i64) -> f32 {
        (f64::from(self.scale) * (stored - self.zero_point) as f64) as f32
    }

    /// All of `values` as they are stored.
    #[must_use]
    pub fn store_all(self, values: impl Iterator<Item = f32>, width: Width) -> Elements {
        match width {
            Width::Int8 => Elements::Int8(values.map(|v| self.store(v, width) as i8).collect()),
            Width::Int16 => Elements::Int16(values.map(|v| self.store(v, width) as i16).collect()),
        }
    }

    /// As a tensor carries it.
    #[must_use]
    pub fn quantization(self) -> Quantization {
        Quantization { scales: vec![self.scale], zero_points: vec![self.zero_point], axis: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_stored_exactly_and_ends_are_within_half_a_step() {
        for (min, max) in [(-1.0, 1.0), (0.0, 6.0), (-0.1, 300.0), (-5.0, 0.0), (-1e-9, 1e-9), (0.3, 7.0), (0.0, 0.0)] {
            for width in [Width::Int8, Width::Int16] {
                let range = Range::of(min, max);
                let affine = Affine::of(range, width);
                assert_eq!(affine.real(affine.store(0.0, width)), 0.0, "{range:?}");
                for end in [range.min, range.max] {
                    let error = (affine.real(affine.store(end, width)) - end).abs();
                    assert!(error <= affine.scale * 0.5001, "{range:?} {width:?}: {error} of {}", affine.scale);
                }
            }
        }
    }

    #[test]
    fn scales_are_those_of_the_specification() {
        assert_eq!(Affine::of(Range::of(0.0, 255.0), Width::Int8), Affine { scale: 1.0, zero_point: -128 });
        assert_eq!(Affine::of(Range::of(-255.0, 0.0), Width::Int8), Affine { scale: 1.0, zero_point: 127 });
        assert_eq!(Affine::of(Range::of(-2.0, 1.0), Width::Int16).zero_point, 0);
        assert_eq!(Affine::of(Range::default(), Width::Int8), Affine { scale: 1.0, zero_point: 0 });
    }
}
