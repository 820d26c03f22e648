//! Samples of every form that people have them in, as a student brings them: files dropped, what the page takes of them looked at and
//! mended, the model judged by them.

mod support;

use std::path::Path;

use mote_models::data::{Array, npy, npz};
use support::TempDir;
use support::files::{png, zip};
use support::page::Page;

/// The page with a model that was dropped; none where there is no page, or no test data.
async fn opened(model: &str) -> Option<(Page, std::path::PathBuf)> {
    let data = support::testdata()?;
    let page = Page::open().await?;
    page.drop(&[&data.join("models/tflite").join(model)]).await;
    page.browser.wait_for_text("#status", &format!("{model}: ready")).await;
    page.browser.view("data").await;
    Some((page, data))
}

/// Drops a file that a test has made.
async fn dropped(page: &Page, name: &str, bytes: &[u8]) {
    let folder = TempDir::new();
    page.drop(&[&folder.file(name, bytes)]).await;
    page.browser.wait_for_text("#data-name", name).await;
}

/// Runs the model over the samples; the accuracy that the page tells.
async fn accuracy(page: &Page, samples: usize) -> String {
    page.browser.click("#evaluate-start").await;
    page.browser.wait_for_text("#evaluate-status", &format!("done: {samples} samples")).await;
    page.browser.text("#report .figure:nth-child(1) .value").await
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[tokio::test]
async fn pictures_in_folders_are_scaled_and_named() {
    let Some((page, data)) = opened("vww_mobilenetv1_float.tflite").await else { return };
    let browser = &page.browser;
    let pictures = npy::read(&read(&data.join("samples/vww01/vww01_x.npy"))).unwrap().elements().to_le_bytes();
    let table = String::from_utf8(read(&data.join("samples/vww01/vww01_labels.csv"))).unwrap();
    let mut files: Vec<(String, Vec<u8>)> = pictures
        .chunks(96 * 96 * 3)
        .zip(table.lines().skip(1))
        .enumerate()
        .map(|(k, (picture, line))| {
            let class = if line.split(',').nth(2) == Some("1") { "somebody" } else { "empty" };
            (format!("{class}/{k}.png"), png(96, 96, picture))
        })
        .collect();
    let photographs = files.len();
    files.push(("somebody/portrait.jpg".into(), read(&data.join("images/grace_hopper.jpg"))));
    dropped(&page, "photographs.zip", &zip(&files)).await;
    let count = photographs + 1;
    browser.wait_for_text("#data-status", &format!("{count} samples of float32 96 × 96 × 3, 0 to 1")).await;
    // Nothing tells the order of the model's classes: the page says which it takes.
    browser.wait_for_text("#data-warnings", "alphabetical order: 0 empty, 1 somebody").await;
    page.fill("#class-names", "empty, somebody").await;
    browser.wait_for_text("#data-status", &format!("{count} samples")).await;
    support::until(async || browser.text("#data-warnings").await.is_empty()).await;
    let sides = page.texts("#sides-classes tbody tr").await;
    assert!(sides[0].starts_with("empty") && sides[1].starts_with("somebody"), "{sides:?}");
    // The reference interpreter tells 118 of the 133 photographs right, and there is somebody in the portrait.
    assert_eq!(accuracy(&page, count).await, "88.8 %");

    browser.click("#resize-exact").await;
    browser.wait_for_text("#files .failure", "portrait.jpg").await;
    browser.click("#resize-stretch").await;
    browser.wait_for_text("#data-status", &format!("{count} samples")).await;
    // The other order of the classes tells all the others right.
    page.fill("#class-names", "somebody, empty").await;
    browser.wait_for_text("#sides-classes tbody tr:first-child", "somebody").await;
    assert_eq!(accuracy(&page, count).await, "11.2 %");
    page.close().await;
}

#[tokio::test]
async fn recordings_in_folders_become_features_by_a_front_end() {
    let Some((page, data)) = opened("micro_speech_int8.tflite").await else { return };
    let browser = &page.browser;
    let recording =
        |class: &str, name: &str| (format!("{class}/{name}.wav"), read(&data.join(format!("audio/{name}.wav"))));
    let files = [("yes", "yes_1000ms"), ("no", "no_1000ms"), ("silence", "silence_1000ms")];
    dropped(&page, "words.zip", &zip(&files.map(|(class, name)| recording(class, name)))).await;
    // A second of sound is none of the model's features.
    browser.find("#files .failure").await;
    browser.choose("#front-end-file", &data.join("models/tflite/audio_preprocessor_int8.tflite")).await;
    browser.wait_for_text("#front-end-name", "audio_preprocessor_int8.tflite").await;
    browser.wait_for_text("#data-status", "3 samples of int8").await;
    page.fill("#class-names", "silence, unknown, yes, no").await;
    browser.wait_for_text("#sides-classes tbody tr:nth-child(3)", "yes").await;
    browser.wait_for_text("#data-warnings", "No sample is of the class unknown").await;
    assert_eq!(accuracy(&page, 3).await, "100.0 %");
    browser.click("#front-end-drop").await;
    browser.find("#files .failure").await;
    page.close().await;
}

#[tokio::test]
async fn rows_of_a_table_are_samples_of_the_columns_that_are_chosen() {
    let Some((page, data)) = opened("wand5_float.tflite").await else { return };
    let browser = &page.browser;
    // One table of all gestures, as a logger writes it: a number for each row, the six readings, the gesture's name.
    let names = ["AlohomoraCharm", "ArrestoMomentumCharm", "AvadaKedavra", "LocomotorCharm", "Revelio"];
    let mut table = "row,aX,aY,aZ,gX,gY,gZ,gesture\n".to_owned();
    let mut rows = 0;
    for name in names {
        let recorded = String::from_utf8(read(&data.join(format!("sensors/wand5_gestures/{name}.csv")))).unwrap();
        for reading in recorded.lines().skip(1) {
            table.push_str(&format!("{rows},{reading},{name}\n"));
            rows += 1;
        }
    }
    dropped(&page, "gestures.csv", table.as_bytes()).await;
    browser.wait_for_text("#data-contents", &format!("{rows} rows of 8 columns")).await;
    browser.find("#columns").await;
    browser.click("#features-none").await;
    browser.wait_for_text("#files .failure", "0 chosen").await;
    browser.click("#label-7").await;
    for column in 1..=6 {
        browser.click(&format!("#feature-{column}")).await;
        browser.find(&format!("#feature-{column}:checked")).await;
    }
    browser.wait_for_text("#data-status", "100 samples of float32").await;
    // The model takes ((a + 4) / 8, (g + 2000) / 4000).
    page.fill("#mean", "-4, -4, -4, -2000, -2000, -2000").await;
    page.fill("#deviation", "8, 8, 8, 4000, 4000, 4000").await;
    browser.wait_for_text("#data-status", "100 samples of float32").await;
    let sides = page.texts("#sides-classes tbody tr").await;
    assert_eq!(sides.len(), names.len());
    for (row, name) in sides.iter().zip(names) {
        let fields: Vec<&str> = row.split('\t').map(str::trim).collect();
        let [make, judge] = [1, 2].map(|k| fields[k].parse::<usize>().unwrap_or_else(|_| panic!("{row}")));
        assert!(fields[0] == name && make.abs_diff(judge) <= 1, "half of each gesture on either side: {row}");
    }
    // As the reference interpreter tells.
    assert_eq!(accuracy(&page, 100).await, "94.0 %");
    page.close().await;
}

#[tokio::test]
async fn values_that_the_model_was_not_calibrated_on_are_told_until_their_scale_is_mended() {
    let Some((page, data)) = opened("kws_dscnn_int8.tflite").await else { return };
    let browser = &page.browser;
    let features = support::keyword_features(&data);
    let (shape, values) = (features.shape().to_vec(), features.elements());
    // Somebody's features in another unit: ten times as large.
    let tenfold: Vec<f32> = (0..values.len()).map(|k| values.real(k).unwrap() as f32 * 10.0).collect();
    let table = String::from_utf8(read(&data.join("samples/kws01/kws01_labels.csv"))).unwrap();
    let classes = table.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().parse::<u8>().unwrap());
    let x = Array::new(shape, tenfold).unwrap();
    let y = Array::vector(classes.collect::<Vec<_>>());
    let count = y.shape()[0];
    dropped(&page, "tenfold.npz", &npz::write([("x", &x), ("y", &y)]).unwrap()).await;
    browser.wait_for_text("#data-status", &format!("{count} samples")).await;
    browser.wait_for_text("#data-warnings", "The model was calibrated on").await;
    browser.wait_for_text("#data-warnings", "are clipped. Check the scaling.").await;
    assert_ne!(accuracy(&page, count).await, "90.8 %", "clipped");
    page.fill("#mean", "0").await;
    page.fill("#deviation", "10").await;
    browser.wait_for_text("#data-status", &format!("{count} samples")).await;
    support::until(async || browser.text("#data-warnings").await.is_empty()).await;
    // As the reference interpreter tells.
    assert_eq!(accuracy(&page, count).await, "90.8 %");
    page.close().await;
}
