//! The models and data that come with the page, by their paths beside it.

/// A model of the zoo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Short, for people.
    pub name: &'static str,
    /// One line, for people.
    pub about: &'static str,
    /// Whether it computes with float32, as it was trained.
    pub float: bool,
    /// Its file.
    pub model: &'static str,
    /// Labelled samples for it: an `.npz` with `x` and `y`.
    pub data: &'static str,
}

/// All of them; the page opens the first.
pub const ENTRIES: [Entry; 2] = [
    Entry {
        name: "Digits, int8",
        about: "What a microcontroller runs: 8-bit weights and activations.",
        float: false,
        model: "zoo/digits/digits_int8.tflite",
        data: "zoo/digits/digits_test.npz",
    },
    Entry {
        name: "Digits, float",
        about: "The same network before quantization.",
        float: true,
        model: "zoo/digits/digits_float.tflite",
        data: "zoo/digits/digits_test.npz",
    },
];
