//! The guest's builds, and models loaded into them.

use std::sync::LazyLock;

use mote::sandbox::guest::{RELAXED_SIMD, SIMD128};
use mote::sandbox::{Engine, LoadOptions, Sandbox, Session, Settings};

use super::single_op::Case;

/// The guest's builds, compiled once for all tests. The last has a dot product that is exact on every machine.
pub(crate) static BUILDS: LazyLock<[(&str, Sandbox); 3]> = LazyLock::new(|| {
    let builds =
        [("simd128", SIMD128, false), ("relaxed", RELAXED_SIMD, false), ("relaxed, deterministic", RELAXED_SIMD, true)];
    builds.map(|(build, wasm, deterministic)| {
        let engine = Engine::new(Settings { deterministic, ..Settings::default() }).unwrap();
        (build, Sandbox::new(&engine, wasm).unwrap())
    })
});

/// A session of a case: with the kernels that the build chooses, or with the scalar reference.
pub(crate) fn load(sandbox: &Sandbox, case: &Case, reference: bool) -> Session {
    let options = LoadOptions { reference, ..LoadOptions::default() };
    sandbox.load(case.model.clone(), &options).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}
