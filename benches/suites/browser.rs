//! Mote beside LiteRT.js and ONNX Runtime Web in one page of a headless Chromium.
//!
//! Everything comes from a server of our own on the loopback; the packages lie in a folder that [`PACKAGES_VARIABLE`] names
//! (`cargo xtask bench-peers` fills it). The page isolates itself from other origins, for the finer clock.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use std::{env, fs, thread};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mote_benches::forms::float_ends;
use mote_benches::forms::onnx::{self, Form, InputType, onnx};
use mote_benches::guests::BUILDS;
use mote_benches::peers::case::{Case, cases};
use mote_benches::peers::contestant::{Label, Place};
use mote_benches::peers::measured::{Agreement, Measured, Times};
use mote_benches::peers::report::{Conditions, FirstAnswer, NotMeasured, OURS, Report};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Names the folder `node_modules` with the packages of `page/package.json`.
const PACKAGES_VARIABLE: &str = "MOTE_PEERS_PACKAGES";
/// Names the browser.
const CHROMIUM_VARIABLE: &str = "MOTE_CHROMIUM";

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/page");
const PACKAGES: &str = include_str!("../page/package.json");

/// Blocks of each contestant.
const ROUNDS: usize = 60;
/// All cases take a minute or two.
const PATIENCE: Duration = Duration::from_secs(900);

/// A contestant as the page is told of it; it gives it back with its figures.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Contestant {
    case: usize,
    form: String,
    runtime: String,
    model: String,
    inputs: String,
    rows: usize,
    dtype: String,
    shape: Vec<usize>,
    guest: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    Failed { error: String },
    Measured { browser: String, isolated: bool, first: Vec<First>, cases: Vec<CaseAnswer> },
}

#[derive(Debug, Deserialize)]
struct First {
    contestant: Contestant,
    first_answer_ms: f64,
}

#[derive(Debug, Deserialize)]
struct CaseAnswer {
    measured: Vec<Timed>,
    failed: Vec<Refused>,
}

#[derive(Debug, Deserialize)]
struct Timed {
    contestant: Contestant,
    runs: usize,
    us: Vec<f64>,
    first_answer_ms: f64,
    outputs: Vec<Vec<f32>>,
}

#[derive(Debug, Deserialize)]
struct Refused {
    contestant: Contestant,
    error: String,
}

/// What the page is given.
#[derive(Debug, Default)]
struct Site {
    /// By path.
    files: BTreeMap<String, Vec<u8>>,
    packages: PathBuf,
}

