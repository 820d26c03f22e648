//! `BATCH_MATMUL`.

use alloc::vec::Vec;

use super::Prepared;
use super::activation::Activation;
use super::weighted::{Scaling, activations, multiplier};
use crate::dtype::DType;
use crate::kernels::scalar::arithmetic::{Arithmetic, Float, Rounding};
use crate::kernels::scalar::batch_matmul::{Matrix, matmul};
use crate::node::{Node, Refused};
use crate::shape::Shape;

/// The matrices of a node: how each lies, and which of each operand give each of the output.
struct Matrices {
    extents: [usize; 3],
    x: Matrix,
    w: Matrix,
    /// For each matrix of the output, the matrices of the operands, by their first element.
    starts: Vec<[usize; 2]>,
}

/// Inputs `[..., rows, depth]` and `[..., depth, columns]`, each with its last two axes exchanged if the options say so; extents
/// before them broadcast.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, w, y) = (node.input(0)?, node.input(1)?, node.output(0)?);
    node.expect_dtype("an output", y, x.dtype)?;
    node.expect_dtype("a second input", w, x.dtype)?;
    let matrices = Matrices::of(node)?;
    match x.dtype {
        DType::F32 => {
            let none = Float { bias: Vec::new(), range: Activation::None.range() };
            Ok(matrices.step("scalar matmul f32", none))
        }
        DType::I8 => Ok(matrices.step("scalar matmul i8", scaling(node, false)?.with::<i8, i8, i32>(Vec::new()))),
        DType::I16 => Ok(matrices.step("scalar matmul i16", scaling(node, true)?.with::<i16, i16, i64>(Vec::new()))),
        _ => Err(node.unsupported_types("float32, int8 or int16")),
    }
}

fn scaling(node: &Node<'_>, wide: bool) -> Result<Scaling, Refused> {
    let (x, w, y) = (node.input(0)?, node.input(1)?, node.output(0)?);
    let x_quant = activations(node, "an input", x)?;
    let w_quant = activations(node, "a second input", w)?;
    let y_quant = activations(node, "an output", y)?;
    let factor = f64::from(x_quant.scale * w_quant.scale) / f64::from(y_quant.scale);
    Ok(Scaling {
        zero_points: [x_quant.zero_point, w_quant.zero_point, y_quant.zero_point],
        multipliers: alloc::vec![multiplier(node, factor, wide)?],
        rounding: Rounding::Twice,
        range: y.dtype.quantized_range().unwrap_or_default(),
    })
}

impl Matrices {
    fn of(node: &Node<'_>) -> Result<Self, Refused> {
        let (x, w, y) = (node.input(0)?.shape, node.input(1)?.shape, node.output(0)?.shape);
        let (Some((x_batch, [x0, x1])), Some((w_batch, [w0, w1]))) = (split(&x), split(&w)) else {
            return Err(node.invalid(format_args!("two inputs of rank 2 or more"), format_args!("{x} and {w}")));
        };
        let plain = |columns: usize| Matrix { row: columns, column: 1 };
        let exchanged = |columns: usize| Matrix { row: 1, column: columns };
        let (rows, depth, x_at) = if node.option_bool(0)? { (x1, x0, exchanged(x1)) } else { (x0, x1, plain(x1)) };
        let (w_depth, columns, w_at) = if node.option_bool(1)? { (w1, w0, exchanged(w1)) } else { (w0, w1, plain(w1)) };
        if depth != w_depth {
            let expected = format_args!("a second input with {depth} rows, as the first has columns");
            return Err(node.invalid(expected, format_args!("{w_depth}")));
        }
        let batch = broadcast(x_batch, w_batch)
            .ok_or_else(|| node.invalid(format_args!("two inputs that broadcast"), format_args!("{x} and {w}")))?;
        let mut expected = batch.clone();
        expected.extend([rows, columns]);
        node.expect_shape("an output", &y, &expected)?;
        let count: usize = batch.iter().product();
        let start = |m: usize, own: &[usize], size: usize| matrix_of(m, &batch, own) * size;
        let starts = (0..count).map(|m| [start(m, x_batch, x0 * x1), start(m, w_batch, w0 * w1)]).collect();
        Ok(Self { extents: [rows, depth, columns], x: x_at, w: w_at, starts })
    }

    fn step<A: Arithmetic + 'static>(self, kernel: &'static str, a: A) -> Prepared {
        let [rows, depth, columns] = self.extents;
        let macs = (self.starts.len() * rows * columns) as u64 * depth as u64;
        Prepared::new(kernel, move |io| {
            let (x, w) = (io.input::<A::X>(0), io.input::<A::W>(1));
            let y = io.output(0).chunks_exact_mut(rows * columns);
            for (&[x_start, w_start], y) in self.starts.iter().zip(y) {
                matmul(self.extents, &a, (&x[x_start..], self.x), (&w[w_start..], self.w), y);
            }
            Ok(())
        })
        .macs(macs)
    }
}

/// The extents before the last two, and those.
fn split(shape: &Shape) -> Option<(&[usize], [usize; 2])> {
    shape.split_last_chunk::<2>().map(|(batch, &last)| (batch, last))
}

/// Extents that both operands stretch to, aligned at their ends.
fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let at = |s: &[usize], k: usize| (k + s.len()).checked_sub(rank).map_or(1, |k| s[k]);
    let both = |k: usize| match (at(a, k), at(b, k)) {
        (a, b) if a == b => Some(a),
        (1, b) => Some(b),
        (a, 1) => Some(a),
        _ => None,
    };
    (0..rank).map(both).collect()
}

/// The matrix of an operand with extents `own` that stretches to matrix `index` of the output.
fn matrix_of(mut index: usize, batch: &[usize], own: &[usize]) -> usize {
    let (mut matrix, mut stride) = (0, 1);
    for (k, &extent) in batch.iter().enumerate().rev() {
        let coordinate = index % extent;
        index /= extent;
        if let Some(k) = (k + own.len()).checked_sub(batch.len()) {
            matrix += if own[k] == 1 { 0 } else { coordinate * stride };
            stride *= own[k];
        }
    }
    matrix
}
