//! An artefact from a model and a recipe.

use mote_models::progress::Progress;
use mote_models::recipe::{self, Pruned, Recipe, Rule, Summaries, sha256};
use mote_models::run::Engine;

use super::samples::Samples;
use super::{loadable, of_run};
use crate::protocol::Failure;

/// What the last recipe pruned: recipes that prune alike, and differ in what they quantize, need not prune again.
#[derive(Debug, Default)]
pub struct Shelf(Option<(Key, Pruned)>);

/// What decides what is pruned.
#[derive(Debug, PartialEq)]
struct Key {
    source: String,
    samples: String,
    recipe: Recipe,
}

/// Applies a recipe; gives the artefact's file and what was done.
pub(super) fn make(
    shelf: &mut Shelf,
    engine: &dyn Engine,
    source: &[u8],
    samples: &[u8],
    recipe: &Recipe,
    progress: &dyn Progress,
) -> Result<(Vec<u8>, Summaries), Failure> {
    let (arrays, classes) = if samples.is_empty() {
        (Vec::new(), None)
    } else {
        let run = engine.load(&loadable(source)?).map_err(of_run)?;
        let samples = Samples::read(samples)?;
        let classes = match recipe.calibration.rule {
            Rule::Stratified => samples.classes()?,
            Rule::Spread | Rule::First | Rule::Random | Rule::Listed => None,
        };
        (samples.arrays(run.as_ref())?, classes)
    };
    let given = recipe::Samples::new(&arrays, classes.as_deref());
    let prune = || recipe::prune(engine, source, &given, recipe, progress).map_err(Failure::Recipe);
    // Without pruning the first half is an import: reading the samples' checksum would take longer.
    let pruned = match recipe.pruning() {
        pruning if pruning == Recipe::default() => prune()?,
        recipe => {
            let key = Key { source: sha256(source), samples: sha256(samples), recipe };
            match &shelf.0 {
                Some((found, pruned)) if *found == key => pruned.clone(),
                Some(_) | None => {
                    let pruned = prune()?;
                    shelf.0 = Some((key, pruned.clone()));
                    pruned
                }
            }
        }
    };
    let made = pruned.finish(engine, &given, recipe, progress).map_err(Failure::Recipe)?;
    Ok((made.file, made.summaries))
}
