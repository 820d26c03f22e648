//! The audio front end: from samples to the energies of filter bands, in integers.
//!
//! Source: TensorFlow Lite Micro's signal library (`signal/src`).

/// `y = x * window / 2^shift`, rounded down and saturated; the window is repeated over `x`.
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
pub fn energy(x: &[i16], y: &mut [u32], range: core::ops::Range<usize>) {
    for (k, (y, bin)) in y.iter_mut().zip(x.chunks_exact(2)).enumerate() {
        let square = |v: i16| i32::from(v).unsigned_abs().pow(2);
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
pub fn square_root(n: u64) -> u32 {
    let root = n.isqrt();
    let largest = if n >> 32 == 0 { u64::from(u16::MAX) } else { u64::from(u32::MAX) };
    let rounds_up = n - root * root > root && root != largest;
    (root + u64::from(rounds_up)) as u32
}
