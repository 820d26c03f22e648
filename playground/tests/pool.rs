//! An evaluation that several workers share: its result, and what becomes of it when one of them dies.

mod support;

use mote_models::data::{Array, npz};
use mote_models::zoo::DIGITS;
use support::browser::Browser;
use support::server::Server;
use support::{TempDir, workers};

/// Copies of the zoo's samples: with the reference kernels they keep several workers busy.
const COPIES: usize = 20;

/// The zoo's samples again and again, every copy with other labels; an archive.
fn samples() -> Vec<u8> {
    let set = DIGITS.test_set().unwrap();
    let count = set.y.len();
    let values: Vec<f32> = (0..set.x.elements().len()).map(|i| set.x.elements().real(i).unwrap() as f32).collect();
    let x = Array::new([COPIES * count, 8, 8, 1], values.repeat(COPIES)).unwrap();
    let labels = (0..COPIES * count).map(|sample| ((set.y[sample % count] + sample / count / 5) % 10) as u8);
    npz::write([("x", &x), ("y", &Array::vector(labels.collect::<Vec<_>>()))]).unwrap()
}

/// Starts the evaluation in a browser of so many cores.
async fn evaluating(server: &Server, cores: u32, folder: &TempDir) -> Browser {
    let browser = workers::open(&server.page(), cores).await;
    browser.wait_for_text("#status", "ready").await;
    browser.click("#kernels-reference").await;
    browser.wait_for_text("#status", "ready").await;
    browser.view("data").await;
    browser.choose("#data-file", &folder.path().join("many.npz")).await;
    browser.wait_for_text("#data-name", "many.npz").await;
    assert_eq!(workers::started(&browser, "runner.js").await, 1, "no helper before there is something to do");
    browser.click("#evaluate-start").await;
    browser
}

/// What it found: everything but the times.
async fn found(browser: &Browser) -> [String; 3] {
    browser.wait_for_text("#evaluate-status", "done: 9000 samples").await;
    assert_eq!(workers::living(browser, "runner.js").await, 1, "the helpers go with their evaluation");
    [
        browser.text("#report .figure:nth-child(1)").await,
        browser.text("#report .figure:nth-child(2)").await,
        browser.text("#classes tbody").await,
    ]
}

#[tokio::test]
async fn the_result_is_the_same_with_one_worker_with_several_and_when_one_dies() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let folder = TempDir::new();
    folder.file("many.npz", &samples());

    let alone = evaluating(&server, 1, &folder).await;
    let expected = found(&alone).await;
    assert_eq!(workers::started(&alone, "runner.js").await, 1);
    alone.close_clean(server.origin()).await;

    let several = evaluating(&server, 4, &folder).await;
    several.wait_for_text("#evaluate-status", "workers").await;
    assert_eq!(found(&several).await, expected);
    let runners = workers::started(&several, "runner.js").await;
    assert!((2..=4).contains(&runners), "{runners} runners");
    several.close_clean(server.origin()).await;

    let bereft = evaluating(&server, 2, &folder).await;
    bereft.wait_for_text("#evaluate-status", "by 2 workers").await;
    workers::kill(&bereft, "runner.js", -1).await;
    bereft.wait_for_text("#notices", workers::KILLED).await;
    workers::kill(&bereft, "runner.js", 0).await;
    bereft.wait_for_text("#status", "ready").await;
    assert_eq!(found(&bereft).await, expected, "what they had at hand was done again");
    bereft.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_cancel_ends_all_that_share_an_evaluation() {
    let Some(page) = support::page_dir() else { return };
    let server = Server::start(&page).await;
    let folder = TempDir::new();
    folder.file("many.npz", &samples());
    let browser = evaluating(&server, 3, &folder).await;
    browser.wait_for_text("#evaluate-status", "workers").await;
    browser.click("#evaluate-cancel").await;
    browser.wait_for_text("#evaluate-status", "cancelled after").await;
    assert_eq!(workers::living(&browser, "runner.js").await, 1);
    // The own worker has stopped too: it has time for other work at once.
    browser.click("#data-zoo").await;
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", "done: 450 samples").await;
    browser.close_clean(server.origin()).await;
}
