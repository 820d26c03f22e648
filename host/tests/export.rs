//! `mote export`, and ONNX files wherever a model is taken.

mod common;

use std::process::Command;

use common::command::Mote;
use mote_models::graph::{Graph, Metadata};
use mote_models::zoo::DIGITS;
use mote_models::{export, import, passes};
use serde_json::json;

#[test]
fn an_exported_model_computes_the_same() {
    let mote = Mote::new();
    mote.file("set.npz", DIGITS.test_data);
    let report = mote.json(&["export", "zoo:digits", "-o", "out.tflite", "-o", "labels.txt"]);
    assert_eq!(report["written"].as_array().unwrap().len(), 2);
    let (own, out) = (mote.json(&["eval", "zoo:digits"]), mote.json(&["eval", "out.tflite", "set.npz"]));
    assert_eq!((&own["top1"], &own["samples"], &own["classes"]), (&out["top1"], &out["samples"], &out["classes"]));
    assert_eq!(std::fs::read_to_string(mote.path("labels.txt")).unwrap(), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert!(mote.ok(&["export", "zoo:digits", "-o", "out.tflite"]).contains("out.tflite"));
    // What it tells of itself, it tells again; and nothing is added the second time.
    mote.ok(&["export", "out.tflite", "-o", "again.tflite"]);
    assert!(std::fs::read(mote.path("out.tflite")).unwrap() == std::fs::read(mote.path("again.tflite")).unwrap());
}

#[test]
fn a_header_and_its_source_are_one_output() {
    let mote = Mote::new();
    for (args, written) in
        [(["-o", "a.h", "-o", "a.cc"], ["a.h", "a.cc"]), (["-o", "b.cpp", "-o", "b.h"], ["b.h", "b.cpp"])]
    {
        let report = mote.json(&[&["export", "zoo:digits"][..], &args].concat());
        let files: Vec<&str> =
            report["written"].as_array().unwrap().iter().map(|w| w["file"].as_str().unwrap()).collect();
        assert_eq!(files, written);
    }
}

/// The C++ is compiled by the system's compiler and prints the model's bytes and classes.
#[test]
fn exported_c_is_the_model_with_its_arena_and_classes() {
    let mote = Mote::new();
    let report = mote.json(&["export", "zoo:digits", "-o", "float.cc", "-o", "tiny-digits.h", "--classes", &classes()]);
    let written: Vec<&str> =
        report["written"].as_array().unwrap().iter().map(|w| w["file"].as_str().unwrap()).collect();
    assert_eq!(written, ["float.h", "float.cc", "tiny-digits.h", "tiny-digits.c"]);
    let arena = report["micro_arena_bytes"].as_u64().unwrap();
    let compilers = ["c++", "g++", "clang++"];
    let there = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
    let Some(compiler) = compilers.iter().find(there) else {
        println!("skipped: no C++ compiler on PATH, of {}", compilers.join(", "));
        return;
    };
    let graph = Graph { metadata: Metadata::default(), ..import::tflite(DIGITS.int8).unwrap() };
    let model = export::tflite(&passes::simplify(graph).unwrap()).unwrap();
    // A header named after a keyword, and one with a name that is no identifier.
    for (file, source, name) in [("float", "float.cc", "model_float"), ("tiny-digits", "tiny-digits.c", "tiny_digits")]
    {
        let upper = name.to_uppercase();
        let main = format!(
            "#include <cstdint>\n#include <cstdio>\n#include \"{file}.h\"\n\
             struct Resolver {{ int AddConv2D() {{ return 0; }} int AddFullyConnected() {{ return 0; }}\n\
             int AddMaxPool2D() {{ return 0; }} int AddReshape() {{ return 0; }} int AddSoftmax() {{ return 0; }}\n\
             int AddMean() {{ return 0; }} int AddAveragePool2D() {{ return 0; }} int AddDepthwiseConv2D() {{ return 0; }} }};\n\
             alignas(16) static uint8_t arena[{upper}_ARENA_BYTES];\n\
             int main() {{\n  Resolver resolver;\n\
             if (reinterpret_cast<uintptr_t>({name}) % 16 || !{name}_register(resolver)) return 1;\n\
             std::printf(\"%zu\\n\", sizeof arena);\n\
             for (int k = 0; k < {upper}_CLASSES; k++) std::puts({name}_labels[k]);\n\
             return std::fwrite({name}, 1, {upper}_BYTES, stdout) == {upper}_BYTES ? 0 : 1;\n}}\n"
        );
        mote.file("main.cc", main);
        let command = |args: &[&str]| Command::new(compiler).args(args).current_dir(mote.path("")).output().unwrap();
        let built = command(&["-std=c++17", "-Wall", "-Wextra", "-x", "c++", "main.cc", source, "-o", "print"]);
        assert!(built.status.success(), "{source}: {}", String::from_utf8_lossy(&built.stderr));
        let printed = Command::new(mote.path("print")).output().unwrap();
        let classes = classes().replace(',', "\n");
        let expected = [format!("{arena}\n{classes}\n").into_bytes(), model.clone()].concat();
        assert!(printed.status.success() && printed.stdout == expected, "{source}: other bytes");
    }
}

fn classes() -> String {
    (0..10).map(|n| format!("digit {n}")).collect::<Vec<_>>().join(",")
}

#[test]
fn a_sparse_file_is_smaller_and_computes_the_same() {
    let mote = Mote::new();
    mote.file("set.npz", DIGITS.test_data);
    mote.ok(&["prune", "zoo:digits", "--sparsity", "90%", "-o", "pruned.tflite", "--runs", "0"]);
    mote.ok(&["export", "pruned.tflite", "-o", "sparse.tflite", "--sparse"]);
    let bytes = |name: &str| std::fs::metadata(mote.path(name)).unwrap().len();
    assert!(bytes("sparse.tflite") < bytes("pruned.tflite") * 2 / 3);
    let top1 = |name: &str| mote.json(&["eval", name, "set.npz"])["top1"].clone();
    assert_eq!(top1("sparse.tflite"), top1("pruned.tflite"));
    // C is for TensorFlow Lite Micro, so its bytes are dense.
    mote.ok(&["export", "sparse.tflite", "-o", "dense.h", "--sparse"]);
    assert!(std::fs::read_to_string(mote.path("dense.h")).unwrap().contains("AddConv2D"));
}

#[test]
fn a_recipe_is_exported_and_makes_the_model_again() {
    let mote = Mote::new();
    mote.ok(&["quantize", "zoo:digits", "-o", "made.tflite", "--plain", "--runs", "0"]);
    mote.ok(&["export", "made.tflite", "-o", "recipe.toml"]);
    for recipe in ["recipe.toml", "made.tflite"] {
        mote.ok(&["compress", "zoo:digits", "--recipe", recipe, "-o", "again.tflite", "--runs", "0"]);
        let [made, again] = ["made.tflite", "again.tflite"].map(|name| std::fs::read(mote.path(name)).unwrap());
        assert!(made == again, "{recipe}");
    }
}

#[test]
fn failures_have_their_exit_code_and_a_remedy() {
    let mote = Mote::new();
    mote.file("model.tflite", DIGITS.int8);
    mote.file("broken.tflite", b"no model");
    mote.file("broken.onnx", b"no model");
    for (code, args, words) in [
        (1, &["export", "zoo:digits", "-o", "missing/out.tflite"][..], ["missing/out.tflite", "folder"]),
        (2, &["export", "zoo:digits"], ["--output", "Usage"]),
        (2, &["export", "model.tflite", "-o", "labels.txt"], ["model.tflite", "--classes"]),
        (2, &["export", "model.tflite", "-o", "out.tflite", "--classes", "a,b"], ["10 names", "found 2"]),
        (2, &["export", "model.tflite", "-o", "out.bin"], ["out.bin", ".tflite"]),
        (2, &["export", "model.tflite", "-o", "recipe.toml"], ["model.tflite", "quantize"]),
        (2, &["export", "model.tflite", "-o", "./model.tflite"], ["would be overwritten", "another name"]),
        (2, &["export", "model.tflite", "-o", "a.c", "-o", "a.cc"], ["a.h", "written twice"]),
        (3, &["export", "broken.tflite", "-o", "out.tflite"], ["broken.tflite", "malformed"]),
        (3, &["inspect", "broken.onnx"], ["broken.onnx", "malformed"]),
    ] {
        let stderr = mote.fails(code, args);
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
    }
    assert!(std::fs::read(mote.path("model.tflite")).unwrap() == DIGITS.int8, "the source is as it was");
}

#[test]
fn onnx_files_go_wherever_models_go() {
    let Some(testdata) = common::testdata::folder() else { return };
    let mote = Mote::new();
    let kws = testdata.join("models/onnx/kws_submission.onnx").to_string_lossy().into_owned();
    let inspected = mote.json(&["inspect", &kws]);
    mote.ok(&["export", &kws, "-o", "kws.tflite"]);
    let exported = mote.json(&["inspect", "kws.tflite"]);
    assert_eq!((&inspected["macs"], &inspected["ops"]), (&exported["macs"], &exported["ops"]));
    // golden/accuracy.csv of the test data: ONNX Runtime tells 0.9143 of the 502 samples, of which the real value is
    // (stored - 83) * 0.5847029.
    let data = |name: &str| testdata.join("samples/kws01").join(name).to_string_lossy().into_owned();
    let (x, y) = (data("kws01_x.npy"), data("kws01_labels.csv"));
    let samples = [&x, "--labels", &y, "--mean", "83", "--deviation", "1.7102703"];
    let eval = mote.json(&[&["eval", &kws], &samples[..], &["--jobs", "2"]].concat());
    assert_eq!((&eval["right"], &eval["samples"]), (&json!(459), &json!(502)));

    let args = [&["quantize", &kws], &samples[..], &["-o", "kws8.tflite", "--save-recipe", "r.toml", "--runs", "0"]];
    let report = mote.json(&args.concat());
    let judged = &report["judged"]["variants"];
    let top1 = |k: usize| judged[k]["accuracy"]["top1"]["value"].as_f64().unwrap();
    assert!(top1(1) > top1(0) - 0.03, "{judged}");
    mote.ok(&[&["compress", &kws], &samples[..], &["-o", "again.tflite", "--recipe", "r.toml", "--runs", "0"]].concat());
    assert!(std::fs::read(mote.path("kws8.tflite")).unwrap() == std::fs::read(mote.path("again.tflite")).unwrap());
}
