//! The runtime in this process.

use mote_abi::{Description, GuestError, Op, Tensor};
use mote_runtime::session::TensorInfo;
use mote_runtime::{LoadOptions, Session, Step};

use super::{Engine, Run, RunError};

/// The runtime in this process: no sandbox around it, so for models that this process made or has imported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Native;

impl Engine for Native {
    fn load(&self, model: &[u8]) -> Result<Box<dyn Run + '_>, RunError> {
        let session = Session::load(model, &LoadOptions::default())?;
        let description = describe(&session);
        Ok(Box::new(Loaded { session, description }))
    }
}

struct Loaded {
    session: Session,
    description: Description,
}

impl Run for Loaded {
    fn description(&self) -> &Description {
        &self.description
    }

    fn run(&mut self, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, RunError> {
        if self.description.state_bytes > 0 {
            self.session.reset()?;
        }
        self.run_on(inputs)
    }

    fn run_on(&mut self, inputs: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, RunError> {
        let expected = self.description.inputs.len();
        if inputs.len() != expected {
            return Err(usage(format!("{expected} inputs"), inputs.len().to_string()));
        }
        for (k, bytes) in inputs.iter().enumerate() {
            let input = self.session.input_mut(k).ok_or_else(|| missing("input", k))?;
            if input.len() != bytes.len() {
                return Err(usage(format!("{} bytes for input {k}", input.len()), bytes.len().to_string()));
            }
            input.copy_from_slice(bytes);
        }
        self.session.run()?;
        let output = |k| self.session.output(k).map(<[u8]>::to_vec).ok_or_else(|| missing("output", k));
        (0..self.description.outputs.len()).map(output).collect()
    }
}

fn usage(expected: String, found: String) -> RunError {
    RunError::Refused(GuestError { kind: "usage".into(), place: "session".into(), expected, found })
}

fn missing(what: &str, k: usize) -> RunError {
    RunError::Engine(format!("the runtime has no {what} {k} that it described"))
}

/// What a session tells of itself, in the words of the guest's ABI.
fn describe(session: &Session) -> Description {
    let memory = session.memory();
    Description {
        name: session.description().to_owned(),
        inputs: session.inputs().map(tensor).collect(),
        outputs: session.outputs().map(tensor).collect(),
        arena_bytes: memory.arena as u64,
        arena_lower_bound: memory.lower_bound as u64,
        state_bytes: memory.state as u64,
        weight_bytes: memory.weights as u64,
        file_bytes: memory.file as u64,
        ops: session.steps().iter().map(op).collect(),
    }
}

fn op(step: &Step) -> Op {
    Op {
        node: small(step.node),
        op: step.op.clone(),
        kernel: step.kernel.to_owned(),
        inputs: step.inputs.iter().copied().map(small).collect(),
        outputs: step.outputs.iter().map(tensor).collect(),
        macs: step.macs,
        weight_bytes: step.weight_bytes as u64,
        scratch_bytes: step.scratch_bytes as u64,
    }
}

fn tensor(info: &TensorInfo) -> Tensor {
    Tensor {
        index: small(info.index),
        name: info.name.clone(),
        dtype: info.dtype.name().to_owned(),
        shape: info.shape.iter().copied().map(small).collect(),
        scale_bits: info.quant.map(|q| q.scale.to_bits()),
        zero_point: info.quant.map(|q| q.zero_point),
        bytes: info.bytes() as u64,
    }
}

/// The runtime's limits keep indexes and extents far below 2^32.
fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
