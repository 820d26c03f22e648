//! The one protocol over the guest's exports, generic over the engine that runs the module.

use std::fmt;
use std::sync::Arc;

use crate::describe::{Build, Description, GuestError};
use crate::exports::{
    BUILD_DOT_SIGNED, BUILD_DOT_UNSIGNED, BUILD_RELAXED_SIMD, BUILD_SIMD128, LOAD_REFERENCE, VERSION,
};

/// The guest's functions; see [`crate::exports`] for what each does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is described in the table of `exports`")]
pub enum Export {
    Abi,
    Build,
    Alloc,
    Free,
    Load,
    Unload,
    Describe,
    LastError,
    Text,
    Input,
    Output,
    Run,
    RunStep,
    StepOutput,
    Reset,
}

impl Export {
    /// All of them.
    pub const ALL: [Export; 15] = [
        Export::Abi,
        Export::Build,
        Export::Alloc,
        Export::Free,
        Export::Load,
        Export::Unload,
        Export::Describe,
        Export::LastError,
        Export::Text,
        Export::Input,
        Export::Output,
        Export::Run,
        Export::RunStep,
        Export::StepOutput,
        Export::Reset,
    ];

    /// Its name in the module.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Export::Abi => "mote_abi",
            Export::Build => "mote_build",
            Export::Alloc => "mote_alloc",
            Export::Free => "mote_free",
            Export::Load => "mote_load",
            Export::Unload => "mote_unload",
            Export::Describe => "mote_describe",
            Export::LastError => "mote_last_error",
            Export::Text => "mote_text",
            Export::Input => "mote_input",
            Export::Output => "mote_output",
            Export::Run => "mote_run",
            Export::RunStep => "mote_run_step",
            Export::StepOutput => "mote_step_output",
            Export::Reset => "mote_reset",
        }
    }

    /// How many arguments it takes.
    #[must_use]
    pub fn arity(self) -> usize {
        match self {
            Export::Abi | Export::Build | Export::LastError | Export::Text => 0,
            Export::Alloc | Export::Unload | Export::Describe | Export::Run | Export::Reset => 1,
            Export::Free | Export::Input | Export::Output | Export::RunStep => 2,
            Export::Load | Export::StepOutput => 3,
        }
    }

    /// Whether it gives a result.
    #[must_use]
    pub fn has_result(self) -> bool {
        !matches!(self, Export::Free | Export::Unload)
    }
}

/// An instance of the guest module in some engine.
pub trait Instance {
    /// What the engine says when a call does not return: a trap, a deadline, memory that ran out.
    type Fault;

    /// Calls an export; functions without a result give 0.
    fn call(&mut self, export: Export, args: &[u32]) -> Result<u32, Self::Fault>;

    /// Copies guest memory at `ptr` into `out`.
    fn read(&mut self, ptr: u32, out: &mut [u8]) -> Result<(), Self::Fault>;

    /// Copies `bytes` into guest memory at `ptr`.
    fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), Self::Fault>;
}

/// Why a request to a guest failed.
#[derive(Debug)]
pub enum ClientError<F> {
    /// The call did not return. The instance is not to be used again.
    Fault(F),
    /// The guest said no, and why. The instance stays usable.
    Guest(GuestError),
    /// The guest speaks another ABI.
    Abi {
        /// The guest's version.
        found: u32,
    },
    /// The guest gave an answer that the ABI does not allow.
    Protocol(String),
    /// The caller's bytes do not fit the tensor.
    Size {
        /// Which tensor, `input 0`, say.
        what: String,
        /// Its bytes.
        expected: usize,
        /// The caller's.
        found: usize,
    },
}

impl<F: fmt::Display> fmt::Display for ClientError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientError::Fault(fault) => write!(f, "{fault}"),
            ClientError::Guest(error) => write!(f, "{error}"),
            ClientError::Abi { found } => {
                write!(
                    f,
                    "the guest speaks ABI version {found}, this host speaks {VERSION}: build both from one checkout"
                )
            }
            ClientError::Protocol(what) => write!(f, "the guest broke the ABI: {what}"),
            ClientError::Size { what, expected, found } => {
                write!(f, "{what}: expected {expected} bytes, found {found}")
            }
        }
    }
}

