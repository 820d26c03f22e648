//! What the user chooses, and the recipe that it is.

use mote_models::export;
use mote_models::prune::channels::{Criterion, Target};
use mote_models::prune::{Pattern, channels, weights};
use mote_models::quantize::{self, Calibration, Rounding, Scheme};
use mote_models::recipe::{Choice, Recipe, Told};
use serde::{Deserialize, Serialize};

use super::Split;

/// What the user chooses: every setting that a recipe has, so that any recipe can be brought back into it. What does not count at
/// the moment is kept for when it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// Other numbers; without it they stay float32.
    pub quantize: Stage<quantize::Options>,
    /// Weights that become 0.
    pub weights: Stage<weights::Options>,
    /// Channels that go.
    pub channels: Stage<channels::Options>,
    /// Whether what pruning leaves is fitted to what the layers gave before.
    pub refit: bool,
    /// Samples to make it by; at most those that there are for it.
    pub samples: usize,
    /// Which samples those are, where a recipe says it otherwise than by their number.
    pub own_samples: Option<Choice>,
    /// What the variant tells of its input and output.
    pub metadata: Told,
    /// How its file is written.
    pub export: export::Options,
}

/// A stage of the pipeline, and whether it is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage<T> {
    /// Whether it is.
    pub on: bool,
    /// How, if it is.
    pub options: T,
}

impl<T: Clone> Stage<T> {
    /// Its options, if it is to be done.
    #[must_use]
    pub fn chosen(&self) -> Option<T> {
        self.on.then(|| self.options.clone())
    }

    /// Takes what a recipe says of it; options that it says nothing of stay for when they count.
    pub(super) fn take(&mut self, options: Option<T>) {
        self.on = options.is_some();
        if let Some(options) = options {
            self.options = options;
        }
    }
}

impl Default for Choices {
    fn default() -> Self {
        let (criterion, target) = (Criterion::Activity, Target::Macs(0.3));
        Self {
            quantize: Stage { on: true, options: quantize::Options::default() },
            weights: Stage { on: false, options: weights::Options::default() },
            channels: Stage { on: false, options: channels::Options { criterion, target, ..Default::default() } },
            refit: true,
            samples: Split::MOST,
            own_samples: None,
            metadata: Told::default(),
            export: export::Options::default(),
        }
    }
}

impl Choices {
    /// The numbers of the variant; none for float32.
    #[must_use]
    pub fn scheme(&self) -> Option<Scheme> {
        self.quantize.on.then_some(self.quantize.options.scheme)
    }

    /// Chooses the numbers of the variant; none for float32.
    pub fn set_scheme(&mut self, scheme: Option<Scheme>) {
        self.quantize.on = scheme.is_some();
        self.quantize.options.scheme = scheme.unwrap_or(self.quantize.options.scheme);
    }

    /// Whether ranges are chosen at all.
    #[must_use]
    pub fn calibrates(&self) -> bool {
        matches!(self.scheme(), Some(Scheme::Int8 | Scheme::Int16x8))
    }

    /// Whether the share of zeros is the user's to choose: N of M say it themselves.
    #[must_use]
    pub fn has_sparsity(&self) -> bool {
        !matches!(self.weights.options.pattern, Pattern::Keep { .. })
    }

    /// The recipe, for any source; none where nothing is to be done.
    #[must_use]
    pub fn recipe(&self, split: &Split) -> Option<Recipe> {
        let stages = [self.quantize.on, self.weights.on, self.channels.on];
        stages.contains(&true).then(|| Recipe {
            calibration: self.own_samples.clone().unwrap_or_else(|| split.choice(self.samples)),
            prune_channels: self.channels.chosen(),
            prune_weights: self.weights.chosen(),
            refit: self.refit,
            quantize: self.quantize.chosen(),
            metadata: self.metadata.clone(),
            export: self.export,
            ..Recipe::default()
        })
    }

    /// What to call the variant: what was chosen, where it is not what everybody gets.
    #[must_use]
    pub fn name(&self, split: &Split) -> String {
        let mut parts = vec![scheme_name(self.scheme()).to_owned()];
        parts.extend(self.quantize.chosen().iter().flat_map(quantize_words));
        parts.extend(self.weights.chosen().iter().map(weights_words));
        parts.extend(self.channels.chosen().iter().map(|channels| match channels.target {
            Target::Macs(share) => format!("{} % of MACs gone", percent(share)),
            Target::Channels(0.0) => "channels of single layers gone".to_owned(),
            Target::Channels(share) => format!("{} % of channels gone", percent(share)),
        }));
        if self.calibrates() {
            parts.extend(calibration_word(self.quantize.options.calibration).map(str::to_owned));
        }
        match &self.own_samples {
            Some(_) => parts.push("samples of a recipe".into()),
            None if self.samples < split.calibration() => parts.push(format!("{} samples", self.samples)),
            None => {}
        }
        if self.export.sparse {
            parts.push("sparse file".into());
        }
        parts.join(", ")
    }
}