fn main() -> ExitCode {
    match run() {
        Ok(summary) => {
            println!("kept in {summary}");
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let packages = env::var_os(PACKAGES_VARIABLE)
        .ok_or_else(|| format!("{PACKAGES_VARIABLE} is not set: run `cargo xtask bench-peers`"))?;
    let once = env::args().any(|argument| argument == "--test");
    let cases = cases();
    let mut site = Site { packages: packages.into(), ..Site::default() };
    for (name, wasm) in BUILDS {
        site.files.insert(format!("guest/{name}.wasm"), wasm.to_vec());
    }
    let all: Vec<Vec<Contestant>> =
        cases.iter().enumerate().map(|(k, case)| site.contestants(k, case)).collect::<Result<_, _>>()?;
    let first: Vec<&Contestant> = all.iter().filter_map(|contestants| contestants.first()).collect();
    let plan = json!({
        "rounds": if once { 2 } else { ROUNDS },
        "first": first,
        "cases": all.iter().map(|contestants| json!({ "contestants": contestants })).collect::<Vec<_>>(),
    });
    site.files.insert("plan.json".into(), plan.to_string().into_bytes());

    match serde_json::from_slice(&answer(site)?).map_err(|e| format!("the page's answer: {e}"))? {
        Answer::Failed { error } => Err(format!("the page: {error}")),
        Answer::Measured { browser, isolated, first, cases: answers } => {
            let report = report(&cases, &browser, isolated, first, answers);
            println!("{}", report.markdown());
            Ok(report.keep("browser").map_err(|e| format!("the figures could not be kept: {e}"))?.display().to_string())
        }
    }
}

impl Site {
    /// Who runs a case, and the files for it; first of all our own default.
    fn contestants(&mut self, k: usize, case: &Case) -> Result<Vec<Contestant>, String> {
        let mut all = Vec::new();
        let shape = &case.input().shape;
        for (build, _) in BUILDS {
            let inputs = case.inputs.concat();
            let guest = Some(format!("guest/{build}.wasm"));
            let one = self.contestant(k, case, OURS, build, case.model.clone(), inputs, InputType::Int8, shape);
            all.push(Contestant { guest, ..one });
        }
        // LiteRT.js has no int8 tensors at its ends.
        let model = float_ends(&case.graph).map_err(|e| format!("{}: {e}", case.name))?;
        let real: Vec<u8> =
            case.inputs.iter().flat_map(|stored| onnx::real(case.input(), stored)).flat_map(f32::to_le_bytes).collect();
        all.push(self.contestant(k, case, "litert", "int8, float32 ends", model, real, InputType::Float32, shape));
        for form in [Form::Qdq, Form::QdqUnsigned, Form::Float] {
            let model = onnx(&case.graph, form).map_err(|e| format!("{}: {e}", case.name))?;
            let inputs: Vec<u8> =
                case.inputs.iter().flat_map(|stored| onnx::input(case.input(), stored, form)).collect();
            let shape = match shape[..] {
                [n, h, w, c] => vec![n, c, h, w],
                _ => shape.clone(),
            };
            all.push(self.contestant(k, case, "onnxruntime", form.name(), model, inputs, form.input(), &shape));
        }
        Ok(all)
    }

    #[expect(clippy::too_many_arguments, reason = "one row of the table, in its order")]
    fn contestant(
        &mut self,
        k: usize,
        case: &Case,
        runtime: &str,
        form: &str,
        model: Vec<u8>,
        inputs: Vec<u8>,
        dtype: InputType,
        shape: &[usize],
    ) -> Contestant {
        let place = format!("forms/{}/{runtime}-{}", case.name, form.replace([' ', ','], "-"));
        let (model_path, inputs_path) = (format!("{place}.model"), format!("{place}.inputs"));
        self.files.insert(model_path.clone(), model);
        self.files.insert(inputs_path.clone(), inputs);
        Contestant {
            case: k,
            form: form.into(),
            runtime: runtime.into(),
            model: model_path,
            inputs: inputs_path,
            rows: case.inputs.len(),
            dtype: dtype.name().into(),
            shape: shape.to_vec(),
            guest: None,
        }
    }

    /// A file of the page, of a package, or made for this run.
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        if path.split('/').any(|part| part == "..") {
            return None;
        }
        match path.strip_prefix("npm/") {
            Some(package) => fs::read(self.packages.join(package)).ok(),
            None => self.files.get(path).cloned().or_else(|| {
                let page = if path.is_empty() { "index.html" } else { path };
                fs::read(Path::new(PAGE).join(page)).ok()
            }),
        }
    }
}

/// What the server has: the site, and where the page's answer goes.
type Serving = Arc<(Site, Mutex<mpsc::Sender<Vec<u8>>>)>;

/// Serves the site to a browser of its own until the page gives an answer.
fn answer(site: Site) -> Result<Vec<u8>, String> {
    let (send, receive) = mpsc::channel();
    let (ready, listening) = mpsc::channel();
    let state = Arc::new((site, Mutex::new(send)));
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port of the loopback");
            ready.send(listener.local_addr().expect("its address")).expect("somebody waits for it");
            let app = Router::new().fallback(serve).layer(DefaultBodyLimit::disable()).with_state(state);
            axum::serve(listener, app).await.expect("a server");
        });
    });
    let address = listening.recv().map_err(|e| e.to_string())?;
    let profile = tempfile::tempdir().map_err(|e| e.to_string())?;
    let chromium = env::var_os(CHROMIUM_VARIABLE).unwrap_or_else(|| "chromium".into());
    let mut browser = Command::new(&chromium)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("http://{address}/"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("{}: {e}; {CHROMIUM_VARIABLE} names the browser", chromium.display()))?;
    let answer = receive.recv_timeout(PATIENCE).map_err(|e| format!("the page gave no answer: {e}"));
    // It has nothing left to do, and ends with this process at the latest.
    let _ = browser.kill().and_then(|()| browser.wait());
    answer
}

