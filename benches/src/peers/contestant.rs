//! A network in one runtime, ready to be timed.

use std::fmt;
use std::time::Instant;

use mote::sandbox::Session;
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::child::Child;
use crate::forms::onnx;

/// Where a runtime runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// As wasm in our sandbox.
    Wasmtime,
    /// As a program.
    Native,
    /// As wasm in a browser.
    Chromium,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wasmtime => "wasmtime",
            Self::Native => "native",
            Self::Chromium => "Chromium",
        })
    }
}

/// Who runs a network, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The runtime.
    pub runtime: String,
    /// Its version.
    pub version: String,
    /// Where it runs.
    pub place: Place,
    /// The network's form, or for us the guest's build.
    pub form: String,
}

/// A network in one runtime.
#[derive(Debug)]
pub struct Contestant {
    /// Who.
    pub label: Label,
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    Sandboxed { session: Box<Session>, inputs: Vec<Vec<u8>> },
    Program(Child),
}

impl Contestant {
    /// A session of our guest or of a peer's module that speaks its ABI. `inputs` are the bytes of its form.
    #[must_use]
    pub fn sandboxed(label: Label, session: Session, inputs: Vec<Vec<u8>>) -> Self {
        Self { label, engine: Engine::Sandboxed { session: Box::new(session), inputs } }
    }

    /// A program.
    #[must_use]
    pub fn program(label: Label, child: Child) -> Self {
        Self { label, engine: Engine::Program(child) }
    }

    /// Nanoseconds of some runs, each from input bytes to output bytes.
    ///
    /// # Errors
    /// What the runtime says.
    pub fn times(&mut self, count: usize) -> Result<Vec<u64>, String> {
        match &mut self.engine {
            Engine::Program(child) => child.times(count),
            Engine::Sandboxed { session, inputs } => {
                let input = &inputs[..1];
                let run = |_| {
                    let started = Instant::now();
                    session.infer(input).map_err(|e| e.to_string())?;
                    Ok(u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX))
                };
                (0..count).map(run).collect()
            }
        }
    }

    /// What comes out for each of the case's inputs, as real numbers.
    ///
    /// # Errors
    /// What the runtime says.
    pub fn outputs(&mut self, case: &Case) -> Result<Vec<Vec<f32>>, String> {
        match &mut self.engine {
            Engine::Program(child) => {
                let numbers = child.outputs()?;
                let rows = case.inputs.len();
                Ok(numbers.chunks((numbers.len() / rows).max(1)).map(<[f32]>::to_vec).collect())
            }
            Engine::Sandboxed { session, inputs } => {
                let dtype = session.description().outputs[0].dtype.clone();
                let run = |input: &Vec<u8>| {
                    let bytes = session.infer(std::slice::from_ref(input)).map_err(|e| e.to_string())?.swap_remove(0);
                    Ok(match dtype.as_str() {
                        "float32" => bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
                        _ => onnx::real(case.output(), &bytes),
                    })
                };
                inputs.iter().map(run).collect()
            }
        }
    }
}
