//! `Conv`: `CONV_2D`, or `DEPTHWISE_CONV_2D` where each channel is a group. Filters are known as a rule; computed ones are
//! brought into order when the model runs.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid};
use super::super::view::View;
use super::elementwise::{ADD, binary, of_channels};
use super::pad;
use super::window::{Window, check_kernel, groups, image, of_image, window};
use crate::graph::{Activation, Conv2d, Op, Padding, TensorType, ValueId};

/// `Conv`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let filters = Filters::of(importer, node, 1)?;
    let bias = bias(importer, node, 2, filters.outputs())?;
    let y = conv(importer, node, &x, &filters, bias)?;
    importer.bind(node, 0, y)
}

/// Filters as the file has them: `[O, I / groups, rows, columns]`, a signal's without rows.
pub(super) struct Filters {
    pub(super) shape: Vec<usize>,
    kind: Kind,
}

enum Kind {
    Known(super::super::constant::Constant),
    Computed(View),
}

impl Filters {
    /// Input `k` of a node.
    pub(super) fn of<'a>(importer: &mut Importer<'a>, node: &Node<'a>, k: usize) -> Outcome<Self> {
        match importer.known(node, k)? {
            Some(known) => Ok(Self::known((*known).clone())),
            None => Ok(Self::computed(importer.view(node, k)?)),
        }
    }

    pub(super) fn known(constant: super::super::constant::Constant) -> Self {
        Self { shape: constant.shape().to_vec(), kind: Kind::Known(constant) }
    }

    pub(super) fn computed(view: View) -> Self {
        Self { shape: view.shape(), kind: Kind::Computed(view) }
    }

    fn outputs(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    /// As a value whose axis `k` is the filters' axis `axes[k]` of `[O, I, rows, columns]`.
    pub(super) fn arranged(&self, importer: &mut Importer<'_>, axes: [usize; 4]) -> Outcome<ValueId> {
        let mut shape = self.shape.clone();
        if shape.len() == 3 {
            shape.insert(2, 1);
        }
        match &self.kind {
            Kind::Known(constant) => importer.add_constant(&constant.reshaped(&shape).transposed(&axes)),
            Kind::Computed(view) => {
                let view = view.reshaped(&shape).ok_or_else(|| invalid("filters of an image", format!("{shape:?}")))?;
                let dims: Vec<Vec<usize>> = axes.iter().map(|&axis| view.axis(axis).to_vec()).collect();
                Ok(importer.arrange(&view, &dims)?.value)
            }
        }
    }
}

/// A bias: known, and so part of the operator, or added behind it.
pub(super) enum Bias {
    None,
    Known(ValueId),
    Computed(View),
}

/// Input `k` of a node as a bias of `channels`.
pub(super) fn bias<'a>(importer: &mut Importer<'a>, node: &Node<'a>, k: usize, channels: usize) -> Outcome<Bias> {
    if node.input(k).is_none() {
        return Ok(Bias::None);
    }
    let view = importer.view(node, k)?;
    if view.shape() != [channels] {
        return Err(invalid(format!("a bias of {channels} elements"), format!("{:?}", view.shape())));
    }
    Ok(if importer.constant_of(view.value).is_some() { Bias::Known(view.value) } else { Bias::Computed(view) })
}

impl Bias {
    pub(super) fn operand(&self) -> Option<ValueId> {
        match self {
            Bias::Known(value) => Some(*value),
            Bias::None | Bias::Computed(_) => None,
        }
    }

    /// The result with a bias that is not part of the operator: along axis 1 of the file.
    pub(super) fn added(&self, importer: &mut Importer<'_>, y: View) -> Outcome<View> {
        match self {
            Bias::None | Bias::Known(_) => Ok(y),
            Bias::Computed(bias) => {
                let shape = of_channels(bias.shape()[0], y.rank());
                let bias = bias.reshaped(&shape).ok_or_else(|| invalid("a bias of channels", format!("{shape:?}")))?;
                binary(importer, ADD, &y, &bias)
            }
        }
    }
}

/// A convolution of the node's attributes.
pub(super) fn conv(
    importer: &mut Importer<'_>,
    node: &Node<'_>,
    x: &View,
    filters: &Filters,
    bias: Bias,
) -> Outcome<View> {
    let (shape, rank) = (x.shape(), x.rank());
    let groups = groups(node)?;
    let x = image(importer, x)?;
    let fits = filters.shape.len() == rank
        && filters.shape[1].checked_mul(groups) == Some(shape[1])
        && filters.outputs().is_multiple_of(groups)
        && !filters.shape.contains(&0);
    if !fits {
        return Err(invalid(format!("filters for {shape:?} in {groups} groups"), format!("{:?}", filters.shape)));
    }
    let kernel = &filters.shape[2..];
    check_kernel(node, kernel)?;
    let window = window(node, &shape[2..], kernel, false)?;
    let (x, padding) = padded(importer, &x, window)?;
    let options = Conv2d {
        padding,
        stride: window.pair(|axis| axis.stride)?,
        dilation: window.pair(|axis| axis.dilation)?,
        activation: Activation::None,
    };
    let (op, weights) = if groups > 1 && groups == shape[1] {
        let multiplier = i32::try_from(filters.outputs() / groups).map_err(|_| invalid("fewer filters", "more"))?;
        (Op::DepthwiseConv2d { conv: options, multiplier }, filters.arranged(importer, [1, 2, 3, 0])?)
    } else {
        (Op::Conv2d(options), filters.arranged(importer, [0, 2, 3, 1])?)
    };
    let mut inputs = vec![Some(x.value), Some(weights)];
    inputs.extend(bias.operand().map(Some));
    let value = importer.emit_with(op, &inputs, TensorType::Float32, None)?;
    let y = of_image(importer, value, rank)?;
    bias.added(importer, y)
}

/// The image with zeros around it, where the padding has no name.
pub(super) fn padded(importer: &mut Importer<'_>, x: &View, window: Window) -> Outcome<(View, Padding)> {
    match window.padding() {
        Some(padding) => Ok((x.clone(), padding)),
        None => Ok((pad::constant(importer, x, &window.around(x.rank()), 0.0)?, Padding::Valid)),
    }
}
