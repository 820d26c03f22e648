//! From numbers to places along an axis.

/// A range of numbers, and where its two ends lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// The numbers, the lower first, both finite.
    pub(super) range: (f64, f64),
    /// Their places, in pixels.
    pub(super) places: (f64, f64),
}

/// Steps between the numbers that stand at an axis, but for powers of 10.
const STEPS: [f64; 4] = [1.0, 2.0, 5.0, 10.0];

impl Scale {
    /// Where a number lies.
    pub(super) fn at(&self, value: f64) -> f64 {
        let ((low, high), (from, to)) = (self.range, self.places);
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        from + share * (to - from)
    }

    /// Round numbers in the range: about `about` of them.
    pub(super) fn ticks(&self, about: usize) -> Vec<f64> {
        let (low, high) = self.range;
        let least = (high - low) / about.max(1) as f64;
        if !(least.is_finite() && least > 0.0) {
            return vec![low];
        }
        let power = 10f64.powf(least.log10().floor());
        let step = STEPS.iter().map(|step| step * power).find(|step| *step >= least * 0.999).unwrap_or(10.0 * power);
        let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
        // A range is at most `about` times the step, so there are few of them; + 0.0 turns -0 into 0.
        (0..=(last - first).max(0.0) as usize).map(|k| (first + k as f64) * step + 0.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_at_an_axis_are_round_and_few() {
        for (range, about, expected) in [
            ((0.0, 10.0), 5, &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0][..]),
            ((-0.5, 1.5), 5, &[-0.5, 0.0, 0.5, 1.0, 1.5]),
            ((0.0, 1.0), 4, &[0.0, 0.5, 1.0]),
            ((3.0, 3.0), 4, &[3.0]),
            ((12_300.0, 98_000.0), 4, &[50_000.0]),
        ] {
            let found = Scale { range, places: (0.0, 1.0) }.ticks(about);
            assert_eq!(found, expected, "{range:?}");
        }
        assert!(Scale { range: (0.9, 0.97), places: (0.0, 1.0) }.ticks(6).len() <= 8);
    }

    #[test]
    fn ends_of_the_range_lie_at_its_places() {
        let scale = Scale { range: (2.0, 6.0), places: (100.0, 0.0) };
        assert_eq!((scale.at(2.0), scale.at(6.0), scale.at(4.0)), (100.0, 0.0, 50.0));
        assert_eq!(Scale { range: (1.0, 1.0), places: (0.0, 10.0) }.at(1.0), 5.0);
    }
}
