//! Windows that slide over images and signals. A signal is an image of one row.

use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid, over, unsupported};
use super::super::view::View;
use super::pad::Around;
use crate::graph::{Padding, ValueId};

/// A window along one axis of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) input: usize,
    pub(super) output: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
    /// As the file has it, before and behind.
    pub(super) pads: Around,
}

/// A window: rows, columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) axes: [Axis; 2],
}

/// Where the window's attributes put it.
pub(super) fn window(node: &Node<'_>, spatial: &[usize], kernel: &[usize], ceil: bool) -> Outcome<Window> {
    let rank = spatial.len();
    let (strides, dilations) = (steps(node, "strides", rank)?, steps(node, "dilations", rank)?);
    let pads = pads(node, rank)?;
    let auto = node.text("auto_pad", "NOTSET")?;
    let axis = |k: usize| {
        let axis = Axis {
            input: spatial[k],
            output: 0,
            kernel: kernel[k],
            stride: strides[k],
            dilation: dilations[k],
            pads: pads[k],
        };
        axis.placed(auto, ceil)
    };
    let one = Axis { input: 1, output: 1, kernel: 1, stride: 1, dilation: 1, pads: [0, 0] };
    match rank {
        1 => Ok(Window { axes: [one, axis(0)?] }),
        2 => Ok(Window { axes: [axis(0)?, axis(1)?] }),
        _ => Err(unsupported(format!("{rank} spatial axes"), "use operators of one or two spatial axes")),
    }
}

/// A list of positive numbers, one an axis, if it is there.
pub(super) fn extents(node: &Node<'_>, name: &str, rank: usize) -> Outcome<Option<Vec<usize>>> {
    /// No stride, dilation or kernel of a sound model is larger.
    const LARGEST: i64 = 1 << 20;
    let Some(list) = node.ints(name)? else { return Ok(None) };
    let wrong = || invalid(format!("{name} of {rank} numbers from 1"), format!("{list:?}"));
    if list.len() != rank || list.iter().any(|v| !(1..=LARGEST).contains(v)) {
        return Err(wrong());
    }
    list.iter().map(|&v| usize::try_from(v).map_err(|_| wrong())).collect::<Outcome<_>>().map(Some)
}

/// The same, 1 where it is not.
pub(super) fn steps(node: &Node<'_>, name: &str, rank: usize) -> Outcome<Vec<usize>> {
    Ok(extents(node, name, rank)?.unwrap_or_else(|| vec![1; rank]))
}

/// The attribute `group`.
pub(super) fn groups(node: &Node<'_>) -> Outcome<usize> {
    let groups = usize::try_from(node.int("group", 1)?).ok().filter(|&g| g > 0);
    groups.ok_or_else(|| invalid("at least one group", "none"))
}

/// Refuses a `kernel_shape` that is not that of the filters.
pub(super) fn check_kernel(node: &Node<'_>, kernel: &[usize]) -> Outcome<()> {
    if extents(node, "kernel_shape", kernel.len())?.is_some_and(|stated| stated != kernel) {
        return Err(invalid(format!("a kernel_shape of {kernel:?}"), "another one"));
    }
    Ok(())
}

/// A padding in two halves; of an odd one the larger half is behind for `SAME_UPPER` and before for all else.
pub(super) fn halves(total: usize, auto: &str) -> Around {
    let less = total / 2;
    if auto == "SAME_UPPER" { [less, total - less] } else { [total - less, less] }
}

/// The attribute `pads`: all begins, then all ends.
pub(super) fn pads(node: &Node<'_>, rank: usize) -> Outcome<Vec<Around>> {
    const LARGEST: i64 = 1 << 20;
    let Some(list) = node.ints("pads")? else { return Ok(vec![[0, 0]; rank]) };
    if list.len() != 2 * rank || list.iter().any(|v| !(0..=LARGEST).contains(v)) {
        return Err(invalid(format!("{} paddings from 0", 2 * rank), format!("{list:?}")));
    }
    let at = |k: usize| usize::try_from(list[k]).unwrap_or(0);
    Ok((0..rank).map(|k| [at(k), at(k + rank)]).collect())
}

/// Refuses two numbers whose product is no extent of a tensor, so that it can be counted on every target.
pub(super) fn within(a: usize, b: usize) -> Outcome<()> {
    const LARGEST: usize = 1 << 28;
    match a.checked_mul(b) {
        Some(product) if product <= LARGEST => Ok(()),
        _ => Err(over(format!("an extent of at most {LARGEST}"), format!("{a} times {b}"))),
    }
}

impl Axis {
    /// Elements from the first weight to the last.
    pub(super) fn reach(self) -> usize {
        (self.kernel - 1) * self.dilation + 1
    }

