//! Shapes and types of an operator's outputs, from its inputs.

use std::fmt;

use super::{Conv2d, Graph, Node, Op, Padding, Pool2d, TensorType, Value};
use crate::tflite::StridedSlice;

/// Why a node's outputs have no shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeError {
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl ShapeError {
    fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for ShapeError {}

type Shape = Vec<usize>;

/// The shape of each output of a node, in order. What a graph's file says of its outputs is not looked at.
///
/// Shapes, axes and the like that the operator reads from an input must be constants there.
///
/// # Errors
/// When inputs are missing or do not fit the operator.
pub fn infer(graph: &Graph, node: &Node) -> Result<Vec<Shape>, ShapeError> {
    let node = Operands { graph, node };
    match &node.node.op {
        Op::Conv2d(conv) => conv_2d(&node, conv).map(one),
        Op::DepthwiseConv2d { conv, multiplier } => depthwise_conv_2d(&node, conv, *multiplier).map(one),
        Op::TransposeConv { .. } => transpose_conv(&node).map(one),
        Op::FullyConnected { keep_num_dims, .. } => fully_connected(&node, *keep_num_dims).map(one),
        Op::BatchMatMul { adj_x, adj_y } => batch_matmul(&node, *adj_x, *adj_y).map(one),
        Op::AveragePool2d(pool) | Op::MaxPool2d(pool) => pool_2d(&node, pool).map(one),
        Op::Add { .. } | Op::Sub { .. } | Op::Mul { .. } | Op::Div { .. } | Op::Minimum | Op::Maximum | Op::Prelu => {
            broadcast(node.shape(0)?, node.shape(1)?).map(one)
        }
        Op::Mean { keep_dims } | Op::Sum { keep_dims } | Op::ReduceMax { keep_dims } => {
            reduce(&node, *keep_dims).map(one)
        }
        Op::ArgMax { .. } | Op::ArgMin { .. } => reduce(&node, false).map(one),
        Op::Softmax { .. }
        | Op::LogSoftmax
        | Op::Logistic
        | Op::Tanh
        | Op::Relu
        | Op::Relu6
        | Op::ReluN1To1
        | Op::LeakyRelu { .. }
        | Op::HardSwish
        | Op::Elu
        | Op::Gelu { .. }
        | Op::Abs
        | Op::Neg
        | Op::Exp
        | Op::Log
        | Op::Sqrt
        | Op::Rsqrt
        | Op::Cast { .. }
        | Op::Quantize
        | Op::Dequantize
        | Op::Densify => Ok(one(node.shape(0)?.to_vec())),
        Op::Reshape { shape } => reshape(&node, shape).map(one),
        Op::Squeeze { axes } => squeeze(&node, axes).map(one),
        Op::ExpandDims => expand_dims(&node).map(one),
        Op::Shape { .. } => Ok(one(vec![node.shape(0)?.len()])),
        Op::Transpose => transpose(&node).map(one),
        Op::Pad | Op::PadV2 | Op::MirrorPad { .. } => pad(&node).map(one),
        Op::Concatenation { axis, .. } => concatenation(&node, *axis).map(one),
        Op::Split { count } => split(&node, *count),
        Op::SplitV { count } => split_v(&node, *count),
        Op::Slice => slice(&node).map(one),
        Op::StridedSlice(masks) => strided_slice(&node, *masks).map(one),
        Op::Pack { axis, .. } => pack(&node, *axis).map(one),
        Op::Unpack { count, axis } => unpack(&node, *count, *axis),
        Op::Gather { axis, batch_dims } => gather(&node, *axis, *batch_dims).map(one),
        Op::DepthToSpace { block } => depth_to_space(&node, *block).map(one),
        Op::SpaceToDepth { block } => space_to_depth(&node, *block).map(one),
        Op::ResizeNearestNeighbor { .. } | Op::ResizeBilinear { .. } => resize(&node).map(one),
        Op::Svdf { rank, .. } => svdf(&node, *rank).map(one),
        Op::UnidirectionalSequenceLstm { .. } => lstm(&node).map(one),
        // Their outputs are as the file says.
        Op::VarHandle { .. } | Op::ReadVariable | Op::AssignVariable | Op::CallOnce { .. } | Op::Custom { .. } => {
            Ok(node.node.outputs.iter().map(|&output| graph.value(output).shape.clone()).collect())
        }
    }
}

fn one(shape: Shape) -> Vec<Shape> {
    vec![shape]
}

/// A node with its inputs.
struct Operands<'g> {
    graph: &'g Graph,
    node: &'g Node,
}

