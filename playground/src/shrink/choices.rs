//! What the user chooses, and the recipe that it is.

use mote_models::prune::channels::{Criterion, Target};
use mote_models::prune::{Pattern, channels, weights};
use mote_models::quantize::{self, Calibration, Scheme};
use mote_models::recipe::Recipe;
use serde::{Deserialize, Serialize};

use super::Split;

/// What the user chooses. What does not count at the moment is kept for when it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The numbers of the variant; none leaves them float32.
    pub scheme: Option<Scheme>,
    /// Bits of a weight that is stored as int8.
    pub bits: u8,
    /// How ranges are chosen.
    pub calibration: Calibration,
    /// Samples to make it by; at most those that there are for it.
    pub samples: usize,
    /// What is pruned.
    pub prune: Prune,
    /// Which weights become 0 together.
    pub pattern: Pattern,
    /// Per cent of the weights that become 0.
    pub sparsity: u8,
    /// Per cent of the multiply-accumulates that go with their channels.
    pub macs: u8,
}

/// What is pruned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prune {
    /// Nothing.
    Nothing,
    /// The smallest weights.
    Weights,
    /// The channels that do least on the samples.
    Channels,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            scheme: Some(Scheme::Int8),
            bits: 8,
            calibration: Calibration::Auto,
            samples: Split::of(usize::MAX).calibration(),
            prune: Prune::Nothing,
            pattern: Pattern::Unstructured,
            sparsity: 50,
            macs: 30,
        }
    }
}

impl Choices {
    /// Whether ranges are chosen at all.
    #[must_use]
    pub fn calibrates(&self) -> bool {
        matches!(self.scheme, Some(Scheme::Int8 | Scheme::Int16x8))
    }

    /// Whether the share of zeros is the user's to choose: N of M say it themselves.
    #[must_use]
    pub fn has_sparsity(&self) -> bool {
        !matches!(self.pattern, Pattern::Keep { .. })
    }

    /// The recipe; none where nothing is to be done.
    #[must_use]
    pub fn recipe(&self, split: Split) -> Option<Recipe> {
        let share = |percent: u8| f32::from(percent) / 100.0;
        let quantize = self.scheme.map(|scheme| quantize::Options {
            scheme,
            weight_bits: self.bits,
            calibration: self.calibration,
            ..quantize::Options::default()
        });
        let (mut prune_weights, mut prune_channels) = (None, None);
        match self.prune {
            Prune::Nothing if quantize.is_none() => return None,
            Prune::Nothing => {}
            Prune::Weights => {
                let (pattern, sparsity) = (self.pattern, share(self.sparsity));
                prune_weights = Some(weights::Options { pattern, sparsity, ..weights::Options::default() });
            }
            Prune::Channels => {
                let (criterion, target) = (Criterion::Activity, Target::Macs(share(self.macs)));
                prune_channels = Some(channels::Options { criterion, target, ..channels::Options::default() });
            }
        }
        let calibration = split.choice(self.samples);
        Some(Recipe { calibration, prune_channels, prune_weights, quantize, ..Recipe::default() })
    }

    /// What to call the variant: what was chosen, where it is not what everybody gets.
    #[must_use]
    pub fn name(&self, split: Split) -> String {
        let mut parts = vec![
            match self.scheme {
                None => "float",
                Some(Scheme::Int8) => "int8",
                Some(Scheme::Int16x8) => "16x8",
                Some(Scheme::WeightOnly) => "int8 weights",
            }
            .to_owned(),
        ];
        if self.scheme.is_some() && self.bits < 8 {
            parts.push(format!("{}-bit weights", self.bits));
        }
        match self.prune {
            Prune::Nothing => {}
            Prune::Weights if self.has_sparsity() => {
                let pattern = match self.pattern {
                    Pattern::Unstructured => String::new(),
                    Pattern::Kernels => " in kernels' blocks".to_owned(),
                    Pattern::Block { .. } | Pattern::Keep { .. } => format!(" in {}", self.pattern),
                };
                parts.push(format!("{} % zeros{pattern}", self.sparsity));
            }
            Prune::Weights => parts.push(format!("{} zeros", self.pattern)),
            Prune::Channels => parts.push(format!("{} % of MACs gone", self.macs)),
        }
        if self.calibrates() {
            match self.calibration {
                Calibration::Auto => {}
                Calibration::MinMax => parts.push("min-max".into()),
                Calibration::Average => parts.push("average".into()),
                Calibration::Percentile => parts.push("percentile".into()),
                Calibration::Mse => parts.push("MSE".into()),
                Calibration::Entropy => parts.push("entropy".into()),
            }
        }
        match self.samples {
            count if count < split.calibration() => parts.push(format!("{count} samples")),
            _ => {}
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPLIT: usize = 450;

    #[test]
    fn choices_are_the_recipe_that_the_command_line_makes_of_them() {
        let recipe = Choices::default().recipe(Split::of(SPLIT)).unwrap();
        assert_eq!(recipe, Recipe { quantize: Some(quantize::Options::default()), ..Recipe::default() });
        assert_eq!(Choices::default().name(Split::of(SPLIT)), "int8");

        let choices = Choices { scheme: None, prune: Prune::Weights, sparsity: 80, samples: 3, ..Choices::default() };
        let recipe = choices.recipe(Split::of(SPLIT)).unwrap();
        assert_eq!(recipe.prune_weights.map(|options| options.sparsity), Some(0.8));
        assert_eq!(recipe.calibration.indices.len(), 3);
        assert_eq!(choices.name(Split::of(SPLIT)), "float, 80 % zeros, 3 samples");

        let choices = Choices { prune: Prune::Channels, calibration: Calibration::Mse, bits: 5, ..Choices::default() };
        let recipe = choices.recipe(Split::of(SPLIT)).unwrap();
        assert_eq!(recipe.quantize.as_ref().map(|options| options.weight_bits), Some(5));
        assert_eq!(recipe.prune_channels.map(|options| options.target), Some(Target::Macs(0.3)));
        assert_eq!(choices.name(Split::of(SPLIT)), "int8, 5-bit weights, 30 % of MACs gone, MSE");
    }

    #[test]
    fn nothing_to_do_is_no_recipe() {
        let nothing = Choices { scheme: None, ..Choices::default() };
        assert_eq!(nothing.recipe(Split::of(SPLIT)), None);
    }
}
