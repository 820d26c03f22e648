//! Padding, strides and dilations of the operators that slide a window over an image.

use crate::kernels::geometry::{Axis, Window};
use crate::node::{Node, Operand, Refused};

/// The schema's `Padding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    Same,
    Valid,
}

/// How the window moves along one axis.
#[derive(Debug, Clone, Copy)]
struct Slide {
    padding: Padding,
    stride: usize,
    dilation: usize,
}

/// Where an operator's options keep the dilation along columns; the one along rows follows it. The padding is field 0, the
/// strides 1 (columns) and 2 (rows) in all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dilation(pub(super) u16);

fn slides(node: &Node<'_>, dilation: Option<Dilation>) -> Result<[Slide; 2], Refused> {
    let padding = match node.option_i8(0)? {
        0 => Padding::Same,
        1 => Padding::Valid,
        other => return Err(node.unsupported(format_args!("padding SAME or VALID"), format_args!("padding {other}"))),
    };
    let factor = |offset: u16, what: &str| {
        dilation.map_or(Ok(1), |Dilation(field)| node.option_positive(field + offset, what, 1))
    };
    let rows = Slide {
        padding,
        stride: node.option_positive(2, "a stride along rows", 0)?,
        dilation: factor(1, "a dilation along rows")?,
    };
    let columns = Slide {
        padding,
        stride: node.option_positive(1, "a stride along columns", 0)?,
        dilation: factor(0, "a dilation along columns")?,
    };
    Ok([rows, columns])
}

impl Slide {
    /// The positions of a window of `taps` over `input` elements. Where the padding of `SAME` is odd, the larger part comes after.
    ///
    /// Source: TensorFlow Lite's `ComputeOutSize` and `ComputePaddingWithOffset`.
    fn axis(self, node: &Node<'_>, what: &str, input: usize, taps: usize) -> Result<Axis, Refused> {
        let Self { padding, stride, dilation } = self;
        let extent = (taps - 1)
            .checked_mul(dilation)
            .and_then(|e| e.checked_add(1))
            .filter(|&e| i32::try_from(e).is_ok())
            .ok_or_else(|| {
                node.invalid(format_args!("{what} of a window within 31 bits"), format_args!("{taps} x {dilation}"))
            })?;
        let output = match padding {
            Padding::Same => input.div_ceil(stride),
            Padding::Valid if extent <= input => (input - extent) / stride + 1,
            Padding::Valid => {
                return Err(
                    node.invalid(format_args!("{what} of a window of at most {input}"), format_args!("{extent}"))
                );
            }
        };
        let padding = ((output - 1) * stride + extent).saturating_sub(input) / 2;
        Ok(Axis { input, output, taps, stride, dilation, padding })
    }
}

/// The window of `taps` rows and columns over the image `x` and its margins, after the operator's options.
pub(super) fn window(
    node: &Node<'_>,
    [batches, height, width, _]: [usize; 4],
    taps: [usize; 2],
    dilation: Option<Dilation>,
) -> Result<Window, Refused> {
    let [rows, columns] = slides(node, dilation)?;
    let axis = |slide: Slide, what: &str, input: usize, taps: usize, [before, after]: [usize; 2]| {
        let axis = slide.axis(node, what, before + input + after, taps)?;
        Ok(Axis { input, padding: before + axis.padding, ..axis })
    };
    Ok(Window {
        batches,
        rows: axis(rows, "rows", height, taps[0], node.margins[0])?,
        columns: axis(columns, "columns", width, taps[1], node.margins[1])?,
    })
}

/// The window of a transposed convolution over its result `y`, whose positions are the pixels of its input `x`.
///
/// Its padding is that of the convolution from `y` to an image of its own size, whatever the extents of `x`, as in the reference.
pub(super) fn transposed_window(
    node: &Node<'_>,
    x: [usize; 4],
    y: [usize; 4],
    taps: [usize; 2],
) -> Result<Window, Refused> {
    if x[0] != y[0] {
        return Err(node.invalid(format_args!("an output of {} images", x[0]), format_args!("{}", y[0])));
    }
    let slides = slides(node, None)?;
    let axis = |k: usize| {
        let Slide { padding, stride, .. } = slides[k];
        let positions = match padding {
            Padding::Same => y[1 + k].div_ceil(stride),
            Padding::Valid => (y[1 + k] + stride).saturating_sub(taps[k]) / stride,
        };
        let reach = (positions * stride + taps[k]).saturating_sub(stride);
        let padding = reach.saturating_sub(y[1 + k]) / 2;
        let output = x[1 + k];
        match output.checked_mul(stride) {
            Some(_) => Ok(Axis { input: y[1 + k], output, taps: taps[k], stride, dilation: 1, padding }),
            None => Err(node
                .invalid(format_args!("an input and strides whose product fits"), format_args!("{output} x {stride}"))),
        }
    };
    Ok(Window { batches: x[0], rows: axis(0)?, columns: axis(1)? })
}

/// The four extents of an image.
pub(super) fn nhwc(node: &Node<'_>, what: &str, operand: &Operand<'_>) -> Result<[usize; 4], Refused> {
    <[usize; 4]>::try_from(&*operand.shape)
        .map_err(|_| node.invalid(format_args!("{what} of rank 4"), format_args!("{}", operand.shape)))
}

/// Refuses an output that is not what the window gives.
pub(super) fn expect_result(node: &Node<'_>, window: &Window, channels: usize) -> Result<(), Refused> {
    let expected = [window.batches, window.rows.output, window.columns.output, channels];
    node.expect_shape("an output", &node.output(0)?.shape, &expected)
}
