//! `LOGISTIC` and `TANH` of int16 values, by straight pieces of one table.

use crate::real;
use alloc::boxed::Box;

/// `65536 / (1 + exp(-k / 24))` for k from 0 to 255: half of the curve, which is symmetric, up to 10.6.
///
/// Each entry is moved by half the error in the middle of the piece that it begins.
#[derive(Debug, Clone)]
pub struct LogisticTable(Box<[u16; 256]>);

/// The factor from an input to steps of `1 / (3 * 4096)`.
#[derive(Debug, Clone, Copy)]
pub struct TableScale {
    /// The significand.
    pub multiplier: i32,
    /// Bits to shift right afterwards, rounding half up.
    pub right_shift: u32,
}

impl TableScale {
    #[inline]
    fn apply(self, x: i16) -> i32 {
        let round = if self.right_shift > 0 { 1 << (self.right_shift - 1) } else { 0 };
        i32::from(x).wrapping_mul(self.multiplier).wrapping_add(round) >> self.right_shift
    }
}

impl LogisticTable {
    /// The table. Its values are those of TensorFlow Lite's `sigmoid_table_uint16`.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        let curve = |k: f64| 65536.0 / (1.0 + libm::exp(-k / 24.0));
        let mut table = Box::new([u16::MAX; 256]);
        for (k, entry) in table[..255].iter_mut().enumerate() {
            let k = k as f64;
            let straight = (curve(k) + curve(k + 1.0)) / 2.0;
            *entry = real::round(curve(k) + (curve(k + 0.5) - straight) / 2.0) as u16;
        }
        Self(table)
    }

    /// The curve at `x`, whose entry's number stands above `fraction_bits`, as `value << fraction_bits`; none past the table.
    #[inline]
    fn at(&self, x: u32, fraction_bits: u32) -> Option<i32> {
        let entry = (x >> fraction_bits) as usize;
        let &[from, to] = self.0.get(entry..entry.checked_add(2)?)? else { return None };
        let fraction = (x & ((1 << fraction_bits) - 1)) as i32;
        Some((i32::from(from) << fraction_bits) + fraction * (i32::from(to) - i32::from(from)))
    }

    /// `1 / (1 + exp(-x))` in `Q0.15`.
    #[must_use]
    #[inline]
    pub fn logistic(&self, scale: TableScale, x: i16) -> i16 {
        let x = scale.apply(x);
        let y = self.at(x.unsigned_abs(), 9).unwrap_or(0x7FFF << 10);
        let y = if x >= 0 { y + (1 << 9) } else { (1 << 25) - y + (1 << 9) - 1 };
        (y >> 10) as i16
    }

    /// `tanh(x) = 2 / (1 + exp(-2x)) - 1` in `Q0.15`.
    #[must_use]
    #[inline]
    pub fn tanh(&self, scale: TableScale, x: i16) -> i16 {
        let x = scale.apply(x);
        let y = self.at(x.unsigned_abs(), 8).unwrap_or(0xFFFF << 8) - (1 << 23);
        let y = if x >= 0 { y + (1 << 7) } else { -y + (1 << 7) - 1 };
        (y >> 8) as i16
    }
}

impl Default for LogisticTable {
    #[inline]
    fn default() -> Self {
        Self::new()
    }
}
