//! The order in which a compressor finds the most that it has just seen.
//!
//! Deflate, which browsers download by, looks back 32 KiB and takes what is near in fewer bits. The compiler's order follows its
//! sources; here each function stands behind those that it has most in common with.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Bytes of what two functions can have in common. Shorter runs are in most functions, longer ones in few.
const RUN: usize = 7;

/// Runs that every function is taken to have besides its own. Without them a function of a dozen bytes, which are found anywhere,
/// goes before a large one that is mostly found here.
const COMMON: usize = 100;

/// A run of bytes that was found.
struct Found {
    /// The first function that has it.
    first: u32,
    /// Its number, once there is a second one.
    number: Option<u32>,
}

/// The runs of bytes that several functions have.
pub(super) struct Runs {
    /// Of each function, its length.
    lengths: Vec<usize>,
    /// Of each function, how many runs it has, each once.
    counts: Vec<usize>,
    /// Of each function, those of its runs that others have, too.
    shared: Vec<Vec<u32>>,
    /// Of each run that several functions have, these.
    holders: Vec<Vec<u32>>,
}

impl Runs {
    pub(super) fn of(bodies: &[Vec<u8>]) -> Self {
        let mut found: HashMap<&[u8], Found> = HashMap::new();
        let mut runs = Self {
            lengths: Vec::new(),
            counts: Vec::new(),
            shared: vec![Vec::new(); bodies.len()],
            holders: Vec::new(),
        };
        for (function, body) in (0..).zip(bodies) {
            let mut count = 0;
            for run in body.windows(RUN) {
                match found.entry(run) {
                    Entry::Vacant(entry) => {
                        entry.insert(Found { first: function, number: None });
                        count += 1;
                    }
                    Entry::Occupied(entry) => count += usize::from(runs.hold(function, entry.into_mut())),
                }
            }
            runs.lengths.push(body.len());
            runs.counts.push(count);
        }
        runs
    }

    /// Notes that a function has a run that was found before; says whether it was not noted of this function.
    fn hold(&mut self, function: u32, found: &mut Found) -> bool {
        let number = match found.number {
            Some(number) => number,
            None if found.first == function => return false,
            None => {
                let number = self.holders.len() as u32;
                self.holders.push(vec![found.first]);
                self.shared[found.first as usize].push(number);
                *found.number.insert(number)
            }
        };
        let holders = &mut self.holders[number as usize];
        if holders.last() == Some(&function) {
            return false;
        }
        holders.push(function);
        self.shared[function as usize].push(number);
        true
    }

    /// A permutation of the functions: the longest first, then always the one of which the largest share has just been seen, the
    /// longer of equals. What has just been seen are the last `back` bytes.
    ///
    /// The constants are those of the smallest download among some seventy.
    pub(super) fn by_likeness(&self, back: usize) -> Vec<usize> {
        let mut window = Window { runs: self, seen: vec![0; self.holders.len()], known: vec![0; self.lengths.len()] };
        let mut left: Vec<usize> = (0..self.lengths.len()).collect();
        left.sort_by_key(|&function| Reverse(self.lengths[function]));
        let mut order = Vec::with_capacity(left.len());
        let (mut begin, mut bytes) = (0, 0);
        while let Some(k) = (0..left.len()).reduce(|a, b| if window.is_nearer(left[b], left[a]) { b } else { a }) {
            let next = left.remove(k);
            order.push(next);
            window.enter(next);
            bytes += self.lengths[next];
            while bytes > back + self.lengths[order[begin]] {
                bytes -= self.lengths[order[begin]];
                window.leave(order[begin]);
                begin += 1;
            }
        }
        order
    }
}

/// What has just been seen, and how much of it each function has.
struct Window<'a> {
    runs: &'a Runs,
    /// Of each run, how often it has been seen.
    seen: Vec<u32>,
    /// Of each function, how many of its runs have been seen.
    known: Vec<usize>,
}

impl Window<'_> {
    /// Whether a larger share of `a` than of `b` has been seen.
    fn is_nearer(&self, a: usize, b: usize) -> bool {
        let Runs { counts, .. } = self.runs;
        self.known[a] * (counts[b] + COMMON) > self.known[b] * (counts[a] + COMMON)
    }

    fn enter(&mut self, function: usize) {
        for &run in &self.runs.shared[function] {
            let run = run as usize;
            self.seen[run] += 1;
            if self.seen[run] == 1 {
                self.runs.holders[run].iter().for_each(|&holder| self.known[holder as usize] += 1);
            }
        }
    }

    fn leave(&mut self, function: usize) {
        for &run in &self.runs.shared[function] {
            let run = run as usize;
            self.seen[run] -= 1;
            if self.seen[run] == 0 {
                self.runs.holders[run].iter().for_each(|&holder| self.known[holder as usize] -= 1);
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
        assert_eq!(Runs::of(&bodies).by_likeness(8000), [0, 3, 1, 5, 2, 4]);
        assert!(Runs::of(&[]).by_likeness(8000).is_empty());
    }

    #[test]
    fn what_is_further_back_counts_no_more() {
        let a = body(1, 4000);
        let bodies = [a.clone(), body(2, 3000), [&a[1000..2000], &body(3, 500)].concat(), a[..900].to_vec()];
        let runs = Runs::of(&bodies);
        assert_eq!(runs.by_likeness(8000), [0, 3, 2, 1]);
        assert_eq!(runs.by_likeness(500), [0, 3, 1, 2]);
    }
}
