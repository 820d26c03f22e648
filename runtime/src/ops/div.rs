//! `DIV`.

use super::Prepared;
use super::binary::Binary;
use crate::dtype::{DType, Element};
use crate::io::Io;
use crate::kernels::scalar::div;
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// Operands of one type, repeated to a common shape, their quotient clamped by an activation. Integers divided by zero are an
/// error of the run.
///
/// Source: TensorFlow Lite's `DivPrepare`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let operands = Binary::of(node)?;
    if !matches!(operands.y.dtype, DType::I8 | DType::U8 | DType::I16) {
        let dtype = operands.y.dtype;
        let step = operands.plain(|a, b| a / b, i32::wrapping_div, i64::wrapping_div)?;
        return Ok(match dtype {
            DType::I32 => never_by(0i32, step),
            DType::I64 => never_by(0i64, step),
            _ => step,
        });
    }
    let q = operands.quantization()?;
    let params = div::Div {
        input_zero_points: [q.a.zero_point, q.b.zero_point],
        multiplier: Multiplier::new(f64::from(q.a.scale / (q.b.scale * q.y.scale))),
        output_zero_point: q.y.zero_point,
        range: q.range,
    };
    let zero = q.b.zero_point;
    Ok(match operands.y.dtype {
        DType::I8 => {
            let step = operands.step("scalar int8", move |a, b, y| div::div::<i8>(&params, a, b, y));
            never_by(zero as i8, step)
        }
        DType::U8 => {
            let step = operands.step("scalar uint8", move |a, b, y| div::div::<u8>(&params, a, b, y));
            never_by(zero as u8, step)
        }
        _ => {
            let step = operands.step("scalar int16", move |a, b, y| div::div::<i16>(&params, a, b, y));
            never_by(zero as i16, step)
        }
    })
}

/// The step, after a look at the divisors, which therefore cannot lie under the output.
#[expect(
    clippy::manual_contains,
    reason = "of bytes it is a search of core's own, a quarter of a kilobyte of the guest"
)]
fn never_by<T: Element>(zero: T, step: Prepared) -> Prepared {
    let check = move |io: &mut Io<'_>| {
        if io.input::<T>(1).iter().any(|&x| x == zero) {
            return Err(io.error(format_args!("divisors other than zero"), format_args!("zero")));
        }
        Ok(())
    };
    step.after(check, 1)
}
