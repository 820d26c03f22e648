//! `cargo xtask`: everything that plain cargo commands do not do.
//!
//! - [`commands`]: one file for each command.
//! - [`install`]: what set-up can install, one file for each thing.
//! - [`steps`]: headings, durations and the closing table of a long run.
//! - [`shell`], [`workspace`], [`sync`]: programs, folders and files, for all of them.

mod commands;
mod install;
mod shell;
mod steps;
mod sync;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;
use crate::workspace::Workspace;

/// Set-up, the guest's and the page's builds, the demo, the whole test run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Workspace::find().and_then(|workspace| arguments.command.run(&workspace)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
