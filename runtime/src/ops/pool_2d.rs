//! `AVERAGE_POOL_2D`, `MAX_POOL_2D`: over stored values, as the reference does; input and output share scale and zero point.

use super::Prepared;
use super::activation::Activation;
use super::window::{expect_result, nhwc, window};
use crate::dtype::{DType, Element};
use crate::io::Io;
use crate::kernels::Backend;
use crate::kernels::geometry::Window;
use crate::kernels::scalar::arithmetic::Stored;
use crate::kernels::scalar::pool_2d::{average_pool, average_pool_f32, max_pool};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use crate::kernels::simd128::pool_2d as simd128;
use crate::node::{Node, Refused};

/// A pool that is checked.
struct Pool {
    window: Window,
    channels: usize,
    activation: Activation,
}

impl Pool {
    fn of(node: &Node<'_>) -> Result<Self, Refused> {
        node.arity(1..=1, 1)?;
        let x = nhwc(node, "an input", node.input(0)?)?;
        node.expect_dtype("an output", node.output(0)?, node.input(0)?.dtype)?;
        let taps =
            [node.option_positive(4, "rows of a window", 0)?, node.option_positive(3, "columns of a window", 0)?];
        let window = window(node, x, taps, None)?;
        expect_result(node, &window, x[3])?;
        Ok(Self { window, channels: x[3], activation: Activation::of(node, 5)? })
    }

    /// The range of stored values that the activation leaves. An output without a scale is clamped by its type only.
    fn stored_range(&self, node: &Node<'_>) -> Result<(i32, i32), Refused> {
        let y = node.output(0)?;
        let all = y.dtype.quantized_range().unwrap_or_default();
        match self.activation {
            Activation::None => Ok(all),
            Activation::Relu | Activation::ReluN1To1 | Activation::Relu6 => {
                Ok(self.activation.quantized_range(node.per_tensor("an output", y)?, all))
            }
        }
    }

    fn average<T: Stored>(self, node: &Node<'_>, kernel: &'static str) -> Result<Prepared, Refused> {
        let range = self.stored_range(node)?;
        Ok(step(kernel, move |x: &[T], y| average_pool(&self.window, self.channels, range, x, y)))
    }

    fn max<T: Stored>(self, node: &Node<'_>, kernel: &'static str) -> Result<Prepared, Refused> {
        let (low, high) = self.stored_range(node)?;
        let range = (T::of(low), T::of(high));
        Ok(step(kernel, move |x: &[T], y| max_pool(&self.window, self.channels, range, x, y)))
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn average_simd128(self, node: &Node<'_>) -> Result<Prepared, Refused> {
        if self.window.taps() > simd128::MOST_TAPS {
            return self.average::<i8>(node, "scalar average pool i8");
        }
        let range = self.stored_range(node)?;
        Ok(step("simd128 average pool i8", move |x, y| {
            simd128::average_pool(&self.window, self.channels, range, x, y);
        }))
    }

    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn max_simd128(self, node: &Node<'_>) -> Result<Prepared, Refused> {
        let (low, high) = self.stored_range(node)?;
        let range = (low as i8, high as i8);
        Ok(step("simd128 max pool i8", move |x, y| simd128::max_pool(&self.window, self.channels, range, x, y)))
    }
}

/// The mean of each window.
pub(super) fn average_pool_2d(node: &Node<'_>) -> Result<Prepared, Refused> {
    let pool = Pool::of(node)?;
    match (node.input(0)?.dtype, node.backend) {
        (DType::F32, _) => {
            let range = pool.activation.range();
            Ok(step("scalar average pool f32", move |x, y| average_pool_f32(&pool.window, pool.channels, range, x, y)))
        }
        (DType::I8, Backend::Scalar) => pool.average::<i8>(node, "scalar average pool i8"),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        (DType::I8, Backend::Simd128) => pool.average_simd128(node),
        (DType::U8, _) => pool.average::<u8>(node, "scalar average pool u8"),
        (DType::I16, _) => pool.average::<i16>(node, "scalar average pool i16"),
        _ => Err(node.unsupported_types("float32, int8, uint8 or int16")),
    }
}

/// The largest of each window.
pub(super) fn max_pool_2d(node: &Node<'_>) -> Result<Prepared, Refused> {
    let pool = Pool::of(node)?;
    match (node.input(0)?.dtype, node.backend) {
        (DType::F32, _) => {
            let range = pool.activation.range();
            Ok(step("scalar max pool f32", move |x: &[f32], y| max_pool(&pool.window, pool.channels, range, x, y)))
        }
        (DType::I8, Backend::Scalar) => pool.max::<i8>(node, "scalar max pool i8"),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        (DType::I8, Backend::Simd128) => pool.max_simd128(node),
        (DType::U8, _) => pool.max::<u8>(node, "scalar max pool u8"),
        (DType::I16, _) => pool.max::<i16>(node, "scalar max pool i16"),
        _ => Err(node.unsupported_types("float32, int8, uint8 or int16")),
    }
}

fn step<T: Element>(kernel: &'static str, run: impl Fn(&[T], &mut [T]) + Send + Sync + 'static) -> Prepared {
    Prepared::new(kernel, move |io: &mut Io<'_>| {
        let x = io.input(0);
        run(x, io.output(0));
        Ok(())
    })
}
