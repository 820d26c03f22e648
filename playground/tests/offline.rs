//! The page as something that stays: a copy of it without a network, another version of it when the user wants that, an app.

mod support;

use serde_json::{Value, json};
use support::browser::Browser;
use support::server::Server;

/// Waits until the browser keeps a whole copy of the page.
async fn kept(browser: &Browser) {
    let kept = "navigator.serviceWorker.ready.then(() => arguments[0](true))";
    assert_eq!(browser.client().execute_async(kept, vec![]).await.unwrap(), json!(true));
}

#[tokio::test]
async fn the_page_works_without_a_network_after_its_first_visit() {
    let Some((server, browser)) = support::opened().await else { return };
    kept(&browser).await;
    let page = server.page();
    server.stop().await;
    browser.client().goto(&page).await.unwrap();
    browser.wait_for_text("#status", "ready").await;
    for model in ["#zoo-0", "#zoo-1"] {
        browser.view("model").await;
        browser.click(model).await;
        browser.click("#kernels-relaxed-simd").await;
        browser.wait_for_text("#status", "ready").await;
        browser.view("data").await;
        browser.click("#evaluate-start").await;
        browser.wait_for_text("#evaluate-status", "done: 450 samples").await;
    }
    // What was not loaded on that visit is there too.
    browser.view("shrink").await;
    browser.wait_for_text("#split", "judge it").await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-status", "made int8").await;
    browser.close().await;
}

#[tokio::test]
async fn another_version_is_told_and_taken_when_the_user_wants_it() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let browser = Browser::open(&server.page()).await;
    browser.wait_for_text("#status", "ready").await;
    kept(&browser).await;
    browser.client().refresh().await.unwrap();
    browser.wait_for_text("#status", "ready").await;
    assert_eq!(browser.count("#update-now").await, 0, "there is no other version yet");

    let index = std::fs::read_to_string(page.join("index.html")).unwrap();
    let index = index.replace("<title>", "<title data-version=\"2\">").into_bytes();
    // A static server gives the same for the folder.
    for file in ["", "index.html"] {
        server.replace(file, index.clone());
    }
    let version = std::fs::read_to_string(page.join("version.js")).unwrap();
    server.replace("version.js", version.replacen(r#""version":""#, r#""version":"2"#, 1).into_bytes());
    browser.client().refresh().await.unwrap();
    browser.wait_for_text("#notices", "A new version of this page is ready").await;
    assert_eq!(browser.count("title[data-version]").await, 0, "no page mixes two versions");
    browser.click("#update-now").await;
    browser.find("title[data-version='2']").await;
    browser.wait_for_text("#status", "ready").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn the_page_can_be_installed() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let browser = Browser::open(&server.page()).await;
    browser.wait_for_text("#status", "ready").await;
    let manifest = browser.devtools("Page.getAppManifest", json!({})).await;
    assert_eq!(manifest["errors"], json!([]), "{manifest}");
    let parsed: Value = serde_json::from_str(manifest["data"].as_str().expect("a manifest")).unwrap();
    for icon in parsed["icons"].as_array().expect("icons") {
        let file = page.join(icon["src"].as_str().unwrap());
        assert!(file.is_file(), "{} is not in the page", file.display());
    }
    let errors = browser.devtools("Page.getInstallabilityErrors", json!({})).await;
    let errors = errors["installabilityErrors"].as_array().expect("a list").clone();
    // A fresh profile without a window is no place to install anything; what is about the page itself must be right.
    let own = errors
        .iter()
        .filter(|error| error["errorId"].as_str().is_some_and(|id| id.contains("manifest") || id.contains("icon")));
    assert_eq!(own.count(), 0, "{errors:?}");
    browser.close_clean(server.origin()).await;
}
