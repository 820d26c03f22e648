//! `AVERAGE_POOL_2D`, `MAX_POOL_2D` of int8, eight channels at a time.
//!
//! The mean is a quotient in single precision, cut to an integer. It is exact for dividends below 2^24: a quotient `a / b` that is no
//! integer is at least `1 / b` below the next one, which is more than half a unit in its last place.

use core::arch::wasm32::{
    f32x4_convert_i32x4, f32x4_div, f32x4_splat, i8x16_max, i8x16_min, i8x16_narrow_i16x8, i8x16_splat,
    i16x8_narrow_i32x4, i32x4_add, i32x4_extend_high_i16x8, i32x4_extend_low_i16x8, i32x4_shr, i32x4_splat, i32x4_sub,
    i32x4_trunc_sat_f32x4, v128, v128_xor,
};

use super::lanes::{every, load_low, load_widened, store_some, up_to};
use super::requantize::LANES;
use crate::geometry::Window;

/// Taps of the largest window whose sums, with half their number, stay below 2^24.
pub const MOST_TAPS: usize = 1 << 16;

/// The pixels of the image under the window at a position, as ranges of `x` in rows.
#[derive(Debug, Clone, Copy)]
struct Under {
    rows: (usize, usize),
    columns: (usize, usize),
}

/// The taps of a position that lie in the image, as a range of its indices. For `dilation` 1.
fn inside(axis: &crate::geometry::Axis, output: usize) -> (usize, usize) {
    let begin = output * axis.stride;
    let end = (begin + axis.taps).saturating_sub(axis.padding).min(axis.input);
    (begin.saturating_sub(axis.padding), end)
}

/// Calls `visit` with the image's pixels under each position, and the position's channels in `y`.
fn positions(window: &Window, channels: usize, x: &[i8], y: &mut [i8], mut visit: impl FnMut(&[i8], Under, &mut [i8])) {
    let image = window.rows.input * window.columns.input * channels;
    let out_image = window.rows.output * window.columns.output * channels;
    for (x, y) in x.chunks_exact(image).zip(y.chunks_exact_mut(out_image)) {
        for (position, y) in y.chunks_exact_mut(channels).enumerate() {
            let (oy, ox) = (position / window.columns.output, position % window.columns.output);
            let under = Under { rows: inside(&window.rows, oy), columns: inside(&window.columns, ox) };
            visit(x, under, y);
        }
    }
}

impl Under {
    fn count(self) -> usize {
        (self.rows.1 - self.rows.0) * (self.columns.1 - self.columns.0)
    }

    /// Calls `visit` with the channels from `first` on of each pixel.
    #[inline(always)]
    fn each(self, window: &Window, channels: usize, x: &[i8], first: usize, mut visit: impl FnMut(&[i8; 8])) {
        let count = self.columns.1 - self.columns.0;
        for iy in self.rows.0..self.rows.1 {
            let row = &x[(iy * window.columns.input + self.columns.0) * channels + first..];
            if first + LANES <= channels {
                every(row, channels, count).for_each(&mut visit);
            } else {
                row.chunks(channels).take(count).for_each(|pixel| visit(&up_to(&pixel[..channels - first])));
            }
        }
    }
}

/// As the scalar kernel, for windows of at most [`MOST_TAPS`].
pub fn average_pool(window: &Window, channels: usize, range: (i32, i32), x: &[i8], y: &mut [i8]) {
    positions(window, channels, x, y, |x, under, y| {
        let count = under.count() as i32;
        for (b, y) in y.chunks_mut(LANES).enumerate() {
            let (mut low, mut high) = (i32x4_splat(0), i32x4_splat(0));
            under.each(window, channels, x, b * LANES, |lanes| {
                let v = load_widened(lanes);
                low = i32x4_add(low, i32x4_extend_low_i16x8(v));
                high = i32x4_add(high, i32x4_extend_high_i16x8(v));
            });
            let mean = i16x8_narrow_i32x4(mean(low, count), mean(high, count));
            store_some(clamp(i8x16_narrow_i16x8(mean, mean), range.0 as i8, range.1 as i8), y);
        }
    });
}

/// `sum / count`, rounded half away from zero.
#[inline(always)]
fn mean(sum: v128, count: i32) -> v128 {
    let sign = i32x4_shr(sum, 31);
    let half = i32x4_sub(v128_xor(i32x4_splat(count / 2), sign), sign);
    let quotient = f32x4_div(f32x4_convert_i32x4(i32x4_add(sum, half)), f32x4_splat(count as f32));
    i32x4_trunc_sat_f32x4(quotient)
}

/// As the scalar kernel.
pub fn max_pool(window: &Window, channels: usize, range: (i8, i8), x: &[i8], y: &mut [i8]) {
    positions(window, channels, x, y, |x, under, y| {
        for (b, y) in y.chunks_mut(LANES).enumerate() {
            let mut most = i8x16_splat(range.0);
            under.each(window, channels, x, b * LANES, |lanes| most = i8x16_max(most, load_low(lanes)));
            store_some(i8x16_min(most, i8x16_splat(range.1)), y);
        }
    });
}

#[inline(always)]
fn clamp(v: v128, low: i8, high: i8) -> v128 {
    i8x16_min(i8x16_max(v, i8x16_splat(low)), i8x16_splat(high))
}