    fn placed(mut self, auto: &str, ceil: bool) -> Outcome<Self> {
        let Self { input, stride, .. } = self;
        within(self.kernel, self.dilation)?;
        let reach = self.reach();
        match auto {
            "NOTSET" | "" => {}
            "VALID" => self.pads = [0, 0],
            "SAME_UPPER" | "SAME_LOWER" => {
                let total = ((input.div_ceil(stride) - 1) * stride + reach).saturating_sub(input);
                self.pads = halves(total, auto);
            }
            other => return Err(invalid("auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER", other)),
        }
        let [before, behind] = self.pads;
        let room = (input + before + behind)
            .checked_sub(reach)
            .ok_or_else(|| invalid(format!("a window of at most {}", input + before + behind), reach.to_string()))?;
        self.output = if ceil { room.div_ceil(stride) } else { room / stride } + 1;
        // The last window begins inside the image or the padding before it.
        if ceil && (self.output - 1) * stride >= input + before {
            self.output -= 1;
        }
        Ok(self)
    }

    /// Whether the padding is that of `SAME`.
    fn is_same(self) -> bool {
        let total = ((self.output - 1) * self.stride + self.reach()).saturating_sub(self.input);
        self.output == self.input.div_ceil(self.stride) && self.pads[0] == total / 2
    }

    /// Whether there is no padding.
    fn is_valid(self) -> bool {
        self.input >= self.reach() && self.pads[0] == 0 && self.output == (self.input - self.reach()) / self.stride + 1
    }

    /// What must be put around the image so that windows without padding are those of the file.
    pub(super) fn around(self) -> Around {
        let behind = ((self.output - 1) * self.stride + self.reach()).saturating_sub(self.input + self.pads[0]);
        [self.pads[0], behind]
    }
}

impl Window {
    /// The padding that TensorFlow Lite has a name for, if it is one of those.
    pub(super) fn padding(self) -> Option<Padding> {
        if self.axes.iter().all(|axis| axis.is_valid()) {
            Some(Padding::Valid)
        } else if self.axes.iter().all(|axis| axis.is_same()) {
            Some(Padding::Same)
        } else {
            None
        }
    }

    /// One number for rows and one for columns.
    pub(super) fn pair(self, f: impl Fn(Axis) -> usize) -> Outcome<[i32; 2]> {
        let number = |axis| i32::try_from(f(axis)).map_err(|_| invalid("numbers within 31 bits", "more"));
        Ok([number(self.axes[0])?, number(self.axes[1])?])
    }

    /// What must be put around an image of this rank in the file, axis by axis.
    pub(super) fn around(self, rank: usize) -> Vec<Around> {
        let [rows, columns] = self.axes.map(Axis::around);
        if rank == 4 { vec![[0, 0], [0, 0], rows, columns] } else { vec![[0, 0], [0, 0], columns] }
    }
}

/// The view as an image, `NHWC`.
pub(super) fn image(importer: &mut Importer<'_>, x: &View) -> Outcome<View> {
    let axis = |k: usize| x.axis(k).to_vec();
    let dims = match x.rank() {
        3 => [axis(0), Vec::new(), axis(2), axis(1)],
        4 => [axis(0), axis(2), axis(3), axis(1)],
        2 => return Err(invalid("an image or a signal", format!("{:?}", x.shape()))),
        rank => {
            return Err(unsupported(format!("a tensor of {rank} axes"), "use operators of one or two spatial axes"));
        }
    };
    importer.arrange(x, &dims)
}

/// An `NHWC` result of an operator whose input had `rank` axes in the file.
pub(super) fn of_image(importer: &Importer<'_>, value: ValueId, rank: usize) -> Outcome<View> {
    let shape = &importer.graph.value(value).shape;
    let &[n, h, w, c] = &shape[..] else { return Err(invalid("an image", format!("{shape:?}"))) };
    Ok(if rank == 3 {
        View::ordered(value, &[n, c, w], &[Some(0), None, Some(2), Some(1)])
    } else {
        View::ordered(value, &[n, c, h, w], &[Some(0), Some(2), Some(3), Some(1)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paddings_are_named_where_they_have_a_name() {
        let axis = |input, kernel, stride, pads| {
            let axis = Axis { input, output: 0, kernel, stride, dilation: 1, pads };
            axis.placed("NOTSET", false).unwrap()
        };
        let of = |axis| Window { axes: [axis, axis] }.padding();
        assert_eq!(of(axis(8, 3, 1, [1, 1])), Some(Padding::Same));
        assert_eq!(of(axis(8, 3, 1, [0, 0])), Some(Padding::Valid));
        assert_eq!(of(axis(8, 3, 2, [1, 1])), None, "SAME puts nothing before");
        assert_eq!(of(axis(8, 3, 2, [0, 1])), Some(Padding::Same));
        assert_eq!(of(axis(9, 3, 2, [1, 1])), Some(Padding::Same));
        assert_eq!(axis(8, 3, 2, [1, 1]).around(), [1, 0], "what is behind is not read");
    }
}
