//! Shrinking on the page, as its user does it: choose, make, compare, take away. What is downloaded is what this process makes
//! of the same choices.

mod support;

use mote_models::data::{Array, npz};
use mote_models::judge::{Accuracy, TestSet, evaluate};
use mote_models::progress::Silent;
use mote_models::prune::{Pattern, weights};
use mote_models::quantize::{Calibration, Options};
use mote_models::recipe::{self, Choice, Made, Recipe, Rule};
use mote_models::run::Native;
use mote_models::samples::LabelledSet;
use mote_models::zoo::DIGITS;
use mote_playground::format;
use serde_json::json;
use support::TempDir;
use support::browser::Browser;
use support::server::Server;

/// The page, once its first model is ready; none where there is no page to test.
async fn opened() -> Option<(Server, Browser, TempDir)> {
    let (server, browser) = support::opened().await?;
    let downloads = TempDir::new();
    browser.download_to(downloads.path()).await;
    Some((server, browser, downloads))
}

/// Chooses in a list, as a user does.
async fn select(browser: &Browser, css: &str, value: &str) {
    let script = "const list = document.querySelector(arguments[0]);
        list.value = arguments[1];
        list.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.run(script, vec![json!(css), json!(value)]).await;
}

/// Waits until the draft is what is chosen and keeps it; its row of the table, the original's being the first.
async fn keep(browser: &Browser, name: &str, row: usize) -> String {
    browser.wait_for_text("#draft-title", name).await;
    browser.wait_for_text("#shrink-status", &format!("made {name}")).await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-keep", "Kept").await;
    browser.text(&format!("#variants tbody tr:nth-child({row})")).await
}

/// Downloads a file of a row.
async fn download(browser: &Browser, downloads: &TempDir, row: usize, extension: &str, name: &str) -> Vec<u8> {
    browser.click(&format!("#variants tbody tr:nth-child({row}) [data-file={extension}]")).await;
    support::arrived(&downloads.path().join(format!("{name}.{extension}"))).await
}

/// The accuracy of a model on the samples that nothing is made by, as the page shows it.
fn accuracy(model: &[u8], set: &LabelledSet) -> String {
    let set = TestSet::try_from(set.clone()).unwrap();
    let set = set.take(&support::digits_split().test_places());
    let found = evaluate(&Native, model, &set, &Silent).unwrap();
    let top1 = Accuracy::of(&set, &found.predictions).unwrap().headline();
    format!("{}\n{}", format::percent(top1.value), format::interval(top1))
}

/// What the recipe makes of the zoo's model and samples.
fn made(recipe: &Recipe) -> Made {
    let set = TestSet::try_from(DIGITS.test_set().unwrap()).unwrap();
    recipe::apply(&Native, DIGITS.float, &set, recipe, &Silent).unwrap()
}

/// So many samples, some of each class.
fn by_class(samples: usize) -> Choice {
    Choice { rule: Rule::Stratified, samples, ..Choice::default() }
}

