//! Vectors from and to arrays. The lengths are in the types, so that every load and store is in bounds by construction.

#![allow(unsafe_code, reason = "vector loads and stores take pointers")]

use core::arch::wasm32::{
    i16x8_load_extend_i8x8, v128, v128_load, v128_load32_splat, v128_load64_zero, v128_store, v128_store64_lane,
};

/// An array of 16 bytes.
///
/// # Safety
/// The type is 16 bytes, all of them initialised, and any bytes are a value of it.
pub(super) unsafe trait Bytes16 {}

// SAFETY: 16 bytes of integers or floats without padding.
unsafe impl Bytes16 for [i8; 16] {}
// SAFETY: as above.
unsafe impl Bytes16 for [i16; 8] {}
// SAFETY: as above.
unsafe impl Bytes16 for [i32; 4] {}
// SAFETY: as above.
unsafe impl Bytes16 for [f32; 4] {}

/// All 16 bytes.
#[inline(always)]
pub(super) fn load<T: Bytes16>(from: &T) -> v128 {
    // SAFETY: `from` is 16 readable bytes; `v128_load` needs no alignment.
    unsafe { v128_load(core::ptr::from_ref(from).cast()) }
}

/// All 16 bytes.
#[inline(always)]
pub(super) fn store<T: Bytes16>(v: v128, to: &mut T) {
    // SAFETY: `to` is 16 writable bytes of which any are a value; `v128_store` needs no alignment.
    unsafe { v128_store(core::ptr::from_mut(to).cast(), v) }
}

/// A pair in each of the four 32-bit lanes.
#[inline(always)]
pub(super) fn splat_pair(from: &[i16; 2]) -> v128 {
    // SAFETY: `from` is 4 readable bytes; the load needs no alignment.
    unsafe { v128_load32_splat(core::ptr::from_ref(from).cast()) }
}

/// Eight bytes, each widened to 16 bits with its sign.
#[inline(always)]
pub(super) fn load_widened(from: &[i8; 8]) -> v128 {
    // SAFETY: `from` is 8 readable bytes; the load needs no alignment.
    unsafe { i16x8_load_extend_i8x8(core::ptr::from_ref(from).cast()) }
}

/// Eight bytes in the low half, zeros in the high one.
#[inline(always)]
pub(super) fn load_low(from: &[i8; 8]) -> v128 {
    // SAFETY: `from` is 8 readable bytes; the load needs no alignment.
    unsafe { v128_load64_zero(core::ptr::from_ref(from).cast()) }
}

/// The low 8 bytes.
#[inline(always)]
pub(super) fn store_low(v: v128, to: &mut [i8; 8]) {
    // SAFETY: `to` is 8 writable bytes; the store needs no alignment.
    unsafe { v128_store64_lane::<0>(v, core::ptr::from_mut(to).cast()) }
}

/// The low bytes, as many as `to` has: at most 8.
#[inline(always)]
pub(super) fn store_some(v: v128, to: &mut [i8]) {
    match to.first_chunk_mut::<8>() {
        Some(to) => store_low(v, to),
        None => {
            let mut all = [0; 8];
            store_low(v, &mut all);
            to.copy_from_slice(&all[..to.len()]);
        }
    }
}

/// Eight bytes, or as many as there are with zeros after them.
#[inline(always)]
pub(super) fn up_to_8(from: &[i8]) -> [i8; 8] {
    from.first_chunk::<8>().copied().unwrap_or_else(|| {
        let mut all = [0; 8];
        all[..from.len()].copy_from_slice(from);
        all
    })
}
