//! `ConvTranspose`: `TRANSPOSE_CONV`, for each group one, and what is over cut off.

use super::super::constant::{Constant, Stored};
use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::conv::{Bias, Filters, bias};
use super::pad::Around;
use super::slice::{self, Range};
use super::window::{check_kernel, extents, groups, halves, image, of_image, pads, steps, within};
use super::{concat, split};
use crate::data::Array;
use crate::graph::{Activation, Op, Padding, TensorType};

/// One axis.
#[derive(Debug, Clone, Copy)]
struct Axis {
    input: usize,
    stride: usize,
    kernel: usize,
    dilation: usize,
    /// Extent before anything is cut off.
    full: usize,
    /// What is cut off.
    pads: Around,
}

impl Axis {
    const ONE: Self = Self { input: 1, stride: 1, kernel: 1, dilation: 1, full: 1, pads: [0, 0] };

    fn output(self) -> usize {
        self.full - self.pads[0] - self.pads[1]
    }

    /// Whether cutting off is what the padding `SAME` does.
    fn is_same(self) -> bool {
        let (output, reach) = (self.output(), (self.kernel - 1) * self.dilation + 1);
        let positions = output.div_ceil(self.stride);
        let padding = ((positions - 1) * self.stride + reach).saturating_sub(output) / 2;
        positions == self.input && padding == self.pads[0]
    }
}

/// `ConvTranspose`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let (shape, rank) = (x.shape(), x.rank());
    let groups = groups(node)?;
    let known = importer.known(node, 1)?;
    let filters = match &known {
        Some(known) => known.shape().to_vec(),
        None => importer.view(node, 1)?.shape(),
    };
    let x = image(importer, &x)?;
    let fits = filters.len() == rank
        && filters[0] == shape[1]
        && shape[1].is_multiple_of(groups)
        && filters.iter().product::<usize>() > 0;
    if !fits {
        return Err(invalid(format!("filters for {shape:?} in {groups} groups"), format!("{filters:?}")));
    }
    let axes = axes(node, &shape[2..], &filters[2..])?;
    let outputs = filters[1] * groups;
    let bias = bias(importer, node, 2, outputs)?;
    let dilated = axes.iter().any(|axis| axis.dilation > 1);
    let weights: Vec<Filters> = match known {
        Some(known) => (0..groups)
            .map(|group| {
                let part = part(&known, group, groups);
                Filters::known(if dilated { spread(&part, axes) } else { part })
            })
            .collect(),
        None if groups == 1 && !dilated => vec![Filters::computed(importer.view(node, 1)?)],
        None => return Err(unsupported("groups or dilations of computed filters", "export it with constant filters")),
    };
    let parts = if groups == 1 { vec![x] } else { split::cut(importer, &x, 1, &vec![shape[1] / groups; groups])? };
    let operands = match (&bias, groups) {
        (Bias::Known(value), 1) => vec![Some(*value)],
        (Bias::Known(value), _) => {
            let constant = importer.constant_of(*value).cloned().ok_or_else(|| invalid("a bias", "none"))?;
            (0..groups)
                .map(|group| importer.add_constant(&part(&constant, group, groups)).map(Some))
                .collect::<Outcome<_>>()?
        }
        (Bias::None | Bias::Computed(_), _) => vec![None; groups],
    };
    let mut results = Vec::new();
    for ((x, weights), operand) in parts.iter().zip(&weights).zip(operands) {
        results.push(one(importer, x, weights, operand, axes)?);
    }
    let y = concat::join(importer, &results, 1)?;
    let y = match bias {
        Bias::None | Bias::Known(_) => y,
        Bias::Computed(_) => bias.added(importer, y)?,
    };
    importer.bind(node, 0, y)
}

/// One group.
fn one(
    importer: &mut Importer<'_>,
    x: &View,
    filters: &Filters,
    bias: Option<crate::graph::ValueId>,
    axes: [Axis; 2],
) -> Outcome<View> {
    let same = axes.iter().all(|axis| axis.is_same());
    let padding = if same { Padding::Same } else { Padding::Valid };
    let [rows, columns] = axes.map(|axis| if same { axis.output() } else { axis.full });
    let shape = importer.add_integers(&[4], &[x.shape()[0], rows, columns, filters.shape[1]])?;
    let weights = filters.arranged(importer, [1, 2, 3, 0])?;
    let stride = |axis: Axis| i32::try_from(axis.stride).map_err(|_| invalid("strides within 31 bits", "more"));
    let op = Op::TransposeConv { padding, stride: [stride(axes[0])?, stride(axes[1])?], activation: Activation::None };
    let mut inputs = vec![Some(shape), Some(weights), Some(x.value)];
    inputs.extend(bias.map(Some));
    let value = importer.emit_with(op, &inputs, TensorType::Float32, None)?;
    let y = of_image(importer, value, x.rank())?;
    if same {
        return Ok(y);
    }
    let cut = |axis: Axis| Range { begin: axis.pads[0], step: 1, extent: axis.output() };
    let shape = y.shape();
    let whole = |k: usize| Range { begin: 0, step: 1, extent: shape[k] };
    let [rows, columns] = axes.map(cut);
    let ranges =
        if x.rank() == 3 { vec![whole(0), whole(1), columns] } else { vec![whole(0), whole(1), rows, columns] };
    slice::cut(importer, &y, &ranges)
}

