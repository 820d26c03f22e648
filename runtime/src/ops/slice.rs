//! `SLICE`: a box cut out of a tensor.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Prepared;
use super::movement::{self, Integers, Range};
use crate::node::{Node, Refused};
use crate::shape::{List, Shape};

/// `y[i] = x[begin + i]`; a size of -1 goes to the end. Begins and sizes may be computed; the output's shape may not.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(3..=3, 1)?;
    let (x, y) = movement::operands(node, 0)?;
    let begin = Integers::of(node, 1, x.shape.len())?;
    let size = Integers::of(node, 2, x.shape.len())?;
    let (from, to, bytes) = (x.shape, y.shape, x.dtype.size());
    if let (Some(begin), Some(size)) = (begin.known(), size.known()) {
        let ranges = ranges(&from, &to, begin, size)
            .map_err(|found| node.invalid(format_args!("a part of {from} of shape {to}"), format_args!("{found}")))?;
        return Ok(movement::walk("scalar slice", 0, movement::cut(&from, &ranges, bytes)).keeps(1, 0).keeps(2, 0));
    }
    Ok(Prepared::new("scalar slice, computed", move |io| {
        let ranges = ranges(&from, &to, &begin.read(io), &size.read(io)).map_err(|found| {
            let expected = format_args!("a part of {from} of shape {to}");
            io.error(expected, format_args!("{found}"))
        })?;
        let x = io.input::<u8>(0);
        movement::cut(&from, &ranges, bytes).run(x, io.output::<u8>(0));
        Ok(())
    }))
}

/// The range of each axis; what was asked for, when it is not inside `x` or not of the shape of `y`.
fn ranges(x: &Shape, y: &Shape, begin: &[i32], size: &[i32]) -> Result<Vec<Range>, String> {
    let range = |extent: usize, begin: i32, size: i32| {
        let begin = usize::try_from(begin).ok()?;
        let rest = extent.checked_sub(begin)?;
        let size = if size == -1 { rest } else { usize::try_from(size).ok()? };
        (size <= rest).then_some(Range { begin, step: 1, extent: size })
    };
    let mut ranges = Vec::with_capacity(x.len());
    for ((&extent, &first), &count) in x.iter().zip(begin).zip(size) {
        ranges.extend(range(extent, first, count));
    }
    if ranges.iter().map(|r| r.extent).eq(y.iter().copied()) && ranges.len() == x.len() {
        return Ok(ranges);
    }
    Err(format!("begins {} and sizes {}", List(begin), List(size)))
}
