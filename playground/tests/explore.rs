//! Everything that was tried, on the page as its user sees it: a search that grows a front, the scatter by pointer and keyboard,
//! recipes that come back.

mod support;

use fantoccini::key::Key;
use mote_models::judge::TestSet;
use mote_models::progress::Silent;
use mote_models::recipe::sha256;
use mote_models::run::Native;
use mote_models::search::{Outcome, Search};
use mote_models::zoo::DIGITS;
use mote_playground::search::Wishes;
use serde_json::json;
use support::TempDir;
use support::browser::Browser;
use support::server::Server;

/// Few models, so that a test is short.
const TRIALS: usize = 5;

/// The page at its variants, the zoo's float model and its samples being ready; none where there is no page to test.
async fn opened() -> Option<(Server, Browser)> {
    let (server, browser) = support::opened().await?;
    browser.click("#zoo-1").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "judge it").await;
    Some((server, browser))
}

/// The same search in this process.
fn searched() -> Outcome {
    let set: TestSet = DIGITS.test_set().unwrap().try_into().unwrap();
    let options = Wishes { trials: TRIALS, ..Wishes::default() }.options(&support::digits_split());
    Search::new(DIGITS.float, &set, options).unwrap().run(&Native, &Silent).unwrap()
}

async fn press(browser: &Browser, key: Key) {
    let drawing = browser.find("#scatter").await;
    browser.run("arguments[0].focus()", vec![serde_json::to_value(&drawing).unwrap()]).await;
    browser.client().active_element().await.unwrap().send_keys(&char::from(key).to_string()).await.unwrap();
}

#[tokio::test]
async fn a_search_grows_its_front_and_a_trials_recipe_makes_the_trials_bytes() {
    let Some((server, browser)) = opened().await else { return };
    let downloads = TempDir::new();
    browser.download_to(downloads.path()).await;
    browser.slide("#search-trials", TRIALS).await;
    browser.click("#search-start").await;
    browser.wait_for_text("#search-status", &format!("done: {TRIALS} of {TRIALS} models tried")).await;
    let outcome = searched();
    let winner = outcome.winner.expect("int8 loses less than a point here");
    assert_eq!(browser.count("#search-front tbody tr").await, outcome.front.len() as u64);
    let verdict = browser.text("#search-verdict").await;
    assert!(verdict.contains(&outcome.trials[winner].choices.to_string()), "{verdict}");
    let judged = outcome.parts.last().unwrap();
    let judged = format!("{:.1} %", judged.chosen.headline().value * 100.0);
    assert!(verdict.contains(&judged), "on the samples that had no say: {verdict}");
    assert_eq!(browser.count("#scatter [role=option]").await, TRIALS as u64 + 2, "the original and the draft, too");
    let label = "return document.querySelector('#tried-draft').getAttribute('aria-label')";
    let draft = browser.run(label, vec![]).await;
    assert!(draft.as_str().unwrap().starts_with("int8: "), "{draft}");

    // From left to right by keyboard, to the winner, whose recipe Enter brings back.
    browser.click("#axis-gzip").await;
    let name = outcome.trials[winner].choices.to_string();
    press(&browser, Key::Home).await;
    for _ in 0..=TRIALS {
        if browser.text("#explore-at").await.starts_with(&format!("{name}: ")) {
            break;
        }
        press(&browser, Key::Right).await;
    }
    let at = browser.text("#explore-at").await;
    assert!(at.starts_with(&format!("{name}: ")) && at.contains("on the front"), "{at}");
    let active = "const drawing = document.querySelector('#scatter');
        return document.getElementById(drawing.getAttribute('aria-activedescendant')).getAttribute('aria-label')";
    assert_eq!(browser.run(active, vec![]).await, json!(at), "a screen reader hears what is shown");
    press(&browser, Key::Enter).await;
    // The controls say what the trial was, and the draft, which has its mark, is made of that.
    browser.wait_for_text("#draft-title", "samples of a recipe").await;
    browser.wait_for_text("#shrink-status", &browser.text("#draft-title").await).await;
    browser.wait_for_text("#explore .legend", "what the controls say").await;
    assert_eq!(browser.count("#variants tbody tr").await, 1, "nothing is kept by itself");
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-keep", "Kept").await;
    browser.click("#variants tbody tr:nth-child(2) [data-file=tflite]").await;
    let file = downloaded(&downloads).await;
    assert_eq!(Some(sha256(&file)), outcome.trials[winner].measured.as_ref().map(|measured| measured.sha256.clone()));

    // What was made is a point, too, and the only ones with a latency are the original and it.
    browser.wait_for_text("#explore .legend", "a variant that was kept").await;
    assert_eq!(browser.count("#tried-draft").await, 0, "it is kept");
    assert_eq!(browser.count("#scatter [role=option]").await, TRIALS as u64 + 2);
    browser.click("#axis-latency").await;
    assert_eq!(browser.count("#scatter [role=option]").await, 2);
    assert_eq!(browser.count("#explore-table tbody tr").await, 2);
    browser.close_clean(server.origin()).await;
}

/// Makes the variant that is chosen.
async fn made(browser: &Browser) {
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-status", "made").await;
}

/// The one file of a folder.
async fn downloaded(folder: &TempDir) -> Vec<u8> {
    let deadline = tokio::time::Instant::now() + support::browser::PATIENCE;
    loop {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        if let Some(file) = files.into_iter().find(|file| file.extension().is_some_and(|it| it == "tflite")) {
            return support::arrived(&file).await;
        }
        assert!(tokio::time::Instant::now() < deadline, "no file came");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_search_that_is_stopped_keeps_what_it_found_and_goes_on() {
    let Some((server, browser)) = opened().await else { return };
    browser.slide("#search-trials", 100).await;
    browser.click("#search-start").await;
    browser.wait_for_text("#search-status", "2 of 100 models tried").await;
    browser.click("#search-stop").await;
    browser.wait_for_text("#search-status", "stopped:").await;
    let kept = browser.count("#scatter [role=option]").await;
    assert!(kept >= 2, "{kept}");
    // Other work has the worker at once.
    made(&browser).await;
    assert_eq!(browser.text("#search-start").await, "Go on");
    browser.slide("#search-trials", TRIALS).await;
    browser.click("#search-start").await;
    browser.wait_for_text("#search-status", &format!("of {TRIALS} models tried")).await;
    browser.wait_for_text("#search-status", "done:").await;
    assert!(browser.count("#scatter [role=option]").await > kept);
    browser.close_clean(server.origin()).await;
}
