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
use lanes::up_to;

pub mod add;
pub mod conv_2d;
pub mod depthwise_conv_2d;
#[cfg(target_feature = "relaxed-simd")]
pub(crate) mod dot;
#[cfg(not(target_feature = "relaxed-simd"))]
#[path = "no_dot.rs"]
pub(crate) mod dot;
pub mod float;
pub mod fully_connected;
mod gemm;
mod lanes;
pub mod mul;
pub mod pointwise;
pub mod pool_2d;
pub mod reduce;
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

    /// Whether its output may lie over its input, which has as many elements.
    fn in_place(&self) -> bool {
        false
    }

    /// Runs it; `scratch` is at least as long as asked.
    fn run(&self, images: Images<'_, Self::X>, scratch: &mut [Self::Scratch]);
}

/// The input and the output of a kernel.
#[derive(Debug)]
pub enum Images<'a, T> {
    /// Apart.
    Apart(&'a [T], &'a mut [T]),
    /// The output over the input: what has been read may be overwritten.
    Over(&'a mut [T]),
}

impl<'a, T> Images<'a, T> {
    /// The input, as far as it is not overwritten.
    fn input(&self) -> &[T] {
        match self {
            Self::Apart(x, _) => x,
            Self::Over(xy) => xy,
        }
    }

    /// The output.
    fn output(&mut self) -> &mut [T] {
        match self {
            Self::Apart(_, y) | Self::Over(y) => y,
        }
    }

    /// Both, of a kernel that does not work in place.
    fn apart(self) -> (&'a [T], &'a mut [T]) {
        match self {
            Self::Apart(x, y) => (x, y),
            Self::Over(_) => unreachable!("only a kernel that says so works in place"),
        }
    }
}

/// How weights are packed, which are read as `[block of outputs][turn of inputs][step][output][input]`.
#[derive(Clone, Copy)]
struct Packing {
    /// Outputs of a block.
    outputs: usize,
    /// Inputs of a turn.
    inputs: usize,
    /// Inputs of a step, which lie side by side.
    step: usize,
}

impl Packing {
    /// `weight(o, k)` for `outputs` of `depth` inputs each, with zeros beyond the last of both; `B` is a turn.
    #[inline]
    fn turns<T: Pod, B: Pod>(self, outputs: usize, depth: usize, weight: &dyn Fn(usize, usize) -> T) -> Vec<B> {
        let mut turns = alloc::vec![B::zeroed(); outputs.div_ceil(self.outputs) * depth.div_ceil(self.inputs)];
        self.fill(outputs, depth, weight, bytemuck::cast_slice_mut(&mut turns));
        turns
    }

    /// One copy for each `T`, whatever a turn is.
    #[inline]
    fn fill<T: Copy>(self, outputs: usize, depth: usize, weight: &dyn Fn(usize, usize) -> T, to: &mut [T]) {
        let mut to = to.iter_mut();
        for block in (0..outputs).step_by(self.outputs) {
            for turn in (0..depth).step_by(self.inputs) {
                for step in (turn..turn + self.inputs).step_by(self.step) {
                    for output in block..block + self.outputs {
                        for (input, to) in (step..step + self.step).zip(&mut to) {
                            if output < outputs && input < depth {
                                *to = weight(output, input);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A function of blocks of eight elements, of two tensors and to a third.
type OfBlocks<'a> = &'a dyn Fn(&[[i8; 8]], &[[i8; 8]], &mut [[i8; 8]]);

/// Calls `f` with all whole blocks, then with what is left of them and zeros behind it.
fn in_blocks(a: &[i8], b: &[i8], y: &mut [i8], f: OfBlocks<'_>) {
    let ((a, a_rest), (b, b_rest), (y, y_rest)) = (a.as_chunks(), b.as_chunks(), y.as_chunks_mut());
    f(a, b, y);
    if !y_rest.is_empty() {
        let mut last = [[0; 8]];
        f(&[up_to(a_rest)], &[up_to(b_rest)], &mut last);
        y_rest.iter_mut().zip(last[0]).for_each(|(y, last)| *y = last);
    }
}

/// `values` in so many blocks, and zeros after them.
#[inline]
fn padded<T: Pod, B: Pod>(values: &[T], blocks: usize) -> Vec<B> {
    let mut padded = alloc::vec![B::zeroed(); blocks];
    bytemuck::cast_slice_mut::<B, T>(&mut padded).iter_mut().zip(values).for_each(|(to, value)| *to = *value);
    padded
}
