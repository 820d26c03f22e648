//! Operators that sum products, and windows over images.

use super::elements::broadcast;
use super::operands::{Operands, positive};
use super::{Shape, ShapeError};
use crate::graph::{Conv2d, Padding, Pool2d};

/// Places of a window of `extent` (dilated) over `input`.
fn windows(padding: Padding, input: usize, window: usize, stride: i32, dilation: i32) -> Result<usize, ShapeError> {
    let (stride, dilation) = (positive(stride, "a stride")?, positive(dilation, "a dilation")?);
    let extent = window.checked_sub(1).and_then(|w| w.checked_mul(dilation)).and_then(|w| w.checked_add(1));
    let extent = extent.ok_or_else(|| ShapeError::new("a window that can be counted", format!("{window}")))?;
    match padding {
        Padding::Same => Ok(input.div_ceil(stride)),
        Padding::Valid if extent <= input => Ok((input - extent) / stride + 1),
        Padding::Valid => Err(ShapeError::new(format!("an input of at least {extent}"), input.to_string())),
    }
}

pub(super) fn conv_2d(node: &Operands<'_>, conv: &Conv2d) -> Result<Shape, ShapeError> {
    let ([n, h, w, c], [out, kh, kw, depth]) = (node.rank(0)?, node.rank(1)?);
    if depth == 0 || !c.is_multiple_of(depth) || !out.is_multiple_of(c / depth) {
        let expected = format!("weights whose groups divide {c} input and {out} output channels");
        return Err(ShapeError::new(expected, format!("filters of {depth} channels")));
    }
    window_2d(n, [h, w], [kh, kw], conv, out)
}

fn window_2d(
    n: usize,
    [h, w]: [usize; 2],
    [kh, kw]: [usize; 2],
    conv: &Conv2d,
    out: usize,
) -> Result<Shape, ShapeError> {
    let Conv2d { padding, stride: [sh, sw], dilation: [dh, dw], .. } = *conv;
    Ok(vec![n, windows(padding, h, kh, sh, dh)?, windows(padding, w, kw, sw, dw)?, out])
}

pub(super) fn depthwise_conv_2d(node: &Operands<'_>, conv: &Conv2d, multiplier: i32) -> Result<Shape, ShapeError> {
    let ([n, h, w, c], [one, kh, kw, out]) = (node.rank(0)?, node.rank(1)?);
    let multiplier = positive(multiplier, "a multiplier")?;
    if one != 1 || c.checked_mul(multiplier) != Some(out) {
        let expected = format!("weights of {c} x {multiplier} channels");
        return Err(ShapeError::new(expected, format!("{:?}", node.shape(1)?)));
    }
    window_2d(n, [h, w], [kh, kw], conv, out)
}

pub(super) fn transpose_conv(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    if node.value(0)?.constant.is_some() { node.extents(0) } else { node.stated() }
}

pub(super) fn pool_2d(node: &Operands<'_>, pool: &Pool2d) -> Result<Shape, ShapeError> {
    let [n, h, w, c] = node.rank(0)?;
    let Pool2d { padding, stride: [sh, sw], window: [kh, kw], .. } = *pool;
    let (kh, kw) = (positive(kh, "a window")?, positive(kw, "a window")?);
    Ok(vec![n, windows(padding, h, kh, sh, 1)?, windows(padding, w, kw, sw, 1)?, c])
}

pub(super) fn fully_connected(node: &Operands<'_>, keep_num_dims: bool) -> Result<Shape, ShapeError> {
    let (x, [units, depth]) = (node.shape(0)?, node.rank(1)?);
    let elements: usize = x.iter().product();
    if depth == 0 || !elements.is_multiple_of(depth) || keep_num_dims && x.last() != Some(&depth) {
        return Err(ShapeError::new(format!("an input in rows of {depth}"), format!("{x:?}")));
    }
    if keep_num_dims {
        let mut shape = x.to_vec();
        shape.pop();
        shape.push(units);
        return Ok(shape);
    }
    Ok(vec![elements / depth, units])
}

pub(super) fn batch_matmul(node: &Operands<'_>, adj_x: bool, adj_y: bool) -> Result<Shape, ShapeError> {
    let (x, y) = (node.shape(0)?, node.shape(1)?);
    let (Some((x_batch, &[x0, x1])), Some((y_batch, &[y0, y1]))) =
        (x.split_last_chunk::<2>(), y.split_last_chunk::<2>())
    else {
        return Err(ShapeError::new("matrices", format!("{x:?} and {y:?}")));
    };
    let (m, kx) = if adj_x { (x1, x0) } else { (x0, x1) };
    let (ky, n) = if adj_y { (y1, y0) } else { (y0, y1) };
    if kx != ky {
        return Err(ShapeError::new("matrices of one inner extent", format!("{kx} and {ky}")));
    }
    let mut shape = broadcast(x_batch, y_batch)?;
    shape.extend([m, n]);
    Ok(shape)
}

pub(super) fn svdf(node: &Operands<'_>, rank: i32) -> Result<Shape, ShapeError> {
    let ([batch, _], [filters, _]) = (node.rank(0)?, node.rank(1)?);
    let rank = positive(rank, "a rank")?;
    if !filters.is_multiple_of(rank) {
        return Err(ShapeError::new(format!("filters in groups of {rank}"), filters.to_string()));
    }
    Ok(vec![batch, filters / rank])
}

/// Place of an LSTM's last output among its inputs; it is as wide as the output.
const LSTM_HIDDEN: usize = 18;

pub(super) fn lstm(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let ([a, b, _], hidden) = (node.rank(0)?, node.shape(LSTM_HIDDEN)?);
    let width = hidden.last().ok_or_else(|| ShapeError::new("a hidden state with units", "a scalar"))?;
    Ok(vec![a, b, *width])
}
