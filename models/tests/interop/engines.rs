//! The other interpreters, through a Python script and a folder of files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cases::Case;
use crate::compare::Allowed;

/// An interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Engine {
    /// TensorFlow Lite Micro.
    Micro,
    /// LiteRT with its reference kernels.
    LiteRt,
}

impl Engine {
    pub(crate) const ALL: [Self; 2] = [Self::Micro, Self::LiteRt];

    /// Its name in the script, and so the extension of its answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Micro => "tflm",
            Self::LiteRt => "litert",
        }
    }
}

/// A case's outputs, or why there are none, from each engine.
pub(crate) type Answers = Vec<(Engine, Result<Vec<u8>, String>)>;

/// The Python that has the interpreters; says that and why the test is skipped where it is not named.
pub(crate) fn python() -> Option<PathBuf> {
    let python = std::env::var_os("MOTE_INTEROP_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!(
            "skipped: MOTE_INTEROP_PYTHON names no Python with tflite-micro and ai-edge-litert; cargo xtask test does"
        );
    }
    python
}

/// Runs all cases in all engines.
pub(crate) fn run(python: &Path, cases: &[Case]) -> Vec<Answers> {
    let folder = tempfile::tempdir().unwrap();
    for (k, case) in cases.iter().enumerate() {
        fs::write(folder.path().join(format!("{k:05}.tflite")), &case.file).unwrap();
        fs::write(folder.path().join(format!("{k:05}.inputs")), case.inputs.concat().concat()).unwrap();
        fs::write(folder.path().join(format!("{k:05}.arena")), case.arena.to_string()).unwrap();
        for engine in Engine::ALL.into_iter().filter(|&engine| case.allowed(engine) == Allowed::NotTried) {
            let answer = format!("{k:05}.{}.error", engine.name());
            fs::write(folder.path().join(answer), "not tried: it aborts the interpreter").unwrap();
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/run.py");
    let output = Command::new(python).arg(script).arg(folder.path()).output();
    let output = output.unwrap_or_else(|e| panic!("{} does not start: {e}", python.display()));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the interpreters could not be used ({}):\n{told}", output.status);
    let answer = |k: usize, engine: Engine| {
        let path = folder.path().join(format!("{k:05}.{}", engine.name()));
        fs::read(&path).map_err(|_| {
            let error = fs::read_to_string(path.with_extension(format!("{}.error", engine.name())));
            error.unwrap_or_else(|e| format!("no answer: {e}"))
        })
    };
    (0..cases.len()).map(|k| Engine::ALL.map(|engine| (engine, answer(k, engine))).to_vec()).collect()
}
