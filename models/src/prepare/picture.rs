//! Pictures in the size and the channels of the input.

use image::imageops::{self, FilterType};
use image::{ImageBuffer, Luma, Pixel, Primitive, Rgb};
use mote_abi::Tensor;

use super::Resize;
use crate::data::image::Channels;
use crate::data::{Array, Elements};

/// Height, width and channels of the pictures that an input takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: Channels,
}

/// What pictures an input takes; none where its shape does not tell: it is neither height x width x 1 or 3, nor a square in one row.
pub(super) fn frame(input: &Tensor) -> Option<Frame> {
    let channels = Channels::for_shape(&input.shape);
    match (input.shape.as_slice(), channels) {
        (&[_, height, width, _], Channels::Grey | Channels::Rgb) => {
            Some(Frame { height: height as usize, width: width as usize, channels })
        }
        (&[1, count], _) if count.isqrt().pow(2) == count && count > 1 => {
            let side = count.isqrt() as usize;
            Some(Frame { height: side, width: side, channels: Channels::Grey })
        }
        (&[1, height, width], _) => {
            Some(Frame { height: height as usize, width: width as usize, channels: Channels::Grey })
        }
        _ => None,
    }
}

/// A picture of height, width, channels in another size. What has neither one nor three channels of 8 or 16 bits stays as it is.
pub(super) fn fit(picture: Array, frame: Frame, resize: Resize) -> Array {
    let (height, width, count) = match picture.shape() {
        &[height, width, count] => (height, width, count),
        _ => return picture,
    };
    if resize == Resize::Exact || (height, width) == (frame.height, frame.width) {
        return picture;
    }
    let shape = [frame.height, frame.width, count];
    let from = [height, width];
    let (own, elements) = picture.into_parts();
    let made = match (count, elements) {
        (1, Elements::UInt8(raw)) => scaled::<Luma<u8>>(raw, from, frame, resize).map(Elements::UInt8),
        (3, Elements::UInt8(raw)) => scaled::<Rgb<u8>>(raw, from, frame, resize).map(Elements::UInt8),
        (1, Elements::UInt16(raw)) => scaled::<Luma<u16>>(raw, from, frame, resize).map(Elements::UInt16),
        (3, Elements::UInt16(raw)) => scaled::<Rgb<u16>>(raw, from, frame, resize).map(Elements::UInt16),
        (_, elements) => return Array::new(own, elements).expect("as it was taken apart"),
    };
    made.and_then(|elements| Array::new(shape, elements).ok()).expect("a picture of its own size scales to any other")
}

/// Scales by a triangle filter that covers all pixels that a new one stands for: bilinear, without aliasing.
fn scaled<P>(
    raw: Vec<P::Subpixel>,
    [height, width]: [usize; 2],
    frame: Frame,
    resize: Resize,
) -> Option<Vec<P::Subpixel>>
where
    P: Pixel + 'static,
    P::Subpixel: Primitive + 'static,
{
    let side = |side: usize| u32::try_from(side).ok();
    let (height, width) = (side(height)?, side(width)?);
    let (new_height, new_width) = (side(frame.height)?, side(frame.width)?);
    let picture = ImageBuffer::<P, _>::from_raw(width, height, raw)?;
    let (mut kept_width, mut kept_height) = (width, height);
    if resize == Resize::Crop {
        // As wide as the height allows, and as high as the width allows; each at least one pixel.
        let fits = |side: u32, numerator: u32, denominator: u32| {
            let fits = u64::from(side) * u64::from(numerator) / u64::from(denominator.max(1));
            u32::try_from(fits.max(1)).unwrap_or(u32::MAX)
        };
        kept_width = width.min(fits(height, new_width, new_height));
        kept_height = height.min(fits(width, new_height, new_width));
    }
    let (x, y) = ((width - kept_width) / 2, (height - kept_height) / 2);
    let kept = imageops::crop_imm(&picture, x, y, kept_width, kept_height);
    Some(imageops::resize(&*kept, new_width, new_height, FilterType::Triangle).into_raw())
}
