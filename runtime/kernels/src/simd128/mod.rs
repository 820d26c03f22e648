//! 128-bit SIMD of wasm, with the bits of the scalar kernels.
//!
//! Each family packs its weights once, when the model is loaded, and gives nothing where it would not be exact; the operator then
//! takes the scalar kernel. Sums are 32-bit and wrap like the scalar ones, so their order does not matter; what is delicate is the
//! requantization, whose proof stands in [`requantize`].
//!
//! The only unsafe code of the runtime is in [`lanes`].

use alloc::vec::Vec;

use bytemuck::Pod;

use crate::dtype::Element;

pub mod add;
pub mod conv_2d;
pub mod depthwise_conv_2d;
pub mod float;
pub mod fully_connected;
mod gemm;
mod lanes;
pub mod pool_2d;
mod requantize;
mod sparse;
mod widen;
pub mod winograd;

/// A kernel that has packed its weights.
pub trait Packed: Send + Sync + 'static {
    /// Inputs and outputs.
    type X: Element;
    /// Scratch.
    type Scratch: Element;

    /// Bytes of packed weights.
    fn bytes(&self) -> usize;

    /// Bytes of scratch, or 0.
    fn scratch(&self) -> usize;

    /// Runs it on its input `x` and output `y`; `scratch` is at least as long as asked.
    fn run(&self, x: &[Self::X], scratch: &mut [Self::Scratch], y: &mut [Self::X]);
}

/// `values` in so many blocks, and zeros after them.
#[inline]
fn padded<T: Pod, B: Pod>(values: &[T], blocks: usize) -> Vec<B> {
    let mut padded = alloc::vec![B::zeroed(); blocks];
    bytemuck::cast_slice_mut::<B, T>(&mut padded).iter_mut().zip(values).for_each(|(to, value)| *to = *value);
    padded
}