impl<'g> Operands<'g> {
    fn value(&self, k: usize) -> Result<&'g Value, ShapeError> {
        self.graph.input(self.node, k).ok_or_else(|| ShapeError::new(format!("an input {k}"), "none"))
    }

    fn shape(&self, k: usize) -> Result<&'g [usize], ShapeError> {
        self.value(k).map(|value| value.shape.as_slice())
    }

    fn rank<const N: usize>(&self, k: usize) -> Result<[usize; N], ShapeError> {
        let shape = self.shape(k)?;
        shape.try_into().map_err(|_| ShapeError::new(format!("input {k} of rank {N}"), format!("{shape:?}")))
    }

    /// The constant integers of input `k`.
    fn integers(&self, k: usize) -> Result<Vec<i64>, ShapeError> {
        let value = self.value(k)?;
        value
            .as_integers()
            .ok_or_else(|| ShapeError::new(format!("input {k} to be constant integers"), value.name.clone()))
    }

    /// The shape that the graph gives output 0 already: that of a result whose shape is computed at run time.
    fn stated(&self) -> Result<Shape, ShapeError> {
        let output = self.node.outputs.first().ok_or_else(|| ShapeError::new("an output", "none"))?;
        Ok(self.graph.value(*output).shape.clone())
    }

    fn extents(&self, k: usize) -> Result<Shape, ShapeError> {
        let integers = self.integers(k)?;
        let extents = integers.iter().map(|&d| usize::try_from(d).ok().filter(|&d| d > 0)).collect::<Option<_>>();
        extents.ok_or_else(|| ShapeError::new("extents of at least 1", format!("{integers:?}")))
    }
}

/// An axis counted from the end where it is negative.
fn axis(axis: i64, rank: usize) -> Result<usize, ShapeError> {
    let from_start =
        if axis < 0 { i64::try_from(rank).ok().and_then(|rank| axis.checked_add(rank)) } else { Some(axis) };
    from_start
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|&axis| axis < rank)
        .ok_or_else(|| ShapeError::new(format!("an axis of rank {rank}"), format!("axis {axis}")))
}

fn positive(value: i32, what: &str) -> Result<usize, ShapeError> {
    let found = || ShapeError::new(format!("{what} of at least 1"), value.to_string());
    usize::try_from(value).ok().filter(|&v| v > 0).ok_or_else(found)
}

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

