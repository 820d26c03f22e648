//! `Gemm` and `MatMul`: `FULLY_CONNECTED` where the right side is known, `BATCH_MATMUL` elsewhere. What was flattened from an
//! image stays as it lies: the weights are put into its order.

use std::rc::Rc;

use super::super::constant::Constant;
use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::elementwise::{ADD, MUL, binary, with_number};
use super::reshape::reshaped;
use crate::data::Array;
use crate::graph::{Activation, Op, TensorType, ValueId};

/// Weights `[units, depth]`.
enum Weights {
    Known(Constant),
    Computed(View),
}

/// `Gemm`: `alpha A B + beta C`, each of the two transposed or not.
pub(super) fn gemm<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let a = importer.view(node, 0)?;
    let a = if node.flag("transA", false)? && a.rank() == 2 { a.transposed(&[1, 0]) } else { a };
    let (alpha, beta) = (node.float("alpha", 1.0)?, node.float("beta", 1.0)?);
    let turned = node.flag("transB", false)?;
    // Of operator set 6: that the addend stretches, which it may anyway.
    node.flag("broadcast", false)?;
    let known = importer.known(node, 1)?;
    let (weights, factor) = match known {
        Some(b) if b.shape().len() == 2 => {
            let b = if turned { (*b).clone() } else { b.transposed(&[1, 0]) };
            (Weights::Known(if alpha == 1.0 { b } else { b.map(|v| v * alpha) }), 1.0)
        }
        _ => {
            let b = importer.view(node, 1)?;
            if b.rank() != 2 {
                return Err(invalid("matrices", format!("{:?}", b.shape())));
            }
            (Weights::Computed(if turned { b } else { b.transposed(&[1, 0]) }), alpha)
        }
    };
    if a.rank() != 2 {
        return Err(invalid("matrices", format!("{:?}", a.shape())));
    }
    let units = weights.shape()[0];
    let bias = match importer.known(node, 2)? {
        Some(c) if factor == 1.0 => bias(&c, beta, units),
        _ => None,
    };
    let in_operator = bias.is_some();
    let bias = match bias {
        Some(bias) => Some(importer.add_constant(&bias)?),
        None => None,
    };
    let mut y = dense(importer, &a, &weights, bias)?;
    if factor != 1.0 {
        y = with_number(importer, MUL, &y, factor)?;
    }
    if node.input(2).is_some() && !in_operator {
        let c = importer.view(node, 2)?;
        let c = if beta == 1.0 { c } else { with_number(importer, MUL, &c, beta)? };
        y = binary(importer, ADD, &y, &c)?;
    }
    importer.bind(node, 0, y)
}

/// The addend of a product, if it is the same for each row: one number a unit.
fn bias(c: &Rc<Constant>, beta: f32, units: usize) -> Option<Constant> {
    let count: usize = c.shape().iter().product();
    let bias = if count == units && c.shape().last() == Some(&units) {
        c.reshaped(&[units])
    } else if count == 1 {
        let value = c.floats().first().copied()?;
        Constant::new(Array::vector(vec![value; units]))
    } else {
        return None;
    };
    Some(if beta == 1.0 { bias } else { bias.map(|v| v * beta) })
}

impl Weights {
    fn shape(&self) -> Vec<usize> {
        match self {
            Weights::Known(constant) => constant.shape().to_vec(),
            Weights::Computed(view) => view.shape(),
        }
    }
}

/// Rows of the last axis times weights.
fn dense(importer: &mut Importer<'_>, x: &View, weights: &Weights, bias: Option<ValueId>) -> Outcome<View> {
    let (shape, last) = (x.shape(), x.rank() - 1);
    let [units, depth] = weights.shape()[..] else { return Err(invalid("weights of two axes", "others")) };
    if shape[last] != depth || depth == 0 || units == 0 {
        return Err(invalid(format!("rows of {depth} elements"), format!("{shape:?}")));
    }
    if importer.dtype(x.value) != TensorType::Float32 {
        return Err(unsupported(format!("a product of {:?}", importer.dtype(x.value)), "export it in float32"));
    }
    // The factors of a row's elements, as the file counts them and as they lie.
    let counted = x.without_ones(x.axis(last));
    let order = x.order();
    let (mut lying, rows): (Vec<usize>, Vec<usize>) = order.iter().partition(|f| counted.contains(f));
    let weights = match weights {
        Weights::Known(constant) => {
            let extents: Vec<usize> = counted.iter().map(|&f| x.extent(&[f])).collect();
            let mut axes = vec![0];
            axes.extend(lying.iter().filter_map(|f| counted.iter().position(|g| g == f)).map(|k| k + 1));
            let split = [&[units], &extents[..]].concat();
            importer.add_constant(&constant.reshaped(&split).transposed(&axes).reshaped(&[units, depth]))?
        }
        Weights::Computed(view) => {
            lying = counted;
            importer.plain(view)?.value
        }
    };
    let wanted = [rows.clone(), lying.clone()].concat();
    let ends_in_row = x.dims().last().is_some_and(|dim| x.without_ones(dim) == lying);
    // Interpreters take rows of any shape in front; they keep it only if the last extent is the row.
    let keeps = x.rank() > 2 && ends_in_row && order == wanted;
    let x = if order == wanted { x.clone() } else { importer.arrange(x, &[rows.clone(), lying])? };
    let op = Op::FullyConnected { activation: Activation::None, keep_num_dims: keeps };
    let mut inputs = vec![Some(x.value), Some(weights)];
    inputs.extend(bias.map(Some));
    let value = importer.emit_with(op, &inputs, TensorType::Float32, None)?;
    let front = if keeps { x.dims()[..x.dims().len() - 1].to_vec() } else { vec![rows] };
    Ok(x.with_last_axis(value, units, front))
}

