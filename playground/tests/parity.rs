//! Parity: in Chromium, through the page's own worker, integer models give the golden bits in both builds of the
//! guest. The golden outputs are TensorFlow Lite Micro's where it ran the model, else LiteRT's reference kernels'.

mod support;

use std::path::Path;

use mote_models::data::{Array, npz};
use serde_json::{Value, json};
use support::browser::Browser;
use support::server::Server;

/// A model with golden inputs and outputs, one row a run.
struct Golden {
    name: String,
    model: Vec<u8>,
    inputs: Vec<Array>,
    outputs: Vec<Array>,
}

/// Models that the guest may refuse, and what its refusal names. This one declares a float32 sum of int8 operands;
/// interpreters overwrite the declared type, each with another result.
const REFUSED: [(&str, &str); 1] = [("tflite_ops_add_quantized_int8", "node 0 (ADD)")];

/// Every `.tflite` of the test data whose golden outputs are all integers.
fn goldens(root: &Path) -> Vec<Golden> {
    let plan = std::fs::read_to_string(root.join("golden_plan.csv")).unwrap();
    let models = plan.lines().skip(1).filter_map(|line| line.split(',').next()?.strip_suffix(".tflite"));
    models.filter_map(|model| golden(root, model)).collect()
}

fn golden(root: &Path, model: &str) -> Option<Golden> {
    let name = model.strip_prefix("models/").unwrap_or(model).replace('/', "_");
    let archive = npz::read(&std::fs::read(root.join(format!("golden/{name}.npz"))).ok()?).unwrap();
    let all = |prefix: &str, suffix: &str| -> Vec<Array> {
        (0..).map_while(|k| archive.get(&format!("{prefix}_{k}{suffix}")).cloned()).collect()
    };
    let tflm = all("output", "_tflm");
    let outputs = if tflm.is_empty() { all("output", "_ref") } else { tflm };
    let exact = !outputs.is_empty() && outputs.iter().all(|output| !output.dtype().is_real());
    let model = root.join(format!("{model}.tflite"));
    exact.then(|| Golden { name, model: std::fs::read(model).unwrap(), inputs: all("input", ""), outputs })
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
        "runs": golden.outputs[0].shape()[0],
        "model": serve("model", golden.model.clone()),
        "inputs": arrays("input", &golden.inputs),
        "outputs": arrays("output", &golden.outputs),
    })
}

#[tokio::test]
async fn integer_models_give_the_golden_bits_through_the_pages_worker() {
    let (Some(page), Some(root)) = (support::page_dir(), support::testdata()) else { return };
    let goldens = goldens(&root);
    assert!(goldens.len() >= 20, "the test data has its integer models: {}", goldens.len());
    let server = Server::start(&page).await;
    let browser = Browser::open(&server.page()).await;
    let mut failures = Vec::new();
    for kernels in ["simd128", "relaxed-simd"] {
        let (mut models, mut values, mut mismatches) = (0, 0, 0);
        for golden in &goldens {
            let args = vec![json!(kernels), offer(&server, golden)];
            let result = browser.client().execute_async(include_str!("parity.js"), args).await.unwrap();
            if is_known_refusal(golden, &result) {
                println!("{} in {kernels}: {}", golden.name, result["error"]);
                continue;
            }
            if result["build"] != kernels || result["mismatches"] != 0 {
                failures.push(format!("{} in {kernels}: {result}", golden.name));
            }
            models += 1;
            values += result["values"].as_u64().unwrap_or(0);
            mismatches += result["mismatches"].as_u64().unwrap_or(0);
        }
        println!("Chromium, {kernels}: {models} models, {values} values, {mismatches} mismatches");
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    browser.close_clean(server.origin()).await;
}

fn is_known_refusal(golden: &Golden, result: &Value) -> bool {
    let error = result["error"].as_str().unwrap_or_default();
    REFUSED.iter().any(|(name, place)| golden.name == *name && error.contains("unsupported") && error.contains(place))
}
