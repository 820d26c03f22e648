//! The `mote` command.

use std::process::ExitCode;

use clap::Parser;
use mote::commands::Cli;

fn main() -> ExitCode {
    Cli::parse().run()
}
