//! The memory of a session: state first, then the planned activations and scratch; constants apart.

use alloc::vec::Vec;

use super::operators::{PreparedGraph, PreparedStep};
use super::variables::{self, Variables};
use crate::bytes::{AlignedBytes, align_up};
use crate::error::{Error, ErrorKind, Place};
use crate::limits::Limits;
use crate::plan::{self, Buffer, Plan};
use crate::program::{Layout, Location, Span};
use crate::session::Memory;

fn overflow() -> Error {
    Error::new(ErrorKind::Limit, Place::Arena, format_args!("sizes that fit the address space"), format_args!("more"))
}

/// The arena of a session while it is laid out.
pub(crate) struct Arena {
    /// Stretches of state, with the byte that they are first filled with.
    state: Vec<(Span, u8)>,
    state_bytes: usize,
    bytes: usize,
    lower_bound: usize,
}

/// Where everything of one graph lies.
#[derive(Default)]
pub(crate) struct GraphLayout {
    /// Of each tensor, as far as a step or the caller needs it.
    tensors: Vec<Option<Location>>,
    pub(crate) steps: Vec<Layout>,
}

impl GraphLayout {
    pub(crate) fn location(&self, tensor: usize) -> Location {
        self.tensors[tensor].unwrap_or(Location::Absent)
    }

    pub(crate) fn span(&self, tensor: usize) -> Result<Span, Error> {
        match self.location(tensor) {
            Location::Arena(span) => Ok(span),
            Location::Absent | Location::Variable(_) | Location::Constant(_) => {
                Err(Error::internal("graph inputs lie in the arena"))
            }
        }
    }
}

