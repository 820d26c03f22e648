//! The glossary: what the page's words mean, and how texts name them.
//!
//! A text names a term as `[the words that are shown](key)`; labels of the views do it by their own component. A word of the field
//! that appears on the page belongs here, and nothing else does: a test holds the two together.

/// A term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What it is named by in texts and labels.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words as they are.
    Words(&'a str),
    /// Words behind which an entry is.
    Term {
        /// The words that are shown.
        shown: &'a str,
        /// The entry's key.
        key: &'a str,
    },
}

/// Labels of the views behind which an entry is, wherever they stand in a heading or beside a figure, and its key.
pub const LABELS: [(&str, &str); 20] = [
    ("AUC", "auc"),
    ("Accuracy", "accuracy"),
    ("Activations", "activation"),
    ("Arena", "arena"),
    ("Channels", "channel"),
    ("Clipped", "clipping"),
    ("Energy", "energy"),
    ("Front", "front"),
    ("Gzipped", "gzip"),
    ("Kernel", "kernel"),
    ("Latency", "latency"),
    ("MACs", "mac"),
    ("Op", "operator"),
    ("Scale", "scale"),
    ("Signal to noise", "sqnr"),
    ("Tensor", "tensor"),
    ("Weights", "weight"),
    ("Work", "mac"),
    ("Zero point", "zero-point"),
    ("Zeros", "sparsity"),
];

/// The entry behind a label, where there is one.
#[must_use]
pub fn of_label(label: &str) -> Option<&'static str> {
    LABELS.iter().find(|(known, _)| *known == label).map(|&(_, key)| key)
}

/// The entry of a key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.key == key)
}

/// A text in pieces. What is no whole `[words](key)` stays as it is.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, shown, key, after)) = first_term(rest) {
        if !before.is_empty() {
            found.push(Piece::Words(before));
        }
        found.push(Piece::Term { shown, key });
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Words(rest));
    }
    found
}

/// What stands before the first term, its words, its key, and what follows.
fn first_term(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (shown, rest) = rest.split_once("](")?;
    let (key, after) = rest.split_once(')')?;
    Some((before, shown, key, after))
}

