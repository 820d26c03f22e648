//! A loaded model.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mote_abi::client::{Client, ClientError};
use mote_abi::{Build, Description};

use super::engine::Guard;
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
    model: Arc<[u8]>,
    options: LoadOptions,
    description: Description,
    /// None after a fault.
    client: Option<Client<WasmInstance>>,
}

impl Session {
    pub(super) fn new(sandbox: Sandbox, model: Arc<[u8]>, options: LoadOptions) -> Result<Self, SessionError> {
        let client = open(&sandbox, &model, &options)?;
        let description = client.description().clone();
        Ok(Self { sandbox, model, options, description, client: Some(client) })
    }

    /// The model.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
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
        let guard = self.sandbox.engine().settings().guard;
        self.request(|client| match guard {
            Guard::Epochs => client.run(),
            Guard::BetweenSteps => (0..client.description().ops.len()).try_for_each(|step| {
                client.instance().check().map_err(ClientError::Fault)?;
                client.run_step(step)
            }),
        })
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

    fn request<T>(
        &mut self,
        work: impl FnOnce(&mut Client<WasmInstance>) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => open(&self.sandbox, &self.model, &self.options)?,
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

fn open(sandbox: &Sandbox, model: &[u8], options: &LoadOptions) -> Result<Client<WasmInstance>, SessionError> {
    let instance = sandbox.instantiate(options).map_err(ClientError::Fault)?;
    Client::load(instance, model, options.reference)
}
