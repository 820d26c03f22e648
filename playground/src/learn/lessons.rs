//! The guided path, as data: what each lesson says, and what is to be done on the page's own tools.
//!
//! A text has no figures of its own. Figures are those that the student's own models have, and [`Check`] tells them once a task
//! is done. To add a lesson: an entry in [`LESSONS`], and for a new kind of task a variant of [`Check`].

use super::checks::Check;
use crate::view::View;

/// A lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lesson {
    /// Its title.
    pub title: &'static str,
    /// What it says, a paragraph each; terms as in [`super::glossary`].
    pub text: &'static [&'static str],
    /// What is to be done, in this order.
    pub tasks: &'static [Task],
}

/// Something to do on the page's tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// What; terms as in [`super::glossary`].
    pub text: &'static str,
    /// Where.
    pub place: Place,
    /// Whether it was done.
    pub check: Check,
}

/// A control of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The view.
    pub view: View,
    /// The control's `id`.
    pub control: &'static str,
}

const fn at(view: View, control: &'static str) -> Place {
    Place { view, control }
}

/// The path.
pub const LESSONS: &[Lesson] = &[
    Lesson {
        title: "Why TinyML",
        text: &[
            "A [model](model) need not live in a data centre. [TinyML](tinyml) runs it on a [microcontroller](microcontroller) \
             beside the sensor: it answers at once, without a network, for years on a battery, and what the sensor sees or hears \
             never leaves the device.",
            "The price is space. A microcontroller has some hundred kilobytes of [RAM](ram), a phone has gigabytes. This path \
             makes a real model smaller step by step, and looks at what each step costs.",
        ],
        tasks: &[
            Task {
                text: "Choose one of the zoo's digits models and draw a digit for it. This is [inference](inference): the model \
                       gives each [class](class) a [score](score), and it does so in this page, not on a server.",
                place: at(View::Try, "pad"),
                check: Check::Drawn,
            },
            Task {
                text: "One digit says little. Run the model over all its [test samples](test-set) to see its \
                       [accuracy](accuracy).",
                place: at(View::Data, "evaluate-start"),
                check: Check::Evaluated,
            },
        ],
    },
    Lesson {
        title: "Quantization",
        text: &[
            "Models are trained in [float32](float32): four bytes for each [weight](weight). [Quantization](quantization) stores \
             them as [int8](int8), one byte each, with a [scale](scale) and a [zero point](zero-point) that say which real \
             numbers the integers stand for.",
            "[Activations](activation) need scales too. [Calibration](calibration) finds them: it runs the float model over some \
             samples and looks at the range that each [tensor](tensor) takes. These samples must not be the ones that the result \
             is judged by.",
        ],
        tasks: &[
            Task {
                text: "Open a model that computes with float32: the zoo's “Digits, float”, or one of your own.",
                place: at(View::Model, "zoo-1"),
                check: Check::Float,
            },
            Task {
                text: "Make an int8 variant of it that is not pruned, and compare it with the original.",
                place: at(View::Shrink, "scheme-int8"),
                check: Check::Quantized,
            },
        ],
    },
    Lesson {
        title: "Pruning weights",
        text: &[
            "Many weights are so small that the answer hardly changes without them. [Pruning](pruning) sets them to 0, and then \
             fits the others to what the layer gave before.",
            "Look closely at what shrinks. A 0 still takes its byte in the file and its [multiply-accumulate](mac) in an ordinary \
             [kernel](kernel). But zeros compress: the file gets smaller under [gzip](gzip), which is what counts when models are \
             sent over a slow network.",
        ],
        tasks: &[Task {
            text: "Make a variant in which at least half of the weights are 0: its [sparsity](sparsity) is 50 % or more.",
            place: at(View::Shrink, "prune-weights"),
            check: Check::Zeroed,
        }],
    },
    Lesson {
        title: "Pruning neurons",
        text: &[
            "Taking whole [neurons](neuron) and [channels](channel) away is coarser, and it shows everywhere: the next layer has \
             fewer inputs, so weights, activations and work shrink together, in any kernel and on any device.",
            "Which ones may go? Those that do least on the samples at hand. Take too many, and the model has no room left for what \
             it has to tell apart.",
        ],
        tasks: &[Task {
            text: "Make a variant with some of its channels gone.",
            place: at(View::Shrink, "prune-channels"),
            check: Check::Narrowed,
        }],
    },
    Lesson {
        title: "Memory",
        text: &[
            "A microcontroller has two memories. The model's file lies in [flash](flash), which is larger and only read. \
             Activations lie in [RAM](ram), in one block that is planned before the first run: the [arena](arena).",
            "So there are two budgets, and a model that fits one of them can fail the other. [16x8](16x8) shows it: its weights \
             take what those of int8 take, its activations twice as much.",
        ],
        tasks: &[
            Task {
                text: "Make a variant with 16x8 numbers beside your int8 variant, and compare files and arenas.",
                place: at(View::Shrink, "scheme-16x8"),
                check: Check::Arenas,
            },
            Task {
                text: "Take a variant away as a C header (.h): a sketch for an Arduino needs the size of the arena from it.",
                place: at(View::Shrink, "variants"),
                check: Check::Written,
            },
        ],
    },
    Lesson {
        title: "Latency",
        text: &[
            "[Latency](latency) is how long one answer takes. It depends on the model's work, and as much on who does it: the \
             same multiply-accumulates take a plain loop far longer than a kernel that uses [SIMD](simd).",
            "Times vary from run to run, so one measurement is none. The page times many runs and shows their [median](median). \
             A microcontroller is slower than your computer by a factor of hundreds; ratios between models carry over better than \
             the times themselves.",
        ],
        tasks: &[
            Task {
                text: "Time the model with its SIMD kernels: run it over its samples.",
                place: at(View::Data, "evaluate-start"),
                check: Check::Timed,
            },
            Task {
                text: "Choose the Reference kernels for the same model, and run it again. The answers stay the same, to the bit.",
                place: at(View::Model, "kernels-reference"),
                check: Check::TimedPlain,
            },
        ],
    },
    Lesson {
        title: "Energy",
        text: &[
            "A battery holds [energy](energy), and each run takes some of it: for arithmetic, for reading weights, for writing and \
             reading [activations](activation). An 8-bit multiplication takes a small part of what one of float32 takes, and to \
             read a number from a large memory can take more than to compute with it.",
            "The page estimates these three from published costs of each operation. That is a basis to compare models; a whole \
             board draws more. And nothing saves as much as not to run at all: a sensor that wakes the model only when \
             something moves lives far longer than one that always listens.",
        ],
        tasks: &[Task {
            text: "Make an int8 variant of the float model, keep it, and open “Where the energy goes”. Which part saves most?",
            place: at(View::Shrink, "energy"),
            check: Check::Energy,
        }],
    },
    Lesson {
        title: "Security",
        text: &[
            "A model is a file from somewhere, and a file can be broken or made to break its reader. On a device without an \
             operating system nothing would catch that.",
            "Here every model is read and run inside a [sandbox](sandbox) that can compute and nothing else, and each number of \
             the file is checked before it is used. An [operator](operator) that is not known is refused, never guessed.",
        ],
        tasks: &[
            Task {
                text: "Open a broken model: a file of yours that is none, or half of the model that is open now (the button below \
                       cuts it).",
                place: at(View::Model, "model-file"),
                check: Check::Refused,
            },
            Task {
                text: "Read what the page says about it. Then open a sound model again: nothing was harmed.",
                place: at(View::Model, "zoo-0"),
                check: Check::Recovered,
            },
        ],
    },
    Lesson {
        title: "What it cannot do",
        text: &[
            "A classifier knows its classes and nothing else. It gives an answer to anything, also to what is none of them, and a \
             high score does not mean that it is right.",
            "Accuracy holds for data like the test samples. With other light, another microphone or other people comes \
             [distribution shift](drift). And an accuracy from a few samples is itself uncertain: look at its \
             [95 % interval](interval).",
        ],
        tasks: &[
            Task {
                text: "Clear the pad and put a single dot on it. That is no digit; see what the model says.",
                place: at(View::Try, "draw-clear"),
                check: Check::Dot,
            },
            Task {
                text: "Shrink the float model too far: take 80 % of its work away with its channels, and leave the weights that \
                       stay 3 bits. Its accuracy falls for certain: the two intervals do not touch.",
                place: at(View::Shrink, "prune-channels"),
                check: Check::TooFar,
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_check_stands_in_one_task() {
        let checks: Vec<_> = LESSONS.iter().flat_map(|lesson| lesson.tasks).map(|task| task.check).collect();
        let once: BTreeSet<_> = checks.iter().copied().collect();
        assert_eq!(checks.len(), once.len());
        assert_eq!(once, Check::ALL.iter().copied().collect());
    }

    #[test]
    fn lessons_are_short_and_lead_to_views_that_are_there() {
        for Lesson { title, text, tasks } in LESSONS {
            assert!(!tasks.is_empty(), "{title} has something to do");
            let words: usize = text.iter().map(|text| text.split_whitespace().count()).sum();
            assert!(words <= 130, "{title} takes {words} words");
            assert!(tasks.iter().all(|task| View::LINKED.contains(&task.place.view)), "{title}");
        }
    }
}
