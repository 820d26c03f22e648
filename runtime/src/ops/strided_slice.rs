//! `STRIDED_SLICE`: every so-many-th index of a box, forwards or backwards, axes dropped or inserted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Prepared;
use super::movement::{self, Integers, Range};
use crate::node::{Node, Refused};
use crate::shape::{List, Shape};

/// Bit `i` of each mask is about entry `i` of begin, end and strides.
#[derive(Debug, Clone, Copy)]
struct Masks {
    /// From the first index (the last, backwards), whatever `begin` says.
    begin: i32,
    /// To the last index, whatever `end` says.
    end: i32,
    /// The entry stands for as many whole axes as are left.
    ellipsis: i32,
    /// The entry is a new axis of extent 1 in the output.
    new_axis: i32,
    /// The entry takes one index, and its axis is dropped.
    shrink_axis: i32,
    /// Ends are counted from begins.
    offset: bool,
}

/// `x[begin:end:stride, ..]` as in Python. Begins and ends may be computed; the output's shape may not.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(4..=4, 1)?;
    let (x, y) = movement::operands(node, 0)?;
    let count = node.input(1)?.shape.elements();
    let [begin, end, strides] = [1, 2, 3].map(|k| Integers::of(node, k, count));
    let (begin, end, strides) = (begin?, end?, strides?);
    let masks = Masks {
        begin: node.option_i32(0)?,
        end: node.option_i32(1)?,
        ellipsis: node.option_i32(2)?,
        new_axis: node.option_i32(3)?,
        shrink_axis: node.option_i32(4)?,
        offset: node.option_bool(5)?,
    };
    if count > 31 || (masks.ellipsis & ((1 << count) - 1)).count_ones() > 1 {
        return Err(node.invalid(
            format_args!("at most 31 entries and one ellipsis"),
            format_args!("{count} entries, ellipsis mask {}", masks.ellipsis),
        ));
    }
    let (from, to, bytes) = (x.shape, y.shape, x.dtype.size());
    if let (Some(begin), Some(end), Some(strides)) = (begin.known(), end.known(), strides.known()) {
        let ranges = ranges(&from, &to, [begin, end, strides], masks)
            .map_err(|found| node.invalid(format_args!("a part of {from} of shape {to}"), format_args!("{found}")))?;
        let step = movement::walk("scalar strided slice", 0, movement::cut(&from, &ranges, bytes));
        return Ok(step.keeps(1, 0).keeps(2, 0).keeps(3, 0));
    }
    Ok(Prepared::new("scalar strided slice, computed", move |io| {
        let (begin, end, strides) = (begin.read(io), end.read(io), strides.read(io));
        let ranges = ranges(&from, &to, [&begin, &end, &strides], masks)
            .map_err(|found| io.error(format_args!("a part of {from} of shape {to}"), format_args!("{found}")))?;
        let x = io.input::<u8>(0);
        movement::cut(&from, &ranges, bytes).run(x, io.output::<u8>(0));
        Ok(())
    }))
}

/// The range of each axis of `x`; what was asked for, when that is nothing of the shape of `y`.
///
/// Source: TensorFlow's definition of `strided_slice`, and TensorFlow Lite's clamping of begins and ends.
fn ranges(x: &Shape, y: &Shape, [begin, end, strides]: [&[i32]; 3], masks: Masks) -> Result<Vec<Range>, String> {
    let asked = || format!("begins {}, ends {}, strides {}", List(begin), List(end), List(strides));
    let count = begin.len();
    let bit = |mask: i32, entry: usize| mask >> entry & 1 == 1;
    let is_new = |entry: usize| bit(masks.new_axis, entry) && !bit(masks.ellipsis, entry);
    let named = (0..count).filter(|&e| !bit(masks.ellipsis, e) && !is_new(e)).count();
    let unnamed = x.len().checked_sub(named).ok_or_else(asked)?;

    let (mut ranges, mut extents) = (Vec::with_capacity(x.len()), Vec::with_capacity(y.len()));
    let whole = |extent: usize| Range { begin: 0, step: 1, extent };
    for entry in 0..count {
        let axes = &x[ranges.len()..];
        if bit(masks.ellipsis, entry) {
            ranges.extend(axes[..unnamed].iter().map(|&extent| whole(extent)));
            extents.extend_from_slice(&axes[..unnamed]);
        } else if is_new(entry) {
            extents.push(1);
        } else {
            let at = Entry {
                begin: (!bit(masks.begin, entry)).then_some(begin[entry]),
                end: (!bit(masks.end, entry)).then_some(end[entry]),
                stride: strides[entry],
                one: bit(masks.shrink_axis, entry),
                offset: masks.offset,
            };
            let range = at.range(axes[0]).ok_or_else(asked)?;
            ranges.push(range);
            if !at.one {
                extents.push(range.extent);
            }
        }
    }
    let rest = &x[ranges.len()..];
    ranges.extend(rest.iter().map(|&extent| whole(extent)));
    extents.extend_from_slice(rest);
    if extents == **y { Ok(ranges) } else { Err(format!("{}, which give {}", asked(), List(&extents))) }
}

/// What is asked along one axis; a masked begin or end is none.
struct Entry {
    begin: Option<i32>,
    end: Option<i32>,
    stride: i32,
    one: bool,
    offset: bool,
}

impl Entry {
    /// The range of an axis of this extent; none when it is empty, or a dropped axis has no such index.
    fn range(&self, extent: usize) -> Option<Range> {
        let size = i64::try_from(extent).ok()?;
        let stride = i64::from(self.stride);
        let forwards = stride > 0;
        let counted = |at: i64| if at < 0 { at + size } else { at };
        let clamped = |at: i64| if forwards { at.clamp(0, size) } else { at.clamp(-1, size - 1) };
        if self.one {
            let begin = counted(self.begin.map_or(0, i64::from));
            let begin = usize::try_from(begin).ok().filter(|&b| b < extent && forwards)?;
            return Some(Range { begin, step: 1, extent: 1 });
        }
        let first = if forwards { 0 } else { size - 1 };
        let begin = self.begin.map_or(first, |b| clamped(counted(b.into())));
        let last = if forwards { size } else { -1 };
        let from = if self.offset { begin } else { 0 };
        let end = self.end.map_or(last, |e| clamped(counted(from + i64::from(e))));
        if stride == 0 {
            return None;
        }
        let (length, step) = if forwards { (end - begin, stride) } else { (begin - end, -stride) };
        let extent = usize::try_from(length).ok()?.div_ceil(usize::try_from(step).ok()?);
        let step = if extent > 1 { isize::try_from(stride).ok()? } else { 1 };
        (extent > 0).then_some(Range { begin: usize::try_from(begin).ok()?, step, extent })
    }
}
