//! A loaded model.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mote_abi::client::{Client, ClientError};
use mote_abi::{Build, Description, Loaded};

use super::engine::UNWATCHED_MACS;
use super::fault::Fault;
use super::instance::WasmInstance;
use super::module::Sandbox;

/// Why a request to a session failed.
pub type SessionError = ClientError<Fault>;

/// Stops the sessions that hold a clone of it, in the middle of a run too.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Stops them, for good.
    pub fn pull(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether they are stopped.
    #[must_use]
    pub fn is_pulled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How a model is loaded.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Use the scalar reference kernels throughout.
    pub reference: bool,
    /// Stops the session from outside.
    pub cancel: Cancel,
}

/// One model in one instance of the guest.
///
/// A fault, or an answer that breaks the ABI, throws the instance away. The next request loads the model into a new one,
/// where the state of stateful ops is back at its start.
#[derive(Debug)]
pub struct Session {
    sandbox: Sandbox,
    source: Source,
    options: LoadOptions,
    loaded: Loaded,
    /// None after a fault.
    client: Option<Client<WasmInstance>>,
    /// What the next run is to find out, or has found out.
    trust: Trust,
}

/// Where a session's model comes from when its instance is made anew.
#[derive(Debug)]
pub(super) enum Source {
    /// A file, to be loaded.
    File(Arc<[u8]>),
    /// The sandbox's module has it in its memory already.
    Snapshot(Loaded),
}

/// Whether a session may leave the engine with checks in every loop; see [`Guard::Proven`](super::Guard::Proven).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// It has not run yet.
    Untried,
    /// It has run: it may, before the next run.
    Earned,
    /// It has, or it never will.
    Settled,
}

impl Session {
    pub(super) fn new(sandbox: Sandbox, source: Source, options: LoadOptions) -> Result<Self, SessionError> {
        let client = source.open(&sandbox, &options)?;
        let loaded = client.loaded().clone();
        Ok(Self { sandbox, source, options, loaded, client: Some(client), trust: Trust::Untried })
    }

    /// The model.
    #[must_use]
    pub fn description(&self) -> &Description {
        self.loaded.description()
    }

    /// Whether an instance is there; none is after a fault, until the next request.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.client.is_some()
    }

    /// How the guest module was built.
    pub fn build(&mut self) -> Result<Build, SessionError> {
        self.request(Client::build)
    }

    /// Bytes of memory that the guest has by now.
    pub fn memory_bytes(&mut self) -> Result<usize, SessionError> {
        self.request(|client| Ok(client.instance().memory_bytes()))
    }

    /// Writes the inputs, runs the model and reads the outputs; each is a tensor's elements in C order, little-endian.
    pub fn infer<B: AsRef<[u8]>>(&mut self, inputs: &[B]) -> Result<Vec<Vec<u8>>, SessionError> {
        self.write_inputs(inputs)?;
        self.run()?;
        self.read_outputs()
    }

    /// Writes all inputs. Every run needs them anew: its activations may use their memory.
    pub fn write_inputs<B: AsRef<[u8]>>(&mut self, inputs: &[B]) -> Result<(), SessionError> {
        self.move_if_trusted()?;
        self.request(|client| {
            let expected = client.description().inputs.len();
            if inputs.len() != expected {
                return Err(ClientError::Size { what: "inputs".into(), expected, found: inputs.len() });
            }
            inputs.iter().enumerate().try_for_each(|(k, bytes)| client.write_input(k, bytes.as_ref()))
        })
    }

    /// Runs the model on the inputs written before.
    pub fn run(&mut self) -> Result<(), SessionError> {
        self.request(|client| {
            if client.instance().has_epochs() {
                return client.run();
            }
            (0..client.description().ops.len()).try_for_each(|step| {
                client.instance().check().map_err(ClientError::Fault)?;
                client.run_step(step)
            })
        })?;
        if self.trust == Trust::Untried {
            self.trust = Trust::Earned;
        }
        Ok(())
    }

    /// Whether the model runs without checks in compiled code by now.
    pub fn is_steady(&mut self) -> Result<bool, SessionError> {
        self.request(|client| Ok(!client.instance().has_epochs()))
    }

    /// Runs one step of the model; the steps go in order.
    pub fn run_step(&mut self, step: usize) -> Result<(), SessionError> {
        self.request(|client| client.run_step(step))
    }

    /// Reads all outputs.
    pub fn read_outputs(&mut self) -> Result<Vec<Vec<u8>>, SessionError> {
        self.request(|client| (0..client.description().outputs.len()).map(|k| client.read_output(k)).collect())
    }

    /// Puts the state of stateful ops back to its start.
    pub fn reset(&mut self) -> Result<(), SessionError> {
        self.request(Client::reset)
    }

    /// All of the guest's memory, with the model at its start.
    pub(super) fn image(&mut self) -> Result<Vec<u8>, SessionError> {
        self.reset()?;
        self.request(|client| Ok(client.instance().image().to_vec()))
    }

    pub(super) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// A model that has run once goes on where compiled code has no checks. Its memory goes with it, and so does its state.
    fn move_if_trusted(&mut self) -> Result<(), SessionError> {
        if self.trust != Trust::Earned {
            return Ok(());
        }
        self.trust = Trust::Settled;
        if self.description().ops.iter().any(|op| op.macs > UNWATCHED_MACS) {
            return Ok(());
        }
        let (Some(client), Some(steady)) = (&mut self.client, self.sandbox.instantiate_steady(&self.options)) else {
            return Ok(());
        };
        let mut steady = steady.map_err(ClientError::Fault)?;
        steady.restore(client.instance().image()).map_err(ClientError::Fault)?;
        *client = Client::resume(steady, self.loaded.clone());
        Ok(())
    }

    fn request<T>(
        &mut self,
        work: impl FnOnce(&mut Client<WasmInstance>) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => {
                self.trust = Trust::Untried;
                self.source.open(&self.sandbox, &self.options)?
            }
        };
        client.instance().begin();
        let result = work(&mut client);
        match result {
            Err(ClientError::Fault(_) | ClientError::Protocol(_) | ClientError::Abi { .. }) => {}
            Ok(_) | Err(ClientError::Guest(_) | ClientError::Size { .. }) => self.client = Some(client),
        }
        result
    }
}

impl Source {
    fn open(&self, sandbox: &Sandbox, options: &LoadOptions) -> Result<Client<WasmInstance>, SessionError> {
        let instance = sandbox.instantiate(options).map_err(ClientError::Fault)?;
        match self {
            Source::File(model) => Client::load(instance, model, options.reference),
            Source::Snapshot(loaded) => Ok(Client::resume(instance, loaded.clone())),
        }
    }
}
