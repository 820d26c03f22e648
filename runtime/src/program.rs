//! A sequence of steps over one arena, each with the places of its buffers worked out when the model is loaded.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::Error;
use crate::io::{Few, Io, Slot};
use crate::ops::Run;
use crate::plan::sorted;

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
    inputs: Vec<Slot>,
    outputs: Vec<Slot>,
    scratch: Slot,
    state: Slot,
    in_place: Option<usize>,
    /// Pieces of the arena by offset, and whether they are exclusive.
    cuts: Vec<(Span, bool)>,
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
    pub(crate) fn new(run: Box<dyn Run>, layout: &Layout) -> Result<Self, Error> {
        let mut keys: Vec<[usize; 2]> = Vec::new();
        let mut exclusive: Vec<bool> = Vec::new();
        let mut cut = |span: Span, alone: bool| {
            keys.push([span.begin, span.len]);
            exclusive.push(alone);
        };
        let mut constants = Vec::new();
        for (k, location) in layout.inputs.iter().enumerate() {
            match *location {
                Location::Arena(span) if layout.in_place != Some(k) => cut(span, false),
                Location::Variable(span) => cut(span, true),
                Location::Constant(span) => constants.push(span),
                Location::Arena(_) | Location::Absent => {}
            }
        }
        for &span in layout.outputs.iter().chain(&layout.scratch).chain(&layout.state) {
            cut(span, true);
        }
        let mut cuts: Vec<(Span, bool)> =
            sorted(keys.into_iter()).iter().map(|&[begin, len, k]| (Span { begin, len }, exclusive[k])).collect();
        // An input that is there twice is one piece; exclusive pieces that are there twice overlap and are found below.
        cuts.dedup_by(|a, b| a == b && !a.1);
        if cuts.windows(2).any(|w| w[0].0.begin + w[0].0.len > w[1].0.begin) {
            return Err(Error::internal("buffers that live together lie apart"));
        }
        let shared_cuts = cuts.iter().filter(|(_, exclusive)| !exclusive).count();
        let slot = |span: Span, exclusive: bool| {
            let of_kind = cuts.iter().filter(|(_, e)| *e == exclusive);
            match of_kind.map(|(s, _)| *s).position(|s| s == span) {
                Some(k) if exclusive => Slot::Exclusive(k),
                Some(k) => Slot::Shared(k),
                None => Slot::Absent,
            }
        };
        let mut next_constant = shared_cuts;
        let inputs = layout.inputs.iter().enumerate().map(|(k, location)| match *location {
            Location::Absent => Slot::Absent,
            Location::Arena(_) if layout.in_place == Some(k) => Slot::Absent,
            Location::Arena(span) => slot(span, false),
            Location::Variable(span) => slot(span, true),
            Location::Constant(_) => {
                next_constant += 1;
                Slot::Shared(next_constant - 1)
            }
        });
        let inputs = inputs.collect();
        let own = |span: Option<Span>| span.map_or(Slot::Absent, |s| slot(s, true));
        Ok(Self {
            run,
            inputs,
            outputs: layout.outputs.iter().map(|&s| slot(s, true)).collect(),
            scratch: own(layout.scratch),
            state: own(layout.state),
            in_place: layout.in_place,
            cuts,
            constants,
        })
    }

    /// Runs the step.
    pub(crate) fn run(&self, arena: &mut [u8], constants: &[u8]) -> Result<(), Error> {
        let outside = || Error::internal("buffers lie inside the arena");
        let mut shared: Few<&[u8]> = Few::default();
        let mut exclusive: Few<&mut [u8]> = Few::default();
        let (mut rest, mut at) = (arena, 0);
        for &(span, is_exclusive) in &self.cuts {
            let (_, tail) = rest.split_at_mut_checked(span.begin - at).ok_or_else(outside)?;
            let (piece, tail) = tail.split_at_mut_checked(span.len).ok_or_else(outside)?;
            (rest, at) = (tail, span.begin + span.len);
            if is_exclusive {
                exclusive.push(piece);
            } else {
                shared.push(piece);
            }
        }
        for span in &self.constants {
            shared.push(constants.get(span.range()).ok_or_else(outside)?);
        }
        let mut io = Io {
            inputs: &self.inputs,
            outputs: &self.outputs,
            scratch: self.scratch,
            state: self.state,
            in_place: self.in_place,
            shared,
            exclusive,
        };
        self.run.run(&mut io)
    }
}
