//! Models and samples as their owners have them, dropped on the page: real networks, real files. What is made of them here is what
//! the commands make of the same files, to the bit.

mod support;

use std::path::{Path, PathBuf};

use mote_models::data::{Array, npy, npz};
use mote_models::graph::Normalization;
use mote_models::judge::Autopsy;
use mote_models::recipe::Recipe;
use mote_models::run::{Engine as _, Native};
use mote_models::samples::Inputs;
use mote_models::tflite::{self, Activation, Op, Operator, Subgraph, Tensor, TensorType};
use mote_playground::format;
use mote_playground::understand::layers::rows;
use serde_json::{Value, json};
use support::TempDir;
use support::command::mote;
use support::page::Page;

/// Two files of samples, as the folder of test data has them.
fn samples(data: &Path, name: &str) -> [PathBuf; 2] {
    let folder = data.join("samples").join(name);
    [folder.join(format!("{name}_x.npy")), folder.join(format!("{name}_labels.csv"))]
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A network of the benchmark with its samples.
struct Case {
    model: &'static str,
    samples: &'static str,
    /// How many samples there are, and of what shape.
    count: usize,
    shape: &'static str,
    /// Mean and deviation that its owner knows; none for the page's guess.
    scale: Option<[&'static str; 2]>,
    classes: &'static str,
    /// What the reference interpreter reaches on all samples.
    accuracy: &'static str,
    layers: usize,
    /// What is told of samples on both sides of the split.
    leak: &'static str,
}

const KWS: Case = Case {
    model: "kws_dscnn_float",
    samples: "kws01",
    count: 502,
    shape: "49 × 10 × 1",
    scale: Some(["83", "1.7102703"]),
    classes: "Down,Go,Left,No,Off,On,Right,Stop,Up,Yes,Silence,Unknown",
    accuracy: "92.0 %",
    layers: 14,
    leak: "the file holds them more than once",
};
const VWW: Case = Case {
    model: "vww_mobilenetv1_float",
    samples: "vww01",
    count: 133,
    shape: "96 × 96 × 3",
    scale: None,
    classes: "nobody,person",
    accuracy: "88.7 %",
    layers: 33,
    leak: "No sample is on both sides",
};

/// What was made of a network and its samples, in the folder of its owner.
struct Made<'a> {
    case: &'a Case,
    folder: TempDir,
    /// The network.
    model: PathBuf,
    /// The samples as they were dropped, and the table of their labels.
    x: PathBuf,
    labels: PathBuf,
    /// The samples as the page has prepared them.
    prepared: Array,
}

/// Drops a network and its samples, looks at both, makes two variants, examines them and takes them away: each is what `mote compress`
/// makes of the files and the recipe, as good as that says, suffers in its layers what `mote autopsy` says, and gives the bits of
/// `mote run`.
async fn from_files_to_artefacts(case: &Case) {
    let Some(data) = support::testdata() else { return };
    let Some(page) = Page::open().await else { return };
    let browser = &page.browser;
    let folder = TempDir::new();
    let copied = |file: &Path| {
        let name = file.file_name().unwrap().to_str().unwrap();
        folder.file(name, &std::fs::read(file).unwrap())
    };
    let model = copied(&data.join(format!("models/tflite/{}.tflite", case.model)));
    let [x, labels] = samples(&data, case.samples).map(|file| copied(&file));
    page.drop(&[&model, &labels, &x]).await;
    browser.wait_for_text("#summary", case.model).await;
    assert_eq!(browser.count("#graph .node").await as usize, case.layers);

    browser.view("data").await;
    let prepared = format!("{} samples of float32 {}", case.count, case.shape);
    if let Some([mean, deviation]) = case.scale {
        browser.wait_for_text("#data-status", &format!("{} samples", case.count)).await;
        page.fill("#mean", mean).await;
        page.fill("#deviation", deviation).await;
    }
    browser.wait_for_text("#data-status", &prepared).await;
    page.fill("#class-names", case.classes).await;
    browser.wait_for_text("#sides-classes", case.classes.split(',').next().unwrap()).await;
    is_split_by_class(&page, case).await;
    assert_eq!(browser.text("#data-warnings").await, "", "nothing is odd about them");
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", &format!("done: {} samples", case.count)).await;
    assert_eq!(browser.text("#report .figure:nth-child(1) .value").await, case.accuracy);
    browser.click("#data-download").await;
    let prepared = npz::read(&page.arrived("npz").await).unwrap().get("x").unwrap().clone();

    let made = Made { case, folder, model, x, labels, prepared };
    for (row, prune, name) in [(2, None, "int8"), (3, Some("#prune-weights"), "int8, 50 % zeros")] {
        browser.view("shrink").await;
        browser.wait_for_text("#split", &format!("of {} samples make the variant", case.count)).await;
        if let Some(prune) = prune {
            browser.click(prune).await;
        }
        browser.wait_for_text("#shrink-status", &format!("made {name}")).await;
        browser.click("#shrink-keep").await;
        browser.wait_for_text("#shrink-keep", "Kept").await;
        made.is_what_the_commands_make(&page, row).await;
    }
    page.close().await;
}

/// Each class is in both parts with its share, and the parts are all samples.
async fn is_split_by_class(page: &Page, case: &Case) {
    let rows = page.texts("#sides-classes tbody tr").await;
    assert_eq!(rows.len(), case.classes.split(',').count());
    let counts: Vec<[usize; 2]> = rows
        .iter()
        .map(|row| {
            let fields: Vec<&str> = row.split('\t').map(str::trim).collect();
            [1, 2].map(|k| fields[k].parse().unwrap_or_else(|_| panic!("{row}")))
        })
        .collect();
    let [make, judge] = [0, 1].map(|k| counts.iter().map(|count| count[k]).sum::<usize>());
    let most = case.count.div_ceil(2).min(100);
    assert_eq!((make, judge), (most, case.count - most));
    for ([make, judge], row) in counts.iter().zip(&rows) {
        let share = (make + judge) as f64 * most as f64 / case.count as f64;
        assert!(*make > 0 && *judge > 0 && (*make as f64 - share).abs() <= 1.0, "{row}: {share} make");
    }
    page.browser.wait_for_text("#sides", "of each class its share").await;
    page.browser.wait_for_text("#sides-leak", case.leak).await;
}

impl Made<'_> {
    /// A command in the folder.
    fn mote(&self, arguments: &[&str]) -> Value {
        mote(self.folder.path(), arguments)
    }

    /// Takes the variant in a row away, and holds it against the commands.
    async fn is_what_the_commands_make(&self, page: &Page, row: usize) {
        let browser = &page.browser;
        let take = async |extension: &str| {
            browser.click(&format!("#variants tbody tr:nth-child({row}) [data-file={extension}]")).await;
            page.arrived(extension).await
        };
        let (artefact, recipe) = (take("tflite").await, take("toml").await);
        self.folder.file("recipe.toml", &recipe);
        self.folder.file("taken.tflite", &artefact);
        let [model, x, labels] = [&self.model, &self.x, &self.labels].map(|path| text(path));
        let compress = ["compress", model, x, "--labels", labels, "--recipe", "recipe.toml", "-o", "made.tflite"];
        let told = self.mote(&[&compress[..], &["--runs", "0"]].concat());
        assert!(self.read("made.tflite") == artefact, "other bytes than {told:#}");
        let kept = Recipe::of_artefact(&artefact).unwrap().metadata;
        assert_eq!(kept.labels.join(","), self.case.classes, "the artefact tells the classes");
        let scale = kept.normalization.expect("and how its input is made");
        for (variant, row) in [(0, 1), (1, row)] {
            let accuracy = told["judged"]["variants"][variant]["accuracy"]["top1"]["value"].as_f64().unwrap();
            let shown = browser.text(&format!("#variants tbody tr:nth-child({row})")).await;
            assert!(shown.contains(&format::percent(accuracy)), "the command's {accuracy}, the page's {shown}");
        }
        self.runs_as_the_command_runs_it(page, &artefact).await;
        self.does_what_its_command_lines_say(page, &artefact, &recipe).await;
        let calibration: Vec<usize> = serde_json::from_value(told["summaries"]["calibration"].clone()).unwrap();
        self.suffers_what_the_autopsy_says(page, row - 2, &calibration, &scale).await;
    }

    /// The page's own worker gives each of the samples, as the page has prepared them, the bits that `mote run` gives the raw ones.
    async fn runs_as_the_command_runs_it(&self, page: &Page, artefact: &[u8]) {
        let ran = self.mote(&["run", "taken.tflite", "--input", text(&self.x), "--output", "outputs.npz"]);
        assert_eq!(ran["samples"], self.case.count);
        assert_eq!(ran["outputs"][0]["answers"].as_array().map(Vec::len), Some(self.case.count), "by their names");
        let outputs = npz::read(&self.read("outputs.npz")).unwrap().get("output_0").unwrap().clone();
        let model = Native.load(artefact).unwrap();
        let inputs = Inputs::new(&model.description().inputs, vec![self.prepared.clone()]).unwrap();
        let fed: Vec<u8> = (0..self.case.count).flat_map(|k| inputs.sample(k).unwrap().concat()).collect();
        let served = [("model", artefact.to_vec()), ("input", fed), ("output", outputs.elements().to_le_bytes())];
        let [model, input, output] = served.map(|(name, bytes)| {
            let path = format!("/dropped/{name}");
            page.server.add(&path, bytes);
            path
        });
        let model = json!({ "model": model, "inputs": [input], "outputs": [output], "runs": self.case.count });
        for kernels in ["simd128", "relaxed-simd"] {
            let arguments = vec![json!(kernels), model.clone()];
            let ran = page.browser.client().execute_async(include_str!("parity.js"), arguments).await.unwrap();
            let values = self.case.count * self.case.classes.split(',').count();
            assert_eq!((&ran["mismatches"], &ran["values"]), (&json!(0), &json!(values)), "{kernels}: {ran}");
        }
    }

    /// The command lines that the page shows, typed where the files lie that were taken away.
    async fn does_what_its_command_lines_say(&self, page: &Page, artefact: &[u8], recipe: &[u8]) {
        let lines = page.texts("#commands code").await;
        assert_eq!(lines.len(), 3, "{lines:?}");
        for line in lines {
            let words: Vec<&str> = line.split(' ').map(|word| word.trim_matches('\'')).collect();
            let of = |ending: &str| words.iter().find(|word| word.ends_with(ending) && **word != text(&self.model));
            let variant = *of(".tflite").unwrap();
            if words[1] == "compress" {
                let variant = *words.last().unwrap();
                self.folder.file(of(".toml").unwrap(), recipe);
                self.mote(&words[1..]);
                assert!(self.read(variant) == artefact, "{line} makes other bytes");
            } else {
                self.folder.file(variant, artefact);
                let told = self.mote(&words[1..]);
                assert_eq!(told["samples"], self.case.count, "{line}");
            }
        }
    }

    /// What the page tells of each layer is what the command tells, on those samples that the variant was not made by.
    async fn suffers_what_the_autopsy_says(
        &self,
        page: &Page,
        variant: usize,
        made_by: &[usize],
        scale: &Normalization,
    ) {
        let judging: Vec<usize> = (0..self.case.count).filter(|place| !made_by.contains(place)).collect();
        let x = npy::read(&std::fs::read(&self.x).unwrap()).unwrap().rows(&judging);
        self.folder.file("judging.npy", &npy::write(&x));
        let table = String::from_utf8(std::fs::read(&self.labels).unwrap()).unwrap();
        let lines: Vec<&str> = table.lines().collect();
        let judging = std::iter::once(0).chain(judging.iter().map(|place| place + 1)).map(|line| lines[line]);
        self.folder.file("judging.csv", judging.collect::<Vec<_>>().join("\n").as_bytes());
        let list = |numbers: &[f32]| numbers.iter().map(f32::to_string).collect::<Vec<_>>().join(",");
        let (mean, deviation) = (list(&scale.mean), list(&scale.deviation));
        let arguments = ["autopsy", text(&self.model), "taken.tflite", "judging.npy", "--labels", "judging.csv"];
        let told = self.mote(&[&arguments[..], &["--mean", &mean, "--deviation", &deviation]].concat());
        let findings: Vec<String> = serde_json::from_value(told["findings_in_words"].clone()).unwrap();
        let found: Autopsy = serde_json::from_value(told).unwrap();

        let browser = &page.browser;
        browser.view("understand").await;
        let ids = "return [...document.querySelectorAll('#understand-variant option')].map((option) => option.value)";
        let ids: Vec<String> = serde_json::from_value(browser.run(ids, vec![]).await).unwrap();
        page.fill("#understand-variant", &ids[variant]).await;
        browser.click("#autopsy-ask").await;
        browser.find("#layers-table tbody tr").await;
        let lines = page.texts("#layers-table tbody tr").await;
        let rows = rows(&found);
        assert_eq!(lines.len(), rows.len());
        for (line, row) in lines.iter().zip(&rows) {
            let fields: Vec<&str> = line.split(['\t', '\n']).map(str::trim).filter(|field| !field.is_empty()).collect();
            let lost = row.lost.map_or_else(|| "–".into(), |lost| format!("{:.1}", lost * 100.0));
            let figures = [row.likeness.text(), row.alone.text(), lost, format::percent(row.clipped)];
            let expected = [[row.label.clone(), row.op.clone()].as_slice(), &figures].concat();
            assert_eq!(fields, expected, "{}", row.name);
        }
        match findings.as_slice() {
            [] => assert_eq!(browser.text("#findings").await, "Nothing stands out."),
            findings => assert_eq!(page.texts("#findings li").await, findings),
        }
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }
}

