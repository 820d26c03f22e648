//! What the measurements share: the folder of test data, and its labelled samples.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use mote_models::data::Array;
use mote_models::judge::{TestSet, Truth};
use mote_models::samples::LabelledSet;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// `MOTE_TESTDATA`, or `../shared/testdata` beside the checkout.
pub(crate) fn testdata() -> PathBuf {
    std::env::var_os("MOTE_TESTDATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/testdata"), PathBuf::from)
}

/// The keyword features in the float model's units; the test data's README has the scale.
pub(crate) fn kws(folder: &Path) -> Result<TestSet> {
    labelled(folder, "kws01", |stored| (stored - 83.0) * 0.584_702_9)
}

/// The photographs, from 0 to 1.
pub(crate) fn vww(folder: &Path) -> Result<TestSet> {
    labelled(folder, "vww01", |pixel| pixel / 255.0)
}

fn labelled(folder: &Path, name: &str, real: impl Fn(f32) -> f32) -> Result<TestSet> {
    let read = |what: &str| fs::read(folder.join(format!("samples/{name}/{name}_{what}")));
    let LabelledSet { x, y, .. } = LabelledSet::from_npy_and_csv(&read("x.npy")?, &read("labels.csv")?, None, &[])?;
    let elements = x.elements();
    let reals: Vec<f32> = (0..elements.len()).filter_map(|i| elements.real(i)).map(|x| real(x as f32)).collect();
    Ok(TestSet::new(vec![Array::new(x.shape(), reals)?], Truth::Classes { y, names: Vec::new() })?)
}