impl<F: fmt::Display + fmt::Debug> std::error::Error for ClientError<F> {}

/// A guest instance with one loaded model.
#[derive(Debug)]
pub struct Client<I> {
    instance: I,
    loaded: Loaded,
}

/// Where a loaded model is in an instance's memory, and what it is. Clones share it.
#[derive(Debug, Clone)]
pub struct Loaded(Arc<Places>);

#[derive(Debug)]
struct Places {
    session: u32,
    description: Description,
    inputs: Vec<u32>,
    outputs: Vec<u32>,
}

impl Loaded {
    /// The model.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.0.description
    }
}

impl<I: Instance> Client<I> {
    /// Loads a model into a fresh instance. With `reference` the scalar reference kernels are used throughout.
    pub fn load(mut instance: I, model: &[u8], reference: bool) -> Result<Self, ClientError<I::Fault>> {
        let found = call(&mut instance, Export::Abi, &[])?;
        if found != VERSION {
            return Err(ClientError::Abi { found });
        }
        let len = u32::try_from(model.len()).map_err(|_| ClientError::Size {
            what: "model".into(),
            expected: u32::MAX as usize,
            found: model.len(),
        })?;
        let ptr = call(&mut instance, Export::Alloc, &[len])?;
        if ptr == 0 {
            return Err(ClientError::Guest(GuestError {
                kind: "memory".into(),
                place: "file".into(),
                expected: "room for the model in the guest's memory".into(),
                found: format!("a model of {len} bytes"),
            }));
        }
        instance.write(ptr, model).map_err(ClientError::Fault)?;
        let flags = if reference { LOAD_REFERENCE } else { 0 };
        let session = call(&mut instance, Export::Load, &[ptr, len, flags])?;
        if session == 0 {
            return Err(last_error(&mut instance));
        }
        call(&mut instance, Export::Free, &[ptr, len])?;
        let len = call(&mut instance, Export::Describe, &[session])?;
        let text = read_text(&mut instance, len)?;
        let description: Description =
            serde_json::from_slice(&text).map_err(|e| ClientError::Protocol(format!("description: {e}")))?;
        let inputs = addresses(&mut instance, Export::Input, session, description.inputs.len())?;
        let outputs = addresses(&mut instance, Export::Output, session, description.outputs.len())?;
        let loaded = Loaded(Arc::new(Places { session, description, inputs, outputs }));
        Ok(Self { instance, loaded })
    }

    /// The same session in an instance whose memory is a copy of that in which `loaded` was loaded: whatever a guest keeps
    /// between calls lies in its memory.
    pub fn resume(instance: I, loaded: Loaded) -> Self {
        Self { instance, loaded }
    }

    /// Where the model is, for [`Client::resume`].
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// How the module was built.
    pub fn build(&mut self) -> Result<Build, ClientError<I::Fault>> {
        let bits = call(&mut self.instance, Export::Build, &[])?;
        let has = |bit| bits & bit != 0;
        Ok(if has(BUILD_DOT_SIGNED) {
            Build::RelaxedDotSigned
        } else if has(BUILD_DOT_UNSIGNED) {
            Build::RelaxedDotUnsigned
        } else if has(BUILD_RELAXED_SIMD) {
            Build::RelaxedSimd
        } else if has(BUILD_SIMD128) {
            Build::Simd128
        } else {
            Build::Scalar
        })
    }

    /// The loaded model.
    #[must_use]
    pub fn description(&self) -> &Description {
        self.loaded.description()
    }

    /// The engine's instance.
    pub fn instance(&mut self) -> &mut I {
        &mut self.instance
    }

    /// Writes input `k`; its bytes are the tensor's elements in C order, little-endian.
    pub fn write_input(&mut self, k: usize, bytes: &[u8]) -> Result<(), ClientError<I::Fault>> {
        let (Some(tensor), Some(&ptr)) = (self.description().inputs.get(k), self.loaded.0.inputs.get(k)) else {
            return Err(ClientError::Protocol(format!("no input {k}")));
        };
        if tensor.bytes != bytes.len() as u64 {
            return Err(ClientError::Size {
                what: format!("input {k}"),
                expected: tensor.bytes as usize,
                found: bytes.len(),
            });
        }
        self.instance.write(ptr, bytes).map_err(ClientError::Fault)
    }

