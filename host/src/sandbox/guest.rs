//! The guest modules inside this binary.

/// The guest for every engine with 128-bit SIMD.
pub const SIMD128: &[u8] = include_bytes!(env!("MOTE_GUEST_SIMD128"));

/// The guest for engines that have relaxed SIMD too. Its results are the same bits.
pub const RELAXED_SIMD: &[u8] = include_bytes!(env!("MOTE_GUEST_RELAXED_SIMD"));
