//! From what was seen of an activation to the range that is stored without clipping.

use super::affine::{Affine, Range, Width};
use super::histogram::{BINS, Histogram};

/// Ranges that are tried for each end: so many parts of what was seen.
const TRIALS: usize = 64;
/// No trial keeps less of an end than this share of it.
const LEAST_SHARE: f64 = 0.3;

/// The range without the outermost values: `percent` of all values stay, and as many are cut off at either end.
#[must_use]
pub fn percentile(histogram: &Histogram, percent: f64) -> Range {
    let cut = ((1.0 - percent / 100.0) / 2.0).clamp(0.0, 0.5) * histogram.total() as f64;
    let is_past = |seen: &mut f64, bin: usize| {
        *seen += histogram.counts[bin] as f64;
        *seen > cut
    };
    let (mut below, mut above) = (0.0, 0.0);
    let low = (0..BINS).find(|&bin| is_past(&mut below, bin));
    let high = (0..BINS).rev().find(|&bin| is_past(&mut above, bin));
    let edge = |bin: usize| (f64::from(histogram.range.min) + bin as f64 * histogram.step()) as f32;
    let range = Range::of(low.map_or(0.0, edge), high.map_or(0.0, |bin| edge(bin + 1)));
    range.intersection(histogram.range)
}

/// The range of least mean squared error: of rounding, `scale^2 / 12` for each value inside, and of clipping, the distance's
/// square for each value outside.
///
/// Source: the criterion of Banner et al., Post training 4-bit quantization of convolutional networks, 2019, on the histogram.
#[must_use]
pub fn mse(histogram: &Histogram, width: Width) -> Range {
    best(histogram, |range| {
        let scale = f64::from(Affine::of(range, width).scale);
        let (min, max) = (f64::from(range.min), f64::from(range.max));
        // What a bin of nothing but zeros holds (behind a ReLU, say) has no rounding error.
        let zero_bin = zero_bin(histogram);
        let cost = |(bin, &count): (usize, &u64)| {
            let middle = histogram.middle(bin);
            let clipped = (min - middle).max(middle - max).max(0.0);
            let rounded = if Some(bin) == zero_bin { 0.0 } else { scale * scale / 12.0 };
            count as f64 * if clipped > 0.0 { clipped * clipped } else { rounded }
        };
        histogram.counts.iter().enumerate().map(cost).sum()
    })
}

/// The range whose stored values are distributed most like the real ones: least relative entropy of the histogram, its clipped
/// values heaped at the ends, to the same histogram spread over the stored steps.
///
/// Source: S. Migacz, 8-bit inference with TensorRT, 2017.
#[must_use]
pub fn entropy(histogram: &Histogram, width: Width) -> Range {
    let total = histogram.total().max(1) as f64;
    best(histogram, |range| {
        let affine = Affine::of(range, width);
        let stored = |bin: usize| affine.store(histogram.middle(bin) as f32, width);
        let inside = |bin: &usize| {
            let middle = histogram.middle(*bin) as f32;
            middle >= range.min && middle <= range.max
        };
        let (Some(first), Some(last)) = ((0..BINS).find(inside), (0..BINS).rev().find(inside)) else {
            return f64::INFINITY;
        };
        let below: u64 = histogram.counts[..first].iter().sum();
        let above: u64 = histogram.counts[last + 1..].iter().sum();
        let mut divergence = 0.0;
        let mut bin = first;
        while bin <= last {
            // The bins of one stored value share their sum evenly, those that are empty none.
            let step = stored(bin);
            let end = (bin..=last).find(|&b| stored(b) != step).unwrap_or(last + 1);
            let counts = &histogram.counts[bin..end];
            let filled = counts.iter().filter(|&&c| c > 0).count();
            let spread = counts.iter().sum::<u64>() as f64 / filled.max(1) as f64;
            for (b, &count) in (bin..end).zip(counts) {
                let heaped = count + if b == first { below } else { 0 } + if b == last { above } else { 0 };
                if heaped > 0 {
                    let (p, q) = (heaped as f64 / total, spread.max(1e-3) / total);
                    divergence += p * (p / q).ln();
                }
            }
            bin = end;
        }
        divergence
    })
}

/// The bin that holds 0, where the range begins with 0.
fn zero_bin(histogram: &Histogram) -> Option<usize> {
    if histogram.range.min == 0.0 { Some(0) } else { None }
}

/// The range of least cost: first both ends shrink together, then each by itself around the best.
fn best(histogram: &Histogram, cost: impl Fn(Range) -> f64) -> Range {
    let whole = histogram.range;
    if whole.width() <= 0.0 {
        return whole;
    }
    let share = |k: usize| (LEAST_SHARE + (1.0 - LEAST_SHARE) * k as f64 / TRIALS as f64) as f32;
    let range = |low: usize, high: usize| Range { min: whole.min * share(low), max: whole.max * share(high) };
    let mut found = (cost(whole), TRIALS, TRIALS);
    let take = |found: &mut (f64, usize, usize), low: usize, high: usize| {
        let cost = cost(range(low, high));
        if cost < found.0 {
            *found = (cost, low, high);
        }
    };
    (0..TRIALS).rev().for_each(|k| take(&mut found, k, k));
    for _ in 0..2 {
        let (_, _, high) = found;
        (0..=TRIALS).rev().for_each(|low| take(&mut found, low, high));
        let (_, low, _) = found;
        (0..=TRIALS).rev().for_each(|high| take(&mut found, low, high));
    }
    range(found.1, found.2)
}
