//! The way to the first result, as the browser's own timeline has it: when each milestone was passed, and what was fetched by then.
//! With `--nocapture` it prints both. Nothing is judged by the clock: a test that fails on a busy machine says nothing.

mod support;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use mote_playground::trace::Milestone;
use serde_json::json;
use support::browser::Browser;
use support::server::Server;

/// Asks for the evaluation as soon as the page lets its user do so.
const IN_A_HURRY: &str = "addEventListener('DOMContentLoaded', function ask() {
    const start = document.querySelector('#evaluate-start:enabled');
    if (start) start.click(); else requestAnimationFrame(ask);
});";

/// Bytes as a host that compresses sends them.
fn gzipped(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

#[tokio::test]
async fn the_way_to_the_first_result_is_in_the_browsers_timeline() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    // The copy for when there is no network takes every file, which is nothing that the first result waits for.
    server.replace("sw.js", Vec::new());
    let browser = Browser::open("about:blank").await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": IN_A_HURRY })).await;
    browser.client().goto(&format!("{}#data", server.page())).await.unwrap();
    browser.wait_for_text("#evaluate-status", "done: 450 samples").await;

    let marks = "return performance.getEntriesByType('mark').map((mark) => [mark.name, mark.startTime])";
    let marks: Vec<(String, f64)> = serde_json::from_value(browser.run(marks, vec![]).await).unwrap();
    println!("milliseconds since the page was opened:");
    for (name, at) in &marks {
        println!("{at:9.0}  {name}");
    }
    let names: Vec<&str> = marks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, Milestone::ALL.map(Milestone::mark));
    assert!(marks.is_sorted_by_key(|&(_, at)| at), "{marks:?}");

    let root = url::Url::parse(&server.page()).unwrap();
    let mut fetched: Vec<String> = Vec::new();
    for asked in server.asked() {
        let name = asked.path.strip_prefix(root.path()).expect("all of it is the page's").to_owned();
        if !fetched.contains(&name) {
            fetched.push(name);
        }
    }
    let place = |start: &str| fetched.iter().position(|name| name.starts_with(start));
    assert!(place("sw.js").is_none_or(|copy| place("mote_runtime") < Some(copy)), "the copy waits: {fetched:?}");
    fetched.retain(|name| name != "sw.js");
    let (mut raw, mut gzip) = (0, 0);
    println!("fetched by then, bytes and bytes gzipped:");
    for name in &fetched {
        let file = if name.is_empty() { "index.html" } else { name };
        let bytes = std::fs::read(page.join(file)).unwrap();
        println!("{:9} {:9}  {file}", bytes.len(), gzipped(&bytes));
        (raw, gzip) = (raw + bytes.len(), gzip + gzipped(&bytes));
    }
    println!("{raw:9} {gzip:9}  in all");
    assert!(!fetched.iter().any(|name| name.contains("workshop")), "nothing was made yet: {fetched:?}");
    assert_eq!(fetched.iter().filter(|name| name.starts_with("mote_runtime")).count(), 1, "one guest: {fetched:?}");
    browser.close_clean(server.origin()).await;
}
