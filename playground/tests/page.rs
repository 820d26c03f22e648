//! The page in a real browser, as its user has it: models, samples, drawings, failures, no network.

mod support;

use fantoccini::actions::TouchActions;
use fantoccini::key::Key;
use mote_models::data::{Array, npz};
use serde_json::{Value, json};
use support::browser::Browser;
use support::pad::{draw, mouse, ring};
use support::server::Server;
use support::{TempDir, zoo};

/// A figure of the report by its place.
async fn figure(browser: &Browser, place: usize) -> String {
    browser.text(&format!("#report .figure:nth-child({place}) .value")).await
}

#[tokio::test]
async fn the_zoos_models_reach_their_accuracy_with_all_kernels() {
    let Some((server, browser)) = support::opened().await else { return };
    let measured = std::fs::read(zoo("digits/accuracy.json")).unwrap();
    let measured: Value = serde_json::from_slice(&measured).unwrap();
    let samples = measured["samples"].as_u64().unwrap();
    for (model, accuracy) in [("#zoo-0", &measured["int8"]["tflm"]), ("#zoo-1", &measured["float"]["tflm"])] {
        let accuracy = format!("{:.1} %", accuracy.as_f64().unwrap() * 100.0);
        browser.view("model").await;
        browser.click(model).await;
        for kernels in ["simd128", "relaxed-simd", "reference"] {
            browser.view("model").await;
            browser.click(&format!("#kernels-{kernels}")).await;
            browser.wait_for_text("#status", "ready").await;
            browser.view("data").await;
            browser.click("#evaluate-start").await;
            browser.wait_for_text("#evaluate-status", &format!("done: {samples} samples")).await;
            assert_eq!(figure(&browser, 1).await, accuracy, "{model} with {kernels}");
            assert!(figure(&browser, 3).await.ends_with('s'), "a latency in µs or ms");
            assert_eq!(browser.count("#classes tbody tr").await, 10);
            println!("{model} {kernels}: {accuracy}, {} a run", figure(&browser, 3).await);
        }
    }
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_file_that_is_opened_or_dropped_shows_what_the_guest_tells() {
    let Some(data) = support::testdata() else { return };
    let Some((server, browser)) = support::opened().await else { return };
    browser.choose("#model-file", &data.join("models/tflite/kws_dscnn_int8.tflite")).await;
    browser.wait_for_text("#summary", "kws_dscnn_int8.tflite").await;
    browser.wait_for_text("#tensors", "1 × 49 × 10 × 1").await;
    let steps = browser.text("#ops tbody").await;
    assert_eq!(steps.matches("DEPTHWISE_CONV_2D").count(), 4, "{steps}");
    assert!(steps.contains("SOFTMAX") && steps.contains("int8 1 × 12"), "{steps}");
    browser.view("try").await;
    browser.wait_for_text("#draw", "does not take an 8 × 8 picture").await;

    let x = std::fs::read(data.join("samples/kws01/kws01_x.npy")).unwrap();
    let x = mote_models::data::npy::read(&x).unwrap();
    let y = Array::vector(vec![0i64; x.shape()[0]]);
    let folder = TempDir::new();
    let samples = folder.file("kws.npz", &npz::write([("x", &x), ("y", &y)]).unwrap());
    browser.view("data").await;
    browser.choose("#data-file", &samples).await;
    browser.wait_for_text("#data-name", "kws.npz").await;
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", &format!("done: {} samples", x.shape()[0])).await;

    let model = std::fs::read(data.join("models/tflite/hello_world_int8.tflite")).unwrap();
    let drop = "const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(arguments[0])], 'sine.tflite'));
        document.querySelector('main').dispatchEvent(
            new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));";
    browser.run(drop, vec![json!(model)]).await;
    browser.wait_for_text("#status", "sine.tflite").await;
    browser.view("model").await;
    browser.wait_for_text("#summary", "sine.tflite").await;
    browser.wait_for_text("#ops", "FULLY_CONNECTED").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_broken_model_is_refused_in_the_guests_words() {
    let Some((server, browser)) = support::opened().await else { return };
    let model = std::fs::read(zoo("digits/digits_int8.tflite")).unwrap();
    let folder = TempDir::new();
    browser.choose("#model-file", &folder.file("half.tflite", &model[..model.len() / 2])).await;
    browser.wait_for_text("#model .failure", "The guest refused: malformed").await;
    let words = browser.text("#model .failure").await;
    for part in ["where", "expected", "found"] {
        assert!(words.contains(part), "{words}");
    }
    browser.click("#zoo-0").await;
    browser.wait_for_text("#status", "ready").await;
    assert_eq!(browser.count(".failure").await, 0, "the page goes on");

    browser.view("data").await;
    browser.choose("#data-file", &folder.file("bad.npz", b"not an archive")).await;
    browser.wait_for_text("#data-name", "bad.npz").await;
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate .failure", "These samples do not fit").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn an_evaluation_shows_its_progress_and_can_be_cancelled() {
    let Some((server, browser)) = support::opened().await else { return };
    let count = 400_000;
    let x = Array::new([count, 8, 8, 1], vec![0i8; count * 64]).unwrap();
    let y = Array::vector(vec![0u8; count]);
    let folder = TempDir::new();
    let samples = folder.file("many.npz", &npz::write([("x", &x), ("y", &y)]).unwrap());
    browser.click("#kernels-reference").await;
    browser.wait_for_text("#status", "ready").await;
    browser.view("data").await;
    browser.choose("#data-file", &samples).await;
    browser.wait_for_text("#data-name", "many.npz").await;
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", &format!("of {count} samples")).await;
    browser.click("#evaluate-cancel").await;
    browser.wait_for_text("#evaluate-status", "cancelled after").await;
    // The worker has stopped too: it has time for other work at once.
    browser.click("#data-zoo").await;
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", "done: 450 samples").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_drawn_digit_is_recognised_and_can_be_cleared_from_the_keyboard() {
    let Some((server, browser)) = support::opened().await else { return };
    browser.view("try").await;
    draw(&browser, mouse(), &[&ring()]).await;
    browser.wait_for_text("#scores .best .score-name", "0").await;
    let clear = browser.find("#draw-clear").await;
    browser.run("arguments[0].focus()", vec![serde_json::to_value(&clear).unwrap()]).await;
    browser.client().active_element().await.unwrap().send_keys(&char::from(Key::Enter).to_string()).await.unwrap();
    browser.wait_for_text("#scores", "–").await;
    assert_eq!(browser.count("#scores .best").await, 0);

    let three: &[(f64, f64)] = &[
        (0.34, 0.22),
        (0.5, 0.14),
        (0.64, 0.24),
        (0.6, 0.4),
        (0.48, 0.46),
        (0.62, 0.54),
        (0.66, 0.7),
        (0.5, 0.84),
        (0.34, 0.76),
    ];
    draw(&browser, TouchActions::new("finger".into()), &[three]).await;
    browser.wait_for_text("#scores .best .score-name", "3").await;
    browser.close_clean(server.origin()).await;
}

/// A guest that speaks the ABI and traps when a model is loaded.
const TRAPPING_GUEST: &str = r#"(module
  (memory (export "memory") 2)
  (func (export "mote_abi") (result i32) i32.const 1)
  (func (export "mote_build") (result i32) i32.const 1)
  (func (export "mote_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "mote_free") (param i32 i32))
  (func (export "mote_load") (param i32 i32 i32) (result i32) unreachable)
  (func (export "mote_unload") (param i32))
  (func (export "mote_describe") (param i32) (result i32) i32.const 0)
  (func (export "mote_last_error") (result i32) i32.const 0)
  (func (export "mote_text") (result i32) i32.const 0)
  (func (export "mote_input") (param i32 i32) (result i32) i32.const 0)
  (func (export "mote_output") (param i32 i32) (result i32) i32.const 0)
  (func (export "mote_run") (param i32) (result i32) i32.const 0)
  (func (export "mote_run_step") (param i32 i32) (result i32) i32.const 0)
  (func (export "mote_step_output") (param i32 i32 i32) (result i32) i32.const 0)
  (func (export "mote_reset") (param i32) (result i32) i32.const 0))"#;

#[tokio::test]
async fn a_worker_whose_guest_traps_is_replaced() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    server.replace("mote_runtime.wasm", wat::parse_str(TRAPPING_GUEST).unwrap());
    let browser = Browser::open(&server.page()).await;
    browser.wait_for_text("#notices", "The worker was replaced by a fresh one").await;
    browser.wait_for_text("#model .failure", "mote_load: RuntimeError: unreachable").await;
    // The other module is sound, and so is the fresh worker.
    browser.click("#kernels-relaxed-simd").await;
    browser.wait_for_text("#status", "ready").await;
    browser.view("data").await;
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", "done: 450 samples").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn kernels_that_the_browser_does_not_validate_are_not_offered() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    server.replace("probe.relaxed.wasm", b"\0asm\x01\0\0\0\xff".to_vec());
    let browser = Browser::open(&server.page()).await;
    browser.wait_for_text("#status", "ready").await;
    let disabled = "return [...document.querySelectorAll('[name=kernels]')].map((kernels) => kernels.disabled)";
    assert_eq!(browser.run(disabled, vec![]).await, json!([false, false, true, false]));
    browser.close_clean(server.origin()).await;
}

/// What the page shows of its views: the address's end, the links that are current, the title, whether the view has the focus.
async fn shown(browser: &Browser) -> Value {
    let script =
        "return [location.hash, [...document.querySelectorAll('nav [aria-current]')].map((link) => link.innerText),
        document.title.split(':')[0], document.activeElement === document.querySelector('main')]";
    browser.run(script, vec![]).await
}

#[tokio::test]
async fn views_have_addresses_and_the_back_button_comes_back() {
    let Some((server, browser)) = support::opened().await else { return };
    assert_eq!(shown(&browser).await, json!(["", ["Model"], "Model", false]));
    browser.view("data").await;
    assert_eq!(shown(&browser).await, json!(["#data", ["Data"], "Data", true]));
    assert_eq!((browser.count("#evaluate").await, browser.count("#model").await), (1, 0));
    browser.view("try").await;
    browser.client().back().await.unwrap();
    browser.find("#evaluate").await;
    assert_eq!(shown(&browser).await, json!(["#data", ["Data"], "Data", true]));
    browser.client().refresh().await.unwrap();
    browser.find("#evaluate").await;
    browser.client().back().await.unwrap();
    browser.find("#model").await;

    // Links are reached and followed from the keyboard.
    browser.run("document.querySelector('#view-shrink').focus()", vec![]).await;
    browser.client().active_element().await.unwrap().send_keys(&char::from(Key::Enter).to_string()).await.unwrap();
    browser.find("#shrink").await;
    assert_eq!(shown(&browser).await, json!(["#shrink", ["Shrink"], "Shrink", true]));
    browser.close_clean(server.origin()).await;
}
