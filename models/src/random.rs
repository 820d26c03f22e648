//! Seeded draws that are the same wherever this crate runs. `fastrand` draws a `usize` from 32 bits where pointers have as many,
//! in WebAssembly, and from 64 elsewhere: by the same seed the page would look at other samples than the command.

use fastrand::Rng;

/// A number below `count`, which is not 0.
pub(crate) fn below(random: &mut Rng, count: usize) -> usize {
    // What is below a `usize` is one.
    random.u64(..count as u64) as usize
}

/// Brings things into a drawn order, each order being as likely (R. Durstenfeld, Algorithm 235, 1964).
pub(crate) fn shuffle<T>(random: &mut Rng, things: &mut [T]) {
    for last in 1..things.len() {
        things.swap(last, below(random, last + 1));
    }
}

/// One of some things; none where there are none.
pub(crate) fn one_of<T>(random: &mut Rng, mut things: Vec<T>) -> Option<T> {
    if things.is_empty() {
        return None;
    }
    let place = below(random, things.len());
    Some(things.swap_remove(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_those_of_64_bits() {
        let mut random = Rng::with_seed(3);
        let drawn: Vec<usize> = (0..8).map(|_| below(&mut random, 1000)).collect();
        assert_eq!(drawn, [581, 316, 393, 972, 671, 856, 950, 276]);
        let mut order: Vec<usize> = (0..8).collect();
        shuffle(&mut random, &mut order);
        assert_eq!(order, [2, 3, 5, 6, 0, 7, 4, 1]);
        assert_eq!(one_of(&mut random, vec!['a', 'b', 'c', 'd']), Some('d'));
        assert_eq!(one_of::<u8>(&mut random, Vec::new()), None);
    }
}
