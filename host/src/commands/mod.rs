//! The command line, one command a file. A command takes its arguments and a `Context`, and gives its report to the
//! context's format or a [`Failure`].

mod autopsy;
mod bench;
mod compare;
mod completions;
mod compress;
mod eval;
mod export;
mod inspect;
mod prune;
mod quantize;
mod run;
mod search;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::{EXIT_CODES, Failure, FailureKind};
use crate::report::Format;
use crate::sandbox::Cancel;

/// Runs quantized neural networks (.tflite) in a sandbox
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// Print JSON for programs instead of tables
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Inspect(inspect::Inspect),
    Run(run::Run),
    Eval(eval::Eval),
    Bench(bench::Bench),
    Quantize(quantize::Quantize),
    Prune(prune::Prune),
    Compress(compress::Compress),
    Compare(compare::Compare),
    Autopsy(autopsy::Autopsy),
    Search(search::Search),
    Export(export::Export),
    Serve(serve::Serve),
    Completions(completions::Completions),
}

/// What every command gets.
#[derive(Debug)]
struct Context {
    format: Format,
    /// Ctrl-C pulls it.
    cancel: Cancel,
}

impl Cli {
    /// Does what the command line asks for.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let context =
            Context { format: if self.json { Format::Json } else { Format::Text }, cancel: Cancel::default() };
        let done = match self.command {
            Command::Inspect(command) => command.run(&context),
            Command::Run(command) => command.run(&context),
            Command::Eval(command) => command.run(&context),
            Command::Bench(command) => command.run(&context),
            Command::Prune(command) => command.run(&context),
            Command::Compress(command) => command.run(&context),
            Command::Autopsy(command) => command.run(&context),
            Command::Search(command) => command.run(&context),
            Command::Export(command) => command.run(&context),
            Command::Quantize(command) => command.run(&context),
            Command::Compare(command) => command.run(&context),
            Command::Serve(command) => command.run(&context),
            Command::Completions(command) => command.run(&context),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                context.format.print_failure(&failure);
                failure.exit_code()
            }
        }
    }
}

impl Context {
    /// From here on Ctrl-C pulls the cancel: the run that goes on ends within a tick of the sandbox's clock. A second
    /// Ctrl-C ends the process.
    fn cancel_on_ctrl_c(&self) -> Result<(), Failure> {
        let cancel = self.cancel.clone();
        let handler = move || {
            if cancel.is_pulled() {
                std::process::exit(FailureKind::Cancelled.code().into());
            }
            cancel.pull();
        };
        ctrlc::set_handler(handler).map_err(|e| Failure::new(FailureKind::Work, "Ctrl-C", e))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_is_sound() {
        super::Cli::command().debug_assert();
    }
}
