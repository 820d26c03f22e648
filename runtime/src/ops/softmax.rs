//! `SOFTMAX`.

use super::Prepared;
use super::elementwise::{expect_output, operands};
use crate::dtype::DType;
use crate::kernels::scalar::softmax::{DIFFERENCE_BITS, Differences, Softmax16, softmax, softmax_f32, softmax16};
use crate::lookup::Interpolated;
use crate::node::{Node, Operand, Refused};
use crate::quant::{Multiplier, input_radius};
use crate::real;

/// Over the last axis, with option 0 the factor beta. The output's quantization is prescribed.
///
/// Source: TensorFlow Lite's `SoftmaxPrepare`, `Softmax` and `SoftmaxInt16`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, y) = operands(node)?;
    let depth = depth(node, x)?;
    let beta = node.option_f32(0)?;
    let types = (x.dtype, y.dtype);
    match types {
        (DType::F32, DType::F32) => Ok(Prepared::new("scalar f32", move |io| {
            let x = io.input(0);
            softmax_f32(beta, depth, x, io.output(0));
            Ok(())
        })),
        (DType::I16, DType::I16) => {
            expect_output(node, 1.0 / 32768.0, 0)?;
            let scale = f64::from(node.per_tensor("an input", x)?.scale);
            let tables = Softmax16 {
                multiplier: Multiplier::new(positive(node, scale * f64::from(beta))? / (10.0 / 65535.0)),
                exp: Interpolated::new(&real::exp, (-10.0, 0.0), (-1.0, 1.0)),
                one_over_one_plus: Interpolated::new(&|x| 1.0 / (1.0 + x), (0.0, 1.0), (-1.0, 1.0)),
            };
            Ok(Prepared::new("scalar int16", move |io| {
                let x = io.input(0);
                softmax16(&tables, depth, x, io.output(0));
                Ok(())
            }))
        }
        (DType::I8, DType::I8) => {
            expect_output(node, 1.0 / 256.0, -128)?;
            let differences = differences(node, beta)?;
            Ok(Prepared::new("scalar int8", move |io| {
                let x = io.input(0);
                softmax::<i8, i8>(&differences, depth, -128, x, io.output(0));
                Ok(())
            }))
        }
        (DType::I8, DType::I16) => {
            expect_output(node, 1.0 / 65536.0, -32768)?;
            let differences = differences(node, beta)?;
            Ok(Prepared::new("scalar int8 to int16", move |io| {
                let x = io.input(0);
                softmax::<i8, i16>(&differences, depth, -32768, x, io.output(0));
                Ok(())
            }))
        }
        (DType::U8, DType::U8) => {
            expect_output(node, 1.0 / 256.0, 0)?;
            let differences = differences(node, beta)?;
            Ok(Prepared::new("scalar uint8", move |io| {
                let x = io.input(0);
                softmax::<u8, u8>(&differences, depth, 0, x, io.output(0));
                Ok(())
            }))
        }
        _ => Err(node.unsupported_types("int8 to int8 or int16, or uint8, int16 or float32 throughout")),
    }
}

/// Elements of a row: the extent of the last axis.
pub(super) fn depth(node: &Node<'_>, x: &Operand<'_>) -> Result<usize, Refused> {
    let last = x.shape.last().copied();
    last.ok_or_else(|| node.invalid(format_args!("an input of at least one axis"), format_args!("a scalar")))
}

/// How differences of 8-bit values are scaled.
///
/// Source: TensorFlow Lite's `PreprocessSoftmaxScaling` and `CalculateInputRadius`.
pub(super) fn differences(node: &Node<'_>, beta: f32) -> Result<Differences, Refused> {
    let scale = f64::from(node.per_tensor("an input", node.input(0)?)?.scale);
    let factor = positive(node, scale * f64::from(beta))? * f64::from(1 << (31 - DIFFERENCE_BITS));
    if factor <= 1.0 {
        return Err(node.unsupported(format_args!("beta * scale of the input above 2^-26"), format_args!("less")));
    }
    let multiplier = Multiplier::new(factor.min(f64::from(i32::MAX)));
    Ok(Differences::new(multiplier, -input_radius(DIFFERENCE_BITS, multiplier.shift)))
}

fn positive(node: &Node<'_>, factor: f64) -> Result<f64, Refused> {
    if factor > 0.0 && factor.is_finite() {
        return Ok(factor);
    }
    Err(node.invalid(format_args!("a beta above 0"), format_args!("another one")))
}
