//! What travels with a model, and the model as C.

mod common;

use std::fs;
use std::process::Command;

use mote_models::export::{self, c_source, labels_txt};
use mote_models::graph::{Graph, Metadata, Normalization};
use mote_models::run::{Engine, Native};
use mote_models::{import, zoo};
use mote_runtime::{LoadOptions, Session};

fn digits() -> Graph {
    import::tflite(zoo::DIGITS.int8).unwrap()
}

/// With everything that metadata can say.
fn told() -> Graph {
    let labels = ["zero", "one \"1\"", "zwei ü", "3", "4", "5", "6", "7", "8", "9??/"].map(String::from).to_vec();
    let normalization = Some(Normalization { mean: vec![127.5], deviation: vec![63.75] });
    let notes = [("recipe", "[quantize]\nscheme = \"int8\"\n"), ("source-sha256", "00ff")];
    let notes = notes.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    Graph { metadata: Metadata { labels, normalization, notes }, ..digits() }
}

#[test]
fn metadata_travels_with_the_file() {
    let graph = told();
    let file = export::tflite(&graph).unwrap();
    assert_eq!(import::tflite(&file).unwrap().metadata, graph.metadata);
    assert_eq!(export::tflite(&import::tflite(&file).unwrap()).unwrap(), file, "the same bytes again");
    assert!(Session::load(&file, &LoadOptions::default()).is_ok());
    assert!(export::tflite(&digits()).unwrap().len() < file.len());
    assert_eq!(import::tflite(&export::tflite(&digits()).unwrap()).unwrap().metadata, Metadata::default());
}

#[test]
fn each_part_of_the_metadata_travels_alone() {
    let all = told().metadata;
    let parts = [
        Metadata { labels: all.labels, ..Metadata::default() },
        Metadata { normalization: all.normalization, ..Metadata::default() },
        Metadata { notes: all.notes, ..Metadata::default() },
    ];
    for metadata in parts {
        let graph = Graph { metadata, ..digits() };
        assert_eq!(import::tflite(&export::tflite(&graph).unwrap()).unwrap().metadata, graph.metadata);
    }
}

#[test]
fn labels_lie_in_an_archive_behind_the_model() {
    let file = export::tflite(&told()).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&file)).unwrap();
    let text = std::io::read_to_string(archive.by_name("labels.txt").unwrap()).unwrap();
    assert_eq!(text, labels_txt(&told().metadata.labels));
    assert_eq!(text.lines().count(), 10);
}

#[test]
fn damaged_metadata_is_survived() {
    let mut file = export::tflite(&told()).unwrap();
    let own = file.windows(4).position(|window| window == b"M001").unwrap() - 4;
    for at in own..own + 300 {
        let kept = file[at];
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            file[at] = value;
            drop(import::tflite(&file));
        }
        file[at] = kept;
    }
    let archive = file.windows(4).position(|window| window == b"PK\x03\x04").unwrap();
    for at in archive..file.len() {
        let kept = std::mem::replace(&mut file[at], 0xff);
        drop(import::tflite(&file));
        file[at] = kept;
    }
    let error = import::tflite(&file[..archive]).unwrap_err().to_string();
    assert!(error.contains("labels.txt"), "{error}");
}

#[test]
fn the_oldest_runtime_that_knows_the_operators_is_named() {
    let file = export::tflite(&told()).unwrap();
    let name = b"min_runtime_version";
    assert!(file.windows(name.len()).any(|window| window == name));
    // Quantized convolutions of version 3 came with 1.14.
    assert!(file.windows(16).any(|window| window == b"1.14.0\0\0\0\0\0\0\0\0\0\0"));
}

