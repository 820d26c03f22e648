//! Files that are broken, hostile or not supported: each is refused with an error that says all that it should.

use std::fs;

use mote_models::export;
use mote_models::import::onnx;
use mote_models::import::{FileErrorKind, ImportError};

use crate::build::{self, FLOAT, INT64, Model, field, floats, image_network, int64s, node, node_of, subgraph, value};
use crate::common;

/// Imports; what comes through must be sound, and what does not must leave no gap in its error.
fn survive(name: &str, file: &[u8]) -> bool {
    match onnx::import(file) {
        Ok(graph) => {
            export::tflite(&graph).unwrap_or_else(|e| panic!("{name}: imported, and not sound: {e}"));
            false
        }
        Err(ImportError::File(error)) => {
            let gap = [&error.place, &error.expected, &error.found].iter().any(|text| text.is_empty());
            assert!(!gap, "{name}: an error with a gap: {error:?}");
            true
        }
        Err(ImportError::Nodes(nodes)) => {
            assert!(nodes.iter().all(|node| !node.why.is_empty() && !node.remedy.is_empty()), "{name}: {nodes:?}");
            true
        }
    }
}

fn refusal(file: &[u8]) -> String {
    onnx::import(file).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn every_prefix_and_every_changed_byte_is_refused_or_survived() {
    let file = image_network().file(13);
    assert!(!survive("whole", &file));
    let mut refused = 0;
    for length in 0..file.len() {
        refused += usize::from(survive(&format!("the first {length} bytes"), &file[..length]));
    }
    // The graph comes first: without the operator set behind it nothing is a model.
    assert_eq!(refused, file.len());
    for at in 0..file.len() {
        for mask in [0x01, 0x80, 0xFF] {
            let mut bytes = file.clone();
            bytes[at] ^= mask;
            survive(&format!("byte {at} changed by {mask:#04x}"), &bytes);
        }
    }
}

#[test]
fn broken_files_of_the_test_data_are_refused_as_their_index_says() {
    let Some(folder) = common::testdata("broken_files_of_the_test_data_are_refused_as_their_index_says") else {
        return;
    };
    let folder = folder.join("malformed/derived");
    let index = fs::read_to_string(folder.join("index.csv")).unwrap();
    let mut files = 0;
    for row in index.lines().filter(|row| row.starts_with("onnx/")) {
        let columns: Vec<&str> = row.split(',').collect();
        let (name, must) = (columns[0], columns[columns.len() - 2]);
        let refused = survive(name, &fs::read(folder.join(name)).unwrap());
        assert!(refused || must == "survive", "{row}");
        files += 1;
    }
    println!("{files} broken files");
    assert!(files > 30, "{files}");
}

#[test]
fn a_files_format_is_found_by_its_bytes() {
    use mote_models::import;
    assert_eq!(import::model(&image_network().file(13)), onnx::import(&image_network().file(13)));
    let tflite = mote_models::zoo::ALL[0].float;
    assert_eq!(import::model(tflite), import::tflite(tflite));
    assert!(import::model(b"neither").is_err());
}

#[test]
fn nodes_that_are_not_supported_are_listed_together() {
    let mut model = image_network();
    model.nodes.insert(1, node("If", &["c"], &["i"], &[subgraph("then_branch")]));
    model.nodes.insert(2, node("Frobnicate", &["i"], &["j"], &[]));
    model.nodes.push(node_of("ai.onnx.ml", "Normalizer", &["y"], &["z"], &[]));
    let Err(ImportError::Nodes(nodes)) = onnx::import(&model.file(13)) else { panic!("not refused by node") };
    let told: Vec<_> = nodes.iter().map(|n| (n.index, n.name.as_str(), n.op.as_str(), n.version)).collect();
    assert_eq!(told, [(1, "i", "If", 13), (2, "j", "Frobnicate", 13), (7, "z", "ai.onnx.ml:Normalizer", 0)]);
    assert_eq!(nodes[0].dtypes, ["float32"]);
    assert!(nodes[0].why.contains("graph inside"), "{}", nodes[0].why);
}

#[test]
fn attributes_that_are_not_known_are_refused() {
    let mut model = image_network();
    model.nodes[1] = node("Relu", &["c"], &["r"], &[build::int("leak", 1)]);
    let error = refusal(&model.file(13));
    assert!(error.contains("the attribute leak"), "{error}");
}

#[test]
fn operator_sets_that_are_not_known_are_named() {
    let model = image_network();
    for opset in [0, 5, 29, i64::MAX] {
        let error = refusal(&model.file(opset));
        assert!(error.contains(&format!("operator set {opset}")), "{error}");
    }
}

#[test]
fn what_contradicts_itself_is_invalid() {
    let broken = |change: fn(&mut Model)| {
        let mut model = image_network();
        change(&mut model);
        match onnx::import(&model.file(13)) {
            Err(ImportError::File(error)) => (error.kind, error.to_string()),
            other => panic!("{other:?}"),
        }
    };
    type Change = fn(&mut Model);
    let cases: [(&str, Change, FileErrorKind, &str); 10] = [
        ("a cycle", |m| m.nodes[0] = node("Add", &["x", "y"], &["c"], &[]), FileErrorKind::Invalid, "a later node"),
        ("nobody's value", |m| m.nodes[0] = node("Relu", &["q"], &["c"], &[]), FileErrorKind::Invalid, "nobody writes"),
        ("written twice", |m| m.nodes.push(node("Relu", &["x"], &["c"], &[])), FileErrorKind::Invalid, "again"),
        ("no output", |m| m.outputs.clear(), FileErrorKind::Invalid, "at least one output"),
        ("too few weights", |m| m.initializers[3] = floats("h", &[3], &[0.0]), FileErrorKind::Invalid, "3 elements"),
        (
            "another depth",
            |m| m.initializers[2] = floats("g", &[1, 13], &[0.0; 13]),
            FileErrorKind::Invalid,
            "rows of 13",
        ),
        ("a huge constant", |m| m.initializers[3] = floats("h", &[1 << 40, 0], &[]), FileErrorKind::Limit, "bytes"),
        ("a huge input", |m| m.inputs[0] = value("x", FLOAT, &[1, 2, 1 << 30, 1 << 30]), FileErrorKind::Limit, "bytes"),
        ("nine axes", |m| m.inputs[0] = value("x", FLOAT, &[1; 9]), FileErrorKind::Limit, "8 axes"),
        ("an open height", |m| m.inputs[0] = value("x", FLOAT, &[1, 2, -1, 8]), FileErrorKind::Unsupported, "axis 2"),
    ];
    for (name, change, kind, text) in cases {
        let (found, error) = broken(change);
        assert_eq!(found, kind, "{name}: {error}");
        assert!(error.contains(text), "{name}: {error}");
    }
}

#[test]
fn numbers_of_a_file_are_never_multiplied_unchecked() {
    let far = i64::MAX;
    let with = |last: Vec<u8>, shape: &[i64], more: Vec<Vec<u8>>| Model {
        nodes: vec![last],
        initializers: more,
        inputs: vec![value("x", FLOAT, shape)],
        outputs: vec![value("y", FLOAT, &[1])],
    };
    let cut = node("Slice", &["x", "from", "to", "axes", "steps"], &["y"], &[]);
    let lists = |step: i64| {
        vec![int64s("from", &[0, 3]), int64s("to", &[far, -far]), int64s("axes", &[0, 1]), int64s("steps", &[step, -1])]
    };
    for step in [far, 2, i64::MIN] {
        survive(&format!("steps of {step}"), &with(cut.clone(), &[5, 4], lists(step)).file(13));
    }
    let large = [build::ints("strides", &[1 << 20]), build::ints("dilations", &[1 << 20])];
    for op in ["Conv", "ConvTranspose"] {
        let model = with(
            node(op, &["x", "w"], &["y"], &large),
            &[1, 1, 1 << 22],
            vec![floats("w", &[1, 1, 4096], &[0.0; 4096])],
        );
        assert!(survive(op, &model.file(13)));
    }
    let pool = node("MaxPool", &["x"], &["y"], &[build::ints("kernel_shape", &[1 << 20]), large[1].clone()]);
    assert!(survive("MaxPool", &with(pool, &[1, 1, 1 << 22], Vec::new()).file(13)));
    let steps = with(
        node("RNN", &["x", "w", "w"], &["y"], &[build::int("hidden_size", 1)]),
        &[1 << 24, 1, 1],
        vec![floats("w", &[1, 1, 1], &[0.0])],
    );
    assert!(refusal(&steps.file(13)).contains("steps"));
}

#[test]
fn limits_hold_before_memory_is_taken() {
    let mut model = image_network();
    model.nodes = vec![node("Relu", &["x"], &["c"], &[]); 10_001];
    assert!(refusal(&model.file(13)).contains("10000 nodes"));
    // Empty messages cost two bytes each.
    let graph = field(7, &[0x2A, 0x00].repeat(200_000));
    assert!(refusal(&graph).contains("100000"));
    // Constants that are computed: each within the limit of a tensor, all of them not.
    let fill = |k: usize| node("ConstantOfShape", &["s"], &[&format!("k{k}")], &[]);
    let model = Model {
        nodes: (0..100).map(fill).collect(),
        initializers: vec![int64s("s", &[4096, 4096])],
        inputs: vec![value("x", FLOAT, &[1])],
        outputs: vec![value("x", FLOAT, &[1])],
    };
    assert!(refusal(&model.file(13)).contains("computed constants"));
}

#[test]
fn a_batch_that_is_open_is_one_and_its_name_says_where_else() {
    let model = Model {
        nodes: vec![node("Relu", &["x"], &["y"], &[]), node("Relu", &["z"], &["w"], &[])],
        initializers: Vec::new(),
        inputs: vec![value("x", FLOAT, &[-1, 3]), value("z", INT64, &[5, -1])],
        outputs: vec![value("y", FLOAT, &[-1, 3])],
    };
    // The second output is not asked for; both inputs stay.
    let imported = onnx::read(&model.file(13)).unwrap();
    let shapes: Vec<_> = imported.inputs.iter().map(|placement| placement.shape.clone()).collect();
    assert_eq!(shapes, [vec![1, 3], vec![5, 1]]);
}
