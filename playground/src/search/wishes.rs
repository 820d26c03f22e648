//! What the user wants of a search, and the options that it is.

use mote_models::search::{self, Bytes, Constraints, Options};
use serde::{Deserialize, Serialize};

use crate::shrink::Split;

/// What the user wants of a search. What does not count at the moment is kept for when it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// What is to be had.
    pub aim: Aim,
    /// Thousandths of the accuracy that the smallest model may lose.
    pub loss: u16,
    /// Most thousands of bytes of the best model's file.
    pub kilobytes: u32,
    /// Models that are made and judged, at most.
    pub trials: usize,
}

/// What is to be had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    /// The smallest file that keeps its accuracy.
    File,
    /// The smallest download that keeps its accuracy.
    #[default]
    Download,
    /// The best accuracy in so many bytes.
    Accuracy,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { aim: Aim::default(), loss: 10, kilobytes: 20, trials: 30 }
    }
}

impl Aim {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Aim; 3] = [Aim::File, Aim::Download, Aim::Accuracy];
}

impl Wishes {
    /// The options of the search. It makes its models by the samples that the split has for that, chooses by one half of the
    /// others, and judges what it chose by the other half: none of its recipes names a sample that variants are judged by.
    #[must_use]
    pub fn options(&self, split: &Split) -> Options {
        let parts = parts(split);
        let constraints = match self.aim {
            Aim::File | Aim::Download => {
                Constraints { drop: Some(f64::from(self.loss) / 1000.0), ..Constraints::default() }
            }
            Aim::Accuracy => Constraints { bytes: Some(u64::from(self.kilobytes) * 1000), ..Constraints::default() },
        };
        let bytes = match self.aim {
            Aim::File | Aim::Accuracy => Bytes::File,
            Aim::Download => Bytes::Gzip,
        };
        Options {
            constraints,
            bytes,
            trials: self.trials,
            calibration_samples: parts.calibration.len(),
            parts: Some(parts),
            ..Options::default()
        }
    }
}

fn parts(split: &Split) -> search::Split {
    let test = split.test_places();
    let half = |odd: usize| test.iter().copied().skip(odd).step_by(2).collect();
    search::Split { calibration: split.calibration_places().to_vec(), validation: half(0), test: half(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_looks_at_no_sample_twice_and_makes_nothing_by_those_that_judge() {
        let split = Split::of(450);
        let options = Wishes::default().options(&split);
        let parts = options.parts.unwrap();
        assert_eq!(parts.calibration, split.calibration_places());
        assert_eq!((parts.validation.len(), parts.test.len()), (175, 175));
        let mut judging = [parts.validation, parts.test].concat();
        judging.sort_unstable();
        assert_eq!(judging, split.test_places());
        assert_eq!(options.calibration_samples, parts.calibration.len(), "all of them");
    }

    #[test]
    fn the_aim_decides_what_binds() {
        let of = |aim| Wishes { aim, loss: 5, kilobytes: 12, trials: 7 }.options(&Split::of(100));
        assert_eq!((of(Aim::File).constraints.drop, of(Aim::File).bytes), (Some(0.005), Bytes::File));
        assert_eq!((of(Aim::Download).constraints.bytes, of(Aim::Download).bytes), (None, Bytes::Gzip));
        let best = of(Aim::Accuracy);
        assert_eq!((best.constraints.bytes, best.constraints.drop, best.trials), (Some(12_000), None, 7));
    }
}
