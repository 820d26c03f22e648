//! The most that a browser's 128-bit SIMD does, measured: loops of nothing but multiply-accumulates on registers.

use serde::{Deserialize, Serialize};

use super::suite::{Loop, Place};
use crate::protocol::Failure;

/// A block lasts at least this long, in milliseconds: fifty ticks of the coarsest clock that browsers have but for those that hide
/// from fingerprinting, and short enough that some blocks are not interrupted.
const BLOCK_MILLIS: f64 = 5.0;
/// Blocks; the fastest counts, since what disturbs only makes slower.
const BLOCKS: usize = 24;
/// Turns of the first block, which is doubled until all last.
const FIRST_TURNS: u32 = 1 << 12;

/// Multiply-accumulates a second on registers alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// By `i32x4.dot_i16x8_s` and `i32x4.add`: what the plain guest's int8 kernels are made of.
    pub simd128: f64,
    /// By the relaxed dot product; none where it is of no use.
    pub relaxed: Option<f64>,
}

impl Peak {
    /// Measures it, with the relaxed dot product where that is of use.
    ///
    /// # Errors
    /// What the probes say.
    pub fn measure(place: &dyn Place, relaxed: bool) -> Result<Self, Failure> {
        let relaxed = if relaxed { Some(macs_per_second(place, Loop::Relaxed)?) } else { None };
        Ok(Self { simd128: macs_per_second(place, Loop::Simd128)?, relaxed })
    }
}

fn macs_per_second(place: &dyn Place, which: Loop) -> Result<f64, Failure> {
    let timed = |count: u32| {
        let begun = place.now();
        place.turns(which, count)?;
        Ok::<f64, Failure>(place.now() - begun)
    };
    let (mut count, mut least, mut blocks) = (FIRST_TURNS, f64::INFINITY, 0);
    while blocks < BLOCKS {
        let millis = timed(count)?;
        if millis < BLOCK_MILLIS && count < u32::MAX / 2 {
            // Those before it lasted longer only because they were disturbed.
            (count, least, blocks) = (2 * count, f64::INFINITY, 0);
        } else {
            (least, blocks) = (least.min(millis), blocks + 1);
        }
    }
    if least > 0.0 {
        Ok(f64::from(count) * which.macs() as f64 / (least / 1000.0))
    } else {
        Err(Failure::Page("this browser's clock stands still".into()))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::benchmark::suite::Module;
    use crate::protocol::Kernels;

    /// Ten multiply-accumulates a nanosecond, twenty by the relaxed dot product; every third block is disturbed, and so one of the
    /// first, which are short.
    #[derive(Default)]
    struct Machine {
        /// Milliseconds between the clock's ticks; 0 where it runs smoothly.
        tick: f64,
        now: Cell<f64>,
        blocks: Cell<usize>,
    }

    impl Place for Machine {
        fn now(&self) -> f64 {
            let now = self.now.get();
            if self.tick > 0.0 { (now / self.tick).floor() * self.tick } else { now }
        }

        fn compile(&self, _: Kernels) -> Result<Box<dyn Module + '_>, Failure> {
            Err(Failure::Page("there is no guest here".into()))
        }

        fn turns(&self, which: Loop, count: u32) -> Result<(), Failure> {
            let per_milli = match which {
                Loop::Simd128 => 10e6,
                Loop::Relaxed => 20e6,
            };
            self.blocks.set(self.blocks.get() + 1);
            let disturbed = if self.blocks.get().is_multiple_of(3) { 40.0 } else { 0.0 };
            self.now.set(self.now.get() + f64::from(count) * which.macs() as f64 / per_milli + disturbed);
            Ok(())
        }
    }

    #[test]
    fn the_fastest_block_counts() {
        let near = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-9;
        let peak = Peak::measure(&Machine::default(), true).unwrap();
        assert!(near(peak.simd128, 10e9) && near(peak.relaxed.unwrap(), 20e9), "{peak:?}");
        let peak = Peak::measure(&Machine::default(), false).unwrap();
        assert_eq!(peak.relaxed, None);
    }

    #[test]
    fn blocks_shorter_than_a_tick_are_not_taken_for_long_ones_that_were_disturbed() {
        let tick = 0.1;
        let peak = Peak::measure(&Machine { tick, ..Machine::default() }, false).unwrap();
        // Of a block a tick may be missing.
        assert!((peak.simd128 / 10e9 - 1.0).abs() <= tick / (BLOCK_MILLIS - tick), "{peak:?}");
    }
}