#[tokio::test]
async fn keywords_from_files_to_artefacts() {
    from_files_to_artefacts(&KWS).await;
}

#[tokio::test]
async fn photographs_from_files_to_artefacts() {
    from_files_to_artefacts(&VWW).await;
}

#[tokio::test]
async fn a_network_is_walked_through_by_keys_and_shows_its_weights() {
    let Some(data) = support::testdata() else { return };
    let Some(page) = Page::open().await else { return };
    let browser = &page.browser;
    page.drop(&[&data.join("models/tflite/ic_resnet8_float.tflite")]).await;
    browser.wait_for_text("#summary", "ic_resnet8_float").await;
    let click = "document.querySelector('#layer-0').dispatchEvent(new MouseEvent('click', { bubbles: true }))";
    browser.run(click, vec![]).await;
    browser.wait_for_text("#layer", "float32 1 × 32 × 32 × 3").await;
    let press = async |key: &str| {
        let press = "document.activeElement.dispatchEvent(
            new KeyboardEvent('keydown', { key: arguments[0], bubbles: true, cancelable: true }));";
        browser.run("document.querySelector('#graph .node.chosen').focus()", vec![]).await;
        browser.run(press, vec![json!(key)]).await;
    };
    press("ArrowDown").await;
    browser.wait_for_text("#layer h3", "CONV_2D").await;
    browser.wait_for_text("#layer", "432 numbers from").await;
    assert_eq!(browser.count("#layer .spread").await, 2, "weights and biases have their histograms");
    press("End").await;
    browser.wait_for_text("#layer h3", "Output").await;
    press("Home").await;
    browser.wait_for_text("#layer h3", "Input").await;
    assert_eq!(browser.count("#graph .node[tabindex='0']").await, 1, "one stop of the tabulator key");
    page.close().await;
}

