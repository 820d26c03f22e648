//! Trying the model by hand, as a user does: a sensor that is allowed, one that is not, a file, a typed row; the original and a
//! variant side by side; the sensor let go.

mod support;

use std::path::Path;

use mote_models::data::npy;
use mote_models::zoo::DIGITS;
use serde_json::json;
use support::browser::Browser;
use support::server::Server;

/// Runs in the page before its own scripts: keeps the tracks that it is given, to see what becomes of them.
const KEEP_TRACKS: &str = "window.tracks = [];
    const devices = navigator.mediaDevices;
    const real = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
        const stream = await real(wanted);
        window.tracks.push(...stream.getTracks());
        return stream;
    };";

const FAKE_DEVICES: &str = "--use-fake-device-for-media-stream";
const ALLOWED: &str = "--use-fake-ui-for-media-stream";

/// The page's view for trying.
async fn opened(arguments: &[&str]) -> Option<(Server, Browser)> {
    let server = Server::start(&support::page_dir()?).await;
    let browser = Browser::open_with("about:blank", arguments).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": KEEP_TRACKS })).await;
    browser.client().goto(&server.page()).await.unwrap();
    browser.wait_for_text("#status", "ready").await;
    browser.view("try").await;
    Some((server, browser))
}

async fn open_model(browser: &Browser, file: &Path) {
    browser.view("model").await;
    browser.choose("#model-file", file).await;
    browser.wait_for_text("#status", &format!("{}: ready", file.file_name().unwrap().display())).await;
    browser.view("try").await;
}

/// States of the tracks that the page was given.
async fn tracks(browser: &Browser) -> Vec<String> {
    let states = browser.run("return window.tracks.map((track) => track.readyState)", vec![]).await;
    serde_json::from_value(states).unwrap()
}

