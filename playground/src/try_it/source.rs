//! Where an input can come from, and whether a model takes what comes from there.

use mote_abi::Description;
use serde::{Deserialize, Serialize};

/// Fewest numbers of an input that a recording's own samples are thought to be for: a quarter of a second at 8 kHz.
const SOUND: usize = 2000;
/// Smallest side of a picture that a camera is worth looking through.
const SIDE: u32 = 8;
/// Most columns of motion: acceleration and rotation along three axes each.
const AXES: u32 = 6;

/// Something that gives inputs as long as it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The camera.
    Camera,
    /// The microphone.
    Microphone,
    /// The motion of the device.
    Motion,
}

/// Whether a model takes what comes from a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Yes,
    /// It takes features, which a front end makes of recordings.
    WithFrontEnd,
    /// It does not, and why.
    No(String),
}

impl Source {
    /// All of them.
    pub const ALL: [Source; 3] = [Source::Camera, Source::Microphone, Source::Motion];

    /// As the page's elements name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Source::Camera => "camera",
            Source::Microphone => "microphone",
            Source::Motion => "motion",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Source::Camera => "Camera",
            Source::Microphone => "Microphone",
            Source::Motion => "Motion",
        }
    }

    /// Whether a model takes what comes from it.
    #[must_use]
    pub fn fit(self, model: &Description) -> Fit {
        let [input] = model.inputs.as_slice() else {
            return Fit::No(format!("This model has {} inputs; a sensor gives one.", model.inputs.len()));
        };
        // A batch of one is no axis of the sample.
        let axes = match input.shape.as_slice() {
            [1, rest @ ..] => rest,
            all => all,
        };
        let shape = crate::format::shape(axes);
        let yes = |fits: bool, takes: &str| {
            if fits { Fit::Yes } else { Fit::No(format!("This model takes {shape} numbers, which is not {takes}.")) }
        };
        match self {
            Source::Camera => yes(is_picture(axes), "a picture"),
            Source::Microphone if is_sound(axes) => Fit::Yes,
            Source::Microphone if is_features(axes) => Fit::WithFrontEnd,
            Source::Microphone => yes(false, "a recording"),
            Source::Motion => yes(columns(axes).is_some(), "a series of motion"),
        }
    }
}

/// Height x width, perhaps x 1 or 3, of about the same extents.
fn is_picture(axes: &[u32]) -> bool {
    match *axes {
        [height, width, 3] => height.min(width) >= SIDE,
        [height, width, 1] | [height, width] => height.min(width) >= SIDE && height.max(width) <= 2 * height.min(width),
        _ => false,
    }
}

/// One long row.
fn is_sound(axes: &[u32]) -> bool {
    let long: Vec<u32> = axes.iter().copied().filter(|&d| d != 1).collect();
    matches!(long[..], [samples] if samples as usize >= SOUND)
}

/// Moments x bands, or both in one row.
fn is_features(axes: &[u32]) -> bool {
    let long: Vec<u32> = axes.iter().copied().filter(|&d| d != 1).collect();
    match long[..] {
        [moments, bands] => bands >= SIDE && moments > bands,
        [both] => (both as usize) < SOUND && both >= 100,
        _ => false,
    }
}

/// Columns of a series of motion: the innermost axis that is longer than 1, where it is 3 or 6 long and the outer one longer.
#[must_use]
pub fn columns(axes: &[u32]) -> Option<usize> {
    let long: Vec<u32> = axes.iter().copied().filter(|&d| d != 1).collect();
    match long[..] {
        [rows, columns @ (3 | AXES)] if rows > columns => Some(columns as usize),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn model(shapes: &[&[u32]]) -> Description {
        fixture::description(shapes.iter().map(|shape| fixture::tensor("int8", shape)).collect(), Vec::new())
    }

    #[test]
    fn a_source_fits_what_its_shape_says() {
        use Source::{Camera, Microphone, Motion};
        type Case = (&'static str, &'static [u32], &'static [Source], &'static [Source]);
        let cases: [Case; 9] = [
            ("visual wake words", &[1, 96, 96, 3], &[Camera], &[]),
            ("digits", &[1, 8, 8, 1], &[Camera], &[]),
            ("keywords, MFCC", &[1, 49, 10, 1], &[], &[Microphone]),
            ("micro speech", &[1, 1960], &[], &[Microphone]),
            ("a second of sound", &[1, 16_000], &[Microphone], &[]),
            ("a second of sound, one channel", &[1, 8000, 1], &[Microphone], &[]),
            ("magic wand", &[1, 128, 3, 1], &[Motion], &[]),
            ("five gestures", &[1, 119, 6], &[Motion], &[]),
            ("a table's row", &[1, 4], &[], &[]),
        ];
        for (name, shape, yes, with_front_end) in cases {
            for source in Source::ALL {
                let fit = source.fit(&model(&[shape]));
                assert_eq!(fit == Fit::Yes, yes.contains(&source), "{name}: {source:?}: {fit:?}");
                assert_eq!(fit == Fit::WithFrontEnd, with_front_end.contains(&source), "{name}: {source:?}: {fit:?}");
            }
        }
        assert!(matches!(Camera.fit(&model(&[&[1, 8, 8, 1], &[1, 2]])), Fit::No(why) if why.contains("2 inputs")));
    }
}
