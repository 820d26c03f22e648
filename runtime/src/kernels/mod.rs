//! The loops. One folder a back end, one file a family of operators, under the same name in each.
//!
//! [`scalar`] is the specification: obvious, never tuned. The others take the same arguments and give the same bits; which one a
//! step uses is decided when the model is loaded, from its [`Backend`] and the shape of its operands.

pub mod geometry;
pub mod scalar;
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

impl Backend {
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