/// A network of so many pairs of operators, each of which adds to a value what ReLU leaves of it: two ways side by side.
fn ladder(pairs: usize) -> Vec<u8> {
    let value = |k: usize| Tensor::new(&format!("value {k}"), TensorType::Float32, &[1, 4, 4, 2]);
    let mut graph = Subgraph::default();
    let mut last = graph.push(value(0));
    graph.inputs.push(last);
    for pair in 0..pairs {
        let [positive, sum] = [1, 2].map(|k| graph.push(value(2 * pair + k)));
        graph.operators.push(Operator::new(Op::Relu, &[last], &[positive]));
        graph.operators.push(Operator::new(
            Op::Add { activation: Activation::None, pot_scale_int16: true },
            &[last, positive],
            &[sum],
        ));
        last = sum;
    }
    graph.outputs.push(last);
    tflite::write(&tflite::Model { subgraphs: vec![graph], ..tflite::Model::default() })
}

#[tokio::test]
async fn a_network_of_more_than_a_hundred_layers_is_drawn_and_walked_through() {
    let Some(page) = Page::open().await else { return };
    let browser = &page.browser;
    let folder = TempDir::new();
    page.drop(&[&folder.file("ladder.tflite", &ladder(60))]).await;
    browser.wait_for_text("#status", "ladder.tflite: ready").await;
    support::until(async || browser.count("#graph .node").await == 122).await;
    let press = async |key: &str| {
        let press = "const node = document.querySelector('#graph .node[tabindex=\"0\"]');
            node.focus();
            node.dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], bubbles: true, cancelable: true }));";
        browser.run(press, vec![json!(key)]).await;
    };
    press("Home").await;
    browser.wait_for_text("#layer h3", "Input").await;
    // Down the ladder, by one of the two ways at each pair, to what reads the last sum.
    let at = async || browser.run("return document.querySelector('#graph .node[tabindex=\"0\"]').id", vec![]).await;
    let mut steps = 0;
    while browser.text("#layer h3").await != "Output" {
        let before = at().await;
        press("ArrowDown").await;
        support::until(async || at().await != before).await;
        steps += 1;
        assert!(steps <= 121, "no layer is come to twice");
    }
    assert!(steps > 60, "{steps} steps");
    assert_eq!(browser.count("#graph .node[tabindex='0']").await, 1, "one stop of the tabulator key");
    page.close().await;
}