/// All terms, by their names.
pub const ENTRIES: &[Entry] = &[
    Entry {
        key: "16x8",
        name: "16x8",
        about: "16-bit activations and 8-bit weights. Activations are rounded 256 times more finely than with int8; they also \
                take twice the memory.",
    },
    Entry {
        key: "accuracy",
        name: "Accuracy",
        about: "The share of test samples for which the class with the highest score is the right one; also called top-1.",
    },
    Entry {
        key: "activation",
        name: "Activation",
        about: "A number that a layer computes from the input. Activations are new for every input and live in the arena; \
                weights stay.",
    },
    Entry {
        key: "arena",
        name: "Arena",
        about: "The one block of RAM that holds the activations of a run. It is laid out before the first run: tensors that are \
                never needed at the same time share the same bytes.",
    },
    Entry {
        key: "auc",
        name: "AUC",
        about: "The area under the ROC curve: how likely an anomaly gets a higher score than a normal sample does. 1 is perfect, \
                0.5 is a guess.",
    },
    Entry {
        key: "calibration",
        name: "Calibration",
        about: "Running the float model over some samples to see which ranges its activations take. Their scales and zero \
                points are chosen by these ranges.",
    },
    Entry {
        key: "channel",
        name: "Channel",
        about: "What one filter of a convolution finds, at every place of the picture or signal. If a channel goes, its filter \
                goes, and so do the weights of the next layer that read it.",
    },
    Entry {
        key: "class",
        name: "Class",
        about: "One of the answers that a classifier can give, such as a digit or a word. There is no answer beside them, \
                unless one of them was trained to mean “none of these”.",
    },
    Entry {
        key: "clipping",
        name: "Clipping",
        about: "A value outside the range that the integers stand for becomes the nearest one that they can hold. A range that \
                is a little too narrow clips rare values and rounds all others more finely.",
    },
    Entry {
        key: "confusion",
        name: "Confusion matrix",
        about: "A table of test samples: a row for each true class, a column for each answer. What is right lies on the \
                diagonal; all else tells which classes are taken for which.",
    },
    Entry {
        key: "drift",
        name: "Distribution shift",
        about: "The data at work differ from those of training and test: other light, another microphone, other people. \
                Accuracy that was measured before then promises nothing.",
    },
    Entry {
        key: "energy",
        name: "Energy",
        about: "Power times time, in joules; it decides how long a battery lasts. The page estimates what the arithmetic and \
                the memory traffic of one run take, from published costs of each operation. A whole board draws more.",
    },
    Entry {
        key: "features",
        name: "Features",
        about: "Numbers that are computed from a raw signal before the model sees it. For speech: how strong each band of \
                frequencies is, window by window of some 30 milliseconds.",
    },
    Entry {
        key: "flash",
        name: "Flash",
        about: "Memory that keeps its content without power and is hardly ever written. On a microcontroller the program and \
                the model's file, with all its weights, lie in it.",
    },
    Entry {
        key: "float32",
        name: "float32",
        about: "Real numbers in 32 bits: a sign, 8 bits of exponent and 23 bits of fraction, which is about 7 decimal digits. \
                Models are usually trained in it.",
    },
    Entry {
        key: "front",
        name: "Pareto front",
        about: "The models that no other one beats: each other one is larger, or worse. Off the front there is always a model \
                that is at least as good for no more bytes.",
    },
    Entry {
        key: "gzip",
        name: "gzip",
        about: "A lossless compression of files. It finds repetition, so many zeros and few different values make a file \
                compress well. The model has to be unpacked again before it runs.",
    },
    Entry {
        key: "inference",
        name: "Inference",
        about: "Running a trained model on new data to get its answer. Training, which finds the weights, comes before and \
                needs far more memory and time.",
    },
    Entry {
        key: "int8",
        name: "int8",
        about: "Integers from −128 to 127, a byte each. In an int8 model weights and activations are int8; sums inside a layer \
                are kept in 32 bits, so that nothing overflows.",
    },
    Entry {
        key: "interval",
        name: "95 % interval",
        about: "A range that tells how far to trust an accuracy that was measured on few samples. If the test were done again \
                and again with fresh samples, 95 % of the intervals that come out would hold the true accuracy.",
    },
    Entry {
        key: "kernel",
        name: "Kernel",
        about: "The loop that computes one kind of layer. There is a plain reference kernel for each kind here, and faster ones \
                that must give the same bits. (A filter of a convolution is called a kernel too.)",
    },
    Entry { key: "latency", name: "Latency", about: "How long one run takes, from the input's bytes to the output's." },
    Entry {
        key: "mac",
        name: "Multiply-accumulate (MAC)",
        about: "One multiplication and one addition to a sum: what convolutions and dense layers consist of. Their number is \
                the work of a run, whatever machine does it.",
    },
    Entry {
        key: "median",
        name: "Median",
        about: "The middle one of all measured values in their order. Unlike the mean, it is not moved by a few runs that \
                something else held up.",
    },
    Entry {
        key: "microcontroller",
        name: "Microcontroller",
        about: "A computer on one chip: a processor, flash, RAM and pins for sensors, for a few euros and some milliwatts. Often \
                it has 256 kB of RAM or less and no operating system.",
    },
    Entry {
        key: "model",
        name: "Model",
        about: "Here: a neural network with its trained weights, in a file. It turns an input of one fixed shape into an \
                output, for a classifier a score for each class.",
    },
    Entry {
        key: "neuron",
        name: "Neuron",
        about: "A unit of a dense layer: the sum of its inputs times its weights, plus a bias, through an activation function. \
                A channel of a convolution is such a unit too, used at every place.",
    },
    Entry {
        key: "normalization",
        name: "Normalization",
        about: "(value − mean) / deviation: it brings raw numbers into the range that the model was trained with. A device has \
                to do exactly what training did.",
    },
    Entry {
        key: "operator",
        name: "Operator",
        about: "A kind of computation in a model's file, such as CONV_2D or SOFTMAX. A runtime runs the operators that it \
                knows and has to refuse a model with others.",
    },
    Entry {
        key: "per-channel",
        name: "Per-channel scales",
        about: "Each channel of a layer's weights has a scale of its own, which fits its own range. With one scale for the whole \
                tensor the channel with the largest weights makes all others coarse.",
    },
    Entry {
        key: "pruning",
        name: "Pruning",
        about: "Taking away what matters least: single weights, which become 0, or whole neurons and channels, which go with \
                everything that is attached to them.",
    },
    Entry {
        key: "quantization",
        name: "Quantization",
        about: "Storing real numbers as small integers: real = scale × (integer − zero point). With int8 that is a quarter of \
                float32's bytes, and arithmetic of integers only. The price is a rounding error in each number.",
    },
    Entry {
        key: "ram",
        name: "RAM",
        about: "Memory that is written while a program runs and loses its content without power. On a microcontroller there is \
                less of it than of flash.",
    },
    Entry {
        key: "sandbox",
        name: "Sandbox",
        about: "An enclosure in which a program can do only what it was given. The module that runs models here imports \
                nothing: it has no files, no network and no clock. It can compute, and nothing else.",
    },
    Entry {
        key: "scale",
        name: "Scale",
        about: "The real distance between two neighbouring quantized values. A tensor that spans a wide range needs a large \
                scale, and is rounded more coarsely.",
    },
    Entry {
        key: "score",
        name: "Score",
        about: "What a classifier gives each class; the highest is its answer. After softmax the scores are positive and sum to \
                1, but a high score is no promise of being right.",
    },
    Entry {
        key: "simd",
        name: "SIMD",
        about: "Single instruction, multiple data: one instruction computes several numbers at once. WebAssembly has registers \
                of 128 bits, which hold 16 int8 numbers.",
    },
    Entry {
        key: "sparsity",
        name: "Sparsity",
        about: "The share of weights that are 0. In an ordinary file a 0 takes as many bytes as any other number, and in an \
                ordinary kernel as much time: zeros pay off where something skips or compresses them.",
    },
    Entry {
        key: "sqnr",
        name: "Signal to noise (SQNR)",
        about: "How large the original's values are beside the error that compressing makes in them, in decibels: 10 × log10 of \
                the ratio of their mean squares. 20 dB is a hundredth, 40 dB a ten-thousandth.",
    },
    Entry {
        key: "tensor",
        name: "Tensor",
        about: "An array of numbers with a shape: 1 × 8 × 8 × 1 is one picture of 8 rows, 8 columns and one channel.",
    },
    Entry {
        key: "test-set",
        name: "Test samples",
        about: "Samples that are kept apart to judge models by. How a model does on samples that it was made by says little \
                about how it does on new ones.",
    },
    Entry {
        key: "tinyml",
        name: "TinyML",
        about: "Machine learning on devices with kilobytes of memory and milliwatts of power. The model answers where the data \
                arise, and they need not leave the device.",
    },
    Entry {
        key: "weight",
        name: "Weight",
        about: "A number of the model that training has found. Weights stay as they are when the model runs.",
    },
    Entry {
        key: "zero-point",
        name: "Zero point",
        about: "The integer that stands for the real number 0. So 0 has no rounding error, which padding with zeros and ReLU \
                rely on.",
    },
];

#[cfg(test)]
mod tests;
