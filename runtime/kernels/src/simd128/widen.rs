//! Activations to int16, less their zero point.

use core::arch::wasm32::{i16x8_splat, i16x8_sub, v128};

use super::lanes::{load_widened, store};

/// `y = x - zero_point`.
#[inline(never)]
pub(super) fn widen(x: &[i8], zero_point: i8, y: &mut [i16]) {
    let zero = i16x8_splat(i16::from(zero_point));
    let (x_blocks, x_rest) = x.as_chunks::<8>();
    let (y_blocks, y_rest) = y[..x.len()].as_chunks_mut::<8>();
    widen_blocks(x_blocks, zero, y_blocks);
    for (&x, y) in x_rest.iter().zip(y_rest) {
        *y = i16::from(x) - i16::from(zero_point);
    }
}

/// `y = x - zero`, for as many vectors as both have.
#[inline(always)]
pub(super) fn widen_blocks(x: &[[i8; 8]], zero: v128, y: &mut [[i16; 8]]) {
    for (x, y) in x.iter().zip(y) {
        store(i16x8_sub(load_widened(x), zero), y);
    }
}
