//! The commands that make a model from another, as a user runs them.

mod common;

use common::command::Mote;
use mote_models::data::{Array, npz};
use mote_models::zoo::DIGITS;
use serde_json::{Value, json};

/// Samples of the digits' set without labels in the folder, for calibration.
fn calibration(mote: &Mote) {
    let set = DIGITS.test_set().unwrap();
    let reals: Vec<f32> = (0..20 * 64).map(|i| set.x.elements().real(i).unwrap() as f32).collect();
    mote.file("calibration.npz", npz::write([("x", &Array::new([20, 8, 8, 1], reals).unwrap())]).unwrap());
}

/// The top-1 of what was made.
fn top1(report: &Value) -> &Value {
    &report["judged"]["variants"][1]["accuracy"]["top1"]["value"]
}

#[test]
fn a_quantized_model_does_what_its_report_says() {
    let mote = Mote::new();
    calibration(&mote);
    mote.file("set.npz", DIGITS.test_data);
    let args = ["quantize", "zoo:digits", "--calibrate", "calibration.npz", "-o", "made.tflite", "--runs", "3"];
    let report = mote.json(&args);
    let eval = mote.json(&["eval", "made.tflite", "set.npz"]);
    assert_eq!((top1(&report), &report["judged"]["samples"]), (&eval["top1"]["value"], &eval["samples"]));
    assert!(eval["top1"]["value"].as_f64().unwrap() > 0.99, "{eval}");
    let inspected = mote.json(&["inspect", "made.tflite"]);
    assert_eq!((&inspected["inputs"][0]["dtype"], &inspected["outputs"][0]["dtype"]), (&json!("int8"), &json!("int8")));
    assert_eq!(report["sizes"][1]["file_bytes"], inspected["file_bytes"]);
    assert!(inspected["file_bytes"].as_u64().unwrap() <= DIGITS.int8.len() as u64, "no larger than the converter's");
    assert_eq!(report["calibration"], json!({ "samples": 20, "data": "calibration.npz" }));
    assert_eq!(report["quantization"]["samples"], json!(20));
}