#[tokio::test]
async fn the_camera_gives_pictures_until_it_is_stopped_or_left() {
    let Some((server, browser)) = opened(&[FAKE_DEVICES, ALLOWED]).await else { return };
    for leave in ["#sense-camera", "#view-model"] {
        browser.view("try").await;
        browser.click("#sense-camera").await;
        browser.wait_for_text("#sense-camera-said", "On").await;
        browser.wait_for_text("#answers-said", "camera.png: the model says").await;
        assert_eq!(browser.count("#viewfinder:not([hidden])").await, 1);
        assert_eq!(tracks(&browser).await.last().unwrap(), "live");
        browser.click(leave).await;
        browser.find("#view-try").await;
        support::until(async || tracks(&browser).await.iter().all(|state| state == "ended")).await;
    }
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_sensor_that_is_not_allowed_or_not_there_says_what_to_do() {
    let Some((server, browser)) = opened(&[FAKE_DEVICES]).await else { return };
    let origin = server.origin();
    let denied = json!({ "permission": { "name": "camera" }, "setting": "denied", "origin": origin });
    browser.devtools("Browser.setPermission", denied).await;
    browser.click("#sense-camera").await;
    browser.wait_for_text("#give .trouble", "not allowed").await;
    browser.wait_for_text("#give .trouble", "Allow it in the browser's settings").await;
    assert!(tracks(&browser).await.is_empty());
    browser.close_clean(origin).await;

    let Some((server, browser)) = opened(&[ALLOWED]).await else { return };
    browser.click("#sense-camera").await;
    browser.wait_for_text("#give .trouble", "This device has none").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_spoken_word_is_recognised_through_a_front_end() {
    let Some(data) = support::testdata() else { return };
    let word = data.join("audio/yes_1000ms.wav").canonicalize().unwrap();
    let file = format!("--use-file-for-fake-audio-capture={}", word.display());
    let Some((server, browser)) = opened(&[FAKE_DEVICES, ALLOWED, &file]).await else { return };
    open_model(&browser, &data.join("models/tflite/micro_speech_int8.tflite")).await;
    browser.wait_for_text("#sense-microphone-said", "Open the front end").await;
    assert_eq!(browser.count("#sense-microphone:disabled").await, 1);
    browser.choose("#front-end-file", &data.join("models/tflite/audio_preprocessor_int8.tflite")).await;
    browser.wait_for_text("#front-end-name", "audio_preprocessor_int8.tflite").await;
    // A recording first: what it says is known. Classes: silence, unknown, yes, no.
    browser.choose("#give-file", &word).await;
    browser.wait_for_text("#answers-said", "yes_1000ms.wav: the model says 2").await;
    browser.choose("#give-file", &data.join("audio/no_1000ms.wav")).await;
    browser.wait_for_text("#answers-said", "no_1000ms.wav: the model says 3").await;
    browser.click("#sense-microphone").await;
    browser.wait_for_text("#sense-microphone-said", "On").await;
    browser.wait_for_text("#answers-said", "microphone.wav: the model says 2").await;
    browser.click("#sense-microphone").await;
    assert_eq!(tracks(&browser).await, ["ended"]);
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_gesture_is_recognised_from_the_phones_motion() {
    let Some(data) = support::testdata() else { return };
    let Some((server, browser)) = opened(&[]).await else { return };
    open_model(&browser, &data.join("models/tflite/magic_wand_float.tflite")).await;
    let ring = npy::read(&std::fs::read(data.join("samples/tflm/magic_wand_ring.npy")).unwrap()).unwrap();
    let ring: Vec<f64> = (0..ring.elements().len()).filter_map(|i| ring.elements().real(i)).collect();
    assert_eq!(ring.len(), 128 * 3);
    browser.click("#sense-motion").await;
    browser.wait_for_text("#sense-motion-said", "On").await;
    // The phone is moved: as many readings as the model takes.
    let script = "const values = arguments[0].map((g) => g * 9.80665);
        for (let k = 0; k < values.length; k += 3) {
            const [x, y, z] = values.slice(k);
            const reading = { accelerationIncludingGravity: { x, y, z }, interval: 16 };
            window.dispatchEvent(new DeviceMotionEvent('devicemotion', reading));
        }";
    browser.run(script, vec![json!(ring)]).await;
    // Classes: wing, ring, slope, none of them.
    browser.wait_for_text("#answers-said", "motion.csv: the model says 1").await;
    browser.click("#sense-motion").await;
    browser.wait_for_text("#sense-motion-said", "Off").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_typed_row_and_a_drawing_are_answered_by_original_and_variant() {
    let Some((server, browser)) = opened(&[]).await else { return };
    browser.view("model").await;
    browser.click("#zoo-1").await;
    browser.wait_for_text("#status", "Digits, float: ready").await;
    browser.view("shrink").await;
    browser.find("#shrink-keep:enabled").await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-status", "made int8").await;
    browser.view("try").await;

    let set = DIGITS.test_set().unwrap();
    let x = set.x.elements();
    let row: Vec<String> = (0..64).filter_map(|i| x.real(i)).map(|value| value.to_string()).collect();
    browser.find("#row").await.send_keys(&row.join(", ")).await.unwrap();
    browser.click("#row-give").await;
    browser.wait_for_text("#answers-said", "row.csv: both say").await;
    browser.wait_for_text("#answer-0 h3", "Digits, float").await;
    browser.wait_for_text("#answer-1 h3", "int8").await;
    assert_eq!(browser.count("#answer-0 li").await, 5);

    browser.run("document.querySelector('#row').value = '1, 2, three'", vec![]).await;
    browser.click("#row-give").await;
    browser.wait_for_text("#answers .failure", "These samples do not fit").await;

    let pad = browser.find("#pad").await;
    pad.click().await.unwrap();
    browser.wait_for_text("#answers-said", "drawing.npy").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn a_dropped_picture_is_answered() {
    let Some(data) = support::testdata() else { return };
    let Some((server, browser)) = opened(&[]).await else { return };
    open_model(&browser, &data.join("models/tflite/vww_mobilenetv1_int8.tflite")).await;
    let picture = std::fs::read(data.join("images/grace_hopper.jpg")).unwrap();
    let drop = "const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(arguments[0])], 'portrait.jpg'));
        document.querySelector('main').dispatchEvent(
            new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));";
    browser.run(drop, vec![json!(picture)]).await;
    // Classes: nobody, somebody.
    browser.wait_for_text("#answers-said", "portrait.jpg: the model says 1").await;
    browser.close_clean(server.origin()).await;
}
