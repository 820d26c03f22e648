//! From values to places along an axis.

/// From values to places along an axis, in shares of its length. Its ends are round numbers, and so are its ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

impl Scale {
    /// The shortest one that holds all values and has at most about so many ticks. Values that are not finite do not count;
    /// where all are the same, or there are none, it reaches a little further.
    #[must_use]
    pub fn over(values: impl IntoIterator<Item = f64>, ticks: usize) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = match (low <= high, low == high) {
            (false, _) => (0.0, 1.0),
            (true, true) if low == 0.0 => (0.0, 1.0),
            (true, true) => (low - low.abs() / 10.0, low + low.abs() / 10.0),
            (true, false) => (low, high),
        };
        let step = round_step((high - low) / ticks.max(1) as f64);
        // Multiples of the step, not sums of it: 0.3 is shown as such. What rounding puts past a tick is on it.
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil();
        let ticks: Vec<f64> = (0..=(last - first) as usize).map(|k| (first + k as f64) * step).collect();
        Self { low: first * step, high: last * step, ticks }
    }

    /// Where a value lies: 0 at the lower end, 1 at the upper one.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// The values that are named, in ascending order.
    #[must_use]
    pub fn ticks(&self) -> &[f64] {
        &self.ticks
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is no smaller than a length (after Heckbert, "Nice numbers for graph
/// labels", Graphics Gems, 1990).
fn round_step(length: f64) -> f64 {
    let power = 10f64.powf(length.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= length * (1.0 - 1e-9)).unwrap_or(10.0);
    times * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_every_value() {
        let cases: [(&str, &[f64], &[f64]); 5] = [
            ("bytes", &[0.0, 57_612.0], &[0.0, 20_000.0, 40_000.0, 60_000.0]),
            ("shares", &[0.91, 0.987], &[0.9, 0.92, 0.94, 0.96, 0.98, 1.0]),
            ("below zero", &[-0.3, 0.1], &[-0.3, -0.2, -0.1, 0.0, 0.1]),
            ("on ticks", &[10.0, 50.0], &[10.0, 20.0, 30.0, 40.0, 50.0]),
            ("micro", &[0.000_012, 0.000_031], &[0.000_01, 0.000_015, 0.000_02, 0.000_025, 0.000_03, 0.000_035]),
        ];
        for (name, values, ticks) in cases {
            let scale = Scale::over(values.iter().copied(), 5);
            let close = |a: &f64, b: &f64| (a - b).abs() <= 1e-9 * a.abs().max(1e-9);
            assert_eq!(scale.ticks().len(), ticks.len(), "{name}: {:?}", scale.ticks());
            assert!(scale.ticks().iter().zip(ticks).all(|(a, b)| close(a, b)), "{name}: {:?}", scale.ticks());
            assert!(values.iter().all(|&value| (-1e-9..=1.0 + 1e-9).contains(&scale.place(value))), "{name}");
        }
    }

    #[test]
    fn nothing_and_one_value_have_a_scale_too() {
        for values in [&[][..], &[0.0], &[3.0, 3.0], &[-2.0], &[f64::NAN, 7.0]] {
            let scale = Scale::over(values.iter().copied(), 4);
            assert!(scale.ticks().len() >= 2 && scale.ticks().iter().all(|tick| tick.is_finite()), "{values:?}");
            for value in values.iter().filter(|value| value.is_finite()) {
                assert!((0.0..=1.0).contains(&scale.place(*value)), "{values:?}");
            }
        }
    }
}