#[test]
fn the_c_source_says_what_a_sketch_needs() {
    let graph = told();
    let file = export::tflite(&Graph { metadata: Metadata::default(), ..graph.clone() }).unwrap();
    let run = Native.load(&file).unwrap();
    let c = c_source("9 Digits", &graph, run.description()).unwrap();
    assert_eq!(c.name, "model_9_digits");
    let expected = [
        format!("#define MODEL_9_DIGITS_BYTES {}", file.len()),
        "#define MODEL_9_DIGITS_INPUT_ELEMENTS 64".into(),
        "#define MODEL_9_DIGITS_INPUT_SCALE 3.921569e-3f".into(),
        "#define MODEL_9_DIGITS_INPUT_ZERO_POINT (-128)".into(),
        "#define MODEL_9_DIGITS_INPUT_MEAN 1.275e2f".into(),
        "#define MODEL_9_DIGITS_INPUT_DEVIATION 6.375e1f".into(),
        "#define MODEL_9_DIGITS_CLASSES 10".into(),
        "resolver.AddConv2D() == 0".into(),
    ];
    for line in expected {
        assert!(c.header.contains(&line), "{line}\n{}", c.header);
    }
    let bytes = c.source.matches("0x").count();
    assert_eq!(bytes, file.len());
}

/// Compiles it as C and as C++, and runs what prints the bytes.
#[test]
fn the_c_source_is_c() {
    if Command::new("gcc").arg("--version").output().is_err() {
        println!("skipped: gcc is not on PATH");
        return;
    }
    let graph = told();
    let file = export::tflite(&Graph { metadata: Metadata::default(), ..graph.clone() }).unwrap();
    let run = Native.load(&file).unwrap();
    let c = c_source("digits", &graph, run.description()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("digits.h", &c.header);
    write("digits.c", &c.source);
    write(
        "main.c",
        "#include <stdio.h>\n#include <stdint.h>\n#include \"digits.h\"\nint main(void) {\n\
         if ((uintptr_t)digits % 16) return 1;\n\
         for (int k = 0; k < DIGITS_CLASSES; k++) puts(digits_labels[k]);\n\
         fwrite(digits, 1, DIGITS_BYTES, stdout);\nreturn 0;\n}\n",
    );
    let gcc = |args: &[&str]| {
        let mut command = Command::new("gcc");
        command.args(["-Wall", "-Wextra", "-Werror"]).args(args).current_dir(folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "gcc {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    for standard in ["c99", "c11"] {
        gcc(&[&format!("-std={standard}"), "digits.c", "main.c", "-o", "digits"]);
        let output = Command::new(folder.path().join("digits")).output().unwrap();
        assert!(output.status.success());
        let expected = [labels_txt(&graph.metadata.labels).into_bytes(), file.clone()].concat();
        assert!(output.stdout == expected, "{standard}");
    }
    if Command::new("g++").arg("--version").output().is_ok() {
        write(
            "sketch.cc",
            "#include \"digits.h\"\nstruct Resolver { int AddConv2D() { return 0; }\n\
             int AddFullyConnected() { return 0; } int AddMaxPool2D() { return 0; }\n\
             int AddReshape() { return 0; } int AddSoftmax() { return 0; } int AddMean() { return 0; }\n\
             int AddAveragePool2D() { return 0; } int AddDepthwiseConv2D() { return 0; } };\n\
             int main() { Resolver resolver; return digits_register(resolver) ? 0 : 1; }\n",
        );
        gcc(&["-fsyntax-only", "-x", "c++", "-std=c++17", "sketch.cc", "digits.c"]);
    }
}

#[test]
fn an_operator_that_micro_does_not_have_is_named() {
    let Some(folder) = common::testdata("an_operator_that_micro_does_not_have_is_named") else { return };
    let file = fs::read(folder.join("models/tflite_ops/l_simple_relu1_op.tflite")).unwrap();
    let graph = import::tflite(&file).unwrap();
    let run = Native.load(&file).unwrap();
    let error = c_source("relu1", &graph, run.description()).unwrap_err().to_string();
    assert!(error.contains("RELU_N1_TO_1"), "{error}");
}