async fn serve(State(state): State<Serving>, request: Request) -> Response {
    let (site, answers) = &*state;
    if request.method() == Method::POST {
        let Ok(body) = axum::body::to_bytes(request.into_body(), usize::MAX).await else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        // Nobody listens any more after the first.
        let _ = answers.lock().expect("no panic while it is held").send(body.to_vec());
        return StatusCode::NO_CONTENT.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let Some(bytes) = site.file(path) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match path.rsplit('.').next() {
        Some("html" | "") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    ];
    (headers, bytes).into_response()
}

fn report(cases: &[Case], browser: &str, isolated: bool, first: Vec<First>, answers: Vec<CaseAnswer>) -> Report {
    let clock = if isolated { "isolated page" } else { "page not isolated: a coarse clock" };
    let mut report = Report {
        conditions: Conditions { browser: Some(format!("{browser}, {clock}")), ..Conditions::here() },
        measured: Vec::new(),
        not_measured: Vec::new(),
        first_answers: Vec::new(),
    };
    for First { contestant, first_answer_ms } in first {
        let case = cases[contestant.case].name.clone();
        report.first_answers.push(FirstAnswer { case, label: label(&contestant), millis: first_answer_ms });
    }
    for CaseAnswer { measured, failed } in answers {
        for Timed { contestant, runs, us, first_answer_ms, outputs } in measured {
            let case = &cases[contestant.case];
            let label = label(&contestant);
            let outputs: Vec<Vec<f32>> = match label.runtime == OURS {
                true => outputs.iter().map(|row| dequantized(case, row)).collect(),
                false => outputs,
            };
            if label.runtime != OURS {
                let (case, label) = (case.name.clone(), label.clone());
                report.first_answers.push(FirstAnswer { case, label, millis: first_answer_ms });
            }
            report.measured.push(Measured {
                case: case.name.clone(),
                macs: case.macs,
                label,
                times: Times { runs, ..Times::of(us) },
                agreement: Agreement::of(case, &outputs),
            });
        }
        for Refused { contestant, error } in failed {
            let case = cases[contestant.case].name.clone();
            report.not_measured.push(NotMeasured { case, label: label(&contestant), why: error });
        }
    }
    report
}

/// Our integers as real numbers.
fn dequantized(case: &Case, row: &[f32]) -> Vec<f32> {
    let stored: Vec<u8> = row.iter().map(|&q| (q as i8).cast_unsigned()).collect();
    onnx::real(case.output(), &stored)
}

fn label(contestant: &Contestant) -> Label {
    let version = match contestant.runtime.as_str() {
        "litert" => package("@litertjs/core"),
        "onnxruntime" => package("onnxruntime-web"),
        _ => env!("CARGO_PKG_VERSION").into(),
    };
    Label { runtime: contestant.runtime.clone(), version, place: Place::Chromium, form: contestant.form.clone() }
}

/// The version of a package of the page, which is pinned.
fn package(name: &str) -> String {
    let packages: serde_json::Value = serde_json::from_str(PACKAGES).expect("package.json is JSON");
    packages["dependencies"][name].as_str().unwrap_or_default().into()
}
