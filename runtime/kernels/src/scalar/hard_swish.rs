//! `HARD_SWISH` of 8-bit values, in 16-bit fixed point.

use crate::quant::{Multiplier, rounding_divide_by_pot};

/// Bits that inputs are raised by.
const RAISED: u32 = 7;

/// A factor of 16 bits: `value * 2^(exponent - 15)`.
#[derive(Debug, Clone, Copy)]
struct Factor {
    value: i16,
    exponent: i32,
}

impl Factor {
    /// Source: TensorFlow Lite's `DownScaleInt32ToInt16Multiplier`.
    #[inline]
    fn new(factor: f32) -> Self {
        let Multiplier { value, shift } = Multiplier::new(f64::from(factor));
        Self { value: (value.saturating_add(1 << 15) >> 16) as i16, exponent: shift }
    }
}

/// Scales of a quantized `HARD_SWISH`.
#[derive(Debug, Clone, Copy)]
pub struct HardSwish {
    to_output: Factor,
    /// To where 3 is 1.
    to_thirds: Factor,
}

/// The high half of `2 * a * b`, rounded half away from zero; only `MIN * MIN` saturates.
fn rounding_high_mul(a: i16, b: i16) -> i16 {
    let product = i32::from(a) * i32::from(b);
    let nudge = if product >= 0 { 1 << 14 } else { 1 - (1 << 14) };
    ((product + nudge) / (1 << 15)).min(i32::from(i16::MAX)) as i16
}

/// The high half of `2 * a * b`, rounded towards zero; only `MIN * MIN` saturates.
fn high_mul(a: i16, b: i16) -> i16 {
    (i32::from(a) * i32::from(b) / (1 << 15)).min(i32::from(i16::MAX)) as i16
}

fn shift_left(x: i16, bits: i32) -> i16 {
    (i64::from(x) << bits).clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16
}

impl HardSwish {
    /// Of inputs and outputs in steps of these scales; none when the output's is less than 1/128 of the input's.
    #[must_use]
    #[inline]
    pub fn new(input_scale: f32, output_scale: f32) -> Option<Self> {
        let raised_scale = (1.0 / (1 << RAISED) as f32) * input_scale;
        let to_output = Factor::new(raised_scale / output_scale);
        let to_thirds = Factor::new(raised_scale / (3.0 / 32768.0));
        (to_output.exponent <= 0).then_some(Self { to_output, to_thirds })
    }

    /// Of a value without its zero point, in steps of the output.
    ///
    /// Source: TensorFlow Lite's `HardSwish`; its order of roundings and saturations is kept.
    #[must_use]
    #[inline]
    pub fn of(&self, x: i16) -> i32 {
        let raised = x.wrapping_shl(RAISED);
        let linear = rounding_high_mul(raised, self.to_output.value);
        let exponent = self.to_thirds.exponent;
        // The last bit of a shift to the left comes after the factor, so that only it saturates what counts.
        let thirds = if exponent > 0 { shift_left(raised, exponent - 1) } else { raised };
        let thirds = rounding_high_mul(thirds, self.to_thirds.value);
        let thirds = if exponent > 0 {
            shift_left(thirds, 1)
        } else {
            rounding_divide_by_pot(i32::from(thirds), -exponent) as i16
        };
        let gate = ((i32::from(thirds) + (1 << 15)) >> 1) as i16;
        rounding_divide_by_pot(i32::from(high_mul(gate, linear)), -self.to_output.exponent)
    }
}
