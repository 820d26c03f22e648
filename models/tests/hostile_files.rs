//! Broken files of every format: each prefix, each byte changed. A reader may refuse or, where the change does no harm,
//! accept; it must not panic, hang or take memory out of proportion.

use std::io::{Cursor, Write};

use mote_models::data::csv::{Column, Table};
use mote_models::data::folders::Folders;
use mote_models::data::image::{Channels, read_jpeg, read_png};
use mote_models::data::{Array, DType, DataError, npy, npz, raw, wav};

/// Masks to change a byte with: its lowest bit, its highest, all.
const MASKS: [u8; 3] = [0x01, 0x80, 0xff];

/// Reads every prefix and every one-byte change of a file, and returns how many were refused. The reader says how many
/// elements it took: no more than `most`, whatever the bytes claim.
fn survive(name: &str, whole: &[u8], most: usize, read: impl Fn(&[u8]) -> Result<usize, DataError>) -> usize {
    let taken = read(whole).unwrap_or_else(|e| panic!("{name}: the whole file is refused: {e}"));
    assert!(taken <= most, "{name}");
    let mut refused = 0;
    let mut try_one = |bytes: &[u8], what: String| match read(bytes) {
        Ok(taken) => assert!(taken <= most, "{name}, {what}: {taken} elements"),
        Err(error) => {
            refused += 1;
            let DataError { place, expected, found, remedy, .. } = error;
            assert!(![place, expected, found, remedy].contains(&String::new()), "{name}, {what}: an error with a gap");
        }
    };
    for length in 0..whole.len() {
        try_one(&whole[..length], format!("the first {length} bytes"));
    }
    for at in 0..whole.len() {
        for mask in MASKS {
            let mut bytes = whole.to_vec();
            bytes[at] ^= mask;
            try_one(&bytes, format!("byte {at} changed by {mask:#04x}"));
        }
    }
    refused
}

fn picture() -> image::DynamicImage {
    image::RgbImage::from_fn(9, 7, |x, y| image::Rgb([(x * 20) as u8, (y * 30) as u8, (x * y) as u8])).into()
}

fn encode(format: image::ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture().write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn elements(array: Array) -> usize {
    array.elements().len()
}

#[test]
fn npy() {
    let bytes = npy::write(&Array::new([3, 4], (0..12).collect::<Vec<i16>>()).unwrap());
    // A byte of data can at most be one element.
    let refused = survive("npy", &bytes, bytes.len(), |b| npy::read(b).map(elements));
    assert!(refused >= bytes.len(), "every prefix lacks something");
}

#[test]
fn npz() {
    let x = Array::new([3, 4], (0..12).collect::<Vec<i16>>()).unwrap();
    let bytes = npz::write([("x", &x), ("y", &Array::vector(vec![0u8, 1, 2]))]).unwrap();
    let read = |b: &[u8]| npz::read(b).map(|npz| npz.arrays.into_iter().map(|(_, array)| elements(array)).sum());
    assert!(survive("npz", &bytes, bytes.len(), read) >= bytes.len());
}

#[test]
fn zip_of_folders() {
    /// What a changed length or another method may claim is cut here.
    const LIMIT: u64 = 4096;
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in [("cats/1.bin", &[1, 2, 3][..]), ("dogs/2.bin", &[7; 64])] {
        archive.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let read = |b: &[u8]| {
        let mut folders = Folders::open_within(b, LIMIT)?;
        (0..folders.files().len()).map(|k| folders.read(k).map(|file| file.len())).sum()
    };
    assert!(survive("zip", &bytes, LIMIT as usize, read) >= bytes.len());
}

#[test]
fn png() {
    let bytes = encode(image::ImageFormat::Png);
    // Changing the size in the header breaks its checksum, so no more than the picture can come out.
    let refused = survive("png", &bytes, 9 * 7 * 4, |b| read_png(b, Channels::AsStored).map(elements));
    assert!(refused >= bytes.len());
}

#[test]
fn jpeg() {
    let bytes = encode(image::ImageFormat::Jpeg);
    // JPEG has no checksum: a changed header may well claim the largest picture there is.
    let largest = 65_535 * 7 * 3;
    assert!(survive("jpeg", &bytes, largest, |b| read_jpeg(b, Channels::AsStored).map(elements)) > 0);
}

#[test]
fn wav() {
    let spec =
        hound::WavSpec { channels: 2, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    (0..20).for_each(|i| writer.write_sample(i * 100i16).unwrap());
    writer.finalize().unwrap();
    let bytes = bytes.into_inner();
    assert!(survive("wav", &bytes, bytes.len(), |b| wav::read(b).map(|w| elements(w.samples))) > 0);
}

#[test]
fn csv() {
    let bytes = b"t,x,label\n0.5,1,\"a,b\"\n1.5,-2e3,\"c\"\"d\"\n";
    let read = |b: &[u8]| Table::read(b).and_then(|t| t.numbers(&[Column::Index(0)])).map(elements);
    assert!(survive("csv", bytes, bytes.len(), read) > 0);
}

#[test]
fn raw() {
    // Refused: the lengths from 1 to 15 but 8.
    assert_eq!(survive("raw", &[0; 16], 16, |b| raw::read(b, DType::Int64).map(elements)), 14);
}