#[test]
fn samples_are_not_judged_by_that_the_model_was_made_by() {
    let mote = Mote::new();
    let report =
        mote.json(&["quantize", "zoo:digits", "-o", "made.tflite", "--calibration-samples", "50", "--runs", "0"]);
    assert_eq!(report["calibration"]["samples"], json!(50));
    assert_eq!(report["judged"]["samples"], json!(400));
    let text = mote.ok(&["quantize", "zoo:digits", "-o", "made.tflite", "--plain", "--runs", "0"]);
    for word in ["made by 100 samples", "judged on the 350 others", "written to made.tflite", "min-max", "CONV_2D"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_saved_recipe_makes_the_same_file() {
    let mote = Mote::new();
    calibration(&mote);
    mote.file("model.tflite", DIGITS.float);
    for (command, options) in [
        ("quantize", &["zoo:digits", "--scheme", "16x8", "--runs", "0"][..]),
        ("quantize", &["zoo:digits", "--layer", "dense_1:rounding=nearest", "--keep-float", "scores", "--runs", "0"]),
        (
            "quantize",
            &["model.tflite", "--calibrate", "calibration.npz", "--calibration", "mse", "--interface", "float"],
        ),
        ("prune", &["zoo:digits", "--sparsity", "70%", "--pattern", "kernels", "--runs", "0"]),
        ("prune", &["zoo:digits", "--macs", "40%", "--by", "activity", "--align", "4", "--runs", "0"]),
        ("prune", &["model.tflite", "--pattern", "2:4", "--scope", "per-layer", "--norm", "l1"]),
    ] {
        mote.ok(&[&[command, "-o", "made.tflite", "--save-recipe", "recipe.toml"], options].concat());
        // The data are no part of the recipe.
        let data: Vec<&str> = match options {
            [model, "--calibrate", file, ..] => vec![model, "--calibrate", file],
            [model, ..] => vec![model, "--runs", "0"],
            [] => unreachable!("a case names its model"),
        };
        mote.ok(&[&["compress", "--recipe", "recipe.toml", "-o", "again.tflite"], &data[..]].concat());
        let [made, again] = ["made.tflite", "again.tflite"].map(|name| std::fs::read(mote.path(name)).unwrap());
        assert!(made == again, "{command} {options:?}");
    }
}

#[test]
fn pruned_weights_are_counted_and_stay_pruned() {
    let mote = Mote::new();
    calibration(&mote);
    let prune = ["prune", "zoo:digits", "--sparsity", "0.8", "--runs", "0", "--calibrate", "calibration.npz"];
    let report = mote.json(&[&prune[..], &["-o", "pruned.tflite", "--save-recipe", "recipe.toml"]].concat());
    let non_zeros = |report: &Value| report["sizes"][1]["weights"]["non_zeros"].as_u64().unwrap();
    assert!(non_zeros(&report) < 4000, "{report}");
    assert!(report["sizes"][1]["gzip_bytes"].as_u64() < report["sizes"][0]["gzip_bytes"].as_u64());
    assert!(report["weights"]["layers"].as_array().unwrap().iter().any(|layer| layer["pruned"] == json!(true)));
    mote.file("set.npz", DIGITS.test_data);
    assert_eq!(top1(&report), &mote.json(&["eval", "pruned.tflite", "set.npz"])["top1"]["value"]);

    mote.file(
        "both.toml",
        std::fs::read_to_string(mote.path("recipe.toml")).unwrap() + "\n[quantize]\nscheme = \"int8\"\n",
    );
    let both = mote.json(&["compress", "zoo:digits", "--recipe", "both.toml", "-o", "both.tflite", "--runs", "0"]);
    assert!(non_zeros(&both) <= non_zeros(&report), "{both}");
    assert!(both["summaries"]["quantize"].is_object() && both["summaries"]["prune-weights"].is_object(), "{both}");
}

#[test]
fn removed_channels_shrink_the_model_and_its_work() {
    let mote = Mote::new();
    let prune = ["prune", "zoo:digits", "--macs", "0.3", "--by", "activity", "-o", "made.tflite", "--runs", "0"];
    let report = mote.json(&prune);
    let [before, after] = report["sizes"].as_array().unwrap().as_slice() else { panic!("{report}") };
    let ratio = |key: &str| after[key].as_f64().unwrap() / before[key].as_f64().unwrap();
    assert!(ratio("macs") <= 0.7 && ratio("file_bytes") < 0.95, "{report}");
    assert_eq!(after["macs"], mote.json(&["inspect", "made.tflite"])["macs"]);
    let layers = report["channels"]["layers"].as_array().unwrap();
    assert!(
        layers.iter().any(|layer| layer["channels_after"].as_u64() < layer["channels_before"].as_u64()),
        "{report}"
    );
    assert!(report.get("weights").is_none(), "{report}");
    let both = mote.json(&[&prune[..], &["--sparsity", "0.5"]].concat());
    assert!(both["weights"].is_object() && both["channels"].is_object(), "{both}");
    let text = mote.ok(&prune);
    assert!(text.contains("Channels") && text.contains("dense_1/MatMul"), "{text}");
}

#[test]
fn without_labels_nothing_is_judged_and_the_model_is_made_all_the_same() {
    let mote = Mote::new();
    calibration(&mote);
    mote.file("model.tflite", DIGITS.float);
    let report = mote.json(&["quantize", "model.tflite", "calibration.npz", "-o", "made.tflite"]);
    assert_eq!((&report["judged"], &report["calibration"]["samples"]), (&Value::Null, &json!(20)));
    let text = mote.ok(&["quantize", "model.tflite", "calibration.npz", "-o", "made.tflite"]);
    for word in ["before", "after", "not judged: there are no labels"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn failures_have_their_exit_code_and_a_remedy_and_write_nothing() {
    let mote = Mote::new();
    calibration(&mote);
    mote.file("model.tflite", DIGITS.float);
    mote.file("broken.tflite", b"no model");
    mote.file("wrong.npz", npz::write([("x", &Array::new([2, 3], vec![0.0f32; 6]).unwrap())]).unwrap());
    mote.file("typo.toml", "version = 1\n[quantise]\n");
    mote.file("other.toml", "version = 1\nsource-sha256 = \"00\"\n");
    mote.file("future.toml", "version = 99\n");
    let quantize = |rest: &[&'static str]| [&["quantize", "zoo:digits", "-o", "out.tflite"], rest].concat();
    let compress = |recipe| vec!["compress", "zoo:digits", "-o", "out.tflite", "--recipe", recipe];
    for (code, args, words) in [
        (
            1,
            vec!["quantize", "zoo:digits", "-o", "missing/out.tflite", "--runs", "0"],
            ["missing/out.tflite", "folder"],
        ),
        (2, vec!["quantize", "zoo:digits"], ["--output", "Usage"]),
        (2, vec!["quantize", "model.tflite", "-o", "out.tflite"], ["DATA is missing", "100 are plenty"]),
        (2, quantize(&["--scheme", "int4"]), ["int4", "weight-only"]),
        (2, quantize(&["--keep-float", "nowhere"]), ["nowhere", "dense_1"]),
        (2, quantize(&["--keep-float", "re_lu_1"]), ["may be any of", "more of the name"]),
        (2, quantize(&["--layer", "dense_1:speed=1"]), ["speed", "rounding"]),
        (2, vec!["prune", "zoo:digits", "-o", "out.tflite", "--sparsity", "2"], ["--sparsity", "from 0 to 1"]),
        (2, vec!["prune", "zoo:digits", "-o", "out.tflite", "--pattern", "4:2"], ["--pattern", "2:4"]),
        (
            2,
            vec!["prune", "zoo:digits", "-o", "out.tflite", "--channels", "0.5", "--macs", "0.5"],
            ["--channels", "--macs"],
        ),
        (2, compress("typo.toml"), ["line 2", "quantise"]),
        (2, compress("other.toml"), ["SHA-256", "source-sha256"]),
        (2, compress("future.toml"), ["version 1", "99"]),
        (2, compress("missing.toml"), ["missing.toml", "no such file"]),
        (3, vec!["quantize", "broken.tflite", "calibration.npz", "-o", "out.tflite"], ["broken.tflite", "malformed"]),
        (3, vec!["quantize", "zoo:digits:int8", "-o", "out.tflite"], ["quantized already", "float model"]),
        (4, vec!["quantize", "model.tflite", "wrong.npz", "-o", "out.tflite"], ["wrong.npz", "64 elements"]),
        (4, vec!["quantize", "model.tflite", "missing.npz", "-o", "out.tflite"], ["missing.npz", "no such file"]),
    ] {
        let stderr = mote.fails(code, &args);
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
        assert!(!mote.path("out.tflite").exists(), "{args:?}");
    }
}

#[test]
fn any_number_of_instances_makes_the_same_file_and_report() {
    let mote = Mote::new();
    let commands = [
        &["quantize", "zoo:digits", "--runs", "0", "-o"][..],
        &["prune", "zoo:digits", "--macs", "40%", "--by", "activity", "--runs", "0", "-o"],
        &["quantize", "zoo:digits", "--scheme", "16x8", "--interface", "float", "--runs", "0", "-o"],
    ];
    for command in commands {
        let made = |jobs| {
            let report = mote.json(&[command, &["made.tflite", "--jobs", jobs]].concat());
            (report, std::fs::read(mote.path("made.tflite")).unwrap())
        };
        let (report, file) = made("1");
        for jobs in ["2", "5"] {
            let other = made(jobs);
            assert!(other.1 == file, "{command:?} --jobs {jobs}: another file");
            assert_eq!(other.0, report, "{command:?} --jobs {jobs}");
        }
    }
}

#[test]
fn names_and_normalization_travel_in_the_file_and_are_used() {
    let mote = Mote::new();
    let set = DIGITS.test_set().unwrap();
    // The set as a camera would give it: 0 to 255 where the model takes 0 to 1.
    let raw: Vec<f32> = (0..set.x.elements().len()).map(|i| set.x.elements().real(i).unwrap() as f32 * 255.0).collect();
    let (x, y) = (Array::new(set.x.shape(), raw).unwrap(), set.y.iter().map(|&y| y as i64).collect::<Vec<_>>());
    mote.file("raw.npz", npz::write([("x", &x), ("y", &Array::vector(y))]).unwrap());
    mote.file("model.tflite", DIGITS.float);
    let names: String = (0..10).map(|n| format!("digit {n}\n")).collect();
    mote.file("labels.txt", &names);
    let told = ["--labels", "labels.txt", "--mean", "0", "--deviation", "255", "--runs", "0"];
    let quantize = [&["quantize", "model.tflite", "raw.npz", "-o", "made.tflite"], &told[..]].concat();
    let report = mote.json(&quantize);
    assert!(top1(&report).as_f64().unwrap() > 0.98, "{report}");

    let inspected = mote.json(&["inspect", "made.tflite"]);
    assert_eq!(inspected["metadata"]["labels"][3], json!("digit 3"));
    assert_eq!(inspected["metadata"]["normalization"], json!({ "mean": [0.0], "deviation": [255.0] }));
    let text = mote.ok(&["inspect", "made.tflite"]);
    for word in ["classes", "10: digit 0, digit 1", "(value - 0) / 255", "recipe", "source-sha256"] {
        assert!(text.contains(word), "{word}: {text}");
    }

    // The same data, told nothing: the file knows.
    let run = mote.run(&["eval", "made.tflite", "raw.npz"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("(value - 0) / 255") && run.stderr.contains("--mean 0 --deviation 1"), "{run:?}");
    assert!(run.stdout.contains("3 digit 3"), "{run:?}");
    let as_it_is = mote.json(&["eval", "made.tflite", "raw.npz", "--mean", "0", "--deviation", "1"]);
    assert!(as_it_is["top1"]["value"].as_f64().unwrap() < 0.9, "{as_it_is}");
    let outputs = mote.run(&["run", "made.tflite", "--input", "raw.npz", "--json"]);
    let outputs: Value = serde_json::from_str(&outputs.stdout).unwrap();
    let right =
        (0..set.y.len()).filter(|&i| outputs["outputs"][0]["answers"][i] == json!(format!("digit {}", set.y[i])));
    assert!(right.count() * 100 > set.y.len() * 98, "{outputs}");
    assert!(mote.run(&["run", "made.tflite", "--input", "raw.npz"]).stdout.contains("Answer"));

    // And the recipe in the file makes it again from the same data, which it knows how to take.
    let again = ["compress", "model.tflite", "raw.npz", "--recipe", "made.tflite", "-o", "again.tflite", "--runs", "0"];
    mote.ok(&again);
    assert!(std::fs::read(mote.path("made.tflite")).unwrap() == std::fs::read(mote.path("again.tflite")).unwrap());
    let stderr = mote.fails(2, &[&quantize[..7], &["--classes", "a,b"]].concat());
    assert!(stderr.contains("--classes"), "{stderr}");
}

#[test]
fn sparse_files_are_made_where_they_are_asked_for() {
    let mote = Mote::new();
    let prune = ["prune", "zoo:digits", "--sparsity", "0.9", "--runs", "0", "-o", "made.tflite"];
    let (dense, sparse) = (mote.json(&prune), mote.json(&[&prune[..], &["--sparse"]].concat()));
    let bytes = |report: &Value| report["sizes"][1]["file_bytes"].as_u64().unwrap();
    assert!(bytes(&sparse) < bytes(&dense) * 2 / 3, "{sparse}");
    assert!(dense["sparse_weights"] == json!(0) && sparse["sparse_weights"].as_u64().unwrap() > 1, "{sparse}");
    assert_eq!(top1(&sparse), top1(&dense));
    assert_eq!(sparse["recipe"]["export"], json!({ "sparse": true }));
    let text = mote.ok(&["quantize", "zoo:digits", "--plain", "--sparse", "--runs", "0", "-o", "made.tflite"]);
    assert!(text.contains("all are dense"), "{text}");
}

#[test]
fn a_page_shows_what_was_made_and_what_was_done() {
    let mote = Mote::new();
    let prune = ["prune", "zoo:digits", "--macs", "40%", "--by", "activity", "--sparsity", "0.5", "--runs", "0"];
    let report = mote.json(&[&prune[..], &["-o", "made.tflite", "--html", "page.html"]].concat());
    let layers = report["activity"]["layers"].as_array().unwrap();
    assert!(layers.iter().all(|layer| (0.0..=1.0).contains(&layer["idle"].as_f64().unwrap())), "{report}");
    assert!(
        layers.iter().any(|layer| layer["idle"].as_f64().unwrap() > 0.0),
        "some neuron rests on some sample: {report}"
    );
    let page = std::fs::read_to_string(mote.path("page.html")).unwrap();
    for word in ["Side by side", "Activity", "Near zero", "Pruned channels", "Pruned weights", "<svg"] {
        assert!(page.contains(word), "{word}");
    }
    let text = mote.ok(&[&prune[..], &["-o", "made.tflite"]].concat());
    assert!(text.contains("Saturated") && text.contains("Silent"), "{text}");
}

#[test]
fn nothing_that_is_read_is_overwritten() {
    let mote = Mote::new();
    mote.file("model.tflite", DIGITS.float);
    mote.file("set.npz", DIGITS.test_data);
    let quantize = ["quantize", "model.tflite", "set.npz", "--plain", "--runs", "0"];
    for (options, word) in [
        (&["-o", "model.tflite"][..], "is read here"),
        (&["-o", "./set.npz"], "is read here"),
        (&["-o", "a.tflite", "--save-recipe", "a.tflite"], "written twice"),
        (&["-o", "a.tflite", "--html", "a.tflite"], "written twice"),
    ] {
        let stderr = mote.fails(2, &[&quantize[..], options].concat());
        assert!(stderr.contains(word), "{options:?}: {stderr}");
    }
    for command in [
        &["run", "model.tflite", "--input", "set.npz", "--output", "set.npz"][..],
        &["compare", "model.tflite", "zoo:digits", "--data", "set.npz", "--html", "model.tflite"],
        &["autopsy", "model.tflite", "zoo:digits", "set.npz", "--html", "set.npz"],
        &["search", "model.tflite", "set.npz", "-o", "model.tflite"],
    ] {
        let stderr = mote.fails(2, command);
        assert!(stderr.contains("is read here"), "{command:?}: {stderr}");
    }
    assert!(std::fs::read(mote.path("model.tflite")).unwrap() == DIGITS.float);
    assert!(std::fs::read(mote.path("set.npz")).unwrap() == DIGITS.test_data);
}
