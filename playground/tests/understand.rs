//! The page tells why a variant answers otherwise: what it shows is what `mote-models` finds in this process, on the samples that no
//! variant was made by.

mod support;

use mote_models::import;
use mote_models::judge::autopsy::Options;
use mote_models::judge::{Autopsy, Evaluation, Flip, TestSet, Truth, autopsy, evaluate, flips};
use mote_models::metrics::ConfusionMatrix;
use mote_models::progress::Silent;
use mote_models::prune::activity;
use mote_models::prune::channels::{self, Criterion, Target};
use mote_models::recipe::{self, Choice, Recipe, Rule};
use mote_models::run::{Engine, Native};
use mote_models::samples::Inputs;
use mote_models::zoo::DIGITS;
use mote_models::{passes, quantize};
use mote_playground::format;
use mote_playground::understand::layers::rows;
use serde_json::{Value, json};
use support::browser::Browser;
use support::server::Server;

/// What the library finds about a variant.
struct Library {
    set: TestSet,
    places: Vec<usize>,
    before: Evaluation,
    after: Evaluation,
    flips: Vec<Flip>,
    file: Vec<u8>,
}

impl Library {
    fn of(recipe: &Recipe) -> Self {
        let set = TestSet::try_from(DIGITS.test_set().unwrap()).unwrap();
        let file = recipe::apply(&Native, DIGITS.float, &set, recipe, &Silent).unwrap().file;
        let places = support::digits_split().test_places();
        let set = set.take(&places);
        let said = |model: &[u8]| evaluate(&Native, model, &set, &Silent).unwrap();
        let (before, after) = (said(DIGITS.float), said(&file));
        let flips = flips(&set, &before, &after);
        Self { set, places, before, after, flips, file }
    }

    fn confusion(&self, side: &Evaluation) -> ConfusionMatrix {
        let (Truth::Classes { y, .. }, mote_models::judge::Predictions::Classes(said)) =
            (self.set.truth(), &side.predictions)
        else {
            panic!("a classifier")
        };
        let mut matrix = ConfusionMatrix::new(10);
        y.iter().zip(said).for_each(|(&truth, &said)| matrix.add(truth, said));
        matrix
    }

    fn autopsy(&self) -> Autopsy {
        let original = passes::simplify(import::tflite(DIGITS.float).unwrap()).unwrap();
        let variant = import::tflite(&self.file).unwrap();
        autopsy(&Native, &original, &variant, &self.set, &Options::default(), &Silent).unwrap()
    }
}

fn int8() -> Recipe {
    let calibration = Choice { rule: Rule::Stratified, ..Choice::default() };
    Recipe { calibration, quantize: Some(quantize::Options::default()), ..Recipe::default() }
}

/// What "channels" makes with all that the page offers: 80 % of the multiply-accumulates go.
fn pruned() -> Recipe {
    let (criterion, target) = (Criterion::Activity, Target::Macs(0.8));
    Recipe { prune_channels: Some(channels::Options { criterion, target, ..Default::default() }), ..int8() }
}

/// The page with the zoo's float digits, at Understand; none where there is no page to test.
async fn opened() -> Option<(Server, Browser)> {
    let (server, browser) = support::opened().await?;
    browser.view("understand").await;
    browser.wait_for_text("#understand-empty", "integers already").await;
    browser.click("#understand-go").await;
    browser.wait_for_text("#understand-empty", "No variant is made yet").await;
    Some((server, browser))
}

/// Makes what is chosen.
async fn make(browser: &Browser, name: &str) {
    browser.wait_for_text("#draft-title", name).await;
    browser.wait_for_text("#shrink-status", &format!("made {name}")).await;
    browser.click("#shrink-keep").await;
    browser.wait_for_text("#shrink-keep", "Kept").await;
}

/// Sets a list or a slider, as a user does.
async fn adjust(browser: &Browser, css: &str, value: &str) {
    let script = "const control = document.querySelector(arguments[0]);
        control.value = arguments[1];
        for (const kind of ['input', 'change']) control.dispatchEvent(new Event(kind, { bubbles: true }));";
    browser.run(script, vec![json!(css), json!(value)]).await;
}

