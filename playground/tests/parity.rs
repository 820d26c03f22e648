//! Parity: integer models give the golden bits in every place where the runtime runs, counted side by side:
//!
//! | place | kernels |
//! | --- | --- |
//! | this process | the scalar reference |
//! | wasmtime, in the gateway's sandbox | SIMD128, relaxed SIMD, and the scalar reference as wasm |
//! | Chromium, through the page's own worker | SIMD128, relaxed SIMD |

mod support;

use std::collections::BTreeSet;

use mote::sandbox::{self, LoadOptions, Sandbox, Settings, guest};
use mote_models::data::Array;
use mote_models::run::{Engine as _, Native};
use serde_json::{Value, json};
use support::browser::Browser;
use support::golden::Golden;
use support::server::Server;

/// Models that may be refused, and what the refusal names. This one declares a float32 sum of int8 operands; interpreters
/// overwrite the declared type, each with another result.
const REFUSED: [(&str, &str); 1] = [("tflite_ops_add_quantized_int8", "node 0 (ADD)")];

/// What one place made of the models.
struct Tally {
    place: &'static str,
    models: usize,
    values: u64,
    mismatches: u64,
    refused: BTreeSet<String>,
}

impl Tally {
    fn new(place: &'static str) -> Self {
        Self { place, models: 0, values: 0, mismatches: 0, refused: BTreeSet::new() }
    }

    /// Counts a model: values and mismatches of all its runs, or why it did not run.
    fn add(&mut self, golden: &Golden, outcome: Result<(u64, u64), String>) {
        match outcome {
            Ok((values, mismatches)) => {
                if mismatches > 0 {
                    println!("{}: {}: {mismatches} of {values} values differ", self.place, golden.name);
                }
                self.models += 1;
                self.values += values;
                self.mismatches += mismatches;
            }
            Err(why) => {
                let known = REFUSED.iter().any(|(name, place)| golden.name == *name && why.contains(place));
                assert!(known, "{}: {}: {why}", self.place, golden.name);
                self.refused.insert(golden.name.clone());
            }
        }
    }
}

#[tokio::test]
async fn integer_models_give_the_golden_bits_in_every_place() {
    let Some(root) = support::testdata() else { return };
    let goldens = Golden::all(&root);
    assert!(goldens.len() >= 20, "the test data has its integer models: {}", goldens.len());
    let mut tallies = vec![native(&goldens)];
    let engine = sandbox::Engine::new(Settings::default()).unwrap();
    for (place, module, reference) in [
        ("wasmtime, SIMD128", guest::SIMD128, false),
        ("wasmtime, relaxed SIMD", guest::RELAXED_SIMD, false),
        ("wasmtime, scalar reference", guest::SIMD128, true),
    ] {
        let options = LoadOptions { reference, ..LoadOptions::default() };
        tallies.push(in_sandbox(place, &Sandbox::new(&engine, module).unwrap(), &options, &goldens));
    }
    if let Some(page) = support::page_dir() {
        let server = Server::start(&page).await;
        let browser = Browser::open(&server.page()).await;
        for (place, kernels) in [("Chromium, SIMD128", "simd128"), ("Chromium, relaxed SIMD", "relaxed-simd")] {
            tallies.push(in_page(place, kernels, &server, &browser, &goldens).await);
        }
        browser.close_clean(server.origin()).await;
    }
    for Tally { place, models, values, mismatches, refused } in &tallies {
        println!("{place}: {models} models, {values} values, {mismatches} mismatches, {} refused", refused.len());
    }
    for tally in &tallies {
        let counts = |t: &Tally| (t.models, t.values, t.refused.clone());
        assert_eq!(counts(tally), counts(&tallies[0]), "{} and {}", tally.place, tallies[0].place);
        assert_eq!(tally.mismatches, 0, "{}", tally.place);
    }
}

fn native(goldens: &[Golden]) -> Tally {
    let mut tally = Tally::new("this process, scalar");
    for golden in goldens {
        let outcome = Native.load(&golden.model).and_then(|mut model| {
            let mut sums = (0, 0);
            for run in 0..golden.runs() {
                let (values, mismatches) = golden.compare(run, &model.run(&golden.inputs_of(run))?);
                sums = (sums.0 + values, sums.1 + mismatches);
            }
            Ok(sums)
        });
        tally.add(golden, outcome.map_err(|e| e.to_string()));
    }
    tally
}

fn in_sandbox(place: &'static str, sandbox: &Sandbox, options: &LoadOptions, goldens: &[Golden]) -> Tally {
    let mut tally = Tally::new(place);
    for golden in goldens {
        let outcome = sandbox.load(golden.model.clone(), options).and_then(|mut session| {
            let mut sums = (0, 0);
            for run in 0..golden.runs() {
                session.reset()?;
                let (values, mismatches) = golden.compare(run, &session.infer(&golden.inputs_of(run))?);
                sums = (sums.0 + values, sums.1 + mismatches);
            }
            Ok(sums)
        });
        tally.add(golden, outcome.map_err(|e| e.to_string()));
    }
    tally
}

async fn in_page(place: &'static str, kernels: &str, server: &Server, browser: &Browser, goldens: &[Golden]) -> Tally {
    let mut tally = Tally::new(place);
    for golden in goldens {
        let arguments = vec![json!(kernels), offer(server, golden)];
        let result = browser.client().execute_async(include_str!("parity.js"), arguments).await.unwrap();
        let outcome = match (result["values"].as_u64(), result["mismatches"].as_u64()) {
            (Some(values), Some(mismatches)) => {
                assert_eq!(result["build"], kernels, "{place}: {}", golden.name);
                Ok((values, mismatches))
            }
            _ => Err(result["error"].to_string()),
        };
        tally.add(golden, outcome);
    }
    tally
}

/// Serves a model and its goldens as raw bytes; gives what the script is told of them.
fn offer(server: &Server, golden: &Golden) -> Value {
    let serve = |what: &str, bytes: Vec<u8>| {
        let path = format!("/golden/{}/{what}", golden.name);
        server.add(&path, bytes);
        path
    };
    let arrays = |what: &str, arrays: &[Array]| -> Vec<String> {
        let bytes = |(k, array): (usize, &Array)| serve(&format!("{what}_{k}"), array.elements().to_le_bytes());
        arrays.iter().enumerate().map(bytes).collect()
    };
    json!({
        "name": golden.name,
        "runs": golden.runs(),
        "model": serve("model", golden.model.clone()),
        "inputs": arrays("input", &golden.inputs),
        "outputs": arrays("output", &golden.outputs),
    })
}
