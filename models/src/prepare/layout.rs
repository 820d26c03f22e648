//! Samples in the shape of the input.

use mote_abi::Tensor;

use super::Layout;
use crate::data::Array;
use crate::samples::SampleError;

/// Puts samples into the input's shape, behind the axis that counts them; channels that stand first are moved to the end. An array
/// that holds as many elements as the input is one sample.
///
/// # Errors
/// When a sample has not as many elements as the input.
pub(super) fn arrange(x: Array, layout: Layout, input: &Tensor) -> Result<Array, SampleError> {
    let each = input.elements();
    let total = x.elements().len();
    let count = match x.shape() {
        [count, rest @ ..] if rest.iter().product::<usize>() == each => *count,
        _ if total == each => 1,
        shape => {
            let expected = format!("{each} elements a sample, for an input of {}", extents(&input.shape));
            let found = format!("an array of {}", extents(shape));
            let remedy = "stack the samples along the first axis, each in the input's shape";
            return Err(SampleError {
                kind: crate::samples::SampleErrorKind::Shape,
                ..SampleError::missing("samples", &expected, &found, remedy)
            });
        }
    };
    let own = input.shape.iter().map(|&d| d as usize).skip(usize::from(input.shape.first() == Some(&1)));
    let shape: Vec<usize> = [count].into_iter().chain(own).collect();
    let (_, elements) = x.into_parts();
    let channels = shape.last().copied().unwrap_or(1);
    let elements = match layout {
        Layout::ChannelsFirst if channels > 1 && each > channels => {
            let places = each / channels;
            elements.gather((0..total).map(|i| {
                let (sample, place, channel) = (i / each, i % each / channels, i % channels);
                sample * each + channel * places + place
            }))
        }
        Layout::ChannelsFirst | Layout::ChannelsLast => elements,
    };
    Ok(Array::new(shape, elements).expect("as many elements as before"))
}

/// Whether the shape of samples says that channels stand first: it is the input's with the last axis moved to the front, and not the
/// input's itself. Axes of extent 1 do not count.
pub(super) fn is_channels_first(sample: &[usize], input: &[u32]) -> bool {
    let long = |axes: &mut dyn Iterator<Item = usize>| axes.filter(|&d| d != 1).collect::<Vec<_>>();
    let wanted = long(&mut input.iter().map(|&d| d as usize));
    let found = long(&mut sample.iter().copied());
    let [places @ .., channels] = wanted.as_slice() else { return false };
    found != wanted && found.first() == Some(channels) && found.get(1..) == Some(places)
}

/// `3x32x32`.
pub(super) fn extents<T: ToString>(shape: &[T]) -> String {
    if shape.is_empty() {
        return "no axes".into();
    }
    shape.iter().map(T::to_string).collect::<Vec<_>>().join("x")
}