impl Arena {
    /// Reserves the state of all graphs at the beginning of the arena, and says where it lies.
    pub(crate) fn new(variables: &Variables, graphs: &mut [PreparedGraph<'_>]) -> Result<Self, Error> {
        let mut arena = Self { state: Vec::new(), state_bytes: 0, bytes: 0, lower_bound: 0 };
        let mut spans = Vec::with_capacity(variables.bytes.len());
        for (&bytes, &fill) in variables.bytes.iter().zip(&variables.fills) {
            spans.push(arena.reserve(bytes, fill)?);
        }
        for graph in graphs {
            for (t, tensor) in graph.tensors.iter_mut().enumerate() {
                *tensor = variables.of(graph.index, t).map(|variable| Location::Variable(spans[variable]));
            }
            for step in &mut graph.steps {
                for &t in step.inputs.iter().flatten() {
                    let tensor = &graph.subgraph.tensors[t];
                    if tensor.is_variable && graph.tensors[t].is_none() {
                        let span = arena.reserve(tensor.bytes()?, variables::zero_byte(tensor))?;
                        graph.tensors[t] = Some(Location::Variable(span));
                    }
                }
                if step.prepared.state > 0 {
                    step.state = Some(arena.reserve(step.prepared.state, 0)?);
                }
            }
        }
        arena.bytes = arena.state_bytes;
        arena.lower_bound = arena.state_bytes;
        Ok(arena)
    }

    fn reserve(&mut self, bytes: usize, fill: u8) -> Result<Span, Error> {
        let span = Span { begin: self.state_bytes, len: bytes };
        self.state_bytes = align_up(bytes).and_then(|b| self.state_bytes.checked_add(b)).ok_or_else(overflow)?;
        self.state.push((span, fill));
        Ok(span)
    }

    /// Places the buffers of a graph behind the state.
    pub(crate) fn place(
        &mut self,
        graph: &PreparedGraph<'_>,
        constants: &mut Constants,
        to: &mut GraphLayout,
    ) -> Result<(), Error> {
        let mut lives = Lives::default();
        lives.fill(graph)?;
        let plan = plan::plan(&lives.buffers).ok_or_else(overflow)?;
        self.lay_out(graph, &lives, &plan, constants, to)
    }

    fn lay_out(
        &mut self,
        graph: &PreparedGraph<'_>,
        lives: &Lives,
        plan: &Plan,
        constants: &mut Constants,
        GraphLayout { tensors, steps }: &mut GraphLayout,
    ) -> Result<(), Error> {
        tensors.extend_from_slice(&graph.tensors);
        let at = |(b, from): (usize, usize), len: usize| Span { begin: self.state_bytes + plan.offsets[b] + from, len };
        self.bytes = self.bytes.max(self.state_bytes.checked_add(plan.bytes).ok_or_else(overflow)?);
        self.lower_bound = self.lower_bound.max(self.state_bytes + plan.lower_bound);
        for (t, b) in lives.buffer_of.iter().enumerate() {
            if let &Some(b) = b {
                tensors[t] = Some(Location::Arena(at(b, graph.subgraph.tensors[t].bytes()?)));
            }
        }

        for (k, step) in graph.steps.iter().enumerate() {
            let layout = steps.push_mut(Layout { state: step.state, in_place: lives.in_place[k], ..Layout::default() });
            let is_joined = step.prepared.joins && layout.in_place.is_some();
            for (i, input) in step.inputs.iter().enumerate() {
                layout.inputs.push(match *input {
                    Some(t) if step.prepared.reads(i) && !is_joined => constants.locate(graph, t, tensors)?,
                    _ => Location::Absent,
                });
            }
            for t in &step.outputs {
                let Some(Location::Arena(span)) = tensors[*t] else {
                    return Err(Error::internal("outputs lie in the arena"));
                };
                layout.outputs.push(span);
            }
            layout.scratch = lives.scratch[k].map(|b| at((b, 0), step.prepared.scratch));
        }
        for &t in &graph.subgraph.outputs {
            constants.locate(graph, t, tensors)?;
        }
        Ok(())
    }

    /// The memory that was laid out, if it is within the limit.
    pub(crate) fn memory(&self, limits: &Limits) -> Result<Memory, Error> {
        if self.bytes > limits.arena_bytes {
            let expected = format_args!("an arena of at most {} bytes", limits.arena_bytes);
            return Err(Error::new(ErrorKind::Limit, Place::Arena, expected, format_args!("{} bytes", self.bytes)));
        }
        Ok(Memory { arena: self.bytes, lower_bound: self.lower_bound, state: self.state_bytes, ..Memory::default() })
    }

    /// Stretches of state, with the byte that they are first filled with.
    pub(crate) fn state(self) -> Vec<(Span, u8)> {
        self.state
    }
}

/// When each buffer of a graph is live. Moment 0 is before the first step, step `k` runs at moment `k + 1`.
#[derive(Default)]
struct Lives {
    buffers: Vec<Buffer>,
    /// Tensors in the arena: the buffer, and from which byte on. Several share one where a step works in place, or joins them.
    buffer_of: Vec<Option<(usize, usize)>>,
    scratch: Vec<Option<usize>>,
    in_place: Vec<Option<usize>>,
}

impl Lives {
    fn fill(&mut self, graph: &PreparedGraph<'_>) -> Result<(), Error> {
        let placed = &graph.tensors;
        let end = graph.steps.len() + 1;
        let mut last_read: Vec<Option<usize>> = alloc::vec![None; placed.len()];
        for (k, step) in graph.steps.iter().enumerate() {
            for (i, &t) in step.inputs.iter().enumerate() {
                if let Some(t) = t.filter(|_| step.prepared.reads(i)) {
                    last_read[t] = Some(k + 1);
                }
            }
        }
        for &t in &graph.subgraph.outputs {
            last_read[t] = Some(end);
        }
        self.buffer_of = alloc::vec![None; placed.len()];
        for &t in &graph.subgraph.inputs {
            self.add(graph, t, 0, last_read[t].unwrap_or(0))?;
        }
        for (k, step) in graph.steps.iter().enumerate() {
            let now = k + 1;
            if let Some(first) = self.join(step, now, &last_read) {
                let y = step.outputs[0];
                self.add(graph, y, first, last_read[y].unwrap_or(now))?;
                self.in_place.push(Some(0));
                self.scratch.push(None);
                continue;
            }
            let over = self.reusable(graph, step, now, &last_read);
            self.in_place.push(over);
            for (o, &t) in step.outputs.iter().enumerate() {
                let last = last_read[t].unwrap_or(now);
                let reused = over.filter(|_| o == 0).and_then(|i| step.inputs[i]).and_then(|i| self.buffer_of[i]);
                match reused {
                    Some(of) => {
                        self.buffers[of.0].last = last;
                        self.buffer_of[t] = Some(of);
                    }
                    None if placed[t].is_some() => {}
                    None => self.add(graph, t, now, last)?,
                }
            }
            let scratch = (step.prepared.scratch > 0).then(|| {
                self.buffers.push(Buffer { bytes: step.prepared.scratch, first: now, last: now });
                self.buffers.len() - 1
            });
            self.scratch.push(scratch);
        }
        Ok(())
    }

