//! Functions as tables: every code of an 8-bit type, or 512 straight pieces over an int16 range.
//!
//! Source: TensorFlow Lite's `LUTPopulate` and `LUTLookup`.

use alloc::boxed::Box;

use crate::quant::PerTensor;
use crate::real;

/// Straight pieces of a table over an int16 range.
const PIECES: usize = 512;

/// A function of an int16 code: 512 pieces of 128 codes, straight in between.
#[derive(Debug, Clone)]
pub struct Interpolated(Box<[i16; PIECES + 1]>);

impl Interpolated {
    /// Of `function` over the real values `input`, which are the codes -32768 to 32767; its values over `output` are those codes.
    ///
    /// Each entry is moved by half the error in the middle of its piece. All arithmetic is in `f32`, as the reference's is.
    #[must_use]
    #[inline]
    pub fn new(function: &dyn Fn(f32) -> f32, input: (f32, f32), output: (f32, f32)) -> Self {
        let step = (input.1 - input.0) / PIECES as f32;
        let per_unit = 65536.0 / (output.1 - output.0);
        let at = |i: usize, offset: f32| function(input.0 + i as f32 * step + offset) * per_unit;
        let stored = |x: f32| x.clamp(-32768.0, 32767.0) as i16;
        let mut table = [0; PIECES + 1];
        for (i, entry) in table[..PIECES].iter_mut().enumerate() {
            let sample = real::round_f32(at(i, 0.0));
            let straight = real::round_f32((at(i + 1, 0.0) + sample) / 2.0);
            let bias = real::round_f32((straight - real::round_f32(at(i, step / 2.0))) / 2.0);
            *entry = stored(sample - bias);
        }
        table[PIECES] = stored(real::round_f32(function(input.1) * per_unit));
        Self(Box::new(table))
    }

    /// Of a real function between quantized int16 tensors.
    #[must_use]
    #[inline]
    pub fn quantized(function: &dyn Fn(f32) -> f32, input: PerTensor, output: PerTensor) -> Self {
        let range = |q: PerTensor| {
            let real = |code: i32| q.scale * (code - q.zero_point) as f32;
            (real(-32768), real(32767))
        };
        Self::new(function, range(input), range(output))
    }

    /// The value at a code; codes beyond the range count as its ends.
    #[must_use]
    #[inline]
    pub fn at(&self, code: i32) -> i16 {
        let code = code.clamp(-32768, 32767) + 32768;
        let (piece, offset) = ((code >> 7) as usize, code & 0x7F);
        let (from, to) = (i32::from(self.0[piece]), i32::from(self.0[piece + 1]));
        (from + (((to - from) * offset + 64) >> 7)) as i16
    }
}

/// A real function between quantized tensors, of one code.
#[must_use]
#[inline]
pub fn quantized(function: &dyn Fn(f32) -> f32, input: PerTensor, output: PerTensor, code: i32) -> i32 {
    let real = function(input.scale * (code - input.zero_point) as f32);
    let inverse_scale = 1.0 / output.scale;
    (real::round_f32(real * inverse_scale) + output.zero_point as f32) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_functions_are_met_at_every_code() {
        let q = PerTensor { scale: 1.0 / 4096.0, zero_point: 0 };
        let same = Interpolated::quantized(&|x| x, q, q);
        let opposite = Interpolated::quantized(&|x| -x, q, q);
        for code in -32767..=32767 {
            assert!((i32::from(same.at(code)) - code).abs() <= 1, "{code}");
            assert!((i32::from(opposite.at(code)) + code).abs() <= 1, "{code}");
        }
    }

    #[test]
    fn codes_beyond_the_range_count_as_its_ends() {
        let table = Interpolated::new(&|x| x, (-1.0, 1.0), (-1.0, 1.0));
        assert_eq!((table.at(i32::MIN), table.at(i32::MAX)), (table.at(-32768), table.at(32767)));
    }
}