#[tokio::test]
async fn what_is_chosen_is_made_compared_and_taken_away_with_the_bits_of_a_command() {
    let Some((server, browser, downloads)) = opened().await else { return };
    let set = DIGITS.test_set().unwrap();
    browser.view("shrink").await;
    assert!(browser.text("#shrink").await.contains("integers already"), "the zoo's int8 model is no source");
    browser.click("#shrink-float").await;
    browser.wait_for_text("#split", "100 of 450 samples make the variant").await;
    browser.wait_for_text("#split", "350 others judge it").await;

    let row = keep(&browser, "int8", 2).await;
    let recipe = Recipe { calibration: by_class(100), quantize: Some(Options::default()), ..Recipe::default() };
    let made = made(&recipe);
    assert!(row.contains(&accuracy(&made.file, &set)), "{row}");
    assert!(row.contains(&format::bytes(made.file.len() as u64)), "{row}");
    let original = browser.text("#variants tbody tr:nth-child(1)").await;
    assert!(original.contains(&accuracy(DIGITS.float, &set)), "{original}");
    assert!(download(&browser, &downloads, 2, "tflite", "digits-float-int8").await == made.file, "other bytes");
    let text = download(&browser, &downloads, 2, "toml", "digits-float-int8").await;
    let saved = Recipe::from_toml(std::str::from_utf8(&text).unwrap()).unwrap();
    assert_eq!(saved, recipe.for_source(DIGITS.float));
    for (extension, part) in [("h", "DIGITS_FLOAT_INT8_ARENA_BYTES"), ("c", "const unsigned char digits_float_int8[")] {
        let text = download(&browser, &downloads, 2, extension, "digits_float_int8").await;
        assert!(String::from_utf8(text).unwrap().contains(part), "{extension}");
    }

    browser.click("#prune-weights").await;
    select(&browser, "#pattern", "kernels").await;
    browser.slide("#sparsity", 70).await;
    browser.slide("#bits", 5).await;
    select(&browser, "#calibration", "mse").await;
    browser.slide("#samples", 20).await;
    browser.wait_for_text("#split", "20 of 450 samples make the variant").await;
    let variant = "int8, 5-bit weights, 70 % zeros in kernels' blocks, MSE, 20 samples";
    let row = keep(&browser, variant, 3).await;
    let name = "digits-float-int8-5-bit-weights-70-zeros-in-kernels-blocks-mse-20-samples";
    let recipe = Recipe {
        calibration: by_class(20),
        prune_weights: Some(weights::Options { sparsity: 0.7, pattern: Pattern::Kernels, ..Default::default() }),
        quantize: Some(Options { calibration: Calibration::Mse, weight_bits: 5, ..Options::default() }),
        ..Recipe::default()
    };
    let made = self::made(&recipe);
    assert!(row.contains(&accuracy(&made.file, &set)), "{row}");
    assert!(download(&browser, &downloads, 3, "tflite", name).await == made.file, "other bytes");

    // What is removed goes, and comes back when it is wanted; controls that are taken back bring back what they made.
    browser.click("#variants tbody tr:nth-child(2) [aria-label='Remove int8']").await;
    assert_eq!(browser.count("#variants tbody tr").await, 2);
    browser.click("#shrink-restore").await;
    assert_eq!(browser.count("#variants tbody tr").await, 3);
    browser.click("#scheme-float").await;
    let float = "float, 70 % zeros in kernels' blocks, 20 samples";
    browser.wait_for_text("#shrink-status", &format!("made {float}")).await;
    browser.click("#shrink-undo").await;
    browser.wait_for_text("#shrink-status", &format!("made {variant}")).await;
    browser.wait_for_text("#shrink-keep", "Kept").await;

    // A recipe that was taken away says in the controls what it said before.
    browser.click("#prune-weights").await;
    browser.wait_for_text("#draft-title", "int8, 5-bit weights, MSE, 20 samples").await;
    browser.choose("#recipe-file", &downloads.path().join("digits-float-int8.toml")).await;
    browser.wait_for_text("#shrink-status", "made int8").await;
    browser.wait_for_text("#draft-title", "int8").await;
    browser.wait_for_text("#shrink-keep", "Kept").await;
    browser.view("model").await;
    browser.click("#zoo-0").await;
    browser.view("shrink").await;
    browser.wait_for_text("#shrink", "integers already").await;
    assert_eq!(browser.count("#variants").await, 0, "variants belong to their model");
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_single_layer_does_otherwise_and_the_accuracy_answers() {
    let Some((server, browser, downloads)) = opened().await else { return };
    browser.click("#zoo-1").await;
    browser.view("shrink").await;
    browser.wait_for_text("#shrink-status", "made int8").await;
    browser.click("#layer-choices summary").await;
    browser.wait_for_text("#layer-choices tbody tr:nth-child(1)", "CONV_2D").await;
    let layer = browser.run("return document.querySelector('#layer-choices tbody tr').dataset.layer", vec![]).await;
    let layer = layer.as_str().unwrap().to_owned();
    browser.click("#layer-choices tbody tr:nth-child(1) .keep-float").await;
    keep(&browser, "int8, 1 layer float", 2).await;
    let text = download(&browser, &downloads, 2, "toml", "digits-float-int8-1-layer-float").await;
    let saved = Recipe::from_toml(std::str::from_utf8(&text).unwrap()).unwrap();
    assert_eq!(saved.quantize.unwrap().keep_float.into_iter().collect::<Vec<_>>(), [layer]);

    browser.click("#class-changes summary").await;
    browser.wait_for_text("#class-changes tbody tr:nth-child(10)", "9").await;
    select(&browser, "#device", "stm32f446").await;
    browser.wait_for_text("#device-fit", "fits STM32F446RE").await;
    browser.wait_for_text("#variants tbody tr:nth-child(2) .fits", "yes").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_report_and_command_lines_tell_what_was_done() {
    let Some((server, browser, downloads)) = opened().await else { return };
    browser.click("#zoo-1").await;
    browser.view("shrink").await;
    keep(&browser, "int8", 2).await;
    let report = async |form: &str| {
        browser.click(&format!("[data-report={form}]")).await;
        let bytes = support::arrived(&downloads.path().join(format!("digits-float-report.{form}"))).await;
        String::from_utf8(bytes).unwrap()
    };
    let html = report("html").await;
    assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"), "{html}");
    for part in ["Side by side", "Which board holds which model", "<svg", "Recipes", "scheme = &quot;int8&quot;"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script"), "a report is read, it does not run");
    for part in ["<section", "<svg"] {
        assert!(html.matches(part).count() >= 5, "{part}: {html}");
    }

    let recipe = Recipe { calibration: by_class(100), quantize: Some(Options::default()), ..Recipe::default() };
    let made = made(&recipe);
    let figures: serde_json::Value = serde_json::from_str(&report("json").await).unwrap();
    assert_eq!(figures["report"]["variants"][1]["size"]["file_bytes"], made.file.len());
    let told = serde_json::from_value::<Recipe>(figures["models"][1]["recipe"].clone()).unwrap();
    assert_eq!(told, recipe.for_source(DIGITS.float), "the recipe is in it");
    let csv = report("csv").await;
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 3, "a header, the original, the variant: {csv}");
    assert!(rows[2].starts_with("int8,top-1,"), "{csv}");

    // What is typed on a gateway does what it says: `mote` itself reads the lines, beside the files that were taken away.
    for extension in ["tflite", "toml"] {
        download(&browser, &downloads, 2, extension, "digits-float-int8").await;
    }
    for (from, to) in
        [("digits/digits_float.tflite", "digits_float.tflite"), ("digits/digits_test.npz", "digits_test.npz")]
    {
        std::fs::copy(support::zoo(from), downloads.path().join(to)).unwrap();
    }
    let lines = browser.run("return [...document.querySelectorAll('#commands code')].map(c => c.textContent)", vec![]);
    let lines = lines.await;
    let lines: Vec<&str> = lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let parsed = <mote::commands::Cli as clap::Parser>::try_parse_from(&words);
        assert!(parsed.is_ok(), "{line}: {parsed:?}");
    }
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn work_is_cancelled_at_once_and_can_be_asked_for_again() {
    let Some((server, browser, _downloads)) = opened().await else { return };
    browser.click("#kernels-reference").await;
    browser.click("#zoo-1").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "350 others judge it").await;
    let count = 200_000;
    let x = Array::new([count, 8, 8, 1], vec![0u8; count * 64]).unwrap();
    let folder = TempDir::new();
    let many = npz::write([("x", &x), ("y", &Array::vector(vec![0u8; count]))]).unwrap();
    browser.view("data").await;
    browser.choose("#data-file", &folder.file("many.npz", &many)).await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "199900 others judge it").await;
    browser.wait_for_text("#shrink-status", "Measuring the original: evaluate").await;
    browser.click("#shrink-cancel").await;
    browser.wait_for_text("#shrink-status", "cancelled").await;
    assert_eq!(browser.count("#variants").await, 0);
    browser.view("data").await;
    browser.click("#data-zoo").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "350 others judge it").await;
    let row = keep(&browser, "int8", 2).await;
    assert!(row.contains("Reference"), "timed with the kernels that are chosen: {row}");
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn an_onnx_file_of_the_users_is_shrunk_with_samples_of_the_users() {
    let Some(data) = support::testdata() else { return };
    let Some((server, browser, downloads)) = opened().await else { return };
    let model = data.join("models/onnx/kws_submission.onnx");
    browser.choose("#model-file", &model).await;
    browser.wait_for_text("#summary", "kws_submission.onnx").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "open an .npz").await;
    let x = support::keyword_features(&data);
    let folder = TempDir::new();
    browser.view("data").await;
    browser.choose("#data-file", &folder.file("kws.npz", &npz::write([("x", &x)]).unwrap())).await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "There are no labels: nothing is judged").await;
    let row = keep(&browser, "int8", 2).await;
    assert!(row.contains("no labels"), "{row}");
    let recipe = Recipe { quantize: Some(Options::default()), ..Recipe::default() };
    let made = recipe::apply(&Native, &std::fs::read(model).unwrap(), &[x], &recipe, &Silent).unwrap();
    assert!(download(&browser, &downloads, 2, "tflite", "kws-submission-int8").await == made.file, "other bytes");
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn what_cannot_be_shrunk_is_told_in_words() {
    let Some(data) = support::testdata() else { return };
    let Some((server, browser, _downloads)) = opened().await else { return };
    browser.choose("#model-file", &data.join("models/onnx/xgboost_classifier_tree/model.onnx")).await;
    browser.wait_for_text("#model .failure", "not supported").await;
    browser.wait_for_text("#model .failure", "TreeEnsembleClassifier").await;
    browser.click("#zoo-1").await;
    browser.view("shrink").await;
    browser.wait_for_text("#split", "judge it").await;
    let folder = TempDir::new();
    let x = Array::new([4, 7, 7, 1], vec![0f32; 4 * 49]).unwrap();
    browser.view("data").await;
    browser.choose("#data-file", &folder.file("small.npz", &npz::write([("x", &x)]).unwrap())).await;
    browser.view("shrink").await;
    browser.wait_for_text("#split .failure", "These samples do not fit").await;
    browser.close_clean(server.origin()).await;
}