/// `MatMul`.
pub(super) fn matmul<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let known = importer.known(node, 1)?;
    let a = importer.view(node, 0)?;
    let y = match known {
        Some(b) if is_matrix(b.shape()) && importer.constant_of(a.value).is_none() => by_known(importer, &a, &b)?,
        _ => {
            let b = importer.view(node, 1)?;
            product(importer, &a, &b)?
        }
    };
    importer.bind(node, 0, y)
}

/// A tensor times a known matrix.
pub(super) fn by_known(importer: &mut Importer<'_>, a: &View, b: &Constant) -> Outcome<View> {
    let [.., depth, units] = b.shape()[..] else { return Err(invalid("a matrix", format!("{:?}", b.shape()))) };
    let extra = b.shape().len().saturating_sub(a.rank().max(2));
    let weights = Weights::Known(b.reshaped(&[depth, units]).transposed(&[1, 0]));
    let y = rows(importer, a, |importer, a| dense(importer, a, &weights, None))?;
    let shape = [vec![1; extra], y.shape()].concat();
    reshaped(importer, &y, &shape)
}

/// Rows times known weights `[units, depth]`, with a bias if there is one.
pub(super) fn by_transposed(
    importer: &mut Importer<'_>,
    x: &View,
    weights: Constant,
    bias: Option<ValueId>,
) -> Outcome<View> {
    dense(importer, x, &Weights::Known(weights), bias)
}

/// A matrix, with extents of 1 in front at most.
fn is_matrix(shape: &[usize]) -> bool {
    shape.len() >= 2 && shape[..shape.len() - 2].iter().all(|&d| d == 1)
}

/// A vector is a matrix of one row while it is multiplied.
fn rows(
    importer: &mut Importer<'_>,
    a: &View,
    f: impl FnOnce(&mut Importer<'_>, &View) -> Outcome<View>,
) -> Outcome<View> {
    if a.rank() != 1 {
        return f(importer, a);
    }
    let row = reshaped(importer, a, &[1, a.shape()[0]])?;
    let y = f(importer, &row)?;
    let mut shape = y.shape();
    shape.remove(shape.len().saturating_sub(2));
    reshaped(importer, &y, &shape)
}

/// Two computed tensors.
pub(super) fn product(importer: &mut Importer<'_>, a: &View, b: &View) -> Outcome<View> {
    if importer.dtype(a.value) != TensorType::Float32 {
        return Err(unsupported(format!("a product of {:?}", importer.dtype(a.value)), "export it in float32"));
    }
    if b.rank() == 1 {
        let column = reshaped(importer, b, &[b.shape()[0], 1])?;
        let y = product(importer, a, &column)?;
        let shape = y.shape();
        return reshaped(importer, &y, &shape[..shape.len() - 1]);
    }
    rows(importer, a, |importer, a| {
        if a.rank() == 0 || b.rank() == 0 {
            return Err(invalid("matrices", "numbers"));
        }
        let ((a_value, adj_x), (b_value, adj_y)) = (side(importer, a)?, side(importer, b)?);
        let op = Op::BatchMatMul { adj_x, adj_y };
        let value = importer.emit(op, &[a_value, b_value], TensorType::Float32)?;
        let shape = importer.graph.value(value).shape.clone();
        Ok(View::plain(value, &shape))
    })
}

/// A matrix as it lies, or transposed, if it lies in either order.
fn side(importer: &mut Importer<'_>, x: &View) -> Outcome<(ValueId, bool)> {
    let rank = x.rank();
    if rank >= 2 && !x.is_plain() {
        let mut axes: Vec<usize> = (0..rank).collect();
        axes.swap(rank - 1, rank - 2);
        let turned = x.transposed(&axes);
        if turned.is_plain() {
            return Ok((importer.plain(&turned)?.value, true));
        }
    }
    Ok((importer.plain(x)?.value, false))
}
