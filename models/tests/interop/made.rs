//! Artefacts of this crate's own making: float networks quantized in every scheme, and pruned ones in the sparse encoding.

use std::fs;
use std::path::Path;

use mote_models::data::{Array, npz};
use mote_models::graph::Graph;
use mote_models::progress::Silent;
use mote_models::prune::weights;
use mote_models::quantize::{self, Options, Scheme};
use mote_models::run::{Engine as _, Native};
use mote_models::samples::Inputs;
use mote_models::{export, import, passes, zoo};

use crate::cases::{Case, seeded, whole};
use crate::compare::Allowed;
use crate::engines::Engine;

/// A float network with rows of its input, seeded where there are no others.
struct Float {
    name: String,
    graph: Graph,
    samples: Array,
}

/// Float networks of the shared test data, by their files' names; their golden inputs calibrate.
const FLOATS: [&str; 7] = [
    "ad_autoencoder_float",
    "hello_world_float",
    "ic_resnet8_float",
    "kws_dscnn_float",
    "magic_wand_float",
    "vww_mobilenetv1_float",
    "wand5_float",
];

pub(crate) fn cases(testdata: Option<&Path>) -> Vec<Case> {
    let mut floats: Vec<Float> = zoo::ALL.iter().map(|model| float(model.name, model.float, None)).collect();
    if let Some(folder) = testdata {
        for name in FLOATS {
            let file = fs::read(folder.join(format!("models/tflite/{name}.tflite"))).unwrap();
            let golden = fs::read(folder.join(format!("golden/tflite_{name}.npz"))).unwrap();
            let samples = npz::read(&golden).unwrap().take("input_0");
            floats.push(float(name, &file, samples));
        }
    }
    floats.iter().flat_map(|float| quantized(float).into_iter().chain(sparse(float))).collect()
}

fn float(name: &str, file: &[u8], samples: Option<Array>) -> Float {
    let graph = passes::simplify(import::tflite(file).unwrap()).unwrap();
    let samples = samples.unwrap_or_else(|| {
        let run = Native.load(file).unwrap();
        let input = &run.description().inputs[..1];
        let rows: Vec<u8> = (0..4).flat_map(|seed| seeded(input, seed).concat()).collect();
        let elements: Vec<f32> = rows.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
        Array::new([4, elements.len() / 4], elements).unwrap()
    });
    Float { name: name.into(), graph, samples }
}

/// The network in stored numbers, whole and in pieces.
fn quantized(float: &Float) -> Vec<Case> {
    let kinds = [(Scheme::Int8, "int8"), (Scheme::Int16x8, "16x8")];
    let of = |(scheme, kind)| whole("quantized here", &format!("{} to {kind}", float.name), &int(float, scheme));
    kinds.into_iter().flat_map(of).collect()
}

/// The network with three quarters of its weights at 0, in the sparse encoding, which TensorFlow Lite Micro does not read.
fn sparse(float: &Float) -> Vec<Case> {
    let options = weights::Options { sparsity: 0.75, ..weights::Options::default() };
    let (pruned, _) = weights::prune(float.graph.clone(), &options).unwrap();
    let stored =
        int(&Float { name: float.name.clone(), graph: pruned.clone(), samples: float.samples.clone() }, Scheme::Int8);
    let written = export::Options { sparse: true };
    let case = |kind: &str, graph: &Graph, litert: Allowed| {
        let case = Case::written("sparse", &format!("{} {kind}, sparse", float.name), graph, &written, None)?;
        Some(case.with(Engine::Micro, Allowed::Anything).with(Engine::LiteRt, litert))
    };
    // Dense layers of integers round otherwise, whole networks may be further off.
    let both = [case("float", &pruned, Allowed::Same), case("int8", &stored, Allowed::AnyValues)];
    both.into_iter().flatten().collect()
}

/// The network in stored numbers.
fn int(float: &Float, scheme: Scheme) -> Graph {
    let file = export::tflite(&float.graph).unwrap();
    let inputs = Inputs::new(&Native.load(&file).unwrap().description().inputs, vec![float.samples.clone()]).unwrap();
    let options = Options { scheme, ..Options::plain() };
    let made = quantize::run(&Native, &float.graph, &inputs, &options, &Silent);
    made.unwrap_or_else(|e| panic!("{} to {scheme:?}: {e}", float.name)).graph
}
