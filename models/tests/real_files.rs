//! The readers on the test data's real files.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::testdata;
use mote_models::data::csv::{Column, Table};
use mote_models::data::image::{Channels, read_jpeg};
use mote_models::data::{DType, npy, npz, wav};
use mote_models::samples::LabelledSet;

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// numpy pads headers so that the data begin on this boundary; other writers of the format do not.
const NUMPY_ALIGN: usize = 64;

#[test]
fn every_array_file_reads_and_writes_back_the_same() {
    let Some(data) = testdata("every_array_file") else { return };
    let archives = files(&data.join("golden"), "npz");
    assert!(!archives.is_empty());
    for path in archives {
        let npz = npz::read(&fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let written = npz::write(npz.arrays.iter().map(|(n, a)| (n.as_str(), a))).unwrap();
        let again = npz::read(&written).unwrap();
        // Bits, not values: floats may hold NaN.
        for ((name, array), (_, other)) in npz.arrays.iter().zip(&again.arrays) {
            assert_eq!(array.shape(), other.shape(), "{}: {name}", path.display());
            assert_eq!(array.elements().to_le_bytes(), other.elements().to_le_bytes(), "{}: {name}", path.display());
        }
    }
    for path in files(&data, "npy") {
        let bytes = fs::read(&path).unwrap();
        let array = npy::read(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let written = npy::write(&array);
        let again = npy::read(&written).unwrap();
        assert_eq!(again.shape(), array.shape(), "{}", path.display());
        assert_eq!(again.elements().to_le_bytes(), array.elements().to_le_bytes(), "{}", path.display());
        if bytes.len() % NUMPY_ALIGN == written.len() % NUMPY_ALIGN {
            assert!(written == bytes, "{}: not what numpy.save wrote", path.display());
        }
    }
}

#[test]
fn recordings_tables_and_pictures_read() {
    let Some(data) = testdata("recordings_tables_and_pictures") else { return };
    for path in files(&data.join("audio"), "wav") {
        let wav = wav::read(&fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(wav.samples.dtype(), DType::Int16);
        assert!([8000, 16_000].contains(&wav.sample_rate));
    }
    for path in files(&data.join("sensors"), "csv") {
        let table = Table::read(&fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(table.header().is_some() && table.rows() > 0, "{}", path.display());
    }
    let occupancy = Table::read(&fs::read(data.join("sensors/occupancy/datatest.csv")).unwrap()).unwrap();
    let light = occupancy.numbers(&[Column::Name("Light".into())]).unwrap();
    assert_eq!(light.elements().real(0), Some(585.2), "the unnamed column of row numbers comes first");
    let portrait = fs::read(data.join("images/grace_hopper.jpg")).unwrap();
    let portrait = read_jpeg(&portrait, Channels::AsStored).unwrap();
    assert_eq!(portrait.shape()[2], 3);
}

#[test]
fn labelled_samples_come_together() {
    let Some(data) = testdata("labelled_samples") else { return };
    for (name, count, classes) in [("samples/kws01/kws01", 502, 12), ("samples/vww01/vww01", 133, 2)] {
        let x = fs::read(data.join(format!("{name}_x.npy"))).unwrap();
        let labels = fs::read(data.join(format!("{name}_labels.csv"))).unwrap();
        let set = LabelledSet::from_npy_and_csv(&x, &labels, None, &[]).unwrap();
        assert_eq!(set.y.len(), count, "{name}");
        assert_eq!(set.y.iter().max(), Some(&(classes - 1)), "{name}");
    }
}
