//! The guest under wasmtime, in every way in which it can run a model.

use mote::sandbox::{Engine, Guard, LoadOptions, Sandbox, Session, Settings, guest};
use mote_abi::Tensor;

/// A build of the guest under an engine, and the kernels it is to use.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its name in the figures.
    pub name: &'static str,
    sandbox: Sandbox,
    reference: bool,
}

impl Variant {
    /// Loads a model.
    ///
    /// # Panics
    /// When the guest refuses it: what is measured here was made to be loaded.
    #[must_use]
    pub fn load(&self, model: &[u8]) -> Session {
        let options = LoadOptions { reference: self.reference, ..LoadOptions::default() };
        self.sandbox.load(model, &options).unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }
}

/// The guest's builds by name.
pub const BUILDS: [(&str, &[u8]); 2] = [("simd128", guest::SIMD128), ("relaxed-simd", guest::RELAXED_SIMD)];

/// An engine without a cache, so that nothing outside this process has a say.
///
/// # Panics
/// When this machine cannot run wasmtime.
#[must_use]
pub fn engine(guard: Guard) -> Engine {
    Engine::new(Settings { guard, cache: None, ..Settings::default() }).expect("an engine")
}

/// Compiles a build of the guest.
///
/// # Panics
/// When it is no guest.
#[must_use]
pub fn sandbox(engine: &Engine, wasm: &'static [u8]) -> Sandbox {
    Sandbox::new(engine, wasm).expect("a guest")
}

/// How a gateway may run a model: both builds, each with the clock between steps and with the clock in every loop.
#[must_use]
pub fn of_gateway() -> Vec<Variant> {
    let mut variants = Vec::new();
    for (guard, names) in [
        (Guard::BetweenSteps, ["simd128", "relaxed-simd"]),
        (Guard::Epochs, ["simd128, epochs", "relaxed-simd, epochs"]),
    ] {
        let engine = engine(guard);
        for ((_, wasm), name) in BUILDS.into_iter().zip(names) {
            variants.push(Variant { name, sandbox: sandbox(&engine, wasm), reference: false });
        }
    }
    variants
}

/// The kernels beside one another in one engine: the scalar reference inside the SIMD build, then the builds' own.
#[must_use]
pub fn of_kernels() -> Vec<Variant> {
    let engine = engine(Guard::BetweenSteps);
    let [simd128, relaxed] = BUILDS.map(|(_, wasm)| sandbox(&engine, wasm));
    vec![
        Variant { name: "scalar", sandbox: simd128.clone(), reference: true },
        Variant { name: "simd128", sandbox: simd128, reference: false },
        Variant { name: "relaxed-simd", sandbox: relaxed, reference: false },
    ]
}

/// Seeded bytes for each input: real numbers from 0 to 1, integers of any value.
#[must_use]
pub fn seeded_inputs(inputs: &[Tensor]) -> Vec<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(0x6d6f_7465);
    let fill = |input: &Tensor| match input.dtype.as_str() {
        "float32" => (0..input.elements()).flat_map(|_| rng.f32().to_le_bytes()).collect(),
        _ => (0..input.bytes).map(|_| rng.u8(..)).collect::<Vec<u8>>(),
    };
    inputs.iter().map(fill).collect()
}

/// What one run of a model comes to: multiply-accumulates, or for a model without any the elements that its steps put out.
#[must_use]
pub fn work(session: &Session) -> u64 {
    let ops = &session.description().ops;
    let macs: u64 = ops.iter().map(|op| op.macs).sum();
    if macs > 0 { macs } else { ops.iter().flat_map(|op| &op.outputs).map(|t| t.elements() as u64).sum() }
}
