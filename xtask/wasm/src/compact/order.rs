//! The order in which a compressor finds the most that it has just seen.
//!
//! Deflate, which browsers download by, looks back 32 KiB and takes what is near in fewer bits. The compiler's order follows its
//! sources; here each function stands behind those that it has most in common with.

use std::cmp::Reverse;
use std::collections::HashMap;

/// Bytes of what two functions can have in common. Shorter runs are in most functions, longer ones in few.
const RUN: usize = 7;

/// Runs that every function is taken to have besides its own. Without them a function of a dozen bytes, which are found anywhere,
/// goes before a large one that is mostly found here.
const COMMON: usize = 100;

/// A permutation of `bodies`: the longest first, then always the one of which the largest share has just been seen, the longer
/// of equals. What has just been seen are the last `back` bytes.
///
/// The constants are those of the smallest download among some seventy.
pub(super) fn by_likeness(bodies: &[Vec<u8>], back: usize) -> Vec<usize> {
    let mut window = Window::new(bodies);
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    left.sort_by_key(|&function| Reverse(bodies[function].len()));
    let mut order = Vec::with_capacity(bodies.len());
    let (mut begin, mut bytes) = (0, 0);
    while let Some(k) = (0..left.len()).reduce(|a, b| if window.is_nearer(left[b], left[a]) { b } else { a }) {
        let next = left.remove(k);
        order.push(next);
        window.enter(next);
        bytes += bodies[next].len();
        while bytes > back + bodies[order[begin]].len() {
            bytes -= bodies[order[begin]].len();
            window.leave(order[begin]);
            begin += 1;
        }
    }
    order
}

/// What has just been seen, and how much of it each function has.
struct Window {
    /// Of each function, its runs, each once.
    runs: Vec<Vec<usize>>,
    /// Of each run, the functions that have it.
    holders: Vec<Vec<usize>>,
    /// Of each run, how often it has been seen.
    seen: Vec<usize>,
    /// Of each function, how many of its runs have been seen.
    shared: Vec<usize>,
}

impl Window {
    fn new(bodies: &[Vec<u8>]) -> Self {
        let mut numbers = HashMap::new();
        let mut holders: Vec<Vec<usize>> = Vec::new();
        let mut runs = Vec::with_capacity(bodies.len());
        for (function, body) in bodies.iter().enumerate() {
            let mut own = Vec::new();
            for run in body.windows(RUN) {
                let number = *numbers.entry(run).or_insert(holders.len());
                if number == holders.len() {
                    holders.push(Vec::new());
                }
                if holders[number].last() != Some(&function) {
                    holders[number].push(function);
                    own.push(number);
                }
            }
            runs.push(own);
        }
        Self { seen: vec![0; holders.len()], shared: vec![0; runs.len()], runs, holders }
    }

    /// Whether a larger share of `a` than of `b` has been seen.
    fn is_nearer(&self, a: usize, b: usize) -> bool {
        self.shared[a] * (self.runs[b].len() + COMMON) > self.shared[b] * (self.runs[a].len() + COMMON)
    }

    fn enter(&mut self, function: usize) {
        for &run in &self.runs[function] {
            self.seen[run] += 1;
            if self.seen[run] == 1 {
                self.holders[run].iter().for_each(|&holder| self.shared[holder] += 1);
            }
        }
    }

    fn leave(&mut self, function: usize) {
        for &run in &self.runs[function] {
            self.seen[run] -= 1;
            if self.seen[run] == 0 {
                self.holders[run].iter().for_each(|&holder| self.shared[holder] -= 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that repeat no run, from a seed.
    fn body(seed: u32, len: usize) -> Vec<u8> {
        let mut state = seed;
        let step = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        (0..len).map(step).collect()
    }

    #[test]
    fn like_functions_stand_together_and_each_stands_once() {
        let (a, b) = (body(1, 3000), body(2, 2000));
        let bodies = [a.clone(), b.clone(), body(3, 500), a[..2500].to_vec(), Vec::new(), b[100..].to_vec()];
        assert_eq!(by_likeness(&bodies, 8000), [0, 3, 1, 5, 2, 4]);
        assert!(by_likeness(&[], 8000).is_empty());
    }

    #[test]
    fn what_is_further_back_counts_no_more() {
        let a = body(1, 4000);
        let bodies = [a.clone(), body(2, 3000), [&a[1000..2000], &body(3, 500)].concat(), a[..900].to_vec()];
        assert_eq!(by_likeness(&bodies, 8000), [0, 3, 2, 1]);
        assert_eq!(by_likeness(&bodies, 500), [0, 3, 1, 2]);
    }
}
