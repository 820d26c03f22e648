//! A recipe brought back into the controls.

use mote_models::recipe::Recipe;
use mote_models::{prune, quantize};
use serde_json::Value;

use super::{Choices, Split};

impl Choices {
    /// Takes all that a recipe says; its samples are those of the split, where it is known and they are. Stages that it leaves out
    /// are off, and keep their settings for when they are on again.
    pub fn adopt(&mut self, recipe: Recipe, split: Option<&Split>) {
        let Recipe {
            version: _,
            source_sha256: _,
            calibration,
            prune_channels,
            prune_weights,
            refit,
            quantize,
            metadata,
            export,
        } = recipe;
        // As many as there are, are here as many as may be looked at.
        let usual = split.is_some_and(|split| split.is_usual(&calibration));
        self.samples = calibration.samples.max(1);
        self.own_samples = (!usual).then_some(calibration);
        self.channels.take(prune_channels);
        self.weights.take(prune_weights);
        self.quantize.take(quantize);
        (self.refit, self.metadata, self.export) = (refit, metadata, export);
    }

    /// What counts and no control shows, as recipes write it: `quantize.samples = 20`. It came with a recipe that was adopted.
    #[must_use]
    pub fn beyond_controls(&self, split: &Split) -> Vec<String> {
        let json = |choices: &Self| serde_json::to_value(choices.recipe(split)).unwrap_or_default();
        let mut found = Vec::new();
        differences(&json(&self.shown()), &json(self), "", &mut found);
        found
    }

    /// Forgets what no control shows.
    pub fn drop_beyond_controls(&mut self) {
        *self = self.shown();
    }

    /// What the controls show, and the default of all else.
    fn shown(&self) -> Self {
        let usual = Self::default();
        let mut shown = self.clone();
        (shown.own_samples, shown.metadata) = (None, usual.metadata);
        shown.quantize.options.samples = quantize::Options::default().samples;
        shown.weights.options.norm = prune::weights::Norm::default();
        for layer in shown.weights.options.layers.values_mut() {
            layer.pattern = None;
        }
        for layer in shown.quantize.options.layers.values_mut() {
            layer.weights = None;
        }
        let channels = usual.channels.options;
        shown.channels.options.bias = channels.bias;
        (shown.channels.options.minimum, shown.channels.options.align) = (channels.minimum, channels.align);
        shown
    }
}

/// The leaves of `found` that are not in `usual`, with their paths.
fn differences(usual: &Value, found: &Value, path: &str, out: &mut Vec<String>) {
    match (usual, found) {
        (_, Value::Object(fields)) => {
            for (key, value) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                differences(usual.get(key).unwrap_or(&Value::Null), value, &path, out);
            }
        }
        (usual, found) if usual != found => out.push(format!("{path} = {}", short(found))),
        (_, _) => {}
    }
}

