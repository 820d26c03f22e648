//! Which guest pays in this browser: the relaxed one where its dot product is exact, else the plain one.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add_s` is fixed by its specification only for a second operand of 0 to 127; beyond that browsers
//! do what their processor does. The relaxed guest asks when it loads a model, and uses the instruction where the answer is one
//! that it can compute with; elsewhere it has nothing that the plain one has not. A module of some hundred bytes
//! (`probes/relaxed.wat`) asks the same before a guest is fetched, so that only one is.

use mote_abi::Build;
use serde::{Deserialize, Serialize};

use crate::protocol::Kernels;

/// What is asked: pairs of bytes, sixteen of each, the same in each lane. Those of the guest's own question, which tell the ways of
/// engines apart and reach furthest.
pub const QUESTIONS: [(i8, u8); 4] = [(127, 255), (-127, 128), (-127, 255), (127, 127)];

/// How an engine multiplies, where that is exact for all bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dot {
    /// Signed by signed bytes.
    Signed,
    /// Signed by unsigned bytes.
    Unsigned,
}

/// What a browser has beside plain SIMD128, which the page itself needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxed {
    /// Whether it has relaxed SIMD.
    pub offered: bool,
    /// What its dot product is; none where it is of no use.
    pub dot: Option<Dot>,
}

impl Relaxed {
    /// Of a browser that runs the probe and gives these answers.
    #[must_use]
    pub fn answering(answers: [i32; 4]) -> Self {
        let sums = |of: fn(u8) -> i32| QUESTIONS.map(|(a, b)| 4 * i32::from(a) * of(b));
        let signed = sums(|b| i32::from(b as i8));
        let unsigned = sums(i32::from);
        let dot = match answers {
            found if found == signed => Some(Dot::Signed),
            found if found == unsigned => Some(Dot::Unsigned),
            _ => None,
        };
        Self { offered: true, dot }
    }

    /// The kernels that are fastest here.
    #[must_use]
    pub fn best(self) -> Kernels {
        match self.dot {
            Some(Dot::Signed | Dot::Unsigned) => Kernels::RelaxedSimd,
            None => Kernels::Simd128,
        }
    }

    /// All that run here, in the order of [`Kernels::ALL`].
    #[must_use]
    pub fn kernels(self) -> Vec<Kernels> {
        let runs = |kernels: &Kernels| match kernels {
            Kernels::Simd128 | Kernels::Reference => true,
            Kernels::RelaxedSimd => self.offered,
        };
        Kernels::ALL.into_iter().filter(runs).collect()
    }

    /// Why the best kernels are these, for people.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Relaxed { dot: Some(Dot::Signed), .. } => "this browser's relaxed dot product is exact for signed bytes",
            Relaxed { dot: Some(Dot::Unsigned), .. } => {
                "this browser's relaxed dot product is exact for unsigned bytes"
            }
            Relaxed { offered: true, dot: None } => "this browser's relaxed dot product saturates, so it would not pay",
            Relaxed { offered: false, dot: None } => "this browser has no relaxed SIMD",
        }
    }
}

/// The kernels that a user wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// The fastest ones here.
    #[default]
    Automatic,
    /// These.
    These(Kernels),
}

impl Wanted {
    /// The kernels that this means in a browser.
    #[must_use]
    pub fn kernels(self, relaxed: Relaxed) -> Kernels {
        match self {
            Wanted::Automatic => relaxed.best(),
            Wanted::These(kernels) => kernels,
        }
    }
}

/// What ran, in a few words that fit beside a latency: the kernels that were asked for, and how the guest says that it was built.
#[must_use]
pub fn ran_with(kernels: Kernels, build: Build) -> &'static str {
    match build {
        _ if kernels.reference() => "scalar reference",
        Build::Scalar => "scalar",
        Build::Simd128 => "SIMD128",
        Build::RelaxedSimd => "relaxed SIMD, its dot product not used",
        Build::RelaxedDotSigned => "relaxed SIMD, signed dot product",
        Build::RelaxedDotUnsigned => "relaxed SIMD, unsigned dot product",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relaxed_guest_is_chosen_only_where_its_dot_product_is_exact() {
        // By hand from the instructions: four products a lane, `pmaddubsw` saturates their sums in pairs at 16 bits.
        let cases = [
            ("sdot", [-508, 65_024, 508, 64_516], Some(Dot::Signed), Kernels::RelaxedSimd),
            ("vpdpbusd", [129_540, -65_024, -129_540, 64_516], Some(Dot::Unsigned), Kernels::RelaxedSimd),
            ("pmaddubsw", [65_534, -65_024, -65_536, 64_516], None, Kernels::Simd128),
        ];
        for (name, answers, dot, best) in cases {
            let relaxed = Relaxed::answering(answers);
            assert_eq!((relaxed.dot, relaxed.best()), (dot, best), "{name}");
            assert_eq!(relaxed.kernels(), Kernels::ALL, "{name}: all can be chosen all the same");
            assert_eq!(Wanted::Automatic.kernels(relaxed), best, "{name}");
            assert_eq!(Wanted::These(Kernels::Reference).kernels(relaxed), Kernels::Reference, "{name}");
        }
        let none = Relaxed::default();
        assert_eq!((none.best(), none.kernels()), (Kernels::Simd128, vec![Kernels::Simd128, Kernels::Reference]));
    }
}
