//! Models and samples as their owners have them, dropped on the page: real networks, real files. What is made of them here is what
//! the commands make of the same files, to the bit.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use mote_models::recipe::Recipe;
use mote_playground::format;
use serde_json::{Value, json};
use support::TempDir;
use support::browser::Browser;
use support::server::Server;

/// The arguments of the command that this program is to be, a JSON list.
const COMMAND: &str = "MOTE_TEST_COMMAND";

/// Not a test of its own: this program as the `mote` command, for the tests below. A process runs one command, since a command takes
/// Ctrl-C for itself.
#[test]
fn mote_command() {
    let Ok(arguments) = std::env::var(COMMAND) else { return };
    let arguments: Vec<String> = serde_json::from_str(&arguments).unwrap();
    let code = mote::commands::Cli::parse_from([vec!["mote".to_owned()], arguments].concat()).run();
    assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
}

/// Runs a command; what it prints as JSON.
fn mote(arguments: &[&str]) -> Value {
    let arguments = [&["--json"], arguments].concat();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "mote_command", "--nocapture"])
        .env(COMMAND, json!(arguments).to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "mote {arguments:?}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
    // The harness prints around it.
    let json = said.find('{').zip(said.rfind('}')).map(|(from, to)| &said[from..=to]);
    serde_json::from_str(json.unwrap_or_default()).unwrap_or_else(|error| panic!("mote {arguments:?}: {error}: {said}"))
}

struct Page {
    server: Server,
    browser: Browser,
    downloads: TempDir,
}

impl Page {
    /// The page, once its first model is ready; none where there is no page to test.
    async fn open() -> Option<Self> {
        let server = Server::start(&support::page_dir()?).await;
        let browser = Browser::open(&server.page()).await;
        browser.wait_for_text("#status", "ready").await;
        let downloads = TempDir::new();
        browser.download_to(downloads.path()).await;
        Some(Self { server, browser, downloads })
    }

    /// Drops files on the page, as from a folder.
    async fn drop(&self, files: &[&Path]) {
        let make = "const input = document.createElement('input');
            input.type = 'file'; input.multiple = true; input.id = 'from-a-folder';
            document.body.append(input);";
        self.browser.run(make, vec![]).await;
        let paths: Vec<String> = files.iter().map(|file| file.canonicalize().unwrap().display().to_string()).collect();
        self.browser.find("#from-a-folder").await.send_keys(&paths.join("\n")).await.unwrap();
        let drop = "const input = document.querySelector('#from-a-folder');
            const files = new DataTransfer();
            for (const file of input.files) files.items.add(file);
            input.remove();
            document.querySelector('main').dispatchEvent(
                new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));";
        self.browser.run(drop, vec![]).await;
    }

    /// Writes into a field and leaves it.
    async fn fill(&self, css: &str, text: &str) {
        let fill = "const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event('change', { bubbles: true }));";
        self.browser.find(css).await;
        self.browser.run(fill, vec![json!(css), json!(text)]).await;
    }

    /// The one file of this extension that was downloaded; it is taken away, so that the next one can be told from it.
    async fn arrived(&self, extension: &str) -> Vec<u8> {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(120);
        loop {
            let files = std::fs::read_dir(self.downloads.path()).unwrap().map(|file| file.unwrap().path());
            if let Some(file) = files.into_iter().find(|file| file.extension().is_some_and(|e| e == extension)) {
                let bytes = support::arrived(&file).await;
                std::fs::remove_file(file).unwrap();
                return bytes;
            }
            assert!(tokio::time::Instant::now() < deadline, "no .{extension} was downloaded");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    async fn close(self) {
        self.browser.close_clean(self.server.origin()).await;
    }
}

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
};

/// Drops a network and its samples, looks at both, makes two variants, takes them away: each is what `mote compress` makes of the
/// files and the recipe, as good as that says, and runs under `mote run`.
async fn from_files_to_artefacts(case: &Case) {
    let Some(data) = support::testdata() else { return };
    let Some(page) = Page::open().await else { return };
    let browser = &page.browser;
    let model = data.join(format!("models/tflite/{}.tflite", case.model));
    let [x, labels] = samples(&data, case.samples);
    page.drop(&[&model, &labels, &x]).await;
    browser.wait_for_text("#summary", case.model).await;
    assert_eq!(browser.count("#graph .node").await as usize, case.layers);

    page.browser.view("data").await;
    let prepared = format!("{} samples of float32 {}", case.count, case.shape);
    if let Some([mean, deviation]) = case.scale {
        browser.wait_for_text("#data-status", &format!("{} samples", case.count)).await;
        page.fill("#mean", mean).await;
        page.fill("#deviation", deviation).await;
    }
    browser.wait_for_text("#data-status", &prepared).await;
    page.fill("#class-names", case.classes).await;
    browser.wait_for_text("#sides-classes", case.classes.split(',').next().unwrap()).await;
    assert_eq!(browser.count("#sides-classes tbody tr").await as usize, case.classes.split(',').count());
    assert_eq!(browser.text("#data-warnings").await, "", "nothing is odd about them");
    browser.click("#evaluate-start").await;
    browser.wait_for_text("#evaluate-status", &format!("done: {} samples", case.count)).await;
    assert_eq!(browser.text("#report .figure:nth-child(1) .value").await, case.accuracy);

    page.browser.view("shrink").await;
    browser.wait_for_text("#split", &format!("of {} samples make the variant", case.count)).await;
    let folder = TempDir::new();
    for (row, prune, name) in [(2, None, "int8"), (3, Some("#prune-weights"), "int8, 50 % zeros")] {
        if let Some(prune) = prune {
            browser.click(prune).await;
        }
        browser.wait_for_text("#shrink-status", &format!("made {name}")).await;
        browser.click("#shrink-keep").await;
        browser.wait_for_text("#shrink-keep", "Kept").await;
        let take = async |extension: &str| {
            browser.click(&format!("#variants tbody tr:nth-child({row}) [data-file={extension}]")).await;
            page.arrived(extension).await
        };
        let (artefact, recipe) = (take("tflite").await, take("toml").await);
        let [recipe, made, taken] = [
            folder.file("recipe.toml", &recipe),
            folder.path().join("made.tflite"),
            folder.file("taken.tflite", &artefact),
        ];
        let arguments = ["compress", text(&model), text(&x), "--labels", text(&labels), "--recipe", text(&recipe)];
        let told = mote(&[&arguments[..], &["--output", text(&made), "--runs", "0"]].concat());
        assert!(std::fs::read(&made).unwrap() == artefact, "other bytes than {told:#}");
        let kept = Recipe::of_artefact(&artefact).unwrap().metadata;
        assert_eq!(kept.labels.join(","), case.classes, "the artefact tells the classes");
        assert!(kept.normalization.is_some(), "and how its input is made");
        for (variant, row) in [(0, 1), (1, row)] {
            let accuracy = told["judged"]["variants"][variant]["accuracy"]["top1"]["value"].as_f64().unwrap();
            let shown = browser.text(&format!("#variants tbody tr:nth-child({row})")).await;
            assert!(shown.contains(&format::percent(accuracy)), "the command's {accuracy}, the page's {shown}");
        }
        // The file alone knows how its input is made, and what its answers are called.
        let ran = mote(&["run", text(&taken), "--input", text(&x)]);
        assert_eq!(ran["samples"], case.count);
        assert_eq!(ran["outputs"][0]["answers"].as_array().map(Vec::len), Some(case.count));
    }
    page.close().await;
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
