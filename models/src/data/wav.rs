//! RIFF WAVE recordings: PCM of 8, 16, 24 and 32 bits, 32-bit float.

use std::io::Cursor;

use hound::{Sample, SampleFormat, WavReader};

use super::{Array, DataError, DataErrorKind, Elements, FileKind, limits};

/// A recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Wav {
    /// Shape frames (one channel) or frames, channels. PCM keeps its integers: 8 bits as `int8` (the file's 128 is 0),
    /// 16 as `int16`, 24 and 32 as `int32`; nothing is scaled to -1..1. Float is `float32`.
    pub samples: Array,
    /// Frames a second.
    pub sample_rate: u32,
}

/// Reads a recording.
pub fn read(bytes: &[u8]) -> Result<Wav, DataError> {
    let mut reader = WavReader::new(Cursor::new(bytes)).map_err(|e| refusal(&e))?;
    let spec = reader.spec();
    if spec.channels == 0 {
        return Err(DataError::malformed(FileKind::Wav, "format chunk", "at least one channel", 0));
    }
    if spec.channels > limits::AUDIO_CHANNELS {
        return Err(DataError::limit(FileKind::Wav, "channels", limits::AUDIO_CHANNELS.into(), spec.channels));
    }
    let reader = &mut reader;
    let elements = match (spec.sample_format, spec.bits_per_sample) {
        (SampleFormat::Int, 8) => Elements::Int8(samples(reader)?),
        (SampleFormat::Int, 16) => Elements::Int16(samples(reader)?),
        (SampleFormat::Int, 24 | 32) => Elements::Int32(samples(reader)?),
        (SampleFormat::Float, 32) => Elements::Float32(samples(reader)?),
        (format, bits) => return Err(unsupported(format!("{bits}-bit {format:?}"))),
    };
    let channels = usize::from(spec.channels);
    if !elements.len().is_multiple_of(channels) {
        let found = format!("{} samples", elements.len());
        return Err(DataError::malformed(FileKind::Wav, "data chunk", &format!("whole frames of {channels}"), found));
    }
    let frames = elements.len() / channels;
    let shape = if channels == 1 { vec![frames] } else { vec![frames, channels] };
    let samples = Array::new(shape, elements)
        .map_err(|error| DataError::malformed(FileKind::Wav, "data chunk", "whole frames", error))?;
    Ok(Wav { samples, sample_rate: spec.sample_rate })
}

fn samples<S: Sample>(reader: &mut WavReader<Cursor<&[u8]>>) -> Result<Vec<S>, DataError> {
    // Not collected in one go: the number of samples that the header claims would be reserved at once.
    let mut out = Vec::new();
    for sample in reader.samples() {
        out.push(sample.map_err(|e| refusal(&e))?);
    }
    Ok(out)
}

fn unsupported(found: String) -> DataError {
    DataError {
        kind: DataErrorKind::Unsupported,
        file: FileKind::Wav,
        place: "format chunk".into(),
        expected: "PCM of 8, 16, 24 or 32 bits, or 32-bit float".into(),
        found,
        remedy: "convert it, for example with: ffmpeg -i in.wav -c:a pcm_s16le out.wav".into(),
    }
}

fn refusal(error: &hound::Error) -> DataError {
    match error {
        hound::Error::Unsupported => unsupported("another coding".into()),
        hound::Error::IoError(_)
        | hound::Error::FormatError(_)
        | hound::Error::TooWide
        | hound::Error::UnfinishedSample
        | hound::Error::InvalidSampleFormat => {
            DataError::malformed(FileKind::Wav, "recording", "a whole RIFF WAVE file", error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file<S: Sample + Copy>(format: SampleFormat, bits: u16, channels: u16, samples: &[S]) -> Vec<u8> {
        let spec = hound::WavSpec { channels, sample_rate: 16_000, bits_per_sample: bits, sample_format: format };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for &sample in samples {
            writer.write_sample(sample).unwrap();
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_width_keeps_its_integers() {
        let int = SampleFormat::Int;
        let cases = [
            ("8", file(int, 8, 1, &[-128i8, 0, 127]), Array::vector(vec![-128i8, 0, 127])),
            ("16", file(int, 16, 1, &[-32768i16, 1]), Array::vector(vec![-32768i16, 1])),
            ("24", file(int, 24, 1, &[-8_388_608i32, 7]), Array::vector(vec![-8_388_608i32, 7])),
            ("32", file(int, 32, 1, &[i32::MIN, 7]), Array::vector(vec![i32::MIN, 7])),
            ("float", file(SampleFormat::Float, 32, 1, &[0.25f32, -1.0]), Array::vector(vec![0.25f32, -1.0])),
            ("stereo", file(int, 16, 2, &[1i16, 2, 3, 4]), Array::new([2, 2], vec![1i16, 2, 3, 4]).unwrap()),
        ];
        for (name, bytes, expected) in cases {
            let wav = read(&bytes).expect(name);
            assert_eq!(wav.samples, expected, "{name}");
            assert_eq!(wav.sample_rate, 16_000);
        }
    }

    #[test]
    fn a_header_that_claims_more_than_the_file_has_is_refused_without_taking_the_memory() {
        let mut bytes = file(SampleFormat::Int, 16, 1, &[1i16, 2]);
        let data = bytes.len() - 4;
        bytes[data - 4..data].copy_from_slice(&0xffff_fff0u32.to_le_bytes());
        assert_eq!(read(&bytes).unwrap_err().kind, DataErrorKind::Malformed);
    }
}
