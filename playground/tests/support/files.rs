//! Files as people have them, written by tests.

use std::io::{Cursor, Write};

/// A `.zip` of files by their paths.
pub(crate) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive.start_file(path.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A `.png` of a colour picture, row after row three bytes a pixel, stored without compression.
pub(crate) fn png(height: usize, width: usize, pixels: &[u8]) -> Vec<u8> {
    // Each row begins with the number of its filter, none.
    let rows: Vec<u8> = pixels.chunks(3 * width).flat_map(|row| [&[0], row].concat()).collect();
    let length = u16::try_from(rows.len()).expect("a small picture").to_le_bytes();
    let stored = [&[1], &length[..], &length.map(|byte| !byte), &rows].concat();
    let data = [&[0x78, 0x01], &stored[..], &adler32(&rows).to_be_bytes()].concat();
    let extent = |pixels: usize| u32::try_from(pixels).unwrap().to_be_bytes();
    // 8 bits, red, green and blue; the standard compression, filters and order.
    let header = [&extent(width)[..], &extent(height), &[8, 2, 0, 0, 0]].concat();
    let chunk = |kind: &[u8], data: &[u8]| {
        let named = [kind, data].concat();
        [&extent(data.len())[..], &named, &crc32(&named).to_be_bytes()].concat()
    };
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &data), chunk(b"IEND", b"")].concat()
}

/// The checksum of zlib (RFC 1950).
fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
}

/// The checksum of PNG (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}
