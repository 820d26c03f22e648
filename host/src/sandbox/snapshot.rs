//! A guest with a model loaded already, as a module of its own: a fresh sandbox for every request at the price of an
//! instance.
//!
//! Loading reads, checks, plans and packs; all of it ends up in the guest's memory. So the module is written again with that
//! memory as its data: an instance of the new module is a guest that has just loaded the model. wasmtime maps such data
//! copy-on-write, so that an instance costs the pages that its run touches and not a copy of the weights.
//!
//! ```text
//! guest.wasm + model -> Session -> its memory -> guest.wasm with that memory -> compiled, kept by content -> sessions
//! ```

use mote_abi::{Description, Loaded};
use wasm_encoder::{ConstExpr, DataSection, MemorySection, MemoryType, Module, RawSection};
use wasmparser::{Parser, Payload};

use super::Engine;
use super::fault::ModuleError;
use super::instance::PAGE_BYTES;
use super::module::{Origin, Sandbox};
use super::session::{LoadOptions, Session, SessionError, Source};

/// Stretches of zeros from this length on are left out of the data: a page of the machine's memory.
const HOLE_BYTES: usize = 4096;

/// Why no snapshot was made.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The model could not be loaded.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The guest is not one whose memory is all that it keeps, or its copy is not accepted.
    #[error(transparent)]
    Module(#[from] ModuleError),
}

/// A model in a guest's memory, ready to be instantiated again and again.
#[derive(Debug, Clone)]
pub struct Snapshot {
    sandbox: Sandbox,
    loaded: Loaded,
    options: LoadOptions,
}

impl Snapshot {
    /// Loads a model in `sandbox` (under its guard, within its deadline and memory cap) and keeps the guest as it is then, for
    /// instances in `engine`.
    pub fn new(sandbox: &Sandbox, engine: &Engine, model: &[u8], options: &LoadOptions) -> Result<Self, SnapshotError> {
        let mut session = sandbox.load(model, options)?;
        let image = session.image()?;
        let wasm = with_memory(sandbox.wasm(), &image)?;
        let loaded = session.loaded().clone();
        Ok(Self { sandbox: Sandbox::new(engine, wasm)?, loaded, options: options.clone() })
    }

    /// The model.
    #[must_use]
    pub fn description(&self) -> &Description {
        self.loaded.description()
    }

    /// Where the compiled module came from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.sandbox.origin()
    }

    /// A fresh instance with the model in it.
    pub fn session(&self) -> Result<Session, SessionError> {
        Session::new(self.sandbox.clone(), Source::Snapshot(self.loaded.clone()), self.options.clone())
    }
}

/// A module with `image` as what its memory holds from the start.
fn with_memory(wasm: &[u8], image: &[u8]) -> Result<Vec<u8>, ModuleError> {
    let invalid = |what: &str| ModuleError::Invalid { what: what.into() };
    let mut module = Module::new();
    let mut has_data = false;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|e| invalid(&e.to_string()))?;
        match &payload {
            Payload::MemorySection(section) => {
                let memories: Result<Vec<_>, _> = section.clone().into_iter().collect();
                let memories = memories.map_err(|e| invalid(&e.to_string()))?;
                let [memory] = memories[..] else { return Err(invalid("a guest has one memory")) };
                let mut section = MemorySection::new();
                let minimum = (image.len() / PAGE_BYTES) as u64;
                section.memory(MemoryType {
                    minimum,
                    maximum: memory.maximum,
                    memory64: memory.memory64,
                    shared: memory.shared,
                    page_size_log2: memory.page_size_log2,
                });
                module.section(&section);
            }
            Payload::DataSection(_) => {
                module.section(&data(image));
                has_data = true;
            }
            // Only code that copies segments itself needs their number; a guest's segments are all copied at its start.
            Payload::DataCountSection { .. } => {}
            Payload::StartSection { .. } => return Err(invalid("a guest whose start writes to its memory anew")),
            Payload::CustomSection(_) | Payload::Version { .. } | Payload::End(_) | Payload::CodeSectionEntry(_) => {}
            _ => {
                let Some((id, range)) = payload.as_section() else { continue };
                let data = wasm.get(range).ok_or_else(|| invalid("a section outside the module"))?;
                module.section(&RawSection { id, data });
            }
        }
    }
    if !has_data {
        module.section(&data(image));
    }
    Ok(module.finish())
}

/// The memory as segments, without its long stretches of zeros: that is what fresh memory holds.
fn data(image: &[u8]) -> DataSection {
    let mut section = DataSection::new();
    let mut begin = None;
    for (k, page) in image.chunks(HOLE_BYTES).chain([&[0u8][..]]).enumerate() {
        let is_zero = page.iter().all(|&byte| byte == 0);
        match begin {
            None if !is_zero => begin = Some(k),
            Some(first) if is_zero => {
                let range = first * HOLE_BYTES..(k * HOLE_BYTES).min(image.len());
                let offset = ConstExpr::i32_const(i32::from_ne_bytes((range.start as u32).to_ne_bytes()));
                section.active(0, &offset, image[range].iter().copied());
                begin = None;
            }
            _ => {}
        }
    }
    section
}
