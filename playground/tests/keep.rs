//! Work that survives a reload, is deleted for good, and is passed on as a link.

mod support;

use mote_models::data::npz;
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};
use support::browser::Browser;
use support::{TempDir, zoo};

/// What the browser keeps of this page: texts as they are, of each file how many bytes it has.
async fn pieces(browser: &Browser) -> Value {
    let script = "const done = arguments[0];
        const open = indexedDB.open('mote ' + location.pathname);
        open.onsuccess = () => {
            const store = open.result.transaction('pieces').objectStore('pieces');
            const [keys, values] = [store.getAllKeys(), store.getAll()];
            store.transaction.oncomplete = () => {
                open.result.close();
                const shown = (value) => typeof value === 'string' ? value : value.length;
                done(Object.fromEntries(keys.result.map((key, at) => [key, shown(values.result[at])])));
            };
        };";
    browser.client().execute_async(script, vec![]).await.unwrap()
}

/// How many files there are among them.
fn files(pieces: &Value) -> usize {
    let is_file = |key: &&String| ["model", "data"].contains(&key.as_str()) || key.starts_with("variant ");
    pieces.as_object().unwrap().keys().filter(is_file).count()
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
    kept(&browser, |pieces| pieces.get("sources").is_some() && files(pieces) == 0).await;
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
    kept(&browser, |pieces| files(pieces) > 0).await;
    let before = pieces(&browser).await;

    // Somebody else, whose browser keeps nothing.
    let other = Browser::open(&link).await;
    other.wait_for_text("#shrink-status", "made int8, 50 % zeros").await;
    assert_eq!(other.text("#variants tbody tr:nth-child(2) td:nth-child(3)").await, size);
    assert_eq!(other.run("return document.querySelector('#prune-weights').checked", vec![]).await, json!(true));
    other.wait_for_text("#keeping", "This experiment came by a link").await;
    assert_eq!(pieces(&other).await, json!({}), "a visitor's own work stays as it is");
    other.click("#keep-this").await;
    kept(&other, |pieces| files(pieces) > 0).await;
    other.close_clean(server.origin()).await;

    // A file of the user's is not passed on.
    browser.view("model").await;
    browser.choose("#model-file", &zoo("digits/digits_int8.tflite")).await;
    browser.wait_for_text("#link-status", "not files of yours").await;
    assert_ne!(before, json!({}));
    browser.close_clean(server.origin()).await;
}

/// The zoo's float model, a draft of it, all of it shown over its multiply-accumulates, and a search.
async fn searched(browser: &Browser) {
    browser.view("model").await;
    browser.click("#zoo-1").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "judge it").await;
    browser.click("#prune-weights").await;
    browser.wait_for_text("#shrink-status", "made int8, 50 % zeros").await;
    browser.click("#axis-macs").await;
    browser.slide("#search-trials", 5).await;
    browser.click("#search-start").await;
    browser.wait_for_text("#search-status", "done: 5 of 5 models tried").await;
}

