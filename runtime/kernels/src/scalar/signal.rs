//! The audio front end: from samples to the energies of filter bands, in integers.
//!
//! Source: TensorFlow Lite Micro's signal library (`signal/src`).

use crate::real;

/// `y = x * window / 2^shift`, rounded down and saturated; the window is repeated over `x`.
#[inline]
pub fn window(x: &[i16], window: &[i16], y: &mut [i16], shift: u32) {
    for ((y, &x), &w) in y.iter_mut().zip(x).zip(window.iter().cycle()) {
        let product = (i32::from(x) * i32::from(w)) >> shift;
        *y = product.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
    }
}

/// Shifts samples up so far that the largest uses 15 bits, and gives that shift; silence stays as it is.
///
/// The largest magnitude is a 16-bit value: that of -32768 is -32768 again, which every later sample exceeds. What is shifted
/// out of 16 bits is lost.
#[inline]
pub fn fft_auto_scale(x: &[i16], y: &mut [i16]) -> i32 {
    let larger = |max: i16, v: i16| match v {
        v if v > max => v,
        v if -i32::from(v) > max.into() => v.wrapping_neg(),
        _ => max,
    };
    let max = i32::from(x.iter().copied().fold(0, larger));
    let shift = if max == 0 { 0 } else { max.leading_zeros().saturating_sub(17) };
    for (y, x) in y.iter_mut().zip(x) {
        *y = x << shift;
    }
    shift.cast_signed()
}

/// `y[k] = re^2 + im^2` of the spectrum `x` of pairs `re, im`, for the bins of `range`; zero elsewhere.
#[inline]
pub fn energy(x: &[i16], y: &mut [u32], range: core::ops::Range<usize>) {
    for (k, (y, bin)) in y.iter_mut().zip(x.chunks_exact(2)).enumerate() {
        let square = |v: i16| u32::from(v.unsigned_abs()) * u32::from(v.unsigned_abs());
        *y = if range.contains(&k) { square(bin[0]) + square(bin[1]) } else { 0 };
    }
}

/// The bands of a filter bank: each bin's energy goes by `weights` to one band and by `unweights` to the next.
#[derive(Debug, Clone)]
pub struct FilterBank {
    /// For each band: first bin, first weight, number of bins.
    pub bands: alloc::vec::Vec<(usize, usize, usize)>,
    /// Weights towards the band itself.
    pub weights: alloc::vec::Vec<i16>,
    /// Weights towards the next band.
    pub unweights: alloc::vec::Vec<i16>,
}

/// Sums the energies `x` of each band. The first band has no output; it only gives to the second.
#[inline]
pub fn filter_bank(x: &[u32], y: &mut [u64], bank: &FilterBank) {
    let mut carried = 0u64;
    for (k, &(bin, weight, width)) in bank.bands.iter().enumerate() {
        let sum = |weights: &[i16]| {
            let products = weights[weight..][..width].iter().zip(&x[bin..][..width]);
            products.fold(0u64, |sum, (&w, &x)| sum.wrapping_add((i64::from(w) as u64).wrapping_mul(x.into())))
        };
        let total = carried.wrapping_add(sum(&bank.weights));
        carried = sum(&bank.unweights);
        if let Some(y) = k.checked_sub(1).and_then(|k| y.get_mut(k)) {
            *y = total;
        }
    }
}

/// The square root of `n`, rounded to the nearest; below 2^32 it is at most 65535.
#[must_use]
#[inline]
pub fn square_root(n: u64) -> u32 {
    // One too large or too small at most: a double has 53 bits, and the root 32.
    let mut root = (real::sqrt(n as f64) as u64).min(u64::from(u32::MAX));
    if root * root > n {
        root -= 1;
    }
    let largest = if n >> 32 == 0 { u64::from(u16::MAX) } else { u64::from(u32::MAX) };
    let rounds_up = n - root * root > root && root != largest;
    (root + u64::from(rounds_up)) as u32
}

/// Smoothing of a noise estimate, in fixed point with `bits` bits behind the point.
#[derive(Debug, Clone, Copy)]
pub struct SpectralSubtraction {
    /// How much of the signal goes into the estimate, and how much of the estimate stays: for even and for odd channels.
    pub smoothing: [(u32, u32); 2],
    /// Bits behind the point of the factors.
    pub bits: u32,
    /// Further bits behind the point of the estimate.
    pub smoothing_bits: u32,
    /// The part of the signal that always remains.
    pub min_signal_remaining: u32,
    /// An estimate above the signal comes down to it.
    pub clamping: bool,
}

