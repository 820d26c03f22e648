//! A sequence of steps over one arena, each with the places of its buffers worked out when the model is loaded.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::Error;
use crate::io::{Few, Io, Piece, Slot};
use crate::ops::Run;

/// A stretch of the arena or of the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) begin: usize,
    pub(crate) len: usize,
}

impl Span {
    pub(crate) fn range(self) -> core::ops::Range<usize> {
        self.begin..self.begin + self.len
    }
}

/// Where an operand lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    /// Left out, or kept by the kernel.
    Absent,
    /// In the arena.
    Arena(Span),
    /// In the arena, kept between runs, and the step may write it.
    Variable(Span),
    /// In the constants.
    Constant(Span),
}

/// A step of a program: what runs, and on what.
pub(crate) struct Call {
    run: Box<dyn Run>,
    /// The operator: its index and its name.
    node: (usize, &'static str),
    inputs: Vec<Slot>,
    outputs: Vec<Slot>,
    scratch: Slot,
    state: Slot,
    in_place: Option<usize>,
    /// Pieces of the arena by offset: where each begins, its bytes, and 1 if it is exclusive.
    cuts: Vec<[usize; 3]>,
    constants: Vec<Span>,
}

/// Where a step's buffers lie.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) inputs: Vec<Location>,
    pub(crate) outputs: Vec<Span>,
    pub(crate) scratch: Option<Span>,
    pub(crate) state: Option<Span>,
    pub(crate) in_place: Option<usize>,
}

impl Call {
    /// Works out how the arena is cut for this step.
    ///
    /// # Errors
    /// An internal error when exclusive buffers overlap: the plan is checked here, once, and not trusted.
    pub(crate) fn new(run: Box<dyn Run>, node: (usize, &'static str), layout: &Layout) -> Result<Self, Error> {
        let mut call = Self {
            run,
            node,
            inputs: Vec::new(),
            outputs: Vec::new(),
            scratch: None,
            state: None,
            in_place: layout.in_place,
            cuts: Vec::new(),
            constants: Vec::new(),
        };
        call.cut(layout)?;
        Ok(call)
    }

    fn cut(&mut self, layout: &Layout) -> Result<(), Error> {
        let Self { inputs, outputs, cuts, constants, .. } = self;
        for (k, location) in layout.inputs.iter().enumerate() {
            match *location {
                Location::Arena(span) if layout.in_place != Some(k) => cuts.push([span.begin, span.len, 0]),
                Location::Variable(span) => cuts.push([span.begin, span.len, 1]),
                Location::Constant(span) => constants.push(span),
                Location::Arena(_) | Location::Absent => {}
            }
        }
        for span in layout.outputs.iter().chain(&layout.scratch).chain(&layout.state) {
            cuts.push([span.begin, span.len, 1]);
        }
        cuts.sort_unstable();
        // An input that is there twice is one piece; exclusive pieces that are there twice overlap and are found below.
        cuts.dedup_by(|a, b| a == b && a[2] == 0);
        if cuts.windows(2).any(|w| w[0][0] + w[0][1] > w[1][0]) {
            return Err(Error::internal("buffers that live together lie apart"));
        }
        let piece = |span: Span| cuts.iter().position(|c| c[0] == span.begin && c[1] == span.len);
        let mut next_constant = cuts.len();
        for (k, location) in layout.inputs.iter().enumerate() {
            inputs.push(match *location {
                Location::Arena(_) if layout.in_place == Some(k) => None,
                Location::Arena(span) | Location::Variable(span) => piece(span),
                Location::Absent => None,
                Location::Constant(_) => {
                    next_constant += 1;
                    Some(next_constant - 1)
                }
            });
        }
        outputs.extend(layout.outputs.iter().map(|&span| piece(span)));
        (self.scratch, self.state) = (layout.scratch.and_then(piece), layout.state.and_then(piece));
        Ok(())
    }

    /// Where output `k` lies.
    pub(crate) fn output(&self, k: usize) -> Option<Span> {
        let &[begin, len, _] = self.cuts.get((*self.outputs.get(k)?)?)?;
        Some(Span { begin, len })
    }

    /// Runs the step.
    pub(crate) fn run(&self, arena: &mut [u8], constants: &[u8]) -> Result<(), Error> {
        let outside = || Error::internal("buffers lie inside the arena");
        let mut pieces = Few::default();
        let (mut rest, mut at) = (arena, 0);
        for &[begin, len, exclusive] in &self.cuts {
            let (_, tail) = rest.split_at_mut_checked(begin - at).ok_or_else(outside)?;
            let (piece, tail) = tail.split_at_mut_checked(len).ok_or_else(outside)?;
            (rest, at) = (tail, begin + len);
            pieces.push(if exclusive == 1 { Piece::Exclusive(piece) } else { Piece::Shared(piece) });
        }
        for span in &self.constants {
            pieces.push(Piece::Shared(constants.get(span.range()).ok_or_else(outside)?));
        }
        let mut io = Io {
            node: self.node,
            inputs: &self.inputs,
            outputs: &self.outputs,
            scratch: self.scratch,
            state: self.state,
            in_place: self.in_place,
            pieces,
        };
        self.run.run(&mut io)
    }
}
