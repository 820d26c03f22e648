//! What the page's worker makes of a recipe, on the guest in Chromium, is what `mote-models` makes of it in this process: the
//! same bytes, for each scheme and each kind of pruning, from either format.

mod support;

use mote_models::data::{Array, npz};
use mote_models::progress::Silent;
use mote_models::prune::channels::{Criterion, Target};
use mote_models::prune::{Pattern, channels, weights};
use mote_models::quantize::{Calibration, Options, Scheme};
use mote_models::recipe::{self, Choice, Recipe, Rule};
use mote_models::run::Native;
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};
use support::browser::Browser;
use support::server::Server;

/// A model to make another of, with samples for it.
struct Source {
    name: &'static str,
    model: Vec<u8>,
    samples: Array,
}

fn digits() -> Source {
    Source { name: "digits", model: DIGITS.float.into(), samples: DIGITS.test_set().unwrap().x }
}

/// Keyword spotting, once as `.tflite` and once as `.onnx`, where the test data is there.
fn keywords() -> Vec<Source> {
    let Some(data) = support::testdata() else { return Vec::new() };
    let samples = support::keyword_features(&data);
    let source = |name, file: &str| {
        let model = std::fs::read(data.join("models").join(file)).unwrap();
        Source { name, model, samples: samples.clone() }
    };
    vec![source("KWS", "tflite/kws_dscnn_float.tflite"), source("KWS as ONNX", "onnx/kws_submission.onnx")]
}

/// What is tried on each model.
fn recipes() -> Vec<(&'static str, Recipe)> {
    let quantize = |options: Options| Recipe { quantize: Some(options), ..Recipe::default() };
    let few = Choice { samples: 20, ..Choice::default() };
    let drawn = Choice { rule: Rule::Random, seed: 7, ..few.clone() };
    let plain = |scheme| Recipe { calibration: few.clone(), ..quantize(Options { scheme, ..Options::plain() }) };
    let entropy = Options { calibration: Calibration::Entropy, ..Options::plain() };
    let blocks = weights::Options { pattern: Pattern::Kernels, ..weights::Options::default() };
    let silent =
        channels::Options { criterion: Criterion::Activity, target: Target::Macs(0.3), ..channels::Options::default() };
    vec![
        ("int8", quantize(Options::default())),
        ("int8, entropy", Recipe { calibration: few.clone(), ..quantize(entropy) }),
        ("16x8", plain(Scheme::Int16x8)),
        ("int8, drawn samples", Recipe { calibration: drawn, ..plain(Scheme::Int8) }),
        ("weights only", plain(Scheme::WeightOnly)),
        (
            "pruned, float",
            Recipe { calibration: few.clone(), prune_weights: Some(blocks.clone()), ..Recipe::default() },
        ),
        ("pruned, int8", Recipe { prune_channels: Some(silent), prune_weights: Some(blocks), ..plain(Scheme::Int8) }),
    ]
}

/// Lets the page's worker do a task, whose buffers and expected artefact are served to it.
async fn work(browser: &Browser, server: &Server, kernels: &str, task: Value, files: [Vec<u8>; 3]) -> Value {
    let [model, samples, expected] = files;
    let served = [("model", model), ("samples", samples), ("expected", expected)].map(|(name, bytes)| {
        let path = format!("/making/{name}");
        server.add(&path, bytes);
        path
    });
    let task = json!({ "task": task, "buffers": &served[..2], "expected": served[2] });
    browser.client().execute_async(include_str!("making.js"), vec![json!(kernels), task]).await.unwrap()
}

#[tokio::test]
async fn the_worker_makes_what_the_recipe_makes_natively_to_the_bit() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let browser = Browser::open(&server.page()).await;
    for Source { name, model, samples } in std::iter::once(digits()).chain(keywords()) {
        let archive = npz::write([("x", &samples)]).unwrap();
        for (what, recipe) in recipes() {
            let made = recipe::apply(&Native, &model, std::slice::from_ref(&samples), &recipe, &Silent).unwrap();
            let kernels: &[_] = if what == "int8" { &["simd128", "relaxed-simd"] } else { &["simd128"] };
            for kernels in kernels {
                let task = json!({ "make": { "recipe": recipe } });
                let files = [model.clone(), archive.clone(), made.file.clone()];
                let result = work(&browser, &server, kernels, task, files).await;
                println!("{name}, {what}, {kernels}: {} bytes, the same: {}", result["bytes"], result["same"]);
                assert_eq!(result["same"], true, "{name}, {what}, {kernels}: {result}");
                assert_eq!(result["job"], 1);
                let summaries: recipe::Summaries =
                    serde_json::from_value(result["product"]["made"]["summaries"].clone()).unwrap();
                assert_eq!(summaries.calibration, made.summaries.calibration, "{name}, {what}");
                assert_eq!(summaries.prune_channels, made.summaries.prune_channels, "{name}, {what}");
                assert!(!result["stages"].as_array().unwrap().is_empty(), "{name}, {what}: no progress");
            }
        }
    }
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn the_worker_says_what_is_wrong_in_the_words_of_who_found_it() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let browser = Browser::open(&server.page()).await;
    let samples = npz::write([("x", &digits().samples)]).unwrap();
    let task = json!({ "make": { "recipe": Recipe { quantize: Some(Options::plain()), ..Recipe::default() } } });
    let result = work(&browser, &server, "simd128", task.clone(), [DIGITS.int8.into(), samples, vec![]]).await;
    let unsuited = &result["failure"]["recipe"]["quantize"]["unsuited"];
    assert_eq!(unsuited["remedy"], "quantize the float model that it was made from", "{result}");

    let short = npz::write([("x", &Array::new([2, 3], vec![0f32; 6]).unwrap())]).unwrap();
    let result = work(&browser, &server, "simd128", task, [DIGITS.float.into(), short, vec![]]).await;
    assert_eq!(result["failure"]["recipe"]["samples"]["kind"], "shape", "{result}");
    browser.close_clean(server.origin()).await;
}
