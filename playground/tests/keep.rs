//! Work that survives a reload, is deleted for good, and is passed on as a link.

mod support;

use mote_models::data::npz;
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};
use support::browser::Browser;
use support::{TempDir, zoo};

/// What the browser keeps of this page: keys, and how many bytes each has.
async fn pieces(browser: &Browser) -> Value {
    let script = "const done = arguments[0];
        const open = indexedDB.open('mote ' + location.pathname);
        open.onsuccess = () => {
            const store = open.result.transaction('pieces').objectStore('pieces');
            const [keys, values] = [store.getAllKeys(), store.getAll()];
            store.transaction.oncomplete = () => {
                open.result.close();
                done(Object.fromEntries(keys.result.map((key, at) => [key, values.result[at].length])));
            };
        };";
    browser.client().execute_async(script, vec![]).await.unwrap()
}

/// Waits until something is kept that fits.
async fn kept(browser: &Browser, fits: impl Fn(&Value) -> bool) {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(120);
    loop {
        let pieces = pieces(browser).await;
        if fits(&pieces) {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "the browser only keeps {pieces}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn files_and_variants_survive_a_reload_and_can_be_deleted() {
    let Some((server, browser)) = support::opened().await else { return };
    let folder = TempDir::new();
    browser.choose("#model-file", &zoo("digits/digits_float.tflite")).await;
    browser.wait_for_text("#status", "digits_float.tflite: ready").await;
    browser.view("data").await;
    let set = DIGITS.test_set().unwrap();
    let samples = npz::write([("x", &set.x)]).unwrap();
    browser.choose("#data-file", &folder.file("mine.npz", &samples)).await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "of 450 samples make the variant").await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-status", "made int8").await;
    let table = browser.text("#variants tbody").await;
    kept(&browser, |pieces| {
        let sizes = (pieces["model"].as_u64(), pieces["data"].as_u64());
        let variants = pieces.as_object().unwrap().keys().filter(|key| key.starts_with("variant ")).count();
        sizes == (Some(DIGITS.float.len() as u64), Some(samples.len() as u64)) && variants == 1
    })
    .await;

    browser.client().refresh().await.unwrap();
    browser.wait_for_text("#status", "digits_float.tflite: ready").await;
    browser.wait_for_text("#split", "of 450 samples make the variant").await;
    assert_eq!(browser.text("#variants tbody").await, table);
    let downloads = TempDir::new();
    browser.download_to(downloads.path()).await;
    browser.click("#variants tbody tr:nth-child(2) [data-file=tflite]").await;
    let file = support::arrived(&downloads.path().join("digits-float-int8.tflite")).await;
    assert_eq!(file.get(4..8), Some(&b"TFL3"[..]), "the variant's own bytes");

    browser.click("#delete-kept").await;
    browser.click("#delete-kept-now").await;
    browser.wait_for_text("#status", "Digits, int8: ready").await;
    kept(&browser, |pieces| pieces.as_object().unwrap().keys().all(|key| key == "work")).await;
    browser.client().refresh().await.unwrap();
    browser.wait_for_text("#status", "Digits, int8: ready").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn an_experiment_on_the_zoo_is_passed_on_as_a_link() {
    let Some((server, browser)) = support::opened().await else { return };
    browser.click("#zoo-1").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "judge it").await;
    browser.click("#prune-weights").await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-status", "made int8, 50 % zeros").await;
    browser.click("#copy-link").await;
    browser.wait_for_text("#link-status", "The link is in").await;
    let link = browser.run("return location.href", vec![]).await;
    let link = link.as_str().unwrap().to_owned();
    let size = browser.text("#variants tbody tr:nth-child(2) td:nth-child(3)").await;
    kept(&browser, |pieces| pieces.as_object().unwrap().len() > 1).await;
    let before = pieces(&browser).await;

    // Somebody else, whose browser keeps nothing.
    let other = Browser::open(&link).await;
    other.wait_for_text("#shrink-status", "made int8, 50 % zeros").await;
    assert_eq!(other.text("#variants tbody tr:nth-child(2) td:nth-child(3)").await, size);
    assert_eq!(other.run("return document.querySelector('#prune-weights').checked", vec![]).await, json!(true));
    other.wait_for_text("#keeping", "This experiment came by a link").await;
    assert_eq!(pieces(&other).await, json!({}), "a visitor's own work stays as it is");
    other.click("#keep-this").await;
    kept(&other, |pieces| pieces.as_object().unwrap().len() > 1).await;
    other.close_clean(server.origin()).await;

    // A file of the user's is not passed on.
    browser.view("model").await;
    browser.choose("#model-file", &zoo("digits/digits_int8.tflite")).await;
    browser.wait_for_text("#link-status", "not files of yours").await;
    assert_ne!(before, json!({}));
    browser.close_clean(server.origin()).await;
}
