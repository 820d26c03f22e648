//! The commands as a user runs them.

mod common;

use common::command::Mote;
use mote_models::data::{Array, npz};
use mote_models::tflite::{Model, Op, Tensor, TensorType, write};
use mote_models::zoo::DIGITS;
use serde_json::json;

/// The digits' golden inputs as an `.npz` in the folder, and the outputs that belong to them.
fn golden(mote: &Mote) -> Array {
    let bytes = include_bytes!("../../models/zoo/digits/digits_golden.npz");
    let mut golden = npz::read(bytes).unwrap();
    let inputs = golden.take("int8_input_0").unwrap();
    mote.file("inputs.npz", npz::write([("input_0", &inputs)]).unwrap());
    golden.take("int8_output_0_tflm").unwrap()
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let help = Mote::new().ok(&["--help"]);
    for word in [
        "inspect",
        "run",
        "eval",
        "bench",
        "quantize",
        "prune",
        "compress",
        "compare",
        "serve",
        "completions",
        "Exit codes:",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[test]
fn inspect_tells_what_is_in_a_model() {
    let mote = Mote::new();
    let report = mote.json(&["inspect", "zoo:digits"]);
    assert_eq!(report["inputs"][0]["shape"], json!([1, 8, 8, 1]));
    assert_eq!(report["outputs"][0]["shape"], json!([1, 10]));
    assert_eq!(report["file_bytes"], json!(DIGITS.int8.len()));
    assert!(report["macs"].as_u64().unwrap() > 0);
    let text = mote.ok(&["inspect", "zoo:digits"]);
    for word in ["CONV_2D", "DEPTHWISE_CONV_2D", "SOFTMAX", "1x8x8x1", "int8", "arena", "weights"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn inspect_reads_a_file_like_the_zoo() {
    let mote = Mote::new();
    mote.file("digits.tflite", DIGITS.int8);
    let (mut file, mut zoo) = (mote.json(&["inspect", "digits.tflite"]), mote.json(&["inspect", "zoo:digits"]));
    assert_eq!((file["model"].take(), zoo["model"].take()), (json!("digits.tflite"), json!("zoo:digits")));
    assert_eq!(file, zoo);
}

#[test]
fn run_writes_the_golden_bits_whatever_the_build_the_jobs_and_the_batch() {
    let mote = Mote::new();
    let expected = golden(&mote);
    for options in [
        &["--build", "simd128"][..],
        &["--build", "relaxed", "--jobs", "3"],
        &["--build", "reference"],
        // Six whole batches, and two samples that are left over.
        &["--batch", "5", "--jobs", "2"],
        &["--batch", "100"],
    ] {
        let args = [&["run", "zoo:digits", "--input", "inputs.npz", "--output", "outputs.npz"], options].concat();
        mote.ok(&args);
        let outputs = npz::read(&std::fs::read(mote.path("outputs.npz")).unwrap()).unwrap();
        assert_eq!(outputs.names(), "output_0");
        let found = outputs.get("output_0").unwrap();
        assert_eq!(found.elements(), expected.elements(), "{options:?}");
        assert_eq!(found.shape(), [32, 1, 10]);
    }
}

#[test]
fn run_prints_real_values_for_each_sample() {
    let mote = Mote::new();
    golden(&mote);
    let report = mote.json(&["run", "zoo:digits", "--input", "inputs.npz"]);
    assert_eq!(report["samples"], json!(32));
    let values = report["outputs"][0]["values"].as_array().unwrap();
    assert_eq!(values.len(), 32);
    for row in values {
        let sum: f64 = row.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).sum();
        // Probabilities in steps of 1/256, each rounded: ten of them miss 1 by at most five steps.
        assert!((sum - 1.0).abs() <= 5.0 / 256.0, "{row}");
    }
    let text = mote.ok(&["run", "zoo:digits", "--input", "inputs.npz"]);
    assert!(text.contains("... 12 more; --output FILE.npz writes them all"), "{text}");
}

#[test]
fn eval_of_a_zoo_model_needs_no_data() {
    let mote = Mote::new();
    let report = mote.json(&["eval", "zoo:digits", "--confusion"]);
    // accuracy.json beside the model.
    assert_eq!((&report["right"], &report["samples"]), (&json!(450), &json!(450)));
    assert_eq!(report["classes"].as_array().unwrap().len(), 10);
    assert_eq!(report["confusion"].as_array().unwrap().len(), 10);
    assert!(report["latency"]["median_s"].as_f64().unwrap() > 0.0);
    let text = mote.ok(&["eval", "zoo:digits"]);
    assert!(text.contains("top-1    1.0000 (450 of 450"), "{text}");
}

#[test]
fn eval_takes_labels_from_an_archive_a_table_or_folders() {
    let mote = Mote::new();
    mote.file("set.npz", DIGITS.test_data);
    let set = DIGITS.test_set().unwrap();
    mote.file("x.npy", mote_models::data::npy::write(&set.x));
    let rows: String = set.y.iter().enumerate().map(|(i, y)| format!("{i},{y}\n")).collect();
    mote.file("y.csv", format!("sample,digit\n{rows}"));
    let row = set.x.elements().to_le_bytes().len() / set.y.len();
    for (i, y) in set.y.iter().enumerate().take(20) {
        let reals: Vec<f32> = set.x.elements().to_le_bytes()[i * row..][..row]
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect();
        let array = Array::new([8, 8, 1], reals).unwrap();
        mote.file(&format!("folders/{y}/{i}.npy"), mote_models::data::npy::write(&array));
    }
    for (samples, args) in [
        (450, &["eval", "zoo:digits", "set.npz"][..]),
        (450, &["eval", "zoo:digits", "x.npy", "--labels", "y.csv", "--column", "digit"]),
        (450, &["eval", "zoo:digits", "x.npy", "--labels", "y.csv", "--column", "1"]),
        (20, &["eval", "zoo:digits", "folders"]),
    ] {
        let report = mote.json(args);
        assert_eq!((&report["right"], &report["samples"]), (&json!(samples), &json!(samples)), "{args:?}");
    }
}

#[test]
fn bench_times_runs_and_operators() {
    let mote = Mote::new();
    let report = mote.json(&["bench", "zoo:digits", "--runs", "5", "--warm-up", "1", "--ops"]);
    assert_eq!(report["latency"]["runs"], json!(5));
    let ops = mote.json(&["inspect", "zoo:digits"])["ops"].as_array().unwrap().len();
    assert_eq!(report["ops"].as_array().unwrap().len(), ops);
    assert!(report["ops"].as_array().unwrap().iter().all(|op| op["outputs"].as_u64().unwrap() > 0));
    let steps = mote.json(&["bench", "zoo:digits", "--runs", "5", "--guard", "steps"]);
    assert_eq!(steps["macs"], report["macs"]);
    assert_eq!(steps["peak_macs_per_second"], json!(null), "unless operators are timed");
    assert!(mote.ok(&["bench", "zoo:digits", "--runs", "2", "--ops"]).contains("all, one by one"));
    let together = mote.json(&["bench", "zoo:digits", "--runs", "2", "--jobs", "2"]);
    assert_eq!(together["throughput"]["jobs"], json!(2));
    assert_eq!(report["throughput"], json!(null), "unless it is asked for");
    let batch = mote.json(&["bench", "zoo:digits", "--runs", "2", "--batch", "3"]);
    assert_eq!(batch["batch"]["windows"], json!(3));
    assert!(batch["batch"]["together_s"].as_f64() > Some(0.0) && batch["batch"]["alone_s"].as_f64() > Some(0.0));
}

/// A sound model whose activations take a MiB.
fn wide() -> Vec<u8> {
    let tensor = |name| Tensor::new(name, TensorType::Float32, &[1, 1 << 18]);
    write(&Model::single(Op::Relu, 1, vec![tensor("x")], vec![tensor("y")]))
}

#[test]
fn failures_have_their_exit_code_and_name_the_file_and_a_remedy() {
    let mote = Mote::new();
    golden(&mote);
    mote.file("broken.tflite", b"no model");
    mote.file("wrong.npz", npz::write([("input_0", &Array::vector(vec![1i8, 2, 3]))]).unwrap());
    mote.file("notes.txt", b"no data");
    mote.file("samples.npy", b"no array");
    mote.file("wide.tflite", wide());
    let run = |input| ["run", "zoo:digits", "--input", input];
    for (code, args, words) in [
        (
            1,
            &["run", "zoo:digits", "--input", "inputs.npz", "--output", "missing/out.npz"][..],
            ["missing/out.npz", "folder"],
        ),
        (2, &["run", "zoo:digits"], ["--input", "Usage"]),
        (2, &["inspect", "zoo:digits", "--memory", "0"], ["--memory", "from 1 to 4096"]),
        (2, &["inspect", "zoo:digits", "--deadline", "-1"], ["--deadline", "above 0"]),
        (3, &["inspect", "missing.tflite"], ["missing.tflite", "no such file"]),
        (3, &["inspect", "broken.tflite"], ["broken.tflite", "malformed"]),
        (3, &["inspect", "zoo:missing"], ["zoo:missing", "zoo:digits"]),
        (4, &run("missing.npz"), ["missing.npz", "no such file"]),
        (4, &run("wrong.npz"), ["wrong.npz", "64 elements"]),
        (4, &run("notes.txt"), ["notes.txt", ".npz"]),
        (4, &run("samples.npy"), ["samples.npy", "NUMPY"]),
        (4, &["eval", "zoo:digits", "samples.npy"], ["samples.npy", "--labels"]),
        (3, &["inspect", "wide.tflite", "--memory", "1"], ["wide.tflite", "--memory MIB"]),
    ] {
        let stderr = mote.fails(code, args);
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
    }
    let stderr = mote.fails(3, &["inspect", "broken.tflite", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&stderr).unwrap();
    assert_eq!((&error["error"]["kind"], &error["error"]["what"]), (&json!("model"), &json!("broken.tflite")));
}

#[test]
fn eval_without_data_is_a_usage_error_unless_the_model_brings_its_own() {
    let mote = Mote::new();
    mote.file("digits.tflite", DIGITS.int8);
    assert!(mote.fails(2, &["eval", "digits.tflite"]).contains("DATA"));
}

#[test]
fn every_shell_gets_completions() {
    let mote = Mote::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(mote.ok(&["completions", shell]).contains("inspect"), "{shell}");
    }
}

/// Signals are caught from the moment that the kernel's list of caught signals says so.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_stops_long_work_with_its_own_exit_code() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::process::Stdio;

    let mote = Mote::new();
    let mut command = mote.command(&["bench", "zoo:digits", "--runs", "1000000000"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let catches_interrupt = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & 1 << (Signal::INT.as_raw() - 1) != 0
    };
    while !catches_interrupt() {
        std::thread::yield_now();
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{status}");
}
