//! A few samples of many.

/// The places of at most `most` of `count` samples, evenly spaced: samples are often sorted by class.
pub(crate) fn spread(count: usize, most: usize) -> impl ExactSizeIterator<Item = usize> + Clone {
    let taken = count.min(most);
    (0..taken).map(move |k| k * count / taken)
}
