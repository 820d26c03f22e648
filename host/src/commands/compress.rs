//! `mote compress`: what a recipe says, done.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use mote_models::recipe::{Recipe, RecipeError, Summaries};
use serde::Serialize;

use super::{Context, prune, quantize};
use crate::failure::{Failure, FailureKind};
use crate::work::files;
use crate::work::making::{DATA_HELP, Made, MakeOptions};

/// Bytes of the largest recipe that is read.
const RECIPE_LIMIT: u64 = 1 << 20;

/// Make a model by a recipe: the same model, samples and recipe give the same file
#[derive(Debug, Args)]
#[command(after_help = DATA_HELP)]
pub(super) struct Compress {
    #[command(flatten)]
    make: MakeOptions,
    /// The recipe, as --save-recipe writes it
    #[arg(long, value_name = "FILE.toml")]
    recipe: PathBuf,
}

#[derive(Debug, Serialize)]
struct Report {
    summaries: Summaries,
    #[serde(flatten)]
    made: Made,
}

impl Compress {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.cancel_on_ctrl_c()?;
        let recipe = self.recipe()?;
        let (made, details) = self.make.open(&context.cancel)?.finish(recipe, &self.make)?;
        context.format.print(&Report { summaries: details.summaries, made })
    }

    fn recipe(&self) -> Result<Recipe, Failure> {
        let fail = |what: &dyn fmt::Display| Failure::new(FailureKind::Usage, self.recipe.display(), what);
        let bytes = files::read(&self.recipe, RECIPE_LIMIT, FailureKind::Usage)?;
        let text = String::from_utf8(bytes).map_err(|e| fail(&e))?;
        Recipe::from_toml(&text).map_err(|e: RecipeError| fail(&e))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
