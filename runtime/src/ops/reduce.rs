//! `MEAN`, `SUM`, `REDUCE_MAX`.

use super::Prepared;
use super::elementwise::quantization;
use super::movement::axis_of;
use crate::dtype::{DType, Element};
use crate::kernels::scalar::arithmetic::Stored;
use crate::kernels::scalar::reduce::Reduction;
use crate::limits::MAX_RANK;
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// The mean over the axes of input 1.
pub(super) fn mean(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (reduction, count) = reduction(node)?;
    match node.input(0)?.dtype {
        DType::F32 => Ok(Prepared::new("scalar f32", move |io| {
            let x = io.input::<f32>(0);
            let y = io.output::<f32>(0);
            y.fill(0.0);
            reduction.fold(x, y, |sum, x| sum + x);
            y.iter_mut().for_each(|y| *y /= count as f32);
            Ok(())
        })),
        DType::I32 => {
            let scratch = node.output(0)?.shape.elements() * size_of::<i64>();
            let step = Prepared::new("scalar int32", move |io| {
                let x = io.input::<i32>(0);
                let (y, sums) = (io.take_output::<i32>(0), io.take_scratch::<i64>());
                sums.fill(0);
                reduction.fold(x, sums, |sum, x| sum + i64::from(x));
                for (&sum, y) in sums.iter().zip(y) {
                    *y = (sum / count as i64) as i32;
                }
                Ok(())
            });
            Ok(step.scratch(scratch))
        }
        _ => quantized(node, reduction, count, true),
    }
}

/// The sum over the axes of input 1. Sums of int32 wrap.
pub(super) fn sum(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (reduction, count) = reduction(node)?;
    match node.input(0)?.dtype {
        DType::F32 => Ok(fold(reduction, 0.0f32, |sum, x| sum + x)),
        DType::I32 => Ok(fold(reduction, 0i32, i32::wrapping_add)),
        _ => quantized(node, reduction, count, false),
    }
}

/// The largest element over the axes of input 1. Stored values are compared as they are, so quantized inputs and outputs have one
/// scale and zero point.
pub(super) fn reduce_max(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (reduction, _) = reduction(node)?;
    let x = node.input(0)?;
    node.expect_same_quantization(x, node.output(0)?)?;
    Ok(match x.dtype {
        DType::F32 => fold(reduction, f32::MIN, |y, x| if x > y { x } else { y }),
        DType::I8 => fold(reduction, i8::MIN, i8::max),
        DType::U8 => fold(reduction, u8::MIN, u8::max),
        DType::I16 => fold(reduction, i16::MIN, i16::max),
        DType::I32 => fold(reduction, i32::MIN, i32::max),
        _ => return Err(node.unsupported_types("int8, uint8, int16, int32 or float32")),
    })
}

fn fold<T: Element>(reduction: Reduction, start: T, f: fn(T, T) -> T) -> Prepared {
    Prepared::new("scalar reduce", move |io| {
        let x = io.input::<T>(0);
        let y = io.output::<T>(0);
        y.fill(start);
        reduction.fold(x, y, f);
        Ok(())
    })
}

/// The axes of input 1, which may repeat, reduced; with how many inputs make one output. Option 0 keeps them with an extent of 1.
fn reduction(node: &Node<'_>) -> Result<(Reduction, usize), Refused> {
    node.arity(2..=2, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_dtype("an output", y, x.dtype)?;
    let mut reduced = [false; MAX_RANK];
    for axis in node.constant_integers(1)? {
        reduced[axis_of(node, axis, &x.shape)?] = true;
    }
    let keep = node.option_bool(0)?;
    let extents = x.shape.iter().zip(&reduced);
    let expected = extents.filter(|&(_, &reduced)| keep || !reduced).map(|(&d, &reduced)| if reduced { 1 } else { d });
    if !y.shape.iter().copied().eq(expected) {
        let expected =
            format_args!("{} without the axes that are reduced{}", x.shape, if keep { ", kept as 1" } else { "" });
        return Err(node.invalid(expected, format_args!("{}", y.shape)));
    }
    Ok((Reduction::new(&x.shape, reduced), x.shape.elements() / y.shape.elements()))
}

/// Sums of stored values without their zero points, brought to the output's scale, which for means takes in `1 / count`.
///
/// Source: TensorFlow Lite's `QuantizedMeanOrSum`.
fn quantized(node: &Node<'_>, reduction: Reduction, count: usize, mean: bool) -> Result<Prepared, Refused> {
    let (input, output) = quantization(node)?;
    let mut multiplier = Multiplier::new(f64::from(input.scale) / f64::from(output.scale));
    if mean {
        let shift = (count.ilog2() as i32).min(32).min(31 + multiplier.shift);
        multiplier.value = ((i64::from(multiplier.value) << shift) / count as i64) as i32;
        multiplier.shift -= shift;
    }
    let zero_points = (count as i32).wrapping_mul(input.zero_point);
    let store = move |sum: i32| multiplier.apply(sum.wrapping_sub(zero_points)).saturating_add(output.zero_point);
    match node.input(0)?.dtype {
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        DType::I8 if node.backend == crate::kernels::Backend::Simd128 => {
            sums("simd128 quantized", node, reduction, crate::kernels::simd128::reduce::sum, store)
        }
        DType::I8 => sums::<i8>("scalar quantized", node, reduction, sum_of, store),
        DType::U8 => sums::<u8>("scalar quantized", node, reduction, sum_of, store),
        DType::I16 => sums::<i16>("scalar quantized", node, reduction, sum_of, store),
        _ => Err(node.unsupported_types("int8, uint8, int16, int32 or float32")),
    }
}

/// Adds each element to its output.
fn sum_of<T: Stored>(reduction: &Reduction, x: &[T], sums: &mut [i32]) {
    reduction.fold(x, sums, |sum, x| sum.wrapping_add(x.into()));
}

fn sums<T: Stored>(
    kernel: &'static str,
    node: &Node<'_>,
    reduction: Reduction,
    add: fn(&Reduction, &[T], &mut [i32]),
    store: impl Fn(i32) -> i32 + Send + Sync + 'static,
) -> Result<Prepared, Refused> {
    let (low, high) = T::DTYPE.quantized_range().unwrap_or_default();
    let scratch = node.output(0)?.shape.elements() * size_of::<i32>();
    let step = Prepared::new(kernel, move |io| {
        let x = io.input::<T>(0);
        let (y, sums) = (io.take_output::<T>(0), io.take_scratch::<i32>());
        sums.fill(0);
        add(&reduction, x, sums);
        for (&sum, y) in sums.iter().zip(y) {
            *y = T::of(store(sum).clamp(low, high));
        }
        Ok(())
    });
    Ok(step.scratch(scratch))
}
