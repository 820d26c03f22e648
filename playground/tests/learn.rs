//! The guided path, walked from its start to its end as a student would: read, let the page show where, do it with the page's own
//! tools, see that it counts.

mod support;

use serde_json::json;
use support::browser::Browser;
use support::pad::{draw, mouse, ring};
use support::server::Server;

/// A page whose drawer is open.
async fn opened() -> Option<(Server, Browser)> {
    let (server, browser) = support::opened().await?;
    browser.click("#learn-toggle").await;
    browser.find("#lesson").await;
    Some((server, browser))
}

/// Lets the page show where a task is done: its view comes, and its control is marked and has the focus, where it can have it.
async fn show(browser: &Browser, task: &str, control: &str) {
    browser.click(&format!("#show-{task}")).await;
    browser.find(&format!("#{control}[data-spot]")).await;
    let focus = "const control = document.querySelector('[data-spot]');
        const { top, bottom } = control.getBoundingClientRect();
        return [control.disabled === true || document.activeElement === control, bottom > 0 && top < innerHeight];";
    assert_eq!(
        browser.run(focus, vec![]).await,
        json!([true, true]),
        "{task}: {control} has the focus and is in sight"
    );
}

/// What the drawer says of a task, once it counts as done.
async fn done(browser: &Browser, task: &str) -> String {
    browser.find(&format!("#task-{task}.task-done")).await;
    let found = browser.text(&format!("#task-{task} .task-found")).await;
    println!("{task}: {found}");
    found
}

async fn next(browser: &Browser, title: &str) {
    browser.click("#lesson-next").await;
    browser.wait_for_text("#lesson-title", title).await;
}

/// Makes the variant that is chosen, where it does not come by itself.
async fn make(browser: &Browser) {
    browser.find("#shrink-keep:enabled").await;
    browser.click("#shrink-keep").await;
}

/// The numbers of a text.
fn numbers(text: &str) -> Vec<u64> {
    let digits = text.split(|c: char| !c.is_ascii_digit() && c != ',');
    digits.filter_map(|number| number.trim_matches(',').replace(',', "").parse().ok()).collect()
}

#[tokio::test]
async fn the_whole_path_can_be_walked_by_doing_what_it_says() {
    let Some((server, browser)) = opened().await else { return };
    let folder = support::TempDir::new();
    browser.download_to(folder.path()).await;
    browser.wait_for_text("#lesson-title", "Why TinyML").await;
    show(&browser, "drawn", "pad").await;
    draw(&browser, mouse(), &[&ring()]).await;
    let said = done(&browser, "drawn").await;
    let file = std::fs::metadata(support::zoo("digits/digits_int8.tflite")).unwrap().len();
    assert!(said.starts_with("The model says 0") && numbers(&said).contains(&file), "{said}");
    show(&browser, "evaluated", "evaluate-start").await;
    browser.click("#evaluate-start").await;
    assert!(numbers(&done(&browser, "evaluated").await).contains(&450));

    next(&browser, "Quantization").await;
    show(&browser, "float", "zoo-1").await;
    browser.click("#zoo-1").await;
    done(&browser, "float").await;
    show(&browser, "quantized", "scheme-int8").await;
    make(&browser).await;
    let said = done(&browser, "quantized").await;
    let original = std::fs::metadata(support::zoo("digits/digits_float.tflite")).unwrap().len();
    let bytes = numbers(&said);
    assert!(bytes[0] == original && bytes[1] * 2 < original, "{said}");

    next(&browser, "Pruning weights").await;
    show(&browser, "zeroed", "prune-weights").await;
    browser.click("#prune-weights").await;
    make(&browser).await;
    done(&browser, "zeroed").await;

    next(&browser, "Pruning neurons").await;
    show(&browser, "narrowed", "prune-channels").await;
    browser.click("#prune-channels").await;
    make(&browser).await;
    let said = done(&browser, "narrowed").await;
    let macs = numbers(&said);
    assert!(macs[1] < macs[0], "{said}");

    next(&browser, "Memory").await;
    show(&browser, "arenas", "scheme-16x8").await;
    browser.click("#scheme-16x8").await;
    browser.click("#prune-weights").await;
    browser.click("#prune-channels").await;
    make(&browser).await;
    done(&browser, "arenas").await;
    show(&browser, "written", "variants").await;
    browser.click("#variants [data-file=h]").await;
    done(&browser, "written").await;

    next(&browser, "Latency").await;
    show(&browser, "timed", "evaluate-start").await;
    browser.click("#evaluate-start").await;
    done(&browser, "timed").await;
    show(&browser, "timed-plain", "kernels-reference").await;
    browser.click("#kernels-reference").await;
    browser.wait_for_text("#status", "ready").await;
    browser.click("#view-data").await;
    browser.find("#evaluate-start:enabled").await;
    browser.click("#evaluate-start").await;
    let said = done(&browser, "timed-plain").await;
    assert!(said.contains("times the"), "{said}");

    next(&browser, "Energy").await;
    show(&browser, "energy", "energy").await;
    browser.click("#energy").await;
    browser.wait_for_text("#energy-basis", "Horowitz").await;
    done(&browser, "energy").await;

    next(&browser, "Security").await;
    show(&browser, "refused", "model-file").await;
    browser.click("#open-half").await;
    let said = done(&browser, "refused").await;
    assert!(said.contains("malformed") && said.contains("(at: "), "{said}");
    show(&browser, "recovered", "zoo-0").await;
    browser.click("#zoo-0").await;
    done(&browser, "recovered").await;

    next(&browser, "What it cannot do").await;
    show(&browser, "dot", "draw-clear").await;
    browser.click("#draw-clear").await;
    draw(&browser, mouse(), &[&[(0.5, 0.5)]]).await;
    done(&browser, "dot").await;
    browser.click("#view-model").await;
    browser.find("#zoo-1").await;
    browser.click("#zoo-1").await;
    browser.wait_for_text("#status", "ready").await;
    show(&browser, "too-far", "prune-channels").await;
    browser.click("#prune-channels").await;
    browser.find("#macs").await;
    browser.slide("#macs", 80).await;
    browser.slide("#bits", 3).await;
    make(&browser).await;
    done(&browser, "too-far").await;

    assert_eq!(browser.count("#lesson-next:disabled").await, 1, "that was the last lesson");
    browser.wait_for_text("#learn-toggle", "9 of 9").await;
    assert_eq!(browser.count(".path .tick-done").await, 9);
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_lesson_can_be_left_come_back_to_and_done_again() {
    let Some((server, browser)) = opened().await else { return };
    browser.click("#view-data").await;
    browser.find("#evaluate-start:enabled").await;
    browser.click("#evaluate-start").await;
    done(&browser, "evaluated").await;
    browser.click("#lesson-4").await;
    browser.wait_for_text("#lesson-title", "Memory").await;
    browser.click("#learn-close").await;
    assert_eq!(browser.count("#learn").await, 0);
    assert_eq!(browser.count("#evaluate-start").await, 1, "the view beside it stays");
    browser.click("#learn-toggle").await;
    browser.wait_for_text("#lesson-title", "Memory").await;
    browser.click("#lesson-0").await;
    done(&browser, "evaluated").await;
    browser.click("#learn-forget").await;
    browser.find("#task-evaluated:not(.task-done)").await;
    assert_eq!(browser.count("#learn .tick-done").await, 0, "what is still there does not count again");
    browser.click("#evaluate-start").await;
    done(&browser, "evaluated").await;
    browser.close_clean(server.origin()).await;
}
