//! The memory of a session: state first, then the planned activations and scratch; constants apart.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::vec::Vec;

use super::operators::{PreparedGraph, PreparedStep};
use super::variables::{self, Variables};
use crate::bytes::{AlignedBytes, align_up};
use crate::error::{Error, ErrorKind, Place};
use crate::limits::Limits;
use crate::plan::{self, Buffer};
use crate::program::{Layout, Location, Span};
use crate::session::Memory;

fn overflow() -> Error {
    Error::new(ErrorKind::Limit, Place::Arena, "sizes that fit the address space", "more")
}

/// The arena of a session while it is laid out.
pub(crate) struct Arena {
    /// Stretches of state, with the byte that they are first filled with.
    state: Vec<(Span, u8)>,
    variables: Vec<Span>,
    next_state: usize,
    state_bytes: usize,
    bytes: usize,
    lower_bound: usize,
}

/// Where everything of one graph lies.
pub(crate) struct GraphLayout {
    tensors: BTreeMap<usize, Location>,
    pub(crate) steps: Vec<Layout>,
}

impl GraphLayout {
    pub(crate) fn location(&self, tensor: usize) -> Location {
        self.tensors.get(&tensor).copied().unwrap_or(Location::Absent)
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
    /// Reserves the state of all graphs at the beginning of the arena.
    pub(crate) fn new<'g, 'a: 'g>(
        variables: &Variables,
        graphs: impl Iterator<Item = &'g PreparedGraph<'a>>,
    ) -> Result<Self, Error> {
        let mut arena =
            Self { state: Vec::new(), variables: Vec::new(), next_state: 0, state_bytes: 0, bytes: 0, lower_bound: 0 };
        for (&bytes, &fill) in variables.bytes.iter().zip(&variables.fills) {
            let span = arena.reserve(bytes, fill)?;
            arena.variables.push(span);
        }
        arena.next_state = arena.state.len();
        for graph in graphs {
            for (bytes, fill) in state_of(graph)? {
                arena.reserve(bytes, fill)?;
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

    /// The next stretches of state, in the order in which [`state_of`] lists them.
    fn next(&mut self) -> Result<Span, Error> {
        let (span, _) = *self.state.get(self.next_state).ok_or_else(|| Error::internal("all state is reserved"))?;
        self.next_state += 1;
        Ok(span)
    }

    /// Places the buffers of a graph behind the state. Graphs are placed in the order in which their state was reserved.
    pub(crate) fn place(&mut self, graph: &PreparedGraph<'_>, constants: &mut Constants) -> Result<GraphLayout, Error> {
        let mut tensors: BTreeMap<usize, Location> = BTreeMap::new();
        for t in variable_tensors(graph) {
            tensors.insert(t, Location::Variable(self.next()?));
        }
        for (&t, &variable) in &graph.variables {
            tensors.insert(t, Location::Variable(self.variables[variable]));
        }
        let own_state: Vec<Option<Span>> = graph
            .steps
            .iter()
            .map(|s| (s.prepared.state > 0).then(|| self.next()).transpose())
            .collect::<Result<_, _>>()?;

        let lives = Lives::of(graph, &tensors)?;
        let plan = plan::plan(&lives.buffers).ok_or_else(overflow)?;
        let at = |b: usize, len: usize| Span { begin: self.state_bytes + plan.offsets[b], len };
        self.bytes = self.bytes.max(self.state_bytes.checked_add(plan.bytes).ok_or_else(overflow)?);
        self.lower_bound = self.lower_bound.max(self.state_bytes + plan.lower_bound);
        for (&t, &b) in &lives.buffer_of {
            tensors.insert(t, Location::Arena(at(b, graph.subgraph.tensors[t].bytes()?)));
        }

        let mut steps = Vec::with_capacity(graph.steps.len());
        for (k, step) in graph.steps.iter().enumerate() {
            let mut layout = Layout { state: own_state[k], in_place: lives.in_place[k], ..Layout::default() };
            for (i, input) in step.inputs.iter().enumerate() {
                layout.inputs.push(match input {
                    Some(t) if step.prepared.kept >> i & 1 == 0 => match tensors.entry(*t) {
                        Entry::Occupied(place) => *place.get(),
                        Entry::Vacant(place) => *place.insert(constants.add(graph, *t)?),
                    },
                    _ => Location::Absent,
                });
            }
            for t in &step.outputs {
                let Some(Location::Arena(span)) = tensors.get(t) else {
                    return Err(Error::internal("outputs lie in the arena"));
                };
                layout.outputs.push(*span);
            }
            layout.scratch = lives.scratch[k].map(|b| at(b, step.prepared.scratch));
            steps.push(layout);
        }
        for &t in &graph.subgraph.outputs {
            if let Entry::Vacant(place) = tensors.entry(t) {
                place.insert(constants.add(graph, t)?);
            }
        }
        Ok(GraphLayout { tensors, steps })
    }

    /// The memory that was laid out, if it is within the limit.
    pub(crate) fn memory(&self, limits: &Limits) -> Result<Memory, Error> {
        if self.bytes > limits.arena_bytes {
            let expected = format!("an arena of at most {} bytes", limits.arena_bytes);
            return Err(Error::new(ErrorKind::Limit, Place::Arena, expected, format!("{} bytes", self.bytes)));
        }
        Ok(Memory { arena: self.bytes, lower_bound: self.lower_bound, state: self.state_bytes, ..Memory::default() })
    }

    /// Stretches of state, with the byte that they are first filled with.
    pub(crate) fn state(self) -> Vec<(Span, u8)> {
        self.state
    }
}

/// Tensors of a graph that are marked variable and are read by a step.
fn variable_tensors(graph: &PreparedGraph<'_>) -> Vec<usize> {
    let used = graph.steps.iter().flat_map(|s| s.inputs.iter().flatten().copied());
    let mut found: Vec<usize> = used.filter(|&t| graph.subgraph.tensors[t].is_variable).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Bytes and first fill of a graph's state: its variable tensors, then the state that its steps keep.
fn state_of(graph: &PreparedGraph<'_>) -> Result<Vec<(usize, u8)>, Error> {
    let mut found = Vec::new();
    for t in variable_tensors(graph) {
        let tensor = &graph.subgraph.tensors[t];
        found.push((tensor.bytes()?, variables::zero_byte(tensor)));
    }
    found.extend(graph.steps.iter().filter(|s| s.prepared.state > 0).map(|s| (s.prepared.state, 0)));
    Ok(found)
}

/// When each buffer of a graph is live. Moment 0 is before the first step, step `k` runs at moment `k + 1`.
struct Lives {
    buffers: Vec<Buffer>,
    /// Tensors in the arena; several share a buffer where a step works in place.
    buffer_of: BTreeMap<usize, usize>,
    scratch: Vec<Option<usize>>,
    in_place: Vec<Option<usize>>,
}

impl Lives {
    fn of(graph: &PreparedGraph<'_>, placed: &BTreeMap<usize, Location>) -> Result<Self, Error> {
        let end = graph.steps.len() + 1;
        let mut last_read: BTreeMap<usize, usize> = BTreeMap::new();
        for (k, step) in graph.steps.iter().enumerate() {
            for (i, &t) in step.inputs.iter().enumerate() {
                if let Some(t) = t.filter(|_| step.prepared.kept >> i & 1 == 0) {
                    last_read.insert(t, k + 1);
                }
            }
        }
        for &t in &graph.subgraph.outputs {
            last_read.insert(t, end);
        }
        let mut lives =
            Self { buffers: Vec::new(), buffer_of: BTreeMap::new(), scratch: Vec::new(), in_place: Vec::new() };
        for &t in &graph.subgraph.inputs {
            lives.add(graph, t, 0, last_read.get(&t).copied().unwrap_or(0))?;
        }
        for (k, step) in graph.steps.iter().enumerate() {
            let now = k + 1;
            let over = lives.reusable(graph, step, now, &last_read);
            lives.in_place.push(over);
            for (o, &t) in step.outputs.iter().enumerate() {
                let last = last_read.get(&t).copied().unwrap_or(now);
                let reused =
                    over.filter(|_| o == 0).and_then(|i| step.inputs[i]).and_then(|i| lives.buffer_of.get(&i).copied());
                match reused {
                    Some(b) => {
                        lives.buffers[b].last = last;
                        lives.buffer_of.insert(t, b);
                    }
                    None if placed.contains_key(&t) => {}
                    None => lives.add(graph, t, now, last)?,
                }
            }
            let scratch = (step.prepared.scratch > 0).then(|| {
                lives.buffers.push(Buffer { bytes: step.prepared.scratch, first: now, last: now });
                lives.buffers.len() - 1
            });
            lives.scratch.push(scratch);
        }
        Ok(lives)
    }

    fn add(&mut self, graph: &PreparedGraph<'_>, tensor: usize, first: usize, last: usize) -> Result<(), Error> {
        let bytes = graph.subgraph.tensors[tensor].bytes()?;
        self.buffer_of.insert(tensor, self.buffers.len());
        self.buffers.push(Buffer { bytes, first, last });
        Ok(())
    }

    /// The input whose buffer output 0 of a step may take over: in the arena, of the same bytes, read here for the last time
    /// and only once.
    fn reusable(
        &self,
        graph: &PreparedGraph<'_>,
        step: &PreparedStep,
        now: usize,
        last_read: &BTreeMap<usize, usize>,
    ) -> Option<usize> {
        let bytes = |t: usize| graph.subgraph.tensors[t].bytes().ok();
        let output = bytes(*step.outputs.first()?);
        (0..step.inputs.len().min(64)).find(|&i| {
            let Some(t) = step.inputs[i].filter(|_| step.prepared.in_place >> i & 1 == 1) else { return false };
            let once = step.inputs.iter().flatten().filter(|&&u| u == t).count() == 1;
            let here_last = last_read.get(&t) == Some(&now);
            once && here_last && self.buffer_of.contains_key(&t) && bytes(t) == output
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
    fn add(&mut self, graph: &PreparedGraph<'_>, tensor: usize) -> Result<Location, Error> {
        let value = graph.constant(tensor).ok_or_else(|| Error::internal("what is read has a value"))?;
        if graph.subgraph.tensors[tensor].is_sparse {
            let sparse = &graph.subgraph.tensors[tensor];
            return Err(sparse.error(ErrorKind::Unsupported, "a dense constant", "the sparse encoding"));
        }
        let span = Span { begin: self.end, len: value.len() };
        self.end = align_up(value.len()).and_then(|l| self.end.checked_add(l)).ok_or_else(overflow)?;
        self.values.push(value.to_vec());
        Ok(Location::Constant(span))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.end
    }

    pub(crate) fn finish(self) -> Result<AlignedBytes, Error> {
        let mut all = AlignedBytes::zeroed(self.end)?;
        let mut at = 0;
        for value in self.values {
            all.as_mut_slice()[at..at + value.len()].copy_from_slice(&value);
            at += align_up(value.len()).unwrap_or(0);
        }
        Ok(all)
    }
}
