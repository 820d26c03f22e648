//! The zoo: small models that come with Mote, each a folder of `models/zoo/` with its training script and its card.

use crate::samples::{InputError, LabelledSet};

/// A model of the zoo. Its bytes are those of its folder's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZooModel {
    /// The folder's name.
    pub name: &'static str,
    /// What it does, in one line.
    pub title: &'static str,
    /// The float32 `.tflite`.
    pub float: &'static [u8],
    /// The int8 `.tflite`.
    pub int8: &'static [u8],
    /// The test set: an `.npz` of `x` and `y`.
    pub test_data: &'static [u8],
    /// Names of the classes, one a line.
    labels: &'static str,
    /// The model card, Markdown.
    pub card: &'static str,
}

/// Handwritten digits of 8x8 pixels (UCI), a small convolutional network.
pub const DIGITS: ZooModel = ZooModel {
    name: "digits",
    title: "Handwritten digits, 8x8 pixels",
    float: include_bytes!("../zoo/digits/digits_float.tflite"),
    int8: include_bytes!("../zoo/digits/digits_int8.tflite"),
    test_data: include_bytes!("../zoo/digits/digits_test.npz"),
    labels: include_str!("../zoo/digits/labels.txt"),
    card: include_str!("../zoo/digits/MODEL_CARD.md"),
};

/// All models of the zoo.
pub const ALL: &[ZooModel] = &[DIGITS];

impl ZooModel {
    /// The model of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|model| model.name == name)
    }

    /// Names of the classes.
    pub fn labels(&self) -> impl Iterator<Item = &'static str> {
        self.labels.lines()
    }

    /// The test set.
    pub fn test_set(&self) -> Result<LabelledSet, InputError> {
        let labels: Vec<String> = self.labels().map(str::to_owned).collect();
        LabelledSet::from_npz(self.test_data, &labels)
    }
}
