//! The buffers of one step while it runs.
//!
//! Which buffers a step has, and of which types, was settled when it was prepared. To ask here for another one is a mistake of ours:
//! it panics, as an index out of range does.

use alloc::vec::Vec;
use core::fmt::Arguments;
use core::mem::take;

use crate::dtype::Element;
use crate::error::{Error, ErrorKind, Place};

/// Which of the pieces an operand is; none for one that is left out, that the kernel keeps, or that lies under the output.
pub(crate) type Slot = Option<usize>;

/// A buffer.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// Read, perhaps as several inputs.
    Shared(&'a [u8]),
    /// Written.
    Exclusive(&'a mut [u8]),
}

impl Default for Piece<'_> {
    fn default() -> Self {
        Piece::Shared(&[])
    }
}

/// A list that touches the heap only when it is long: most steps have few buffers.
#[derive(Debug, Default)]
pub(crate) struct Few<T> {
    first: [T; 8],
    more: Vec<T>,
    len: usize,
}

impl<T> Few<T> {
    pub(crate) fn push(&mut self, item: T) {
        match self.first.get_mut(self.len) {
            Some(place) => *place = item,
            None => self.more.push(item),
        }
        self.len += 1;
    }

    fn at(&self, k: usize) -> &T {
        self.first.get(k).unwrap_or_else(|| &self.more[k - self.first.len()])
    }

    fn at_mut(&mut self, k: usize) -> &mut T {
        let after = k.wrapping_sub(self.first.len());
        self.first.get_mut(k).unwrap_or_else(|| &mut self.more[after])
    }
}

/// The buffers of one step. Inputs are shared, outputs, state and scratch exclusive; no two of the latter overlap.
#[derive(Debug)]
pub struct Io<'a> {
    /// The step's operator: its index and its name.
    pub(crate) node: (usize, &'static str),
    pub(crate) inputs: &'a [Slot],
    pub(crate) outputs: &'a [Slot],
    pub(crate) scratch: Slot,
    pub(crate) state: Slot,
    pub(crate) in_place: Option<usize>,
    pub(crate) pieces: Few<Piece<'a>>,
}

/// What [`Io::zip_blocks`] calls on pieces `(a, b, y)`.
type ZipBlock<'f, T> = dyn FnMut(&[T], &[T], &mut [T]) + 'f;

/// What [`over_blocks`] calls on the offset of a piece, what lay there, and what shall.
type OverBlock<'f, T> = dyn FnMut(usize, &[T], &mut [T]) + 'f;

impl<'a> Io<'a> {
    /// The input that the output 0 lies over, if any; it is then not to be had as an input.
    #[must_use]
    pub fn in_place(&self) -> Option<usize> {
        self.in_place
    }

    /// The step cannot compute with the values of this run.
    #[must_use]
    pub fn error(&self, expected: Arguments<'_>, found: Arguments<'_>) -> Error {
        let (index, op) = self.node;
        Error::new(ErrorKind::Run, Place::Node { index, op: op.into() }, expected, found)
    }

    /// Input `k`; not one that is left out, kept by the kernel, variable, or under the output.
    pub fn input<T: Element>(&self, k: usize) -> &'a [T] {
        bytemuck::cast_slice(self.shared(k))
    }

    /// Output `k`.
    pub fn output<T: Element>(&mut self, k: usize) -> &mut [T] {
        bytemuck::cast_slice_mut(self.exclusive(self.outputs[k]))
    }

    /// Output `k`, as all of these to be taken once in a run: apart from the others, and then no longer here.
    pub fn take_output<T: Element>(&mut self, k: usize) -> &'a mut [T] {
        bytemuck::cast_slice_mut(take(self.exclusive(self.outputs[k])))
    }

    /// The variable that is input `k`: kept between runs.
    pub fn take_variable<T: Element>(&mut self, k: usize) -> &'a mut [T] {
        bytemuck::cast_slice_mut(take(self.exclusive(self.inputs[k])))
    }

    /// The step's scratch memory, empty if it asked for none; its contents are whatever was left there.
    pub fn take_scratch<T: Element>(&mut self) -> &'a mut [T] {
        match self.scratch {
            None => &mut [],
            slot => bytemuck::cast_slice_mut(take(self.exclusive(slot))),
        }
    }

    /// The step's own state, kept between runs and zero at first.
    pub fn take_state<T: Element>(&mut self) -> &'a mut [T] {
        bytemuck::cast_slice_mut(take(self.exclusive(self.state)))
    }

    fn shared(&self, k: usize) -> &'a [u8] {
        match self.inputs[k].map(|slot| self.pieces.at(slot)) {
            Some(Piece::Shared(bytes)) => bytes,
            Some(Piece::Exclusive(_)) | None => unreachable!("a step asks for inputs that it reads"),
        }
    }

    fn exclusive(&mut self, slot: Slot) -> &mut &'a mut [u8] {
        match slot.map(|slot| self.pieces.at_mut(slot)) {
            Some(Piece::Exclusive(bytes)) => bytes,
            Some(Piece::Shared(_)) | None => unreachable!("a step writes to buffers of its own"),
        }
    }

    /// Input 0 and output 0 of an elementwise step of one type, whether or not they share memory: calls `apply` with pieces
    /// `(x, y)` of equal length, in order.
    pub fn map_blocks<T: Element>(&mut self, mut apply: impl FnMut(&[T], &mut [T])) {
        self.map_blocks_by(&mut apply);
    }

    /// One copy for each element type, whatever the closures: they are called once for a block, so the call costs nothing.
    fn map_blocks_by<T: Element>(&mut self, apply: &mut dyn FnMut(&[T], &mut [T])) {
        match self.apart::<T>(0) {
            Some(x) => apply(x, self.output(0)),
            None => over_blocks(self.output(0), &mut |_, x, y| apply(x, y)),
        }
    }

    /// Inputs 0 and 1 and output 0 of an elementwise step of one type and one shape, whether or not they share memory:
    /// calls `apply` with pieces `(a, b, y)` of equal length, in order.
    pub fn zip_blocks<T: Element>(&mut self, mut apply: impl FnMut(&[T], &[T], &mut [T])) {
        self.zip_blocks_by(&mut apply);
    }

    fn zip_blocks_by<T: Element>(&mut self, apply: &mut ZipBlock<'_, T>) {
        let (a, b) = (self.apart(0), self.apart(1));
        let y = self.output(0);
        if let (Some(a), Some(b)) = (a, b) {
            return apply(a, b, y);
        }
        over_blocks(y, &mut |at, under, y| {
            let piece = |x: &'a [T]| &x[at..at + under.len()];
            apply(a.map_or(under, piece), b.map_or(under, piece), y);
        });
    }

    /// Input `k` of an elementwise step, unless it lies under the output.
    fn apart<T: Element>(&mut self, k: usize) -> Option<&'a [T]> {
        if self.in_place == Some(k) {
            return None;
        }
        let x = self.input(k);
        assert_eq!(x.len(), self.output::<T>(0).len(), "elementwise operands have one length");
        Some(x)
    }
}

/// An output that lies over an input, a block at a time through the stack: kernels keep separate inputs and outputs.
fn over_blocks<T: Element>(y: &mut [T], apply: &mut OverBlock<'_, T>) {
    const BLOCK: usize = 512;
    let mut block = [T::zeroed(); BLOCK];
    for (k, y) in y.chunks_mut(BLOCK).enumerate() {
        let x = &mut block[..y.len()];
        x.copy_from_slice(y);
        apply(k * BLOCK, x, y);
    }
}
