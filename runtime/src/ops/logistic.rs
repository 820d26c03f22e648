//! `LOGISTIC`: `1 / (1 + exp(-x))`.

use super::Prepared;
use super::elementwise::{expect_output, map, map_f32, map_real, map_stored, operands_of_one_type};
use crate::dtype::DType;
use crate::fixed_point;
use crate::kernels::scalar::logistic::{LogisticTable, TableScale};
use crate::node::{Node, Refused};
use crate::quant::{Multiplier, input_radius, rounding_divide_by_pot};
use crate::real;

/// Integer bits of the input in fixed point: at 16 the curve is flat.
const INPUT_BITS: u32 = 4;

/// The output's quantization is prescribed: it covers 0 to 1.
///
/// Source: int8 and int16 as TensorFlow Lite Micro's `Logistic`, uint8 as LiteRT's lookup table.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(real::logistic)),
        DType::I8 => {
            expect_output(node, 1.0 / 256.0, -128)?;
            fixed_point_table(node, fixed_point::logistic, |y| rounding_divide_by_pot(y, 23) - 128)
        }
        DType::U8 => {
            expect_output(node, 1.0 / 256.0, 0)?;
            map_real(node, &real::logistic)
        }
        DType::I16 => {
            let (table, scale) = (LogisticTable::new(), table_scale(node, 0)?);
            Ok(map("scalar int16", move |x: i16| table.logistic(scale, x)))
        }
        _ => Err(node.unsupported_types("int8, uint8, int16 or float32")),
    }
}

/// A table for int8 values of a function of `Q4.27`, whose results in `Q0.31` `store` brings to the output's scale.
pub(super) fn fixed_point_table(
    node: &Node<'_>,
    function: fn(i32) -> i32,
    store: fn(i32) -> i32,
) -> Result<Prepared, Refused> {
    let input = node.per_tensor("an input", node.input(0)?)?;
    let multiplier = Multiplier::new(f64::from(input.scale) * f64::from(1 << (31 - INPUT_BITS)));
    let radius = input_radius(INPUT_BITS, multiplier.shift);
    Ok(map_stored(DType::I8, DType::I8, move |x| {
        let x = x - input.zero_point;
        if x <= -radius {
            i32::MIN
        } else if x >= radius {
            i32::MAX
        } else {
            store(function(multiplier.apply(x)))
        }
    }))
}

/// How int16 inputs reach the table: exactly from scales of `2^-12` (times a power of two up to `largest_shift`), else by a factor
/// of 15 bits. Refuses other outputs than steps of `2^-15`.
///
/// Source: TensorFlow Lite's `SigmoidPrepare` and `TanhPrepare`.
pub(super) fn table_scale(node: &Node<'_>, largest_shift: i32) -> Result<TableScale, Refused> {
    expect_output(node, 1.0 / 32768.0, 0)?;
    let input = node.per_tensor("an input", node.input(0)?)?;
    if input.zero_point != 0 {
        return Err(node.invalid(format_args!("an input of zero point 0"), format_args!("{}", input.zero_point)));
    }
    let power = real::log2(f64::from(input.scale));
    let shift = real::round(power) as i32 + 12;
    if (power - real::round(power)).abs() < 1e-3 && (0..=largest_shift).contains(&shift) {
        return Ok(TableScale { multiplier: 3 << shift, right_shift: 0 });
    }
    let mut factor = f64::from(input.scale) * 4096.0 * 3.0;
    let mut right_shift = 0;
    while factor <= 32767.0 / 2.0 && right_shift <= 30 {
        factor *= 2.0;
        right_shift += 1;
    }
    Ok(TableScale { multiplier: factor as i32, right_shift })
}