/// A list of a hundred samples is told by its length.
fn short(value: &Value) -> String {
    match value {
        Value::Array(list) if list.len() > 4 => format!("[{} of them]", list.len()),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mote_models::prune::channels::{Bias, Criterion, Target};
    use mote_models::prune::weights::{Norm, Scope};
    use mote_models::prune::{channels, weights};
    use mote_models::quantize::{Calibration, Granularity, Interface, Layer, Rounding, Scheme};
    use mote_models::recipe::{Choice, Rule, Told};
    use mote_models::search;

    use super::*;

    const SPLIT: usize = 450;

    fn split() -> Split {
        Split::of(SPLIT)
    }

    fn adopted(recipe: &Recipe) -> Choices {
        let mut choices = Choices::default();
        choices.adopt(recipe.clone(), Some(&split()));
        choices
    }

    /// Recipes that use every setting there is.
    fn recipes() -> Vec<(&'static str, Recipe)> {
        let quantize = quantize::Options {
            scheme: Scheme::Int16x8,
            interface: Interface::Float,
            weights: Granularity::PerTensor,
            dense_weights: Granularity::PerChannel,
            weight_bits: 5,
            calibration: Calibration::Percentile,
            percentile: 99.5,
            samples: 7,
            equalize: false,
            rounding: Rounding::Nearest,
            correct_bias: false,
            keep_float: ["dense".to_owned()].into(),
            layers: BTreeMap::from([("conv".into(), Layer { weight_bits: Some(4), ..Layer::default() })]),
        };
        let layer = weights::LayerOptions { keep: false, sparsity: Some(0.9), pattern: "2:4".parse().ok() };
        let prune_weights = weights::Options {
            sparsity: 0.333,
            pattern: "8x1".parse().unwrap(),
            scope: Scope::Global,
            norm: Norm::L1,
            first_layer: true,
            last_layer: true,
            depthwise: true,
            layers: BTreeMap::from([("conv".into(), layer)]),
        };
        let prune_channels = channels::Options {
            criterion: Criterion::L1,
            target: Target::Channels(0.25),
            bias: Bias::Constant,
            minimum: 3,
            align: 4,
            layers: BTreeMap::from([("conv".into(), channels::LayerOptions { keep: true, share: None })]),
        };
        let everything = Recipe {
            calibration: Choice { rule: Rule::Random, samples: 20, seed: 5, indices: vec![] },
            prune_channels: Some(prune_channels),
            prune_weights: Some(prune_weights),
            refit: false,
            quantize: Some(quantize),
            metadata: Told { labels: vec!["a".into(), "b".into()], normalization: None },
            export: mote_models::export::Options { sparse: true },
            ..Recipe::default()
        };
        let trial = search::Choices {
            bits: 4,
            savings: 20,
            sparsity: BTreeMap::from([("conv".to_owned(), 70)]),
            ..search::Choices::of(search::Numbers::Int8)
        };
        let trial = trial.recipe(&search::Options::default(), "00", &[1, 5, 9]);
        let few = Recipe { calibration: split().choice(7), ..Recipe::default() };
        let few = Recipe { quantize: Some(quantize::Options::plain()), ..few };
        let weights = Recipe { prune_weights: Some(weights::Options::default()), ..Recipe::default() };
        vec![("everything", everything), ("a trial", trial), ("few samples", few), ("weights alone", weights)]
    }

    #[test]
    fn a_recipe_comes_back_out_of_the_controls_as_it_went_in() {
        for (name, recipe) in recipes() {
            let expected = Recipe { source_sha256: None, ..recipe.clone() };
            assert_eq!(adopted(&recipe).recipe(&split()).as_ref(), Some(&expected), "{name}");
            let text = Recipe::from_toml(&recipe.to_toml()).unwrap();
            assert_eq!(adopted(&text), adopted(&recipe), "{name}");
        }
    }

    #[test]
    fn what_no_control_shows_is_told() {
        let beyond = |name: &str| {
            let (_, recipe) = recipes().into_iter().find(|(n, _)| *n == name).unwrap();
            adopted(&recipe).beyond_controls(&split())
        };
        assert_eq!(beyond("few samples"), [""; 0]);
        assert_eq!(beyond("weights alone"), [""; 0]);
        assert_eq!(beyond("a trial"), ["calibration.indices = [1,5,9]"]);
        let found = beyond("everything");
        for expected in [
            "calibration.rule = \"random\"",
            "metadata.labels = [\"a\",\"b\"]",
            "prune-channels.align = 4",
            "prune-weights.norm = \"l1\"",
            "quantize.samples = 7",
            "prune-weights.layers.conv.pattern = \"2:4\"",
        ] {
            assert!(found.iter().any(|line| line == expected), "{expected} in {found:?}");
        }
    }

    #[test]
    fn what_no_control_shows_can_be_dropped() {
        for (name, recipe) in recipes() {
            let mut choices = adopted(&recipe);
            choices.drop_beyond_controls();
            assert_eq!(choices.beyond_controls(&split()), [""; 0], "{name}");
            assert_eq!(choices.scheme(), adopted(&recipe).scheme(), "{name}");
        }
    }

    #[test]
    fn a_stage_that_a_recipe_leaves_out_keeps_its_settings() {
        let mut choices = Choices::default();
        choices.quantize.options.weight_bits = 4;
        choices.adopt(Recipe { prune_weights: Some(weights::Options::default()), ..Recipe::default() }, Some(&split()));
        assert_eq!((choices.scheme(), choices.quantize.options.weight_bits), (None, 4));
    }
}