fn conv_2d(node: &Operands<'_>, conv: &Conv2d) -> Result<Shape, ShapeError> {
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

fn depthwise_conv_2d(node: &Operands<'_>, conv: &Conv2d, multiplier: i32) -> Result<Shape, ShapeError> {
    let ([n, h, w, c], [one, kh, kw, out]) = (node.rank(0)?, node.rank(1)?);
    let multiplier = positive(multiplier, "a multiplier")?;
    if one != 1 || c.checked_mul(multiplier) != Some(out) {
        let expected = format!("weights of {c} x {multiplier} channels");
        return Err(ShapeError::new(expected, format!("{:?}", node.shape(1)?)));
    }
    window_2d(n, [h, w], [kh, kw], conv, out)
}

fn transpose_conv(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    if node.value(0)?.constant.is_some() { node.extents(0) } else { node.stated() }
}

fn pool_2d(node: &Operands<'_>, pool: &Pool2d) -> Result<Shape, ShapeError> {
    let [n, h, w, c] = node.rank(0)?;
    let Pool2d { padding, stride: [sh, sw], window: [kh, kw], .. } = *pool;
    let (kh, kw) = (positive(kh, "a window")?, positive(kw, "a window")?);
    Ok(vec![n, windows(padding, h, kh, sh, 1)?, windows(padding, w, kw, sw, 1)?, c])
}

fn fully_connected(node: &Operands<'_>, keep_num_dims: bool) -> Result<Shape, ShapeError> {
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

fn batch_matmul(node: &Operands<'_>, adj_x: bool, adj_y: bool) -> Result<Shape, ShapeError> {
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

/// The shape that both shapes stretch to.
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Result<Shape, ShapeError> {
    let rank = a.len().max(b.len());
    let extent = |shape: &[usize], k: usize| (k + shape.len()).checked_sub(rank).map_or(1, |k| shape[k]);
    (0..rank)
        .map(|k| match (extent(a, k), extent(b, k)) {
            (x, y) if x == y || y == 1 => Ok(x),
            (1, y) => Ok(y),
            _ => Err(ShapeError::new("shapes that stretch to one another", format!("{a:?} and {b:?}"))),
        })
        .collect()
}

fn reduce(node: &Operands<'_>, keep_dims: bool) -> Result<Shape, ShapeError> {
    let x = node.shape(0)?;
    let axes: Vec<usize> = node.integers(1)?.into_iter().map(|a| axis(a, x.len())).collect::<Result<_, _>>()?;
    let kept = x.iter().enumerate().filter_map(|(k, &d)| match (axes.contains(&k), keep_dims) {
        (false, _) => Some(d),
        (true, true) => Some(1),
        (true, false) => None,
    });
    Ok(kept.collect())
}

fn reshape(node: &Operands<'_>, option: &[i32]) -> Result<Shape, ShapeError> {
    let elements: usize = node.shape(0)?.iter().product();
    let wanted = match node.graph.input(node.node, 1) {
        Some(value) if value.constant.is_some() => node.integers(1)?,
        Some(_) => return node.stated(),
        None => option.iter().map(|&d| i64::from(d)).collect(),
    };
    let known: usize = wanted
        .iter()
        .filter(|&&d| d >= 0)
        .try_fold(1usize, |n, &d| n.checked_mul(usize::try_from(d).ok()?))
        .unwrap_or(0);
    let wrong = || ShapeError::new(format!("a shape of {elements} elements"), format!("{wanted:?}"));
    match wanted.iter().filter(|&&d| d < 0).count() {
        0 if known == elements => {}
        1 if known > 0 && elements.is_multiple_of(known) => {}
        _ => return Err(wrong()),
    }
    Ok(wanted.iter().map(|&d| usize::try_from(d).unwrap_or(elements / known.max(1))).collect())
}

fn squeeze(node: &Operands<'_>, axes: &[i32]) -> Result<Shape, ShapeError> {
    let x = node.shape(0)?;
    // Nothing is left to take off, whatever the axes are.
    if x.is_empty() {
        return Ok(Shape::new());
    }
    let axes: Vec<usize> = axes.iter().map(|&a| axis(a.into(), x.len())).collect::<Result<_, _>>()?;
    let goes = |k: usize, d: usize| if axes.is_empty() { d == 1 } else { axes.contains(&k) };
    if let Some(&k) = axes.iter().find(|&&k| x[k] != 1) {
        return Err(ShapeError::new(format!("extent 1 at axis {k}"), format!("{x:?}")));
    }
    Ok(x.iter().enumerate().filter(|&(k, &d)| !goes(k, d)).map(|(_, &d)| d).collect())
}

fn expand_dims(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let mut shape = node.shape(0)?.to_vec();
    let [at] = node.integers(1)?[..] else { return Err(ShapeError::new("one axis", "several")) };
    shape.insert(axis(at, shape.len() + 1)?, 1);
    Ok(shape)
}

fn transpose(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let (x, permutation) = (node.shape(0)?, node.integers(1)?);
    let axes: Vec<usize> = permutation.iter().map(|&a| axis(a, x.len())).collect::<Result<_, _>>()?;
    if axes.len() != x.len() || (0..x.len()).any(|k| !axes.contains(&k)) {
        return Err(ShapeError::new(format!("a permutation of {} axes", x.len()), format!("{permutation:?}")));
    }
    Ok(axes.into_iter().map(|k| x[k]).collect())
}

fn pad(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let (x, paddings) = (node.shape(0)?, node.extents_or_zero(1)?);
    if paddings.len() != 2 * x.len() {
        return Err(ShapeError::new(format!("{} paddings", 2 * x.len()), paddings.len().to_string()));
    }
    Ok(x.iter().zip(paddings.as_chunks::<2>().0).map(|(&d, [before, after])| d + before + after).collect())
}

impl Operands<'_> {
    fn extents_or_zero(&self, k: usize) -> Result<Shape, ShapeError> {
        /// No padding of a sound model is longer; sums of such cannot overflow.
        const LONGEST: usize = 1 << 24;
        let integers = self.integers(k)?;
        let extents =
            integers.iter().map(|&d| usize::try_from(d).ok().filter(|&d| d <= LONGEST)).collect::<Option<_>>();
        extents.ok_or_else(|| ShapeError::new(format!("extents from 0 to {LONGEST}"), format!("{integers:?}")))
    }
}

fn concatenation(node: &Operands<'_>, along: i32) -> Result<Shape, ShapeError> {
    let mut shape = node.shape(0)?.to_vec();
    let along = axis(along.into(), shape.len())?;
    for k in 1..node.node.inputs.len() {
        let other = node.shape(k)?;
        let fits = other.len() == shape.len() && (0..shape.len()).all(|a| a == along || other[a] == shape[a]);
        if !fits {
            return Err(ShapeError::new(
                format!("inputs that differ along axis {along} only"),
                format!("{shape:?} and {other:?}"),
            ));
        }
        shape[along] += other[along];
    }
    Ok(shape)
}

fn split(node: &Operands<'_>, count: i32) -> Result<Vec<Shape>, ShapeError> {
    let mut shape = node.shape(1)?.to_vec();
    let [along] = node.integers(0)?[..] else { return Err(ShapeError::new("one axis", "several")) };
    let (along, count) = (axis(along, shape.len())?, positive(count, "a number of parts")?);
    if !shape[along].is_multiple_of(count) {
        return Err(ShapeError::new(format!("an extent in {count} parts"), shape[along].to_string()));
    }
    shape[along] /= count;
    Ok(vec![shape; count])
}

fn split_v(node: &Operands<'_>, count: i32) -> Result<Vec<Shape>, ShapeError> {
    let (x, sizes) = (node.shape(0)?, node.integers(1)?);
    let [along] = node.integers(2)?[..] else { return Err(ShapeError::new("one axis", "several")) };
    let along = axis(along, x.len())?;
    let known: i64 = sizes.iter().filter(|&&s| s > 0).fold(0i64, |sum, &s| sum.saturating_add(s));
    let total = i64::try_from(x[along]).unwrap_or(i64::MAX);
    let wrong = || ShapeError::new(format!("{count} sizes whose sum is {total}"), format!("{sizes:?}"));
    let left = sizes.iter().filter(|&&s| s < 0).count();
    if usize::try_from(count) != Ok(sizes.len()) || left > 1 || known > total || left == 0 && known != total {
        return Err(wrong());
    }
    let part = |&size: &i64| {
        let mut shape = x.to_vec();
        shape[along] = usize::try_from(if size < 0 { total - known } else { size }).map_err(|_| wrong())?;
        Ok(shape)
    };
    sizes.iter().map(part).collect()
}

fn slice(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let (x, begin, size) = (node.shape(0)?, node.integers(1)?, node.integers(2)?);
    let wrong = || ShapeError::new(format!("a part of {x:?}"), format!("from {begin:?}, of {size:?}"));
    if begin.len() != x.len() || size.len() != x.len() {
        return Err(wrong());
    }
    let extents = x.iter().zip(begin.iter().zip(&size)).map(|(&d, (&begin, &size))| {
        let rest = d.checked_sub(usize::try_from(begin).ok()?)?;
        if size < 0 { Some(rest) } else { usize::try_from(size).ok().filter(|&s| s <= rest) }
    });
    extents.collect::<Option<Shape>>().ok_or_else(wrong)
}

fn strided_slice(node: &Operands<'_>, masks: StridedSlice) -> Result<Shape, ShapeError> {
    let (x, begin, end, step) = (node.shape(0)?, node.integers(1)?, node.integers(2)?, node.integers(3)?);
    let wrong = |what: &str| ShapeError::new(what, format!("{x:?} from {begin:?} to {end:?} by {step:?}"));
    if masks.ellipsis_mask != 0 || masks.new_axis_mask != 0 {
        return Err(wrong("a slice without ellipsis and without new axes"));
    }
    if begin.len() > x.len() || begin.len() != end.len() || begin.len() != step.len() {
        return Err(wrong("as many begins, ends and steps"));
    }
    let mut shape = Vec::new();
    for (k, &extent) in x.iter().enumerate() {
        let Some(&step) = step.get(k) else {
            shape.push(extent);
            continue;
        };
        let extent = i64::try_from(extent).unwrap_or(i64::MAX);
        let at = |value: i64, low: i64, high: i64| {
            (if value < 0 { value.saturating_add(extent) } else { value }).clamp(low, high)
        };
        let set = |mask: i32| mask >> k & 1 == 1;
        if step == 0 {
            return Err(wrong("steps other than 0"));
        }
        if set(masks.shrink_axis_mask) {
            continue;
        }
        let (low, high) = if step > 0 { (0, extent) } else { (-1, extent - 1) };
        let from = if set(masks.begin_mask) { if step > 0 { low } else { high } } else { at(begin[k], low, high) };
        let to = if set(masks.end_mask) { if step > 0 { high } else { low } } else { at(end[k], low, high) };
        let length = if step > 0 { to - from } else { from - to };
        let taken = u64::try_from(length).unwrap_or(0).div_ceil(step.unsigned_abs());
        shape.push(usize::try_from(taken).map_err(|_| wrong("fewer elements"))?);
    }
    Ok(shape)
}

fn pack(node: &Operands<'_>, along: i32) -> Result<Shape, ShapeError> {
    let mut shape = node.shape(0)?.to_vec();
    for k in 1..node.node.inputs.len() {
        if node.shape(k)? != shape {
            return Err(ShapeError::new(format!("inputs of shape {shape:?}"), format!("{:?}", node.shape(k)?)));
        }
    }
    shape.insert(axis(along.into(), shape.len() + 1)?, node.node.inputs.len());
    Ok(shape)
}

fn unpack(node: &Operands<'_>, count: i32, along: i32) -> Result<Vec<Shape>, ShapeError> {
    let mut shape = node.shape(0)?.to_vec();
    let along = axis(along.into(), shape.len())?;
    let extent = shape.remove(along);
    if usize::try_from(count) != Ok(extent) {
        return Err(ShapeError::new(format!("{extent} parts"), count.to_string()));
    }
    Ok(vec![shape; extent])
}

fn gather(node: &Operands<'_>, along: i32, batch_dims: i32) -> Result<Shape, ShapeError> {
    let (x, indices) = (node.shape(0)?, node.shape(1)?);
    let along = axis(along.into(), x.len())?;
    let batch = usize::try_from(batch_dims).ok().filter(|&b| b <= along && b <= indices.len());
    let batch = batch.ok_or_else(|| ShapeError::new(format!("batch axes up to {along}"), batch_dims.to_string()))?;
    Ok([&x[..along], &indices[batch..], &x[along + 1..]].concat())
}

fn depth_to_space(node: &Operands<'_>, block: i32) -> Result<Shape, ShapeError> {
    let ([n, h, w, c], block) = (node.rank(0)?, positive(block, "a block")?);
    if !c.is_multiple_of(block * block) {
        return Err(ShapeError::new(format!("channels in blocks of {}", block * block), c.to_string()));
    }
    Ok(vec![n, h * block, w * block, c / (block * block)])
}

fn space_to_depth(node: &Operands<'_>, block: i32) -> Result<Shape, ShapeError> {
    let ([n, h, w, c], block) = (node.rank(0)?, positive(block, "a block")?);
    if !h.is_multiple_of(block) || !w.is_multiple_of(block) {
        return Err(ShapeError::new(format!("an image in blocks of {block}"), format!("{h} x {w}")));
    }
    Ok(vec![n, h / block, w / block, c * block * block])
}

fn resize(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let [n, _, _, c] = node.rank(0)?;
    let size = node.extents(1)?;
    let [h, w] = size[..] else { return Err(ShapeError::new("rows and columns", format!("{size:?}"))) };
    Ok(vec![n, h, w, c])
}

fn svdf(node: &Operands<'_>, rank: i32) -> Result<Shape, ShapeError> {
    let ([batch, _], [filters, _]) = (node.rank(0)?, node.rank(1)?);
    let rank = positive(rank, "a rank")?;
    if !filters.is_multiple_of(rank) {
        return Err(ShapeError::new(format!("filters in groups of {rank}"), filters.to_string()));
    }
    Ok(vec![batch, filters / rank])
}

/// Place of an LSTM's last output among its inputs; it is as wide as the output.
const LSTM_HIDDEN: usize = 18;

fn lstm(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let ([a, b, _], hidden) = (node.rank(0)?, node.shape(LSTM_HIDDEN)?);
    let width = hidden.last().ok_or_else(|| ShapeError::new("a hidden state with units", "a scalar"))?;
    Ok(vec![a, b, *width])
}

/// The type of a node's outputs, where its inputs settle it. Quantized results may have another type than their inputs (the
/// softmax of int8 is int16 in some models), and what the options of `CAST`, `ARG_MAX` and `SHAPE` say is often wrong in
/// files: interpreters follow the tensor.
#[must_use]
pub(super) fn settled_dtype(graph: &Graph, node: &Node) -> Option<TensorType> {
    match &node.op {
        Op::Cast { .. }
        | Op::ArgMax { .. }
        | Op::ArgMin { .. }
        | Op::Shape { .. }
        | Op::Quantize
        | Op::VarHandle { .. }
        | Op::ReadVariable
        | Op::AssignVariable
        | Op::CallOnce { .. }
        | Op::Custom { .. } => None,
        Op::Dequantize => Some(TensorType::Float32),
        Op::Split { .. } => Some(graph.input(node, 1)?.dtype).filter(|&dtype| dtype == TensorType::Float32),
        _ => Some(graph.input(node, 0)?.dtype).filter(|&dtype| dtype == TensorType::Float32),
    }
}