    /// Reads output `k`.
    pub fn read_output(&mut self, k: usize) -> Result<Vec<u8>, ClientError<I::Fault>> {
        let (Some(tensor), Some(&ptr)) = (self.description().outputs.get(k), self.loaded.0.outputs.get(k)) else {
            return Err(ClientError::Protocol(format!("no output {k}")));
        };
        let bytes = tensor.bytes as usize;
        read(&mut self.instance, ptr, bytes)
    }

    /// Runs the model on the inputs written before.
    pub fn run(&mut self) -> Result<(), ClientError<I::Fault>> {
        self.status(Export::Run, &[self.loaded.0.session])
    }

    /// Runs one step of the model; the steps go in order.
    pub fn run_step(&mut self, step: usize) -> Result<(), ClientError<I::Fault>> {
        self.status(Export::RunStep, &[self.loaded.0.session, step as u32])
    }

    /// Reads output `k` of a step, right after that step ran.
    pub fn read_step_output(&mut self, step: usize, k: usize) -> Result<Vec<u8>, ClientError<I::Fault>> {
        let bytes = self.description().ops.get(step).and_then(|op| op.outputs.get(k)).map(|t| t.bytes as usize);
        let bytes = bytes.ok_or_else(|| ClientError::Protocol(format!("no output {k} of step {step}")))?;
        let ptr = call(&mut self.instance, Export::StepOutput, &[self.loaded.0.session, step as u32, k as u32])?;
        if ptr == 0 {
            return Err(ClientError::Protocol(format!("no address for output {k} of step {step}")));
        }
        read(&mut self.instance, ptr, bytes)
    }

    /// Puts the state of stateful ops back to its start.
    pub fn reset(&mut self) -> Result<(), ClientError<I::Fault>> {
        self.status(Export::Reset, &[self.loaded.0.session])
    }

    fn status(&mut self, export: Export, args: &[u32]) -> Result<(), ClientError<I::Fault>> {
        match call(&mut self.instance, export, args)? {
            0 => Ok(()),
            _ => Err(last_error(&mut self.instance)),
        }
    }
}

fn call<I: Instance>(instance: &mut I, export: Export, args: &[u32]) -> Result<u32, ClientError<I::Fault>> {
    debug_assert_eq!(args.len(), export.arity());
    instance.call(export, args).map_err(ClientError::Fault)
}

fn read<I: Instance>(instance: &mut I, ptr: u32, len: usize) -> Result<Vec<u8>, ClientError<I::Fault>> {
    let mut out = vec![0; len];
    instance.read(ptr, &mut out).map_err(ClientError::Fault)?;
    Ok(out)
}

fn read_text<I: Instance>(instance: &mut I, len: u32) -> Result<Vec<u8>, ClientError<I::Fault>> {
    /// No text of the guest is longer; one that claims to be is not read.
    const TEXT_LIMIT: u32 = 64 << 20;
    if len > TEXT_LIMIT {
        return Err(ClientError::Protocol(format!("a text of {len} bytes")));
    }
    let ptr = call(instance, Export::Text, &[])?;
    read(instance, ptr, len as usize)
}

fn last_error<I: Instance>(instance: &mut I) -> ClientError<I::Fault> {
    let text = match call(instance, Export::LastError, &[]) {
        Ok(len) => read_text(instance, len),
        Err(error) => return error,
    };
    match text.map(|t| serde_json::from_slice::<GuestError>(&t)) {
        Ok(Ok(error)) => ClientError::Guest(error),
        Ok(Err(e)) => ClientError::Protocol(format!("error text: {e}")),
        Err(error) => error,
    }
}

fn addresses<I: Instance>(
    instance: &mut I,
    export: Export,
    session: u32,
    count: usize,
) -> Result<Vec<u32>, ClientError<I::Fault>> {
    let mut found = Vec::with_capacity(count);
    for k in 0..count as u32 {
        match call(instance, export, &[session, k])? {
            0 => return Err(ClientError::Protocol(format!("{} {k} has no address", export.name()))),
            ptr => found.push(ptr),
        }
    }
    Ok(found)
}