#[tokio::test]
async fn the_draft_and_the_search_survive_a_reload_and_a_link_makes_them_again() {
    let Some((server, browser)) = support::opened().await else { return };
    searched(&browser).await;
    let front = browser.text("#search-front tbody").await;
    let ended = |pieces: &Value| pieces["search"].as_str().is_some_and(|text| text.contains("\"work\":\"Ended\""));
    kept(&browser, |pieces| files(pieces) == 1 && ended(pieces)).await;

    browser.client().refresh().await.unwrap();
    browser.wait_for_text("#status", "float: ready").await;
    browser.wait_for_text("#shrink-status", "made int8, 50 % zeros").await;
    assert_eq!(browser.text("#search-front tbody").await, front);
    browser.wait_for_text("#search-status", "done: 5 of 5 models tried").await;
    assert_eq!(browser.run("return document.querySelector('#axis-macs').checked", vec![]).await, json!(true));

    browser.click("#copy-link").await;
    browser.wait_for_text("#link-status", "The link is in").await;
    let link = browser.run("return location.href", vec![]).await;
    let other = Browser::open(link.as_str().unwrap()).await;
    other.wait_for_text("#search-status", "done: 5 of 5 models tried").await;
    assert_eq!(other.text("#search-front tbody").await, front, "the same search finds the same");
    other.wait_for_text("#shrink-status", "made int8, 50 % zeros").await;
    other.close_clean(server.origin()).await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_tab_does_not_overwrite_what_another_has_kept() {
    let Some((server, browser)) = support::opened().await else { return };
    let client = browser.client();
    let first = client.window().await.unwrap();
    let second = client.new_window(true).await.unwrap().handle;
    kept(&browser, |pieces| pieces.get("sources").is_some()).await;
    client.switch_to_window(second.clone()).await.unwrap();
    client.goto(&server.page()).await.unwrap();
    browser.wait_for_text("#status", "ready").await;
    browser.click("#zoo-1").await;
    browser.wait_for_text("#status", "float: ready").await;
    browser.view("shrink").await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-status", "made int8").await;
    kept(&browser, |pieces| files(pieces) == 1).await;
    let theirs = pieces(&browser).await;

    client.switch_to_window(first).await.unwrap();
    assert_eq!(browser.count("#outrun").await, 0, "nothing was done here since");
    browser.click("#kernels-reference").await;
    browser.wait_for_text("#outrun", "Another tab of this page has kept its work").await;
    browser.wait_for_text("#keeping", "is not kept").await;
    assert_eq!(pieces(&browser).await, theirs);
    browser.click("#keep-this-tab").await;
    kept(&browser, |pieces| files(pieces) == 0 && pieces["sources"] != theirs["sources"]).await;
    assert_eq!(browser.count("#outrun").await, 0);

    client.switch_to_window(second).await.unwrap();
    browser.click("#prune-weights").await;
    browser.wait_for_text("#outrun", "Another tab of this page has kept its work").await;
    browser.close_clean(server.origin()).await;
}

/// Writes work as the page's first version did, in place of all that is kept.
const OLD_WORK: &str = "const done = arguments[1];
    const open = indexedDB.open('mote ' + location.pathname);
    open.onsuccess = () => {
        const store = open.result.transaction('pieces', 'readwrite').objectStore('pieces');
        store.clear();
        store.put(arguments[0], 'work');
        store.transaction.oncomplete = () => { open.result.close(); done(); };
    };";

#[tokio::test]
async fn work_of_an_older_version_is_told_and_what_can_be_read_is_there() {
    let Some((server, browser)) = support::opened().await else { return };
    kept(&browser, |pieces| pieces.get("sources").is_some()).await;
    let old = json!({
        "version": 1, "learn": { "open": false, "lesson": 3, "term": null, "found": {}, "again": {}, "fast_millis": null },
        "wanted": "automatic", "source": { "name": "Digits, float", "zoo": 1 }, "data": "Zoo",
        "choices": { "scheme": "int8" }, "original": null, "variants": [], "last_job": 8,
    });
    browser.client().execute_async(OLD_WORK, vec![json!(old.to_string())]).await.unwrap();
    browser.client().refresh().await.unwrap();
    browser.wait_for_text("#status", "Digits, float: ready").await;
    browser.wait_for_text("#unread", "the variants and their settings").await;
    kept(&browser, |pieces| pieces.get("work").is_none() && pieces.get("version").is_some()).await;
    browser.client().refresh().await.unwrap();
    browser.wait_for_text("#status", "Digits, float: ready").await;
    assert_eq!(browser.count("#unread").await, 0, "told once");
    browser.client().goto(&format!("{}#shrink?experiment=%7B", server.page())).await.unwrap();
    browser.wait_for_text("#broken-link", "cannot be opened").await;
    browser.close_clean(server.origin()).await;
}
