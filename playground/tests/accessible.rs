//! The page for those who do not see it, or do not use a mouse: no view has a violation that axe-core finds, light and dark, wide
//! and narrow; everything can be reached with the Tab key, is seen when it is, and holds nobody.

mod support;

use std::collections::BTreeSet;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::{Value, json};
use support::browser::Browser;
use support::server::Server;

/// The views' keys, as their links name them.
async fn views(browser: &Browser) -> Vec<String> {
    let keys = "return [...document.querySelectorAll('nav [id^=view-]')].map((link) => link.id.slice(5))";
    let keys: Vec<String> = serde_json::from_value(browser.run(keys, vec![]).await).unwrap();
    assert!(keys.len() > 3, "{keys:?}");
    keys
}

async fn go(browser: &Browser, view: &str) {
    browser.click(&format!("#view-{view}")).await;
    browser.find(&format!("#view-{view}[aria-current=page]")).await;
}

/// Presses a key, wherever the focus is.
async fn press(browser: &Browser, key: Key) {
    let value = char::from(key);
    let keys = KeyActions::new("keys".into()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
    browser.client().perform_actions(keys).await.unwrap();
}

/// Rules of WCAG 2.2 A and AA, and good practice.
const CHECK: &str = "const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(
        ({ violations, passes }) => done({
            passes: passes.length,
            violations: violations.map(({ id, help, nodes }) =>
                ({ id, help, nodes: nodes.map((node) => `${node.target}: ${node.failureSummary}`) })),
        }),
        (error) => done({ passes: 0, violations: [String(error)] }));";

/// What axe-core finds in the page as it is.
async fn violations(browser: &Browser, axe: &str) -> Vec<Value> {
    browser.run(&format!("if (!window.axe) {{ {axe} }}"), vec![]).await;
    let found = browser.client().execute_async(CHECK, vec![]).await.unwrap();
    assert!(found["passes"].as_u64() > Some(5), "it looks at the page: {found}");
    found["violations"].as_array().unwrap().clone()
}

#[tokio::test]
async fn no_view_has_a_violation_light_or_dark_wide_or_narrow() {
    let Some(page) = support::page_dir() else { return };
    let Some(axe) = std::env::var_os("MOTE_AXE") else {
        println!("skipped: MOTE_AXE does not name axe-core's script (cargo xtask setup installs it, with npm)");
        return;
    };
    let axe = std::fs::read_to_string(axe).unwrap();
    let server = Server::start(&page).await;
    let browser = Browser::open(&server.page()).await;
    browser.wait_for_text("#status", "ready").await;
    browser.click("#learn-toggle").await;
    browser.find("#learn").await;
    let mut bad = Vec::new();
    for view in views(&browser).await {
        go(&browser, &view).await;
        for scheme in ["light", "dark"] {
            let media = json!({ "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                // What moves to its colour has none to measure yet.
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ] });
            browser.devtools("Emulation.setEmulatedMedia", media).await;
            for width in [1280, 360] {
                let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
                browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
                let found = violations(&browser, &axe).await;
                bad.extend(found.iter().map(|found| format!("{view}, {scheme}, {width} pixels: {found:#}")));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    browser.close_clean(server.origin()).await;
}

/// Elements that Tab should reach, by names that a person can find them by. Of radio buttons of one group it reaches one.
const REACHABLE: &str = "
    const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"]');
    const seen = (element) => element.checkVisibility({ visibilityProperty: true });
    const groups = new Set();
    const first = (element) => {
        if (element.type !== 'radio') return true;
        const fresh = !groups.has(element.name);
        groups.add(element.name);
        return fresh;
    };
    return [...all].filter((e) => !e.disabled && seen(e)).filter(first).map(name);";

/// Where the focus is and whether that can be seen: by an outline of the element, of what stands behind it, or around it; of a part of
/// a drawing by a thick stroke.
const FOCUS: &str = "
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const outlined = (e) => e && getComputedStyle(e).outlineStyle !== 'none' && parseFloat(getComputedStyle(e).outlineWidth) >= 2;
    const around = [element, element.nextElementSibling, element.parentElement, element.closest('label, .field')];
    const shape = element instanceof SVGElement && element.querySelector('rect');
    const stroked = shape && parseFloat(getComputedStyle(shape).strokeWidth) >= 3;
    return { name: name(element), visible: around.some(outlined) || Boolean(stroked) };";

const NAME: &str = "const name = (e) => e.type === 'radio'
    ? `radio ${e.name}`
    : `${e.tagName.toLowerCase()}#${e.id} ${e.getAttribute('aria-label') ?? e.textContent.trim().slice(0, 40)}`;";

#[tokio::test]
async fn everything_is_reached_by_the_tab_key_seen_and_left_again() {
    let Some((server, browser)) = support::opened().await else { return };
    browser.click("#learn-toggle").await;
    browser.find("#learn").await;
    for view in views(&browser).await {
        go(&browser, &view).await;
        browser.run("document.activeElement.blur(); getSelection().removeAllRanges()", vec![]).await;
        let wanted = browser.run(&format!("{NAME} {REACHABLE}"), vec![]).await;
        let wanted: BTreeSet<String> = serde_json::from_value(wanted).unwrap();
        let mut reached: Vec<String> = Vec::new();
        // Twice round, so that a trap anywhere shows.
        for _ in 0..2 * wanted.len() + 20 {
            press(&browser, Key::Tab).await;
            let focus = browser.run(&format!("{NAME} {FOCUS}"), vec![]).await;
            // Between the last and the first it is on the page itself.
            let Some(name) = focus["name"].as_str() else { continue };
            assert_eq!(focus["visible"], json!(true), "{view}: the focus on {name} is not seen");
            reached.push(name.to_owned());
        }
        let first = &reached[0];
        assert!(reached[1..].contains(first), "{view}: the focus comes round to {first}: {reached:#?}");
        let reached: BTreeSet<String> = reached.into_iter().collect();
        let missed: Vec<_> = wanted.difference(&reached).collect();
        assert!(missed.is_empty(), "{view}: Tab never reaches {missed:#?}");
    }
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn the_glossary_opens_from_the_keyboard_closes_at_escape_and_gives_the_focus_back() {
    let Some((server, browser)) = support::opened().await else { return };
    browser.click("#learn-toggle").await;
    let term = browser.find("#lesson [data-term=tinyml]").await;
    browser.run("arguments[0].focus()", vec![serde_json::to_value(&term).unwrap()]).await;
    let focus =
        async || browser.run("return document.activeElement.dataset.term ?? document.activeElement.id", vec![]).await;
    press(&browser, Key::Enter).await;
    browser.wait_for_text("#term:popover-open #term-name", "TinyML").await;
    browser.wait_for_text("#term-about", "kilobytes").await;
    assert_eq!(focus().await, json!("term-close"), "the card has the focus");
    press(&browser, Key::Escape).await;
    assert_eq!(browser.count("#term:popover-open").await, 0);
    assert_eq!(focus().await, json!("tinyml"), "the word has it again");
    browser.close_clean(server.origin()).await;
}