/// Moves the noise estimates towards the signal `x`, and takes them off it.
#[inline]
pub fn spectral_subtraction(x: &[u32], y: &mut [u32], noise: &mut [u32], by: SpectralSubtraction) {
    for (k, ((&x, y), noise)) in x.iter().zip(y).zip(noise).enumerate() {
        let (from_signal, from_noise) = by.smoothing[k % 2];
        let times = |a: u32, b: u32| u64::from(a) * u64::from(b);
        let signal = x << by.smoothing_bits;
        *noise = (times(signal, from_signal).wrapping_add(times(*noise, from_noise)) >> by.bits) as u32;
        let taken = signal.min(*noise);
        if by.clamping {
            *noise = taken;
        }
        let floor = (times(x, by.min_signal_remaining) >> by.bits) as u32;
        *y = floor.max((signal - taken) >> by.smoothing_bits);
    }
}

/// Entries of a gain table: three for 0, 1 and 2, then four for each further number of bits.
pub const PCAN_GAINS: usize = 4 * 32 - 3;

/// The gain for a noise estimate: a parabola for each number of bits.
#[inline]
fn pcan_gain(noise: u32, gains: &[i16; PCAN_GAINS]) -> i16 {
    if noise <= 2 {
        return gains[noise as usize];
    }
    let bits = 32 - noise.leading_zeros();
    let [a, b, c] = [0, 1, 2].map(|k| i32::from(gains[4 * bits as usize - 6 + k]));
    let fraction = (if bits < 11 { noise << (11 - bits) } else { noise >> (bits - 11) } & 0x3FF) as i32;
    let slope = ((c * fraction) >> 5) + (b << 5);
    (a + (slope.wrapping_mul(fraction).wrapping_add(1 << 14) >> 15)) as i16
}

/// Per-channel automatic gain: `y = shrink(x * gain(noise))`, where `shrink` is `x^2 / 4` below 2 and `x - 1` above, on values
/// with 12 bits behind the point before and 6 after.
#[inline]
pub fn pcan(x: &[u32], noise: &[u32], y: &mut [u32], gains: &[i16; PCAN_GAINS], snr_shift: u32) {
    for ((y, &x), &noise) in y.iter_mut().zip(x).zip(noise) {
        let gain = i32::from(pcan_gain(noise, gains)) as u32;
        let snr = ((u64::from(x) * u64::from(gain)) >> snr_shift) as u32;
        *y = if snr < 2 << 12 { (snr * snr) >> 20 } else { (snr >> 6) - (1 << 6) };
    }
}

/// What `log2(1 + t)` has over `t`, times 65536, for `t` from 0 to 1 in steps of 1/128.
#[must_use]
#[inline]
pub fn log_table() -> [u16; 129] {
    core::array::from_fn(|k| {
        let t = k as f64 / 128.0;
        real::round((real::log2(1.0 + t) - t) * 65536.0) as u16
    })
}

/// The natural logarithm of `x` (at least 1) times `scale`, where `table` is the [`log_table`].
#[inline]
fn log(x: u32, scale: u32, table: &[u16; 129]) -> u32 {
    const LN_2: u64 = 45426; // times 65536
    let integer = 31 - x.leading_zeros();
    let rest = x - (1 << integer);
    let fraction = if integer < 16 { rest << (16 - integer) } else { rest >> (integer - 16) };
    let segment = (fraction >> 9) as usize;
    let (from, to) = (i32::from(table[segment]), i32::from(table[segment + 1]));
    let within = ((to - from) * (fraction & 0x1FF).cast_signed()) >> 16;
    let log2 = (integer << 16).wrapping_add(fraction).wrapping_add_signed(from + within);
    let ln = ((LN_2 * u64::from(log2) + 0x8000) >> 16) as u32;
    scale.wrapping_mul(ln).wrapping_add(0x8000) >> 16
}

/// `y = log(x * 2^correction_bits) * scale`, from 0 to 32767.
#[inline]
pub fn filter_bank_log(x: &[u32], y: &mut [i16], scale: u32, correction_bits: u32, table: &[u16; 129]) {
    for (y, &x) in y.iter_mut().zip(x) {
        let x = x << correction_bits;
        *y = if x > 1 { log(x, scale, table).min(0x7FFF) as i16 } else { 0 };
    }
}