fn axes(node: &Node<'_>, spatial: &[usize], kernel: &[usize]) -> Outcome<[Axis; 2]> {
    let rank = spatial.len();
    check_kernel(node, kernel)?;
    let (strides, dilations) = (steps(node, "strides", rank)?, steps(node, "dilations", rank)?);
    let more = match node.ints("output_padding")? {
        Some(list) if list.len() == rank && list.iter().all(|v| (0..=1 << 20).contains(v)) => {
            list.iter().map(|&v| usize::try_from(v).unwrap_or(0)).collect()
        }
        Some(list) => return Err(invalid(format!("{rank} numbers as output_padding"), format!("{list:?}"))),
        None => vec![0; rank],
    };
    let (pads, auto) = (pads(node, rank)?, node.text("auto_pad", "NOTSET")?);
    let stated = extents(node, "output_shape", rank)?;
    let axis = |k: usize| {
        let (input, stride) = (spatial[k], strides[k]);
        within(input, stride)?;
        within(kernel[k], dilations[k])?;
        let full = (input - 1) * stride + more[k] + (kernel[k] - 1) * dilations[k] + 1;
        let mut axis = Axis { input, stride, kernel: kernel[k], dilation: dilations[k], full, pads: pads[k] };
        let wanted = match (&stated, auto) {
            (Some(stated), _) => Some(stated[k]),
            (None, "SAME_UPPER" | "SAME_LOWER") => Some(input * stride),
            (None, _) => None,
        };
        if auto == "VALID" {
            axis.pads = [0, 0];
        }
        if let Some(wanted) = wanted {
            // More than there is comes from behind.
            axis.full = full.max(wanted);
            axis.pads = halves(axis.full - wanted, auto);
        }
        if axis.pads[0] + axis.pads[1] >= axis.full {
            return Err(invalid(format!("paddings below {}", axis.full), format!("{:?}", axis.pads)));
        }
        Ok(axis)
    };
    match rank {
        1 => Ok([Axis::ONE, axis(0)?]),
        2 => Ok([axis(0)?, axis(1)?]),
        _ => Err(unsupported(format!("{rank} spatial axes"), "use operators of one or two spatial axes")),
    }
}

/// The part of a group along axis 0.
fn part(constant: &Constant, group: usize, groups: usize) -> Constant {
    let cut = |array: &Array| {
        let mut shape = array.shape().to_vec();
        shape[0] /= groups;
        let length: usize = shape.iter().product();
        Array::new(shape, array.elements().gather(group * length..(group + 1) * length)).expect("a part of an array")
    };
    // Scales along the channels are those of outputs, which are not axis 0 of filters; of a bias they would be.
    let stored = constant.stored.as_ref().filter(|stored| groups == 1 || stored.quantization.scales.len() == 1);
    Constant {
        array: cut(&constant.array),
        stored: stored.map(|s| Stored { array: cut(&s.array), quantization: s.quantization.clone() }),
    }
}

/// Filters with zeros between their elements.
fn spread(filters: &Constant, axes: [Axis; 2]) -> Constant {
    let shape = filters.shape();
    let [rows, columns] = axes.map(|axis| ((axis.kernel - 1) * axis.dilation + 1, axis.dilation));
    let (head, signal) = (shape[0] * shape[1], shape.len() == 3);
    let (kh, kw) = if signal { (1, shape[2]) } else { (shape[2], shape[3]) };
    let mut elements = vec![0f32; head * rows.0 * columns.0];
    for (k, value) in filters.floats().into_iter().enumerate() {
        let (column, row, outer) = (k % kw, k / kw % kh, k / (kw * kh));
        elements[(outer * rows.0 + row * rows.1) * columns.0 + column * columns.1] = value;
    }
    let mut shape = shape.to_vec();
    let last = shape.len() - 1;
    shape[last] = columns.0;
    if !signal {
        shape[2] = rows.0;
    }
    Constant::new(Array::new(shape, elements).expect("as many elements as counted"))
}
