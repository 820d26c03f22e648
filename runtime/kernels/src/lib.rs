//! The loops, and the arithmetic that they share. One folder a back end, one file a family of operators, under the same name in
//! each.
//!
//! [`scalar`] is the specification: obvious, never tuned. The others take the same arguments and give the same bits; which one a
//! step uses is decided when the model is loaded, from its [`Backend`] and the shape of its operands.
//!
//! They are a crate of their own so that the guest can be small and fast at once: the profile `wasm` compiles this crate for
//! speed, and all the rest of the module, most of which runs once when a model is loaded, for size.
//! What is not worth the bytes here (activations and recurrent layers, whose loops hold far more work than their control) is
//! `#[inline]`: it is compiled where it is called, for size. So is everything generic.

#![no_std]

extern crate alloc;

pub mod dtype;
pub mod fixed_point;
pub mod fixed_point_16;
pub mod geometry;
pub mod lookup;
pub mod quant;
pub mod real;
pub mod scalar;
pub mod shape;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub mod simd128;

/// The kernels that a session may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The scalar specification.
    Scalar,
    /// 128-bit SIMD of wasm, in a relaxed build with relaxed instructions where they give the same bits.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
}

/// A relaxed dot product of int8 that gives exact sums: what it multiplies, asked of the engine at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dot {
    /// Both operands are signed.
    Signed,
    /// The second operand is unsigned, and no sum saturates.
    Unsigned,
}

impl Backend {
    /// The relaxed dot product that the kernels use; none where this build has none, or the engine's would not be exact.
    #[must_use]
    #[inline]
    pub fn dot(self) -> Option<Dot> {
        match self {
            Backend::Scalar => None,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Backend::Simd128 => simd128::dot::probe(),
        }
    }

    /// The best one of this build, or the scalar one on request.
    #[must_use]
    pub fn choose(reference: bool) -> Self {
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        if !reference {
            return Backend::Simd128;
        }
        let _ = reference;
        Backend::Scalar
    }
}
