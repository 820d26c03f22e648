//! What the page does not do: send anything away, fall with a worker, grow with its work.

mod support;

use mote_models::data::npz;
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};
use support::TempDir;
use support::browser::Browser;
use support::server::Server;

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
    let y = mote_models::data::Array::vector(set.y.iter().map(|&class| class as i64).collect::<Vec<_>>());
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

/// Notes the page's workers as they start, before any of its scripts runs.
const NOTE_WORKERS: &str = "
    const Plain = Worker;
    window.noted = [];
    window.Worker = class extends Plain {
        constructor(script, options) {
            super(script, options);
            window.noted.push([String(script), this]);
        }
    };";

/// Ends the worker of a script that started last, as the browser does when it has no memory left for it: without a word of its own.
const KILL: &str = "const [, worker] = window.noted.findLast(([script]) => script === arguments[0]);
    worker.terminate();
    worker.dispatchEvent(new ErrorEvent('error', { message: 'killed by the test' }));";

/// Bytes that the page itself holds after a collection.
async fn held(browser: &Browser) -> f64 {
    browser.devtools("HeapProfiler.collectGarbage", json!({})).await;
    let usage = browser.devtools("Runtime.getHeapUsage", json!({})).await;
    // Files lie in backing storage, and so does the memory of the page's own bundle.
    ["usedSize", "embedderHeapUsedSize", "backingStorageSize"].iter().filter_map(|part| usage[part].as_f64()).sum()
}

/// Does a job, or starts it and kills its worker; then the page is there as before.
async fn evaluate(browser: &Browser, kill: bool) {
    browser.click("#evaluate-start").await;
    if kill {
        browser.run(KILL, vec![json!("runner.js")]).await;
        browser.wait_for_text("#notices", "killed by the test").await;
        browser.wait_for_text("#status", "ready").await;
    } else {
        browser.wait_for_text("#evaluate-status", "done: 450 samples").await;
    }
}

async fn make(browser: &Browser) {
    browser.wait_for_text("#draft-title", "int8").await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-status", "made int8").await;
}

#[tokio::test]
async fn a_hundred_jobs_and_twenty_dead_workers_leave_the_page_as_it_was() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let browser = Browser::open("about:blank").await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": NOTE_WORKERS })).await;
    browser.client().goto(&server.page()).await.unwrap();
    browser.wait_for_text("#status", "ready").await;
    browser.click("#zoo-1").await;
    browser.wait_for_text("#status", "float: ready").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "judge it").await;
    make(&browser).await;
    browser.view("data").await;
    let (mut early, mut kills) = (0.0, 0);
    for job in 1..=100 {
        let kill = job % 5 == 0;
        evaluate(&browser, kill).await;
        kills += u32::from(kill);
        if job == 30 {
            early = held(&browser).await;
        }
    }
    let late = held(&browser).await;
    println!("the page holds {early} bytes after 30 jobs, {late} after 100 with {kills} dead workers");
    assert!(early > 0.0 && kills == 20);
    // What leaks with each job or each worker would be a copy of a model, of samples or of a bundle: far more than this in 70 jobs.
    assert!(late < early * 1.5 + 8e6, "{early} bytes became {late}");
    let started = browser.run("return window.noted.length", vec![]).await;
    assert!(started.as_u64().unwrap() >= 22, "two workers, and one more for each that died: {started}");
    // It answers, and its results are right.
    evaluate(&browser, false).await;
    let accuracy = browser.text("#report .figure:nth-child(1) .value").await;
    let measured: Value =
        serde_json::from_slice(&std::fs::read(support::zoo("digits/accuracy.json")).unwrap()).unwrap();
    assert_eq!(accuracy, format!("{:.1} %", measured["float"]["tflm"].as_f64().unwrap() * 100.0));
    browser.close().await;
}
