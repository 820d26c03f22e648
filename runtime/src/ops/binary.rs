//! What operators of two operands share: operands of one type, repeated to a common shape, and the walk over them.

use alloc::boxed::Box;

use super::Prepared;
use super::activation::Activation;
use crate::dtype::{DType, Element};
use crate::kernels::scalar::broadcast::Broadcast;
use crate::node::{Node, Operand, Refused};
use crate::quant::PerTensor;

/// Two operands and the output that they fill.
pub(super) struct Binary<'n, 'a> {
    node: &'n Node<'a>,
    pub(super) a: &'n Operand<'a>,
    pub(super) b: &'n Operand<'a>,
    pub(super) y: &'n Operand<'a>,
    broadcast: Broadcast,
}

/// Scales and zero points of both operands and the output, and the stored values that the activation clamps to.
pub(super) struct Quantization {
    pub(super) a: PerTensor,
    pub(super) b: PerTensor,
    pub(super) y: PerTensor,
    pub(super) range: (i32, i32),
}

/// What computes stretches `(a, b, y)` of equal length. As [`Run`](super::Run), a trait of ours.
trait Apply<T>: Send + Sync {
    fn apply(&self, a: &[T], b: &[T], y: &mut [T]);
}

impl<T, F: Fn(&[T], &[T], &mut [T]) + Send + Sync> Apply<T> for F {
    fn apply(&self, a: &[T], b: &[T], y: &mut [T]) {
        self(a, b, y);
    }
}

impl<'n, 'a> Binary<'n, 'a> {
    /// Refuses other than two operands of one type that fit together, and an output of another type or shape.
    pub(super) fn of(node: &'n Node<'a>) -> Result<Self, Refused> {
        node.arity(2..=2, 1)?;
        let (a, b, y) = (node.input(0)?, node.input(1)?, node.output(0)?);
        if a.dtype != b.dtype || a.dtype != y.dtype {
            return Err(node.unsupported_types("operands and an output of one type"));
        }
        let (broadcast, shape) = Broadcast::new(&a.shape, &b.shape).ok_or_else(|| {
            node.invalid(
                format_args!("shapes whose extents are equal or 1, from the last"),
                format_args!("{} and {}", a.shape, b.shape),
            )
        })?;
        node.expect_shape("an output", &y.shape, &shape)?;
        Ok(Self { node, a, b, y, broadcast })
    }

    /// Whether it is of int8, and may be computed by SIMD.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    pub(super) fn takes_simd128(&self) -> bool {
        self.y.dtype == DType::I8 && self.node.backend == crate::kernels::Backend::Simd128
    }

    /// Quantization of an operator whose option 0 is its activation.
    pub(super) fn quantization(&self) -> Result<Quantization, Refused> {
        let y = self.node.per_tensor("an output", self.y)?;
        let stored = self.y.dtype.quantized_range().unwrap_or_default();
        Ok(Quantization {
            a: self.node.per_tensor("input 0", self.a)?,
            b: self.node.per_tensor("input 1", self.b)?,
            y,
            range: Activation::of(self.node, 0)?.quantized_range(y, stored),
        })
    }

    /// A step that calls `apply` with stretches `(a, b, y)` of equal length.
    pub(super) fn step<T: Element>(
        self,
        kernel: &'static str,
        apply: impl Fn(&[T], &[T], &mut [T]) + Send + Sync + 'static,
    ) -> Prepared {
        self.boxed_step(kernel, Box::new(apply))
    }

    /// One copy for each element type, whatever is applied.
    fn boxed_step<T: Element>(self, kernel: &'static str, apply: Box<dyn Apply<T>>) -> Prepared {
        let elements = self.y.shape.elements();
        if self.a.shape.elements() == elements && self.b.shape.elements() == elements {
            let step = Prepared::new(kernel, move |io| {
                io.zip_blocks::<T>(|a, b, y| apply.apply(a, b, y));
                Ok(())
            });
            return step.in_place(0).in_place(1);
        }
        let broadcast = self.broadcast;
        Prepared::new(kernel, move |io| {
            let (a, b) = (io.input::<T>(0), io.input::<T>(1));
            broadcast.zip(a, b, io.output::<T>(0), &|a, b, y| apply.apply(a, b, y));
            Ok(())
        })
    }

    /// A step that calls `f` with each pair of elements.
    pub(super) fn each<T: Element>(
        self,
        kernel: &'static str,
        f: impl Fn(T, T) -> T + Send + Sync + 'static,
    ) -> Prepared {
        self.step(kernel, move |a: &[T], b: &[T], y: &mut [T]| {
            for ((&a, &b), y) in a.iter().zip(b).zip(y) {
                *y = f(a, b);
            }
        })
    }

    /// A step on plain numbers, where `f` of the type is followed by the activation of option 0.
    pub(super) fn plain(
        self,
        of_f32: fn(f32, f32) -> f32,
        of_i32: fn(i32, i32) -> i32,
        of_i64: fn(i64, i64) -> i64,
    ) -> Result<Prepared, Refused> {
        let (low, high) = Activation::of(self.node, 0)?.range();
        match self.y.dtype {
            DType::F32 => Ok(self.each("scalar f32", move |a, b| of_f32(a, b).clamp(low, high))),
            DType::I32 => {
                let (low, high) = (low as i32, high as i32);
                Ok(self.each("scalar int32", move |a, b| of_i32(a, b).clamp(low, high)))
            }
            DType::I64 => {
                let (low, high) = (low as i64, high as i64);
                Ok(self.each("scalar int64", move |a, b| of_i64(a, b).clamp(low, high)))
            }
            _ => Err(self.node.unsupported_types("operands of int8, uint8, int16, int32, int64 or float32")),
        }
    }
}
