//! `mote completions`: what a shell needs to complete commands and options.

use std::io;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Context};
use crate::failure::Failure;

/// Print a shell's completions, to be put where the shell looks for them
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, _: &Context) -> Result<(), Failure> {
        clap_complete::generate(self.shell, &mut Cli::command(), "mote", &mut io::stdout().lock());
        Ok(())
    }
}
