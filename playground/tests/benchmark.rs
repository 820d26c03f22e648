//! The benchmark of the browser, and the choice of the guest that it has reason for. What is measured is not judged here: tests
//! look at what is there, and that figures are figures.

mod support;

use serde_json::Value;
use support::browser::Browser;
use support::server::Server;
use support::{TempDir, zoo};

#[tokio::test]
async fn every_model_is_measured_with_every_build_and_the_results_can_be_shared() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let browser = Browser::open(&server.page()).await;
    let downloads = TempDir::new();
    browser.download_to(downloads.path()).await;
    browser.wait_for_text("#status", "ready").await;
    browser.choose("#model-file", &zoo("digits/digits_float.tflite")).await;
    browser.wait_for_text("#summary", "digits_float.tflite").await;
    browser.view("benchmark").await;
    browser.click("#benchmark-start").await;
    let models = mote_playground::zoo::ENTRIES.len() + 1;
    browser.wait_for_text("#benchmark-status", &format!("done: {models} models")).await;
    assert_eq!(browser.count("#times tbody tr").await, 3 * models as u64);
    let markdown = browser.run("return document.querySelector('#benchmark-markdown').value", vec![]).await;
    let markdown = markdown.as_str().unwrap();
    assert_eq!(markdown.matches("| digits_float.tflite |").count(), 3, "{markdown}");
    assert!(markdown.contains("Chromium") && markdown.contains("cores"), "{markdown}");

    browser.click("#benchmark-json").await;
    let json = support::arrived(&downloads.path().join("mote-benchmark.json")).await;
    let json: Value = serde_json::from_slice(&json).unwrap();
    let positive = |value: &Value| value.as_f64().is_some_and(|number| number.is_finite() && number > 0.0);
    // A coarse clock can say that a short step took no time.
    let figure = |value: &Value| value.as_f64().is_some_and(|number| number.is_finite() && number >= 0.0);
    assert!(positive(&json["peak_macs_per_second"]["simd128"]), "{json}");
    assert!(positive(&json["machine"]["cores"]), "{json}");
    let rows = json["models"].as_array().unwrap();
    assert_eq!(rows.len(), models);
    for row in rows {
        assert!(positive(&row["macs"]) && positive(&row["file_bytes"]), "{row}");
        let kernels: Vec<_> = row["builds"].as_array().unwrap().iter().map(|times| times["kernels"].clone()).collect();
        assert_eq!(kernels, ["simd128", "relaxed-simd", "reference"]);
        for times in row["builds"].as_array().unwrap() {
            let (run, start) = (&times["run"], &times["start"]);
            assert!(["median", "low", "high", "blocks", "runs"].iter().all(|name| positive(&run[name])), "{times}");
            assert!(run["low"].as_f64() <= run["median"].as_f64(), "{times}");
            assert!(run["median"].as_f64() <= run["high"].as_f64(), "{times}");
            let steps = ["compile", "instantiate", "load", "first_run"];
            assert!(steps.iter().all(|name| figure(&start[name])) && positive(&start["compile"]), "{times}");
        }
    }
    println!("{markdown}");
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn the_benchmark_can_be_stopped_and_keeps_what_it_has() {
    let Some((server, browser)) = support::opened().await else { return };
    browser.view("benchmark").await;
    // Stopped by the page itself when the first model's rows are there: from outside it could be too late.
    let stop = "const observer = new MutationObserver(() => {
            if (document.querySelectorAll('#times tbody tr').length < 3) return;
            observer.disconnect();
            document.querySelector('#benchmark-stop').click();
        });
        observer.observe(document.querySelector('main'), { childList: true, subtree: true });";
    browser.run(stop, vec![]).await;
    browser.click("#benchmark-start").await;
    browser.wait_for_text("#benchmark-status", "stopped").await;
    assert_eq!(browser.count("#times tbody tr").await, 3, "the model before it");
    browser.close_clean(server.origin()).await;
}

/// A browser whose relaxed dot product multiplies signed bytes: `ask` says what `sdot` of Arm does.
const SIGNED: &str = r#"(module
  (func (export "ask") (param $a i32) (param $b i32) (result i32)
    (i32.mul (i32.const 4) (i32.mul (i32.extend8_s (local.get $a)) (i32.extend8_s (local.get $b)))))
  (func (export "turns") (param i32 i32) (result i32) (i32.const 0)))"#;

#[tokio::test]
async fn the_relaxed_guest_is_taken_where_its_dot_product_is_exact_and_only_then_fetched() {
    let Some(page) = support::page_dir() else { return };
    // Each time the guest that must not be fetched is one that cannot be used.
    let broken = b"\0asm\x01\0\0\0\xff".to_vec();
    for (probe, spared, kernels) in [
        (Some(SIGNED), "mote_runtime.wasm", "Relaxed SIMD"),
        (
            Some("(module (func (export \"ask\") (param i32 i32) (result i32) (i32.const 0)))"),
            "mote_runtime.relaxed.wasm",
            "SIMD128",
        ),
        (None, "mote_runtime.relaxed.wasm", "SIMD128"),
    ] {
        let server = Server::start(&page).await;
        server.replace(spared, broken.clone());
        server
            .replace("probe.relaxed.wasm", probe.map_or_else(|| broken.clone(), |text| wat::parse_str(text).unwrap()));
        let browser = Browser::open(&server.page()).await;
        browser.wait_for_text("#status", "ready").await;
        browser.wait_for_text("#kernels-about", &format!("{kernels}: ")).await;
        let offered = browser.run("return document.querySelector('#kernels-relaxed-simd').disabled", vec![]).await;
        assert_eq!(offered, Value::Bool(probe.is_none()), "{kernels} with {probe:?}");
        browser.close_clean(server.origin()).await;
    }
}
