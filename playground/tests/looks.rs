//! Screenshots of the page's main views, light, dark and narrow, for people to look at: written to the folder that
//! `MOTE_SCREENSHOTS` names; without it there is nothing to do.

mod support;

use std::path::{Path, PathBuf};

use serde_json::json;
use support::browser::Browser;
use support::pad::{draw, mouse};
use support::server::Server;

/// Name, width in CSS pixels, colour scheme.
const LOOKS: [(&str, u32, &str); 4] =
    [("light", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 360, "light"), ("narrow-dark", 360, "dark")];

async fn shoot(browser: &Browser, folder: &Path, view: &str) {
    for (look, width, scheme) in LOOKS {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.devtools("Emulation.setEmulatedMedia", media).await;
        let mut size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", size.clone()).await;
        let height = browser.run("return document.documentElement.scrollHeight", vec![]).await;
        size["height"] = height;
        browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let sideways = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
        let sideways = browser.run(sideways, vec![]).await;
        assert_eq!(sideways, 0, "{view}, {look}: the page itself does not scroll sideways");
        std::fs::write(folder.join(format!("{view}-{look}.png")), browser.client().screenshot().await.unwrap())
            .unwrap();
    }
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
}

/// What fits on a screen from this element on, for the README.
async fn shoot_screen(browser: &Browser, folder: &Path, name: &str, from: &str) {
    let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": "light" }] });
    browser.devtools("Emulation.setEmulatedMedia", media).await;
    let size = json!({ "width": 1440, "height": 960, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
    browser.run("document.querySelector(arguments[0]).scrollIntoView()", vec![json!(from)]).await;
    std::fs::write(folder.join(format!("screen-{name}.png")), browser.client().screenshot().await.unwrap()).unwrap();
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
}

#[tokio::test]
async fn every_view_fits_light_dark_and_narrow() {
    let Some(folder) = std::env::var_os("MOTE_SCREENSHOTS").map(PathBuf::from) else {
        println!("skipped: MOTE_SCREENSHOTS does not name a folder");
        return;
    };
    let Some(page) = support::page_dir() else { return };
    std::fs::create_dir_all(&folder).unwrap();
    let server = Server::start(&page).await;
    let browser = Browser::open(&server.page()).await;
    browser.wait_for_text("#status", "ready").await;
    for view in ["model", "data", "try"] {
        browser.view(view).await;
        shoot(&browser, &folder, view).await;
    }
    browser.view("data").await;
    browser.choose("#data-file", &support::zoo("digits/digits_test.npz")).await;
    browser.wait_for_text("#data-status", "450 samples").await;
    shoot(&browser, &folder, "samples").await;
    browser.click("#data-zoo").await;
    browser.view("shrink").await;
    browser.click("#shrink-float").await;
    browser.wait_for_text("#split", "judge it").await;
    for (control, name) in [
        ("#scheme-int8", "made int8"),
        ("#prune-weights", "made int8, 50 % zeros"),
        ("#prune-channels", "made int8, 50 % zeros, 30 % of MACs gone"),
        ("#scheme-16x8", "made 16x8, 50 % zeros, 30 % of MACs gone"),
    ] {
        browser.click(control).await;
        browser.wait_for_text("#shrink-status", name).await;
        browser.click("#shrink-keep").await;
    }
    shoot(&browser, &folder, "shrink").await;
    shoot_screen(&browser, &folder, "shrink", "#variants").await;
    browser.click("#learn-toggle").await;
    shoot(&browser, &folder, "learn").await;
    shoot_screen(&browser, &folder, "learn", "body").await;
    browser.click("#learn-close").await;
    browser.view("try").await;
    let three = [
        (0.35, 0.2),
        (0.5, 0.12),
        (0.66, 0.24),
        (0.6, 0.4),
        (0.45, 0.46),
        (0.64, 0.56),
        (0.68, 0.74),
        (0.5, 0.86),
        (0.33, 0.78),
    ];
    draw(&browser, mouse(), &[&three]).await;
    browser.wait_for_text("#answers-said", "say").await;
    shoot_screen(&browser, &folder, "try", "body").await;
    browser.view("shrink").await;
    for more in ["#layer-choices", "#more-settings", "#class-changes"] {
        browser.click(&format!("{more} summary")).await;
    }
    browser.click("#search-start").await;
    browser.wait_for_text("#search-status", "done:").await;
    browser.click("#explore-table summary").await;
    shoot(&browser, &folder, "compare").await;
    browser.view("understand").await;
    browser.click("#understand-all").await;
    browser.wait_for_text("#strips", "of").await;
    browser.wait_for_text("#gallery-summary", "changed").await;
    browser.find("#layers-table tbody .layer-name").await;
    browser.click("#layers-table tbody .layer-name").await;
    shoot(&browser, &folder, "understand").await;
    browser.view("benchmark").await;
    browser.click("#benchmark-start").await;
    browser.wait_for_text("#benchmark-status", "done:").await;
    shoot(&browser, &folder, "benchmark").await;
    browser.close_clean(server.origin()).await;
}
