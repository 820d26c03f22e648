//! A loaded model with its arena, ready to run.

use alloc::string::String;
use alloc::vec::Vec;

use crate::bytes::AlignedBytes;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Place};
use crate::limits::Limits;
use crate::program::{Call, Location, Span};
use crate::quant::PerTensor;
use crate::shape::Shape;

/// How a model is loaded.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoadOptions {
    /// Limits on what the file may ask for.
    pub limits: Limits,
    /// Use the scalar reference kernels throughout.
    pub reference: bool,
}

/// What is known of a tensor once its model is loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorInfo {
    /// Its index in the file.
    pub index: usize,
    /// Its name, often empty.
    pub name: String,
    /// Its element type.
    pub dtype: DType,
    /// Its extents.
    pub shape: Shape,
    /// Its scale and zero point, where it has one of each.
    pub quant: Option<PerTensor>,
}

impl TensorInfo {
    /// Bytes of its value.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shape.elements() * self.dtype.size()
    }
}

/// One step of a loaded model.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Index of the operator in the file.
    pub node: usize,
    /// Its TFLite name.
    pub op: String,
    /// The kernel that was chosen.
    pub kernel: &'static str,
    /// Input tensors that are there, by their index.
    pub inputs: Vec<usize>,
    /// Output tensors.
    pub outputs: Vec<TensorInfo>,
    /// Multiply-accumulates of one run.
    pub macs: u64,
    /// Bytes of constants that the kernel keeps for itself.
    pub weight_bytes: usize,
    /// Bytes of scratch while it runs.
    pub scratch_bytes: usize,
}

/// Bytes of memory, by purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// The arena: activations, scratch and state.
    pub arena: usize,
    /// What is live at once at the worst step (and the state).
    pub lower_bound: usize,
    /// The part of the arena that is kept between runs.
    pub state: usize,
    /// Weights and other constants as kept.
    pub weights: usize,
    /// The model file.
    pub file: usize,
}

/// A loaded model. See [`Session::load`].
pub struct Session {
    pub(crate) description: String,
    pub(crate) inputs: Vec<TensorInfo>,
    pub(crate) outputs: Vec<TensorInfo>,
    /// Where inputs and outputs lie.
    pub(crate) input_spans: Vec<Span>,
    pub(crate) output_locations: Vec<Location>,
    pub(crate) steps: Vec<Step>,
    pub(crate) calls: Vec<Call>,
    /// Programs of `CALL_ONCE`, run whenever the state is put back to its start.
    pub(crate) init: Vec<Call>,
    /// Stretches of state and the byte that they are first filled with.
    pub(crate) state: Vec<(Span, u8)>,
    pub(crate) arena: AlignedBytes,
    pub(crate) constants: AlignedBytes,
    pub(crate) memory: Memory,
}

impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session").field("steps", &self.steps).field("memory", &self.memory).finish_non_exhaustive()
    }
}

impl Session {
    /// A session of nothing, which loading fills.
    pub(crate) fn empty() -> Self {
        Self {
            description: String::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            input_spans: Vec::new(),
            output_locations: Vec::new(),
            steps: Vec::new(),
            calls: Vec::new(),
            init: Vec::new(),
            state: Vec::new(),
            arena: AlignedBytes::default(),
            constants: AlignedBytes::default(),
            memory: Memory::default(),
        }
    }

    /// Reads, checks and plans a model. The bytes are not needed afterwards.
    ///
    /// # Errors
    /// A typed refusal of a model that is damaged, contradicts itself, is over a limit, or is not supported.
    pub fn load(file: &[u8], options: &LoadOptions) -> Result<Self, Error> {
        let mut session = Self::empty();
        crate::load::load(file, options, &mut session)?;
        session.reset()?;
        Ok(session)
    }

    /// The file's own description.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Inputs in the model's order.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = &TensorInfo> {
        self.inputs.iter()
    }

    /// Outputs in the model's order.
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = &TensorInfo> {
        self.outputs.iter()
    }

    /// The steps, in the order in which they run.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Bytes of memory, by purpose.
    #[must_use]
    pub fn memory(&self) -> Memory {
        self.memory
    }

    /// The bytes of input `k`, to be written before each run: the arena uses their memory again within it.
    pub fn input_mut(&mut self, k: usize) -> Option<&mut [u8]> {
        let span = *self.input_spans.get(k)?;
        self.arena.as_mut_slice().get_mut(span.range())
    }

    /// The bytes of output `k`, to be read before the next run.
    #[must_use]
    pub fn output(&self, k: usize) -> Option<&[u8]> {
        match *self.output_locations.get(k)? {
            Location::Arena(span) | Location::Variable(span) => self.arena.as_slice().get(span.range()),
            Location::Constant(span) => self.constants.as_slice().get(span.range()),
            Location::Absent => None,
        }
    }

    /// The bytes of output `k` of a step, right after that step ran.
    #[must_use]
    pub fn step_output(&self, step: usize, k: usize) -> Option<&[u8]> {
        let span = self.calls.get(step)?.output(k)?;
        self.arena.as_slice().get(span.range())
    }

    /// Runs the model.
    ///
    /// # Errors
    /// [`ErrorKind::Run`] when values of this run cannot be computed with.
    pub fn run(&mut self) -> Result<(), Error> {
        let (arena, constants) = (self.arena.as_mut_slice(), self.constants.as_slice());
        self.calls.iter().try_for_each(|call| call.run(arena, constants))
    }

    /// Runs one step. Steps go in order; what a step out of order computes has no meaning.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when there is no such step, else as [`Session::run`].
    pub fn run_step(&mut self, step: usize) -> Result<(), Error> {
        let count = self.calls.len();
        let call = self.calls.get(step).ok_or_else(|| {
            Error::new(
                ErrorKind::Usage,
                Place::Session,
                format_args!("a step below {count}"),
                format_args!("step {step}"),
            )
        })?;
        call.run(self.arena.as_mut_slice(), self.constants.as_slice())
    }

    /// Puts the state of stateful operators back to its start.
    ///
    /// # Errors
    /// As [`Session::run`], from the model's own initialisation.
    pub fn reset(&mut self) -> Result<(), Error> {
        let arena = self.arena.as_mut_slice();
        for &(span, byte) in &self.state {
            arena.get_mut(span.range()).ok_or_else(|| Error::internal("state lies inside the arena"))?.fill(byte);
        }
        let constants = self.constants.as_slice();
        self.init.iter().try_for_each(|call| call.run(arena, constants))
    }
}
