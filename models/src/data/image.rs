//! PNG and JPEG pictures as `uint8` (or 16-bit PNG as `uint16`) arrays of shape height, width, channels.

use std::io::Cursor;

use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};

use super::{Array, DataError, DataErrorKind, Elements, FileKind, limits};

/// Which channels to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// Those of the file: 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha).
    AsStored,
    /// One: Rec. 709 luma of a coloured picture; alpha is dropped.
    Grey,
    /// Three: a grey picture repeats its channel; alpha is dropped.
    Rgb,
}

impl Channels {
    /// What an input of this shape (batch, height, width, channels) takes.
    #[must_use]
    pub fn for_shape(shape: &[u32]) -> Self {
        match shape {
            [_, _, _, 3] => Channels::Rgb,
            [_, _, _, 1] => Channels::Grey,
            _ => Channels::AsStored,
        }
    }
}

/// Reads a PNG.
pub fn read_png(bytes: &[u8], channels: Channels) -> Result<Array, DataError> {
    read(bytes, channels, FileKind::Png, ImageFormat::Png)
}

/// Reads a JPEG.
pub fn read_jpeg(bytes: &[u8], channels: Channels) -> Result<Array, DataError> {
    read(bytes, channels, FileKind::Jpeg, ImageFormat::Jpeg)
}

fn read(bytes: &[u8], channels: Channels, file: FileKind, format: ImageFormat) -> Result<Array, DataError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = Limits::default();
    bounds.max_image_width = Some(limits::IMAGE_SIDE);
    bounds.max_image_height = Some(limits::IMAGE_SIDE);
    bounds.max_alloc = Some(limits::DECOMPRESSED_BYTES);
    reader.limits(bounds);
    let picture = reader.decode().map_err(|e| refusal(file, &e))?;

    let (height, width) = (picture.height() as usize, picture.width() as usize);
    let deep = picture.color().bytes_per_pixel() / picture.color().channel_count() > 1;
    let picture = match (channels, deep) {
        (Channels::AsStored, _) => picture,
        (Channels::Grey, false) => DynamicImage::ImageLuma8(picture.into_luma8()),
        (Channels::Grey, true) => DynamicImage::ImageLuma16(picture.into_luma16()),
        (Channels::Rgb, false) => DynamicImage::ImageRgb8(picture.into_rgb8()),
        (Channels::Rgb, true) => DynamicImage::ImageRgb16(picture.into_rgb16()),
    };
    let count = usize::from(picture.color().channel_count());
    let elements = match picture {
        DynamicImage::ImageLuma8(p) => Elements::UInt8(p.into_raw()),
        DynamicImage::ImageLumaA8(p) => Elements::UInt8(p.into_raw()),
        DynamicImage::ImageRgb8(p) => Elements::UInt8(p.into_raw()),
        DynamicImage::ImageRgba8(p) => Elements::UInt8(p.into_raw()),
        DynamicImage::ImageLuma16(p) => Elements::UInt16(p.into_raw()),
        DynamicImage::ImageLumaA16(p) => Elements::UInt16(p.into_raw()),
        DynamicImage::ImageRgb16(p) => Elements::UInt16(p.into_raw()),
        DynamicImage::ImageRgba16(p) => Elements::UInt16(p.into_raw()),
        other => {
            return Err(DataError {
                kind: DataErrorKind::Unsupported,
                file,
                place: "pixels".into(),
                expected: "8 or 16 bits a channel".into(),
                found: format!("{:?}", other.color()),
                remedy: "save the picture as an ordinary 8-bit PNG".into(),
            });
        }
    };
    Array::new([height, width, count], elements)
        .map_err(|error| DataError::malformed(file, "pixels", "as many as width and height say", error))
}

fn refusal(file: FileKind, error: &ImageError) -> DataError {
    match error {
        ImageError::Limits(limit) => DataError {
            kind: DataErrorKind::Limit,
            file,
            place: "picture".into(),
            expected: format!("at most {} pixels a side and {} bytes", limits::IMAGE_SIDE, limits::DECOMPRESSED_BYTES),
            found: limit.to_string(),
            remedy: "scale the picture down to the model's input size".into(),
        },
        ImageError::Unsupported(what) => DataError {
            kind: DataErrorKind::Unsupported,
            file,
            place: "picture".into(),
            expected: "an ordinary PNG or JPEG".into(),
            found: what.to_string(),
            remedy: "save the picture as an ordinary 8-bit PNG".into(),
        },
        other => DataError::malformed(file, "picture", &format!("a whole {file} picture"), other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn pixels_come_row_by_row_with_their_channels_last() {
        let picture = image::RgbImage::from_raw(3, 2, (0..18).collect()).unwrap();
        let array = read_png(&png(&picture.into()), Channels::AsStored).unwrap();
        assert_eq!(array, Array::new([2, 3, 3], (0..18).collect::<Vec<u8>>()).unwrap());
    }

    #[test]
    fn channels_follow_the_input() {
        let grey: DynamicImage = image::GrayImage::from_raw(2, 1, vec![7, 200]).unwrap().into();
        let rgb = read_png(&png(&grey), Channels::for_shape(&[1, 1, 2, 3])).unwrap();
        assert_eq!(rgb, Array::new([1, 2, 3], vec![7u8, 7, 7, 200, 200, 200]).unwrap());
        let alpha: DynamicImage = image::RgbaImage::from_raw(1, 1, vec![50, 50, 50, 3]).unwrap().into();
        let one = read_png(&png(&alpha), Channels::for_shape(&[1, 1, 1, 1])).unwrap();
        assert_eq!(one, Array::new([1, 1, 1], vec![50u8]).unwrap());
        let deep: DynamicImage =
            image::ImageBuffer::<image::Luma<u16>, _>::from_raw(1, 1, vec![60_000u16]).unwrap().into();
        assert_eq!(read_png(&png(&deep), Channels::Grey).unwrap(), Array::new([1, 1, 1], vec![60_000u16]).unwrap());
    }

    #[test]
    fn a_picture_over_the_limit_is_refused_before_it_is_decoded() {
        // The header of a 65,535 x 65,535 picture: 12 GiB of pixels, none of them there.
        let mut bytes = png(&image::GrayImage::new(1, 1).into());
        bytes[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        let checksum = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
        let error = read_png(&bytes, Channels::AsStored).unwrap_err();
        assert_eq!(error.kind, DataErrorKind::Limit, "{error}");
    }

    /// PNG's chunk checksum, so that a test can change a header: CRC-32 of ISO 3309.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
        })
    }
}
