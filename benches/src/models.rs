//! Whole models.

use std::path::PathBuf;
use std::{env, fs};

use mote_models::zoo;

/// A model to measure.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Its name in the figures.
    pub name: String,
    /// The `.tflite` file.
    pub model: Vec<u8>,
}

/// MLPerf Tiny's int8 models in the test data: name in the figures and of the golden data, file.
pub(crate) const MLPERF_TINY: [(&str, &str); 4] = [
    ("ic_resnet8_int8", "models/tflite/ic_resnet8_int8.tflite"),
    ("vww_mobilenetv1_int8", "models/tflite/vww_mobilenetv1_int8.tflite"),
    ("kws_dscnn_int8", "models/tflite/kws_dscnn_int8.tflite"),
    ("ad_autoencoder_int8", "models/tflite/ad_autoencoder_int8.tflite"),
];

/// The zoo's models, and MLPerf Tiny's where the test data is there. Says so where it is not.
#[must_use]
pub fn workloads() -> Vec<Workload> {
    let mut all = Vec::new();
    for model in zoo::ALL {
        for (kind, bytes) in [("int8", model.int8), ("float", model.float)] {
            all.push(Workload { name: format!("{}_{kind}", model.name), model: bytes.to_vec() });
        }
    }
    let folder = testdata();
    for (name, file) in MLPERF_TINY {
        match fs::read(folder.join(file)) {
            Ok(model) => all.push(Workload { name: name.into(), model }),
            Err(error) => eprintln!("{name}: left out, {file}: {error}; MOTE_TESTDATA names the test data"),
        }
    }
    all
}

pub(crate) fn testdata() -> PathBuf {
    match env::var_os("MOTE_TESTDATA") {
        Some(folder) => folder.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/testdata"),
    }
}
