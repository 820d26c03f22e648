//! Weights rounded together, so that the layer's output is nearest.
//!
//! Of an output channel with real weights `w`, the error of stored weights `v` on what the layer sums over is, in the mean,
//!
//! ```text
//! E (w x - v q)^2 = v A v - 2 v b + const,   A = E q q',   b = E q (x' w)
//! ```
//!
//! where `x` is what the float network and `q` what the quantized one feeds the layer. Its least value over the integers is
//! sought by coordinates: each weight in turn goes to the step nearest to the least of the parabola that the error is along
//! it, until none moves. Each move makes the error smaller, so it ends.
//!
//! Source: the reconstruction error is that of Nagel et al., Up or down? Adaptive rounding for post-training quantization,
//! 2020, and of Frantar et al., GPTQ, 2022, in closed form; the target on the float network's input is that of Li et al.,
//! GPTAQ, 2025.

use super::weights::round;

/// Rounds over all weights after which moves are small.
const ROUNDS: usize = 30;

/// The error of one output channel as a function of its weights: `v A v - 2 v b`.
#[derive(Debug, Clone)]
pub(super) struct Error<'m> {
    /// Row by row, symmetric, its diagonal above 0.
    pub(super) a: &'m [f64],
    pub(super) b: Vec<f64>,
}

impl Error<'_> {
    /// The slope's half at `v`: `A v - b`.
    fn slope(&self, v: &[f64]) -> Vec<f64> {
        let row = |(row, b): (&[f64], &f64)| row.iter().zip(v).map(|(a, v)| a * v).sum::<f64>() - b;
        self.a.chunks_exact(v.len()).zip(&self.b).map(row).collect()
    }

    /// Moves `stored` weights of one scale, of a magnitude up to `largest_stored`, to where the error is less. Those that `w`
    /// says are 0 stay 0.
    pub(super) fn descend(&self, w: &[f32], scale: f32, largest_stored: f32, stored: &mut [i8]) {
        let (depth, scale, most) = (w.len(), f64::from(scale), f64::from(largest_stored));
        let v: Vec<f64> = stored.iter().map(|&v| f64::from(v) * scale).collect();
        let mut slope = self.slope(&v);
        for _ in 0..ROUNDS {
            let mut moved = false;
            for i in (0..depth).filter(|&i| w[i] != 0.0) {
                let row = &self.a[i * depth..][..depth];
                let best = f64::from(stored[i]) - slope[i] / row[i] / scale;
                let step = best.round().clamp(-most, most);
                let now = f64::from(stored[i]);
                if (step - best).abs() < (now - best).abs() && step != now {
                    let by = (step - now) * scale;
                    slope.iter_mut().zip(row).for_each(|(slope, a)| *slope += a * by);
                    stored[i] = step as i8;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
    }
}

/// Scales that are tried, as parts of the one by which the greatest weight just fits.
const TRIALS: usize = 24;
/// The least part that is tried.
const LEAST: f32 = 0.6;

/// The scale by which weights at the nearest steps have the least error, each weighed by its own `A_ii`; `rows` are weights
/// with their weights, of all channels that share the scale. None is below `floor`.
pub(super) fn scale(largest: f32, largest_stored: f32, floor: f32, rows: &[(Vec<f32>, &[f64])]) -> f32 {
    let whole = largest / largest_stored;
    let error = |scale: f32| -> f64 {
        let one = |(w, a): (&f32, &f64)| {
            let v = f32::from(round(w / scale, largest_stored)) * scale;
            a * f64::from(v - w).powi(2)
        };
        rows.iter().map(|(w, a)| w.iter().zip(*a).map(one).sum::<f64>()).sum()
    };
    let mut best = (error(whole), whole);
    for k in (0..TRIALS).rev() {
        let scale = whole * (LEAST + (1.0 - LEAST) * k as f32 / TRIALS as f32);
        if scale < floor {
            break;
        }
        let error = error(scale);
        if error < best.0 {
            best = (error, scale);
        }
    }
    best.1.max(floor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `v A v - 2 v b`.
    fn at(error: &Error<'_>, stored: &[i8], scale: f64) -> f64 {
        let v: Vec<f64> = stored.iter().map(|&v| f64::from(v) * scale).collect();
        error.slope(&v).iter().zip(&error.b).zip(&v).map(|((slope, b), v)| (slope - b) * v).sum()
    }

    #[test]
    fn no_single_step_is_better_than_where_the_descent_ends() {
        let mut random = fastrand::Rng::with_seed(5);
        for depth in [1, 2, 7, 24] {
            // Of rows with much in common, so that rounding one weight asks for the others' help.
            let rows: Vec<Vec<f64>> = (0..40)
                .map(|_| {
                    let common = random.f64();
                    (0..depth).map(|_| common + 0.3 * random.f64()).collect()
                })
                .collect();
            let a: Vec<f64> = (0..depth * depth)
                .map(|k| rows.iter().map(|r| r[k / depth] * r[k % depth]).sum::<f64>() / 40.0)
                .collect();
            let w: Vec<f32> = (0..depth).map(|k| if k % 5 == 4 { 0.0 } else { random.f32() * 2.0 - 1.0 }).collect();
            let b = a.chunks(depth).map(|row| row.iter().zip(&w).map(|(a, &w)| a * f64::from(w)).sum()).collect();
            let (error, scale) = (Error { a: &a, b }, 0.11);
            let nearest: Vec<i8> = w.iter().map(|w| round(w / scale, 127.0)).collect();
            let mut stored = nearest.clone();
            error.descend(&w, scale, 127.0, &mut stored);
            let end = at(&error, &stored, scale.into());
            assert!(end <= at(&error, &nearest, scale.into()) + 1e-12, "{depth} weights");
            for k in 0..depth {
                assert!(w[k] != 0.0 || stored[k] == 0, "a zero moved");
                for step in [-1, 1] {
                    let mut other = stored.clone();
                    other[k] = other[k].saturating_add(step);
                    let better = at(&error, &other, scale.into()) < end - 1e-9;
                    assert!(!better || w[k] == 0.0, "{depth} weights: weight {k} by {step}");
                }
            }
        }
    }

    #[test]
    fn a_scale_gives_up_one_great_weight_that_hardly_matters() {
        let mut w = vec![0.1f32; 32];
        (0..32).for_each(|k| w[k] += k as f32 * 0.003);
        w[0] = 1.0;
        let mut matters = vec![1.0f64; 32];
        matters[0] = 1e-6;
        let scale = scale(1.0, 127.0, 0.0, &[(w.clone(), &matters)]);
        assert!(scale < 0.8 / 127.0, "{scale}");
        matters[0] = 1e3;
        assert_eq!(super::scale(1.0, 127.0, 0.0, &[(w, &matters)]), 1.0 / 127.0);
    }
}