/// The text of each element.
async fn texts(browser: &Browser, css: &str) -> Vec<String> {
    let script = "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText.trim())";
    let Value::Array(texts) = browser.run(script, vec![json!(css)]).await else { panic!("a list") };
    texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

async fn compare_confusion(browser: &Browser, library: &Library) {
    let (before, after) = (library.confusion(&library.before), library.confusion(&library.after));
    for side in ["before", "after", "difference"] {
        browser.click(&format!("#side-{side}")).await;
        let shown = |truth: usize, said: usize| {
            let of = |matrix: &ConfusionMatrix| i64::try_from(matrix.counts()[truth][said]).unwrap();
            match side {
                "before" => (of(&before), of(&before).to_string()),
                "after" => (of(&after), of(&after).to_string()),
                _ => (of(&after) - of(&before), format!("{:+}", of(&after) - of(&before))),
            }
        };
        let word = |(number, text)| if number == 0 { String::new() } else { text };
        let expected: Vec<String> = (0..100).map(|k| word(shown(k / 10, k % 10))).collect();
        assert_eq!(texts(browser, "#confusion-map td").await, expected, "{side}");
    }
    let rows = texts(browser, "#class-changes tbody tr").await;
    assert_eq!(rows.len(), 10);
    for (class, row) in rows.iter().enumerate() {
        let samples: u64 = before.counts()[class].iter().sum();
        let known = |matrix: &ConfusionMatrix| format::percent(matrix.counts()[class][class] as f64 / samples as f64);
        let parts: Vec<&str> = row.split('\t').map(str::trim).collect();
        assert_eq!(parts[0..2], [class.to_string(), samples.to_string()], "{row}");
        assert!(parts.contains(&known(&before).as_str()) && parts.contains(&known(&after).as_str()), "{row}");
    }
}

async fn compare_gallery(browser: &Browser, library: &Library) {
    let Library { set, places, flips, .. } = library;
    browser.wait_for_text("#gallery-summary", &format!("{} of 350 test samples changed", flips.len())).await;
    let numbers = |flips: &[&Flip]| flips.iter().map(|flip| places[flip.sample].to_string()).collect::<Vec<_>>();
    let script = "return [...document.querySelectorAll('#flips > li')].map((card) => card.dataset.sample).join()";
    let shown = async || browser.run(script, vec![]).await.as_str().unwrap().to_owned();
    let all: Vec<&Flip> = flips.iter().collect();
    assert_eq!(shown().await, numbers(&all[..all.len().min(12)]).join(","));
    let cards = texts(browser, "#flips > li").await;
    for (card, flip) in cards.iter().zip(&all) {
        assert!(card.starts_with(&flip.truth.to_string()), "{card}");
        let score = format::percent(f64::from(library.after.outputs[flip.sample][flip.after]));
        assert!(card.contains(&score), "{card} has {score}");
    }
    // The first one is drawn as what it is: 8 by 8 grey pixels.
    let script = "const canvas = document.querySelector('#flips canvas');
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return [canvas.width, canvas.height, ...data.filter((_, k) => k % 4 === 0)]";
    let pixels: Vec<u64> = serde_json::from_value(browser.run(script, vec![]).await).unwrap();
    let pixel = |i: usize| (set.arrays()[0].elements().real(all[0].sample * 64 + i).unwrap() * 255.0).round() as u64;
    assert_eq!(pixels, [8, 8].into_iter().chain((0..64).map(pixel)).collect::<Vec<_>>());

    let lost: Vec<&Flip> = flips.iter().filter(|flip| flip.before == flip.truth).collect();
    browser.click("#flips-lost").await;
    browser.wait_for_text("#flips-page", &format!("{} samples", lost.len())).await;
    assert_eq!(shown().await, numbers(&lost[..lost.len().min(12)]).join(","));
    let class = lost[0].truth;
    set_class(browser, class).await;
    let of_class: Vec<&Flip> = lost.iter().copied().filter(|flip| flip.truth == class).collect();
    browser.wait_for_text("#flips-page", &format!("{} samples", of_class.len())).await;
    assert_eq!(shown().await, numbers(&of_class[..of_class.len().min(12)]).join(","));
    browser.click("#flips-all").await;
    adjust(browser, "#flips-class", "").await;
    browser.wait_for_text("#flips-page", &format!("{} samples", flips.len())).await;
    if flips.len() > 12 {
        browser.click("#flips-after").await;
        browser.wait_for_text("#flips-page", "page 2").await;
        assert_eq!(shown().await, numbers(&all[12..all.len().min(24)]).join(","));
    }
}

/// Chooses a class through its row of the heat map, by keyboard alone.
async fn set_class(browser: &Browser, class: usize) {
    let script = "const map = document.querySelector('#confusion-map');
        map.querySelector('[tabindex=\"0\"]').focus();
        const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        for (let k = 0; k < 12; k++) press('ArrowUp');
        press('Home');
        for (let k = 0; k < arguments[0]; k++) press('ArrowDown');
        const at = document.activeElement.id;
        press('Enter');
        return at";
    let at = browser.run(script, vec![json!(class)]).await;
    assert_eq!(at, format!("confusion-map-{class}-0"));
}

async fn compare_layers(browser: &Browser, library: &Library) {
    let found = library.autopsy();
    browser.find("#layers-table tbody tr").await;
    let lines = texts(browser, "#layers-table tbody tr").await;
    let rows = rows(&found);
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(&rows) {
        for part in [&row.label, &row.op, &row.likeness.text(), &row.alone.text(), &format::percent(row.clipped)] {
            assert!(line.contains(part.as_str()), "{line} has {part}");
        }
    }
    let findings = browser.text("#findings").await;
    for finding in &found.findings {
        assert!(findings.contains(&finding.to_string()), "{findings} has {finding}");
    }
    browser.click("#layers-table tbody tr .layer-name").await;
    browser.wait_for_text("#layer", &format!("{} seen", found.layers[0].observed)).await;
    let weights = found.layers[0].weights.as_ref().unwrap();
    browser.wait_for_text("#layer", &format!("{} weights", weights.parameters)).await;
    assert_eq!(browser.count("#layer .histogram svg[role=img][aria-label]").await, 2, "as numbers and as stored");
    browser.click("#layers-table tbody tr .layer-name").await;
    assert_eq!(browser.count("#layer").await, 0);
}

#[tokio::test]
async fn a_variant_is_compared_with_its_original_from_the_whole_to_the_layer() {
    let Some((server, browser)) = opened().await else { return };
    browser.click("#understand-go").await;
    make(&browser, "int8").await;
    browser.click("#prune-channels").await;
    adjust(&browser, "#macs", "80").await;
    make(&browser, "int8, 80 % of MACs gone").await;
    browser.view("understand").await;
    let pruned = Library::of(&pruned());
    assert!(!pruned.flips.is_empty(), "something to look at");
    compare_confusion(&browser, &pruned).await;
    browser.click("#understand-all").await;
    compare_gallery(&browser, &pruned).await;
    compare_layers(&browser, &pruned).await;

    let id = browser.run("return document.querySelector('#understand-variant option').value", vec![]).await;
    adjust(&browser, "#understand-variant", id.as_str().unwrap()).await;
    let int8 = Library::of(&int8());
    compare_confusion(&browser, &int8).await;
    browser.click("#gallery-ask").await;
    browser.wait_for_text("#gallery-summary", "350 test samples").await;
    let words = match int8.flips.len() {
        0 => "None of the 350 test samples".to_owned(),
        flips => format!("{flips} of 350 test samples changed"),
    };
    browser.wait_for_text("#gallery-summary", &words).await;
    browser.click("#autopsy-ask").await;
    compare_layers(&browser, &int8).await;

    browser.click("#layers-table tbody tr .layer-name").await;
    browser.find("#layer-float").await;
    browser.click("#layer-float").await;
    browser.wait_for_text("#layer-answer", "The recipe now makes int8").await;
    browser.wait_for_text("#layer-answer", "1 layer float").await;
    browser.wait_for_text("#layer-answer", "points beside the variant above").await;
    browser.close_clean(server.origin()).await;
}

#[tokio::test]
async fn channels_that_stay_silent_are_shown_and_taken_out() {
    let Some((server, browser)) = opened().await else { return };
    browser.click("#silent-ask").await;
    browser.wait_for_text("#silent", "on the 100 samples that variants are made by").await;
    let graph = passes::simplify(import::tflite(DIGITS.float).unwrap()).unwrap();
    let split = support::digits_split();
    let set = TestSet::try_from(DIGITS.test_set().unwrap()).unwrap().take(split.calibration_places());
    let run = Native.load(DIGITS.float).unwrap();
    let inputs = Inputs::new(&run.description().inputs, set.arrays().to_vec()).unwrap();
    let found = activity::measure(&Native, &graph, &inputs, 1e-6, &Silent).unwrap();
    for threshold in ["100", "50"] {
        set_threshold(&browser, threshold).await;
        let share = threshold.parse::<f64>().unwrap() / 100.0;
        let counts = texts(&browser, "#strips .strip-count").await;
        let expected: Vec<String> = found
            .layers
            .iter()
            .map(|layer| (layer.outputs.iter().filter(|channel| channel.idle >= share).count(), layer.outputs.len()))
            .map(|(silent, of)| if silent == 0 { format!("none of {of}") } else { format!("{silent} of {of}") })
            .collect();
        assert_eq!(counts, expected, "{threshold} %");
    }
    let button = browser.text("#silent-remove").await;
    assert!(button.split(' ').any(|word| word.parse::<usize>().is_ok_and(|gone| gone > 0)), "some can go: {button}");
    browser.click("#silent-remove").await;
    browser.view("shrink").await;
    browser.wait_for_text("#draft-title", "channels of single layers gone").await;
    browser.wait_for_text("#shrink-status", "made int8, channels of single layers gone").await;
    browser.close_clean(server.origin()).await;
}

async fn set_threshold(browser: &Browser, threshold: &str) {
    adjust(browser, "#silent-threshold", threshold).await;
    let words =
        if threshold == "100" { "on any sample".to_owned() } else { format!("on {threshold} % of the samples") };
    browser.wait_for_text("#silent output", &words).await;
}
