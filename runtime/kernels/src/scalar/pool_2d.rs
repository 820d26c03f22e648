//! `AVERAGE_POOL_2D`, `MAX_POOL_2D`.

use super::arithmetic::Stored;
use crate::geometry::Window;

/// The mean of the stored values under the window, rounded half away from zero, clamped.
pub fn average_pool<T: Stored>(window: &Window, channels: usize, range: (i32, i32), x: &[T], y: &mut [T]) {
    window.for_each_position(&mut |position, taps| {
        let count = taps.len() as i32;
        for c in 0..channels {
            let mut sum = 0i32;
            for tap in taps {
                sum = sum.wrapping_add(x[tap.pixel * channels + c].into());
            }
            let half = count / 2;
            let mean = (if sum > 0 { sum.wrapping_add(half) } else { sum.wrapping_sub(half) }) / count;
            y[position * channels + c] = T::of(mean.max(range.0).min(range.1));
        }
    });
}

/// The mean of the values under the window, clamped.
pub fn average_pool_f32(window: &Window, channels: usize, range: (f32, f32), x: &[f32], y: &mut [f32]) {
    window.for_each_position(&mut |position, taps| {
        for c in 0..channels {
            let mut sum = 0.0;
            for tap in taps {
                sum += x[tap.pixel * channels + c];
            }
            y[position * channels + c] = (sum / taps.len() as f32).clamp(range.0, range.1);
        }
    });
}

/// The largest value under the window, clamped.
pub fn max_pool<T: Copy + PartialOrd>(window: &Window, channels: usize, range: (T, T), x: &[T], y: &mut [T]) {
    window.for_each_position(&mut |position, taps| {
        for c in 0..channels {
            let mut most = range.0;
            for tap in taps {
                let x = x[tap.pixel * channels + c];
                most = if x > most { x } else { most };
            }
            y[position * channels + c] = if most > range.1 { range.1 } else { most };
        }
    });
}