#[tokio::test]
async fn a_model_that_is_not_supported_is_refused_with_all_that_is_not() {
    let Some(data) = support::testdata() else { return };
    let Some(page) = Page::open().await else { return };
    let browser = &page.browser;
    for (model, title, parts) in [
        (
            "models/onnx/linear_classifier/model.onnx",
            "2 nodes that are not supported",
            &["LinearClassifier", "Normalizer"][..],
        ),
        ("models/onnx/boosted_ai4i.onnx", "not supported", &["TreeEnsembleClassifier"]),
        ("models/onnx/mnist-external/mnist.onnx", "cannot be read", &["conv1.weight", "another file"]),
    ] {
        page.drop(&[&data.join(model)]).await;
        browser.wait_for_text("#model .failure", title).await;
        let said = browser.text("#model .failure").await;
        assert!(parts.iter().all(|part| said.contains(part)), "{model}: {said}");
        page.browser.click("#zoo-0").await;
        browser.wait_for_text("#status", "ready").await;
    }
    page.close().await;
}

#[tokio::test]
async fn a_table_is_chosen_by_its_columns() {
    let Some(data) = support::testdata() else { return };
    let Some(page) = Page::open().await else { return };
    let browser = &page.browser;
    page.drop(&[&data.join("sensors/occupancy/datatest.csv")]).await;
    page.browser.view("data").await;
    // Digits have 64 numbers, five columns are no part of that.
    browser.wait_for_text("#columns-why", "choose").await;
    browser.wait_for_text("#files .failure", "columns").await;
    assert_eq!(browser.count("#columns tbody tr:not(.roles)").await, 6, "the first rows");
    for column in [2, 3, 4, 5, 6] {
        browser.wait_for_text("#columns thead", "HumidityRatio").await;
        if column != 2 && column != 3 {
            browser.click(&format!("#feature-{column}")).await;
        }
    }
    // Two columns over 32 rows are a sample.
    browser.wait_for_text("#data-status", "samples of").await;
    browser.wait_for_text("#sides-classes", "1").await;
    page.close().await;
}
