//! Mote beside tract and rten, natively and under the same wasmtime, and beside LiteRT and ONNX Runtime where there is a Python
//! that has them.
//!
//! No criterion: it measures one function to its end before the next, and here they take turns.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mote::sandbox::{Engine, Guard, LoadOptions, Sandbox, Settings};
use mote_benches::forms::onnx::{self, Form, onnx};
use mote_benches::guests::{BUILDS, engine, sandbox};
use mote_benches::peers::case::{Case, cases};
use mote_benches::peers::child::Child;
use mote_benches::peers::contestant::{Contestant, Label, Place};
use mote_benches::peers::measured::{Plan, interleaved};
use mote_benches::peers::report::{Conditions, NotMeasured, OURS, Report, folder, locked};

/// The folder of the peers that were built; see `build.rs`.
const PEERS: &str = env!("MOTE_PEERS");
const PEERS_LOCK: &str = include_str!("../peers/Cargo.lock");
const NATIVE_SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/native.py");

/// Names a Python that has LiteRT and ONNX Runtime.
const PYTHON_VARIABLE: &str = "MOTE_PEERS_PYTHON";

/// Loading a peer's model takes more memory than we allow ours.
const PEERS_MEMORY: usize = 512 << 20;

/// Peers that are crates: name, package, and the forms that it could be fastest in.
const CRATES: [(&str, &str, &[Form]); 2] = [
    ("tract", "tract-onnx", &[Form::Qdq, Form::QLinear, Form::Integer, Form::Float]),
    ("rten", "rten", &[Form::QdqUnsigned, Form::Integer, Form::Float]),
];

