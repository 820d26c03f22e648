//! `mote compress`: what a recipe says, done.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use mote_models::import;
use mote_models::recipe::{Recipe, RecipeError, Summaries};
use serde::Serialize;

use super::{Context, prune, quantize};
use crate::failure::{Failure, FailureKind};
use crate::report::made::Made;
use crate::report::{activity, paragraph};
use crate::work::files;
use crate::work::making::{DATA_HELP, MakeOptions};
use crate::work::model::MODEL_FILE_LIMIT;

/// Make a model by a recipe: the same model, samples and recipe give the same file
#[derive(Debug, Args)]
#[command(after_help = DATA_HELP)]
pub(super) struct Compress {
    #[command(flatten)]
    make: MakeOptions,
    /// The recipe: a .toml as --save-recipe writes it, or a model that was made by one
    #[arg(long, value_name = "FILE")]
    recipe: PathBuf,
}

#[derive(Debug, Serialize)]
struct Report {
    summaries: Summaries,
    #[serde(flatten)]
    made: Made,
}

impl Compress {
    pub(super) fn run(mut self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        self.make.apart(&[Some(&self.recipe)])?;
        let recipe = self.recipe()?;
        if let Some(normalization) = &recipe.metadata.normalization {
            self.make.samples.normalize.otherwise(normalization);
        }
        let (made, details) = self.make.open(&context.cancel)?.finish(recipe, &self.make)?;
        let sections = [prune::sections(&details.summaries), quantize::sections(&details.summaries)].concat();
        self.make.page(&made, sections)?;
        context.format.print(&Report { summaries: details.summaries, made })
    }

    fn recipe(&self) -> Result<Recipe, Failure> {
        let fail = |what: &dyn fmt::Display| Failure::new(FailureKind::Usage, self.recipe.display(), what);
        let bytes = files::read(&self.recipe, MODEL_FILE_LIMIT, FailureKind::Usage)?;
        let recipe = if import::is_tflite(&bytes) {
            Recipe::of_artefact(&bytes)
        } else {
            Recipe::from_toml(&String::from_utf8(bytes).map_err(|e| fail(&e))?)
        };
        recipe.map_err(|e: RecipeError| fail(&e))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(view) = &self.summaries.activity {
            writeln!(f, "{}\n\n{}", paragraph(&activity::legend(view)), activity::table(view))?;
        }
        if let Some(summary) = &self.summaries.prune_channels {
            writeln!(f, "{}", prune::channel_table(summary))?;
        }
        if let Some(summary) = &self.summaries.prune_weights {
            writeln!(f, "{}", prune::weight_table(summary))?;
        }
        if let Some(report) = &self.summaries.quantize {
            writeln!(f, "{}", quantize::layers(report))?;
        }
        write!(f, "{}", self.made)
    }
}