/// Per cent of a share, without digits that mean nothing.
#[must_use]
pub fn percent(share: f32) -> f64 {
    (f64::from(share) * 1000.0).round() / 10.0
}

fn scheme_name(scheme: Option<Scheme>) -> &'static str {
    match scheme {
        None => "float",
        Some(Scheme::Int8) => "int8",
        Some(Scheme::Int16x8) => "16x8",
        Some(Scheme::WeightOnly) => "int8 weights",
    }
}

fn calibration_word(calibration: Calibration) -> Option<&'static str> {
    match calibration {
        Calibration::Auto => None,
        Calibration::MinMax => Some("min-max"),
        Calibration::Average => Some("average"),
        Calibration::Percentile => Some("percentile"),
        Calibration::Mse => Some("MSE"),
        Calibration::Entropy => Some("entropy"),
    }
}

fn quantize_words(options: &quantize::Options) -> Vec<String> {
    let mut words = Vec::new();
    let layers = |count: usize| if count == 1 { "1 layer".to_owned() } else { format!("{count} layers") };
    if options.weight_bits < 8 {
        words.push(format!("{}-bit weights", options.weight_bits));
    }
    let savers = [options.equalize, options.rounding == Rounding::Adaptive, options.correct_bias];
    match savers {
        [true, true, true] => {}
        [false, false, false] => words.push("no savers".into()),
        savers => {
            let without = ["no equalizing", "nearest weights", "biases as they are"];
            words.extend(without.into_iter().zip(savers).filter(|(_, on)| !on).map(|(word, _)| word.to_owned()));
        }
    }
    if !options.keep_float.is_empty() {
        words.push(format!("{} float", layers(options.keep_float.len())));
    }
    if !options.layers.is_empty() {
        words.push(format!("{} otherwise", layers(options.layers.len())));
    }
    words
}

fn weights_words(options: &weights::Options) -> String {
    let own = match options.layers.len() {
        0 => String::new(),
        1 => " (1 layer otherwise)".to_owned(),
        count => format!(" ({count} layers otherwise)"),
    };
    let share = percent(options.sparsity);
    match options.pattern {
        Pattern::Unstructured => format!("{share} % zeros{own}"),
        Pattern::Kernels => format!("{share} % zeros in kernels' blocks{own}"),
        Pattern::Block { .. } => format!("{share} % zeros in {}{own}", options.pattern),
        Pattern::Keep { .. } => format!("{} zeros{own}", options.pattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPLIT: usize = 450;

    #[test]
    fn choices_are_the_recipe_that_the_command_line_makes_of_them() {
        let recipe = Choices::default().recipe(&Split::of(SPLIT)).unwrap();
        assert_eq!(recipe, Recipe { quantize: Some(quantize::Options::default()), ..Recipe::default() });
        assert_eq!(Choices::default().name(&Split::of(SPLIT)), "int8");

        let mut choices = Choices { samples: 3, ..Choices::default() };
        choices.set_scheme(None);
        choices.weights.on = true;
        choices.weights.options.sparsity = 0.8;
        let recipe = choices.recipe(&Split::of(SPLIT)).unwrap();
        assert_eq!(recipe.prune_weights.map(|options| options.sparsity), Some(0.8));
        assert_eq!((recipe.quantize, recipe.calibration.indices.len()), (None, 3));
        assert_eq!(choices.name(&Split::of(SPLIT)), "float, 80 % zeros, 3 samples");

        let mut choices = Choices::default();
        choices.channels.on = true;
        choices.quantize.options.calibration = Calibration::Mse;
        choices.quantize.options.weight_bits = 5;
        choices.quantize.options.correct_bias = false;
        let recipe = choices.recipe(&Split::of(SPLIT)).unwrap();
        assert_eq!(recipe.quantize.as_ref().map(|options| options.weight_bits), Some(5));
        assert_eq!(recipe.prune_channels.map(|options| options.target), Some(Target::Macs(0.3)));
        let name = "int8, 5-bit weights, biases as they are, 30 % of MACs gone, MSE";
        assert_eq!(choices.name(&Split::of(SPLIT)), name);
    }

    #[test]
    fn what_does_not_count_is_kept_for_when_it_does() {
        let mut choices = Choices::default();
        choices.set_scheme(Some(Scheme::Int16x8));
        choices.set_scheme(None);
        assert_eq!((choices.scheme(), choices.quantize.options.scheme), (None, Scheme::Int16x8));
        assert_eq!(choices.recipe(&Split::of(SPLIT)), None, "nothing to do is no recipe");
    }
}