    fn add(&mut self, graph: &PreparedGraph<'_>, tensor: usize, first: usize, last: usize) -> Result<(), Error> {
        let bytes = graph.subgraph.tensors[tensor].bytes()?;
        self.buffer_of[tensor] = Some((self.buffers.len(), 0));
        self.buffers.push(Buffer { bytes, first, last });
        Ok(())
    }

    /// Makes the inputs' buffers parts of the next one, of a step that only joins them, if all of them are free after it. What is
    /// joined is live, in its full length, from the first of its parts on: when that is.
    fn join(&mut self, step: &PreparedStep, now: usize, last_read: &[Option<usize>]) -> Option<usize> {
        let is_free = |t: &Option<usize>| t.is_some_and(|t| self.freed(step, t, now, last_read));
        if !step.prepared.joins || !step.inputs.iter().all(is_free) {
            return None;
        }
        let (whole, mut first, mut at) = (self.buffers.len(), now, 0);
        for &t in step.inputs.iter().flatten() {
            let (part, _) = self.buffer_of[t]?;
            self.buffer_of.iter_mut().flatten().filter(|of| of.0 == part).for_each(|of| *of = (whole, of.1 + at));
            first = first.min(self.buffers[part].first);
            at += core::mem::take(&mut self.buffers[part].bytes);
        }
        Some(first)
    }

    /// Whether a tensor lies in the arena, and is read here for the last time and only once.
    fn freed(&self, step: &PreparedStep, t: usize, now: usize, last_read: &[Option<usize>]) -> bool {
        let once = step.inputs.iter().flatten().filter(|&&u| u == t).count() == 1;
        once && last_read[t] == Some(now) && self.buffer_of[t].is_some()
    }

    /// The input whose buffer output 0 of a step may take over: free after it, and of the same bytes.
    fn reusable(
        &self,
        graph: &PreparedGraph<'_>,
        step: &PreparedStep,
        now: usize,
        last_read: &[Option<usize>],
    ) -> Option<usize> {
        let bytes = |t: usize| graph.subgraph.tensors[t].bytes().ok();
        let output = bytes(*step.outputs.first()?);
        (0..step.inputs.len().min(64)).find(|&i| {
            let Some(t) = step.inputs[i].filter(|_| step.prepared.in_place >> i & 1 == 1) else { return false };
            self.freed(step, t, now, last_read) && bytes(t) == output
        })
    }
}

/// Constants that steps read where they lie, gathered and aligned.
#[derive(Default)]
pub(crate) struct Constants {
    values: Vec<Vec<u8>>,
    end: usize,
}

impl Constants {
    /// Where a tensor lies; one that lies nowhere yet is a constant and is taken in.
    fn locate(
        &mut self,
        graph: &PreparedGraph<'_>,
        tensor: usize,
        tensors: &mut [Option<Location>],
    ) -> Result<Location, Error> {
        match tensors[tensor] {
            Some(location) => Ok(location),
            // The place of an optional operand: read by nobody.
            None if graph.subgraph.tensors[tensor].shape.is_none() => Ok(Location::Absent),
            None => {
                let location = self.add(graph, tensor)?;
                tensors[tensor] = Some(location);
                Ok(location)
            }
        }
    }

    fn add(&mut self, graph: &PreparedGraph<'_>, tensor: usize) -> Result<Location, Error> {
        let value = graph.constant(tensor).ok_or_else(|| Error::internal("what is read has a value"))?;
        let span = Span { begin: self.end, len: value.len() };
        self.end = align_up(value.len()).and_then(|l| self.end.checked_add(l)).ok_or_else(overflow)?;
        self.values.push(value.to_vec());
        Ok(Location::Constant(span))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.end
    }

    pub(crate) fn finish(&self) -> Result<AlignedBytes, Error> {
        let mut all = AlignedBytes::zeroed(self.end)?;
        let mut at = 0;
        for value in &self.values {
            all.as_mut_slice()[at..at + value.len()].copy_from_slice(value);
            at += align_up(value.len()).unwrap_or(0);
        }
        Ok(all)
    }
}
