//! `AVERAGE_POOL_2D`, `MAX_POOL_2D`.

use super::arithmetic::Stored;
use crate::geometry::Window;

/// Calls `visit` with the index of each pixel under the window at a position, in order; padding is left out.
fn pixels(window: &Window, (n, oy, ox): (usize, usize, usize), mut visit: impl FnMut(usize)) {
    for ky in 0..window.rows.taps {
        let Some(iy) = window.rows.at(oy, ky) else { continue };
        for kx in 0..window.columns.taps {
            let Some(ix) = window.columns.at(ox, kx) else { continue };
            visit(window.input_pixel(n, iy, ix));
        }
    }
}

/// Calls `visit` with each position `(n, y, x)` of the window and the index of its pixel in the result.
fn positions(window: &Window, mut visit: impl FnMut((usize, usize, usize), usize)) {
    for n in 0..window.batches {
        for oy in 0..window.rows.output {
            for ox in 0..window.columns.output {
                visit((n, oy, ox), window.output_pixel(n, oy, ox));
            }
        }
    }
}

/// The mean of the stored values under the window, rounded half away from zero, clamped.
pub fn average_pool<T: Stored>(window: &Window, channels: usize, range: (i32, i32), x: &[T], y: &mut [T]) {
    positions(window, |at, pixel| {
        for c in 0..channels {
            let (mut sum, mut count) = (0i32, 0i32);
            pixels(window, at, |p| {
                sum = sum.wrapping_add(x[p * channels + c].into());
                count += 1;
            });
            let half = count / 2;
            let mean = (if sum > 0 { sum.wrapping_add(half) } else { sum.wrapping_sub(half) }) / count;
            y[pixel * channels + c] = T::of(mean.max(range.0).min(range.1));
        }
    });
}

/// The mean of the values under the window, clamped.
pub fn average_pool_f32(window: &Window, channels: usize, range: (f32, f32), x: &[f32], y: &mut [f32]) {
    positions(window, |at, pixel| {
        for c in 0..channels {
            let (mut sum, mut count) = (0.0, 0.0);
            pixels(window, at, |p| {
                sum += x[p * channels + c];
                count += 1.0;
            });
            y[pixel * channels + c] = (sum / count).clamp(range.0, range.1);
        }
    });
}

/// The largest value under the window, clamped.
pub fn max_pool<T: Copy + PartialOrd>(window: &Window, channels: usize, range: (T, T), x: &[T], y: &mut [T]) {
    let max = |a: T, b: T| if b > a { b } else { a };
    positions(window, |at, pixel| {
        for c in 0..channels {
            let mut most = range.0;
            pixels(window, at, |p| most = max(most, x[p * channels + c]));
            y[pixel * channels + c] = if most > range.1 { range.1 } else { most };
        }
    });
}
