//! `AVERAGE_POOL_2D`, `MAX_POOL_2D`: over stored values, as the reference does; input and output share scale and zero point.

use super::Prepared;
use super::activation::Activation;
use super::window::{expect_result, nhwc, window};
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::io::Io;
use crate::kernels::geometry::Window;
use crate::kernels::scalar::arithmetic::Stored;
use crate::kernels::scalar::pool_2d::{average_pool, average_pool_f32, max_pool};
use crate::node::Node;

/// A pool that is checked.
struct Pool {
    window: Window,
    channels: usize,
    activation: Activation,
}

impl Pool {
    fn of(node: &Node<'_>) -> Result<Self, Error> {
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
    fn stored_range(&self, node: &Node<'_>) -> Result<(i32, i32), Error> {
        let y = node.output(0)?;
        let all = y.dtype.quantized_range().unwrap_or_default();
        match self.activation {
            Activation::None => Ok(all),
            Activation::Relu | Activation::ReluN1To1 | Activation::Relu6 => {
                Ok(self.activation.quantized_range(node.per_tensor("an output", y)?, all))
            }
        }
    }

    fn average<T: Stored>(self, kernel: &'static str, range: (i32, i32)) -> Prepared {
        step(kernel, move |x: &[T], y| average_pool(&self.window, self.channels, range, x, y))
    }

    fn max<T: Stored>(self, kernel: &'static str, range: (i32, i32)) -> Prepared {
        let range = (T::of(range.0), T::of(range.1));
        step(kernel, move |x: &[T], y| max_pool(&self.window, self.channels, range, x, y))
    }
}

/// The mean of each window.
pub(super) fn average_pool_2d(node: &Node<'_>) -> Result<Prepared, Error> {
    let pool = Pool::of(node)?;
    let range = pool.stored_range(node)?;
    match node.input(0)?.dtype {
        DType::F32 => {
            let range = pool.activation.range();
            Ok(step("scalar average pool f32", move |x, y| average_pool_f32(&pool.window, pool.channels, range, x, y)))
        }
        DType::I8 => Ok(pool.average::<i8>("scalar average pool i8", range)),
        DType::U8 => Ok(pool.average::<u8>("scalar average pool u8", range)),
        DType::I16 => Ok(pool.average::<i16>("scalar average pool i16", range)),
        _ => Err(node.unsupported_types("float32, int8, uint8 or int16")),
    }
}

/// The largest of each window.
pub(super) fn max_pool_2d(node: &Node<'_>) -> Result<Prepared, Error> {
    let pool = Pool::of(node)?;
    match node.input(0)?.dtype {
        DType::F32 => {
            let range = pool.activation.range();
            Ok(step("scalar max pool f32", move |x: &[f32], y| max_pool(&pool.window, pool.channels, range, x, y)))
        }
        DType::I8 => {
            let range = pool.stored_range(node)?;
            Ok(pool.max::<i8>("scalar max pool i8", range))
        }
        DType::U8 => {
            let range = pool.stored_range(node)?;
            Ok(pool.max::<u8>("scalar max pool u8", range))
        }
        DType::I16 => {
            let range = pool.stored_range(node)?;
            Ok(pool.max::<i16>("scalar max pool i16", range))
        }
        _ => Err(node.unsupported_types("float32, int8, uint8 or int16")),
    }
}

fn step<T: Element>(kernel: &'static str, run: impl Fn(&[T], &mut [T]) + Send + Sync + 'static) -> Prepared {
    Prepared::new(kernel, move |io: &mut Io<'_>| {
        let x = io.input(0)?;
        run(x, io.output(0)?);
        Ok(())
    })
}
