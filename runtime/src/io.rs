//! The buffers of one step while it runs.

use smallvec::SmallVec;

use crate::dtype::Element;
use crate::error::Error;

/// Most steps have few operands; their buffers are gathered without touching the heap.
pub(crate) const INLINE: usize = 8;

/// Where an operand of the step is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A left-out input, or one that the kernel keeps for itself.
    Absent,
    /// In `shared`.
    Shared(usize),
    /// In `exclusive`.
    Exclusive(usize),
}

/// The buffers of one step. Inputs are shared, outputs, state and scratch exclusive; no two of the latter overlap.
#[derive(Debug)]
pub struct Io<'a> {
    pub(crate) inputs: &'a [Slot],
    pub(crate) outputs: &'a [Slot],
    pub(crate) scratch: Slot,
    pub(crate) state: Slot,
    pub(crate) in_place: Option<usize>,
    pub(crate) shared: SmallVec<[&'a [u8]; INLINE]>,
    pub(crate) exclusive: SmallVec<[&'a mut [u8]; INLINE]>,
}

/// Both operands of a binary step and its output, whichever of them share memory.
#[derive(Debug)]
pub enum Binary<'i, 'a, T> {
    /// Three buffers.
    Apart(&'a [T], &'a [T], &'i mut [T]),
    /// The output lies over the first input.
    OverFirst(&'i mut [T], &'a [T]),
    /// The output lies over the second input.
    OverSecond(&'a [T], &'i mut [T]),
}

/// What [`Io::zip_blocks`] calls on pieces `(a, b, y)`.
type ZipBlock<'f, T> = dyn FnMut(&[T], &[T], &mut [T]) + 'f;

/// What [`over_blocks`] calls on the offset of a piece, what lay there, and what shall.
type OverBlock<'f, T> = dyn FnMut(usize, &[T], &mut [T]) + 'f;

fn cast<T: Element>(bytes: &[u8]) -> Result<&[T], Error> {
    bytemuck::try_cast_slice(bytes).map_err(|_| Error::internal("buffers are aligned and whole"))
}

pub(crate) fn cast_mut<T: Element>(bytes: &mut [u8]) -> Result<&mut [T], Error> {
    bytemuck::try_cast_slice_mut(bytes).map_err(|_| Error::internal("buffers are aligned and whole"))
}

impl<'a> Io<'a> {
    /// The input that the output 0 lies over, if any; it is then not to be had as an input.
    #[must_use]
    pub fn in_place(&self) -> Option<usize> {
        self.in_place
    }

    /// Input `k`.
    ///
    /// # Errors
    /// An internal error when it is left out, kept by the kernel, variable, or lies under the output.
    pub fn input<T: Element>(&self, k: usize) -> Result<&'a [T], Error> {
        match self.inputs.get(k) {
            Some(&Slot::Shared(s)) if self.in_place != Some(k) => cast(self.shared[s]),
            _ => Err(Error::internal("a step asks only for inputs that it has")),
        }
    }

    /// A variable that is input `k`: kept between runs.
    ///
    /// # Errors
    /// An internal error when it is not one.
    pub fn variable<T: Element>(&mut self, k: usize) -> Result<&mut [T], Error> {
        match self.inputs.get(k) {
            Some(&Slot::Exclusive(s)) if self.in_place != Some(k) => cast_mut(self.exclusive[s]),
            _ => Err(Error::internal("a step asks only for variables that it has")),
        }
    }

    /// Output `k`.
    ///
    /// # Errors
    /// An internal error when there is none.
    pub fn output<T: Element>(&mut self, k: usize) -> Result<&mut [T], Error> {
        let slot = self.outputs.get(k).copied();
        self.one(slot)
    }

    /// The step's scratch memory; its contents are whatever was left there.
    ///
    /// # Errors
    /// An internal error when the step asked for none.
    pub fn scratch<T: Element>(&mut self) -> Result<&mut [T], Error> {
        self.one(Some(self.scratch))
    }

    /// The step's own state, kept between runs and zero at first.
    ///
    /// # Errors
    /// An internal error when the step asked for none.
    pub fn state<T: Element>(&mut self) -> Result<&mut [T], Error> {
        self.one(Some(self.state))
    }

    /// Output 0 and the scratch memory together.
    ///
    /// # Errors
    /// An internal error when one is not there.
    pub fn output_and_scratch<T: Element, S: Element>(&mut self) -> Result<(&mut [T], &mut [S]), Error> {
        let (y, s) = self.two(self.outputs.first().copied(), Some(self.scratch))?;
        Ok((cast_mut(y)?, cast_mut(s)?))
    }

    /// Output `k` and the state together.
    ///
    /// # Errors
    /// An internal error when one is not there.
    pub fn output_and_state<T: Element, S: Element>(&mut self, k: usize) -> Result<(&mut [T], &mut [S]), Error> {
        let (y, s) = self.two(self.outputs.get(k).copied(), Some(self.state))?;
        Ok((cast_mut(y)?, cast_mut(s)?))
    }

    /// Output 0 and the variable that is input `k` together.
    ///
    /// # Errors
    /// An internal error when one is not there.
    pub fn output_and_variable<T: Element, S: Element>(&mut self, k: usize) -> Result<(&mut [T], &mut [S]), Error> {
        let (y, s) = self.two(self.outputs.first().copied(), self.inputs.get(k).copied())?;
        Ok((cast_mut(y)?, cast_mut(s)?))
    }

    /// All exclusive buffers at once: outputs in order, then for each of `variables` the variable that is that input, then
    /// scratch and state as far as the step has them.
    ///
    /// # Errors
    /// An internal error when one is not there.
    pub fn exclusives(&mut self, variables: &[usize]) -> Result<SmallVec<[&mut [u8]; INLINE]>, Error> {
        let wanted = self.outputs.iter().copied();
        let wanted = wanted.chain(variables.iter().map(|&k| self.inputs.get(k).copied().unwrap_or(Slot::Absent)));
        let own = [self.scratch, self.state].into_iter().filter(|s| *s != Slot::Absent);
        let mut left: SmallVec<[Option<&mut [u8]>; INLINE]> =
            self.exclusive.iter_mut().map(|b| Some(&mut **b)).collect();
        wanted
            .chain(own)
            .map(|slot| match slot {
                Slot::Exclusive(s) => left.get_mut(s).and_then(Option::take),
                Slot::Absent | Slot::Shared(_) => None,
            })
            .map(|b| b.ok_or_else(|| Error::internal("a step asks only for buffers that it has, once each")))
            .collect()
    }

    /// Input 0 and output 0 of an elementwise step of one type, whether or not they share memory: calls `apply` with pieces
    /// `(x, y)` of equal length, in order.
    ///
    /// # Errors
    /// An internal error when they differ in length.
    pub fn map_blocks<T: Element>(&mut self, mut apply: impl FnMut(&[T], &mut [T])) -> Result<(), Error> {
        self.map_blocks_by(&mut apply)
    }

    /// One copy for each element type, whatever the closures: they are called once for a block, so the call costs nothing.
    fn map_blocks_by<T: Element>(&mut self, apply: &mut dyn FnMut(&[T], &mut [T])) -> Result<(), Error> {
        if self.in_place == Some(0) {
            let y = self.output::<T>(0)?;
            return over_blocks(y, &mut |_, x, y| apply(x, y));
        }
        let x = self.input::<T>(0)?;
        let y = self.output::<T>(0)?;
        same_length(x.len(), y.len())?;
        apply(x, y);
        Ok(())
    }

    /// Inputs 0 and 1 and output 0 of an elementwise step of one type and one shape, whether or not they share memory:
    /// calls `apply` with pieces `(a, b, y)` of equal length, in order.
    ///
    /// # Errors
    /// An internal error when they differ in length.
    pub fn zip_blocks<T: Element>(&mut self, mut apply: impl FnMut(&[T], &[T], &mut [T])) -> Result<(), Error> {
        self.zip_blocks_by(&mut apply)
    }

    fn zip_blocks_by<T: Element>(&mut self, apply: &mut ZipBlock<'_, T>) -> Result<(), Error> {
        match self.binary::<T>()? {
            Binary::Apart(a, b, y) => {
                same_length(a.len(), y.len())?;
                same_length(b.len(), y.len())?;
                apply(a, b, y);
                Ok(())
            }
            Binary::OverFirst(y, b) => {
                same_length(b.len(), y.len())?;
                over_blocks(y, &mut |at, a, y| apply(a, &b[at..at + a.len()], y))
            }
            Binary::OverSecond(a, y) => {
                same_length(a.len(), y.len())?;
                over_blocks(y, &mut |at, b, y| apply(&a[at..at + b.len()], b, y))
            }
        }
    }

    fn binary<T: Element>(&mut self) -> Result<Binary<'_, 'a, T>, Error> {
        Ok(match self.in_place {
            Some(0) => {
                let b = self.input(1)?;
                Binary::OverFirst(self.output(0)?, b)
            }
            Some(_) => {
                let a = self.input(0)?;
                Binary::OverSecond(a, self.output(0)?)
            }
            None => {
                let (a, b) = (self.input(0)?, self.input(1)?);
                Binary::Apart(a, b, self.output(0)?)
            }
        })
    }

    fn one<T: Element>(&mut self, slot: Option<Slot>) -> Result<&mut [T], Error> {
        match slot {
            Some(Slot::Exclusive(s)) => cast_mut(self.exclusive[s]),
            _ => Err(Error::internal("a step asks only for buffers that it has")),
        }
    }

    fn two(&mut self, a: Option<Slot>, b: Option<Slot>) -> Result<(&mut [u8], &mut [u8]), Error> {
        let (Some(Slot::Exclusive(a)), Some(Slot::Exclusive(b))) = (a, b) else {
            return Err(Error::internal("a step asks only for buffers that it has"));
        };
        let pair = self.exclusive.get_disjoint_mut([a, b]);
        let [a, b] = pair.map_err(|_| Error::internal("two buffers of a step are two"))?;
        Ok((a, b))
    }
}

fn same_length(a: usize, b: usize) -> Result<(), Error> {
    if a == b { Ok(()) } else { Err(Error::internal("elementwise operands have one length")) }
}

/// An output that lies over an input, a block at a time through the stack: kernels keep separate inputs and outputs.
fn over_blocks<T: Element>(y: &mut [T], apply: &mut OverBlock<'_, T>) -> Result<(), Error> {
    const BLOCK: usize = 512;
    let mut block = [T::zeroed(); BLOCK];
    for (k, y) in y.chunks_mut(BLOCK).enumerate() {
        let x = &mut block[..y.len()];
        x.copy_from_slice(y);
        apply(k * BLOCK, x, y);
    }
    Ok(())
}