/// What is measured, and what could not be.
struct Suite {
    ours: Vec<(&'static str, Sandbox)>,
    modules: Vec<(&'static str, Sandbox)>,
    python: Option<PathBuf>,
    not_measured: Vec<NotMeasured>,
}

fn main() -> ExitCode {
    let once = std::env::args().any(|argument| argument == "--test");
    let plan = if once { Plan { rounds: 1, burst: 1 } } else { Plan { rounds: 40, burst: 10 } };
    let mut suite = Suite::new();
    let mut report = Report {
        conditions: Conditions::here(),
        measured: Vec::new(),
        not_measured: Vec::new(),
        first_answers: Vec::new(),
    };
    for case in cases() {
        eprintln!("{}", case.name);
        let contestants = suite.contestants(&case);
        report.measured.extend(interleaved(&case, contestants, plan));
    }
    report.not_measured = suite.not_measured;
    println!("{}", report.markdown());
    match report.keep("peers") {
        Ok(summary) => {
            println!("kept in {}", summary.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the figures could not be kept: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Suite {
    fn new() -> Self {
        let engine = engine(Guard::BetweenSteps);
        let settings =
            Settings { guard: Guard::BetweenSteps, cache: None, memory_cap: PEERS_MEMORY, ..Settings::default() };
        let roomy = Engine::new(settings).expect("an engine");
        let module = |(name, ..): (&'static str, &str, &[Form])| {
            let wasm = fs::read(Path::new(PEERS).join(format!("{name}.wasm"))).expect("a peer's module");
            (name, Sandbox::new(&roomy, wasm).expect("a module that speaks the guest's ABI"))
        };
        let python = std::env::var_os(PYTHON_VARIABLE).map(PathBuf::from);
        if python.is_none() {
            eprintln!(
                "LiteRT and ONNX Runtime: left out; {PYTHON_VARIABLE} names a Python that has them (`cargo xtask bench-peers`)"
            );
        }
        Self {
            ours: BUILDS.into_iter().map(|(name, wasm)| (name, sandbox(&engine, wasm))).collect(),
            modules: CRATES.into_iter().map(module).collect(),
            python,
            not_measured: Vec::new(),
        }
    }

    fn contestants(&mut self, case: &Case) -> Vec<Contestant> {
        let mut all = Vec::new();
        for (build, sandbox) in &self.ours {
            let session = sandbox.load(case.model.clone(), &LoadOptions::default()).expect("our own model");
            let version = env!("CARGO_PKG_VERSION");
            let label =
                Label { runtime: OURS.into(), version: version.into(), place: Place::Wasmtime, form: (*build).into() };
            all.push(Contestant::sandboxed(label, session, case.inputs.clone()));
        }
        for (runtime, package, forms) in CRATES {
            for &form in forms {
                self.crate_peer(case, runtime, package, form, &mut all);
            }
        }
        if let Some(python) = self.python.clone() {
            let tflite = kept(case, "int8.tflite", &case.model);
            let stored = kept(case, "int8.input", &case.inputs.concat());
            self.program(
                "litert",
                "",
                "int8",
                case,
                &python,
                &[NATIVE_SCRIPT.as_ref(), "litert".as_ref(), &tflite, &stored],
                &mut all,
            );
            for form in [Form::Qdq, Form::QdqUnsigned] {
                let Some((model, input)) = self.form(case, "onnxruntime", form) else { continue };
                let arguments = [NATIVE_SCRIPT.as_ref(), "onnxruntime".as_ref(), model.as_path(), &input];
                self.program("onnxruntime", "", form.name(), case, &python, &arguments, &mut all);
            }
        }
        all
    }

    /// A crate in both places.
    fn crate_peer(&mut self, case: &Case, runtime: &'static str, package: &str, form: Form, all: &mut Vec<Contestant>) {
        let version = locked(PEERS_LOCK, package).expect("the peers' lock file has it");
        let Some((model, input)) = self.form(case, runtime, form) else { return };
        let program = Path::new(PEERS).join(format!("mote-peers{}", std::env::consts::EXE_SUFFIX));
        self.program(runtime, &version, form.name(), case, &program, &[runtime.as_ref(), &model, &input], all);

        let label = Label { runtime: runtime.into(), version, place: Place::Wasmtime, form: form.name().into() };
        let (_, sandbox) = self.modules.iter().find(|(name, _)| *name == runtime).expect("its module");
        match sandbox.load(fs::read(&model).expect("the form that was kept"), &LoadOptions::default()) {
            Ok(session) => {
                let inputs = case.inputs.iter().map(|stored| onnx::input(case.input(), stored, form)).collect();
                all.push(Contestant::sandboxed(label, session, inputs));
            }
            Err(error) => self.left_out(case, label, error.to_string()),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one row of the table, in its order")]
    fn program(
        &mut self,
        runtime: &str,
        version: &str,
        form: &str,
        case: &Case,
        program: &Path,
        arguments: &[&Path],
        all: &mut Vec<Contestant>,
    ) {
        let label = |version: &str| Label {
            runtime: runtime.into(),
            version: version.into(),
            place: Place::Native,
            form: form.into(),
        };
        match Child::start(program, arguments) {
            Ok(child) => {
                let version = if version.is_empty() { child.version().to_owned() } else { version.to_owned() };
                all.push(Contestant::program(label(&version), child));
            }
            Err(why) => self.left_out(case, label(version), why),
        }
    }

    /// The files of a form, model and inputs.
    fn form(&mut self, case: &Case, runtime: &str, form: Form) -> Option<(PathBuf, PathBuf)> {
        match onnx(&case.graph, form) {
            Ok(model) => {
                let inputs: Vec<u8> =
                    case.inputs.iter().flat_map(|stored| onnx::input(case.input(), stored, form)).collect();
                let name = form.name();
                Some((kept(case, &format!("{name}.onnx"), &model), kept(case, &format!("{name}.input"), &inputs)))
            }
            Err(why) => {
                let label = Label {
                    runtime: runtime.into(),
                    version: String::new(),
                    place: Place::Native,
                    form: form.name().into(),
                };
                self.left_out(case, label, why.to_string());
                None
            }
        }
    }

    fn left_out(&mut self, case: &Case, label: Label, why: String) {
        eprintln!("{}: {} {}, {}: left out: {why}", case.name, label.runtime, label.form, label.place);
        self.not_measured.push(NotMeasured { case: case.name.clone(), label, why });
    }
}

/// Writes a file for a program to read.
fn kept(case: &Case, name: &str, bytes: &[u8]) -> PathBuf {
    let folder = folder().join("forms").join(&case.name);
    fs::create_dir_all(&folder).expect("a folder for forms");
    let file = folder.join(name);
    fs::write(&file, bytes).expect("a form is written");
    file
}
