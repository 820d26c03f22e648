//! What the page does not do: send anything away, fall with a worker, grow with its work.

mod support;

use std::path::Path;

use mote_models::data::{Array, npz};
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};
use support::browser::Browser;
use support::server::Server;
use support::{TempDir, workers};

/// In no file of the page, and nothing that a browser would make up.
const CANARY: &str = "canary-6f1d0c7e93";

#[tokio::test]
async fn a_model_that_is_dropped_never_leaves_the_page() {
    let Some((server, browser)) = support::opened().await else { return };
    let mut model = DIGITS.float.to_vec();
    model.extend_from_slice(CANARY.as_bytes());
    let drop = "const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(arguments[0])], `${arguments[1]}.tflite`));
        document.querySelector('main').dispatchEvent(
            new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));";
    browser.run(drop, vec![json!(model), json!(CANARY)]).await;
    browser.wait_for_text("#status", &format!("{CANARY}.tflite: ready")).await;
    let folder = TempDir::new();
    let set = DIGITS.test_set().unwrap();
    let y = Array::vector(set.y.iter().map(|&class| class as i64).collect::<Vec<_>>());
    let samples = npz::write([("x", &set.x), ("y", &y)]).unwrap();
    browser.view("data").await;
    browser.choose("#data-file", &folder.file(&format!("{CANARY}.npz"), &samples)).await;
    browser.wait_for_text("#data-name", CANARY).await;
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", "done: 450 samples").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "judge it").await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-status", "made int8").await;
    let asked = server.asked();
    assert!(!asked.is_empty(), "the server notes what it is asked");
    for request in asked {
        assert_eq!((request.method.as_str(), request.body.len()), ("GET", 0), "{}", request.path);
        assert!(!request.path.contains(CANARY) && !request.path.contains('?'), "{}", request.path);
    }
    // Every request of the log went to the page's own origin.
    browser.close_clean(server.origin()).await;
}

/// Bytes that the page itself holds after a collection.
async fn held(browser: &Browser) -> f64 {
    browser.devtools("HeapProfiler.collectGarbage", json!({})).await;
    let usage = browser.devtools("Runtime.getHeapUsage", json!({})).await;
    let parts = ["usedSize", "embedderHeapUsedSize", "backingStorageSize"];
    let heap: f64 = parts.iter().filter_map(|part| usage[part].as_f64()).sum();
    // The memory of the page's own bundle is in none of these.
    let wasm = workers::page_memory(browser).await;
    assert!(wasm > 0.0, "the bundle has a memory");
    heap + wasm
}

async fn evaluate(browser: &Browser) {
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", "done: 450 samples").await;
}

/// A worker that a job loses.
#[derive(Debug, Clone, Copy)]
enum Victim {
    /// The page's own runner.
    Runner,
    /// A helper of an evaluation.
    Helper,
    /// The one that does tasks.
    Workshop,
}

/// Starts a job and kills its worker; then the page is there as before.
async fn lose(browser: &Browser, victim: Victim, many: &Path) {
    match victim {
        Victim::Runner => {
            browser.click("#evaluate-start").await;
            workers::kill(browser, "runner.js", 0).await;
            browser.wait_for_text("#notices", workers::KILLED).await;
            browser.wait_for_text("#status", "ready").await;
            browser.wait_for_text("#evaluate-status", "done: 450 samples").await;
        }
        Victim::Helper => {
            browser.choose("#data-file", many).await;
            browser.wait_for_text("#data-name", "many.npz").await;
            browser.click("#evaluate-start").await;
            browser.wait_for_text("#evaluate-status", "workers").await;
            workers::kill(browser, "runner.js", -1).await;
            // Another one takes its place, and all of them go with the evaluation.
            support::until(async || workers::living(browser, "runner.js").await == 2).await;
            browser.click("#evaluate-cancel").await;
            browser.wait_for_text("#evaluate-status", "cancelled after").await;
            assert_eq!(workers::living(browser, "runner.js").await, 1);
            browser.click("#data-zoo").await;
        }
        Victim::Workshop => {
            browser.view("shrink").await;
            browser.wait_for_text("#split", "judge it").await;
            browser.click("#search-start").await;
            browser.wait_for_text("#search-status", "tried").await;
            workers::kill(browser, "workshop.js", 0).await;
            browser.wait_for_text("#search .failure", workers::KILLED).await;
            browser.view("data").await;
        }
    }
}

#[tokio::test]
async fn a_hundred_jobs_and_twenty_dead_workers_leave_the_page_as_it_was() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let browser = workers::open(&server.page(), 2).await;
    let folder = TempDir::new();
    let count = 20_000;
    let x = Array::new([count, 8, 8, 1], vec![0i8; count * 64]).unwrap();
    let y = Array::vector(vec![0u8; count]);
    let many = folder.file("many.npz", &npz::write([("x", &x), ("y", &y)]).unwrap());
    browser.wait_for_text("#status", "ready").await;
    browser.click("#zoo-1").await;
    browser.wait_for_text("#status", "float: ready").await;
    // The slowest kernels: helpers pay over few samples.
    browser.click("#kernels-reference").await;
    browser.wait_for_text("#status", "ready").await;
    browser.view("data").await;
    let (mut early, mut kills) = (0.0, 0);
    for job in 1..=100 {
        if job % 5 == 0 {
            let victim = [Victim::Runner, Victim::Helper, Victim::Workshop][kills % 3];
            lose(&browser, victim, &many).await;
            kills += 1;
        } else {
            evaluate(&browser).await;
        }
        if job == 30 {
            early = held(&browser).await;
        }
    }
    let late = held(&browser).await;
    println!("the page holds {early} bytes after 30 jobs, {late} after 100 with {kills} dead workers");
    assert!(early > 0.0 && kills == 20);
    // What leaks with each job or each worker would be a copy of a model, of samples or of a bundle: far more than this in 70 jobs.
    assert!(late < early * 1.5 + 8e6, "{early} bytes became {late}");
    assert_eq!(workers::living(&browser, "runner.js").await, 1, "no helper outlives its evaluation");
    assert!(workers::living(&browser, "workshop.js").await <= 1);
    let (runners, workshops) =
        (workers::started(&browser, "runner.js").await, workers::started(&browser, "workshop.js").await);
    println!("{runners} runners and {workshops} workshops were started");
    // Each helper that died was the second of its evaluation, and had a third in its place.
    assert!(runners >= 1 + 7 + 2 * 7 && workshops >= 6, "{runners} runners, {workshops} workshops");
    // It answers, and its results are right.
    evaluate(&browser).await;
    let accuracy = browser.text("#report .figure:nth-child(1) .value").await;
    let measured: Value =
        serde_json::from_slice(&std::fs::read(support::zoo("digits/accuracy.json")).unwrap()).unwrap();
    assert_eq!(accuracy, format!("{:.1} %", measured["float"]["tflm"].as_f64().unwrap() * 100.0));
    browser.close().await;
}
