//! Broken models in the sandbox: each is refused with a typed error, or runs. None traps, runs into the deadline or takes
//! more memory than the cap.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mote::sandbox::{Engine, LoadOptions, Sandbox, Session, Settings, guest};
use mote_abi::ClientError;
use mote_models::data::csv::{Column, Table};

/// What must become of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Must {
    Refuse,
    /// Refused or run, either will do.
    Survive,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Refused,
    Ran,
}

#[test]
fn every_broken_model_is_refused_or_runs_in_both_builds() {
    let Some(testdata) = common::testdata::folder() else { return };
    let corpus = corpus(&testdata.join("malformed"));
    assert!(corpus.len() >= 58, "the corpus has {} models", corpus.len());
    let engine = Engine::new(Settings::default()).unwrap();
    let mut wrong = Vec::new();
    for (build, wasm) in [("simd128", guest::SIMD128), ("relaxed", guest::RELAXED_SIMD)] {
        let sandbox = Sandbox::new(&engine, wasm).unwrap();
        let mut fates = BTreeMap::from([("refused", 0), ("ran", 0)]);
        for (name, (must, bytes)) in &corpus {
            match (must, fate(&sandbox, bytes)) {
                (Must::Refuse | Must::Survive, Ok(Fate::Refused)) => *fates.entry("refused").or_default() += 1,
                (Must::Survive, Ok(Fate::Ran)) => *fates.entry("ran").or_default() += 1,
                (must, fate) => wrong.push(format!("{build}: {name} must {must:?}: {fate:?}")),
            }
        }
        println!("{build}: {} models, {fates:?}", corpus.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Loads a model and runs it on zeros. Whatever is neither success nor the guest's own refusal is an error.
fn fate(sandbox: &Sandbox, model: &[u8]) -> Result<Fate, String> {
    let run = |mut session: Session| {
        let zeros: Vec<_> = session.description().inputs.iter().map(|input| vec![0; input.bytes as usize]).collect();
        session.infer(&zeros)
    };
    match sandbox.load(model, &LoadOptions::default()).and_then(run) {
        Ok(_) => Ok(Fate::Ran),
        Err(ClientError::Guest(_)) => Ok(Fate::Refused),
        Err(error) => Err(error.to_string()),
    }
}

/// The .tflite files of the corpus by name.
fn corpus(folder: &Path) -> BTreeMap<String, (Must, Vec<u8>)> {
    let mut corpus = BTreeMap::new();
    let derived = folder.join("derived");
    let index = Table::read(&fs::read(derived.join("index.csv")).unwrap()).unwrap();
    let column = |name: &str| index.text(&Column::Name(name.into())).unwrap();
    for (file, must) in column("file").into_iter().zip(column("must")) {
        if file.ends_with(".tflite") {
            let must = match must {
                "refuse" => Must::Refuse,
                "survive" => Must::Survive,
                other => panic!("{file}: must {other}"),
            };
            corpus.insert(file.to_owned(), (must, fs::read(derived.join(file)).unwrap()));
        }
    }
    for entry in fs::read_dir(folder.join("tflite")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        corpus.insert(name, (Must::Survive, fs::read(&path).unwrap()));
    }
    corpus
}
