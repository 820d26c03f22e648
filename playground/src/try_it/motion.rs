//! The motion of a phone: the last readings, as a table.

use std::collections::VecDeque;
use std::fmt::Write as _;

/// Standard gravity in metres a second squared, by which browsers' accelerations become g.
const GRAVITY: f64 = 9.806_65;

/// One reading.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reading {
    /// Acceleration along x, y and z with gravity, in metres a second squared.
    pub acceleration: [f64; 3],
    /// Rotation about x, y and z, in degrees a second.
    pub rotation: [f64; 3],
}

/// The last readings that fill an input.
#[derive(Debug, Clone)]
pub struct Last {
    readings: VecDeque<Reading>,
    rows: usize,
    columns: usize,
}

impl Last {
    /// So many readings of so many columns: 3 of acceleration in g, or with 3 of rotation behind them.
    #[must_use]
    pub fn new(rows: usize, columns: usize) -> Self {
        Self { readings: VecDeque::with_capacity(rows), rows, columns }
    }

    /// Takes in a reading.
    pub fn push(&mut self, reading: Reading) {
        if self.readings.len() == self.rows {
            self.readings.pop_front();
        }
        self.readings.push_back(reading);
    }

    /// Whether they fill an input.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.readings.len() == self.rows
    }

    /// They as a table with a header.
    #[must_use]
    pub fn csv(&self) -> String {
        let names = ["ax", "ay", "az", "gx", "gy", "gz"];
        let mut text = names[..self.columns.min(names.len())].join(",");
        for Reading { acceleration, rotation } in &self.readings {
            let g = acceleration.map(|a| a / GRAVITY);
            let values = g.iter().chain(rotation).take(self.columns);
            for (k, value) in values.enumerate() {
                // Writing to a text does not fail.
                let _ = write!(text, "{}{value}", if k == 0 { '\n' } else { ',' });
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_readings_are_a_table_in_g() {
        let mut last = Last::new(2, 3);
        for k in 0..3 {
            assert!(!last.is_full() || k == 2);
            last.push(Reading { acceleration: [0.0, f64::from(k) * GRAVITY, -GRAVITY], rotation: [9.0; 3] });
        }
        assert_eq!(last.csv(), "ax,ay,az\n0,1,-1\n0,2,-1");
        let mut six = Last::new(1, 6);
        six.push(Reading { acceleration: [GRAVITY, 0.0, 0.0], rotation: [1.5, -2.0, 0.0] });
        assert_eq!(six.csv(), "ax,ay,az,gx,gy,gz\n1,0,0,1.5,-2,0");
    }
}
