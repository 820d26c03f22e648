//! The commands, one file for each.

mod aarch64;
mod bench_peers;
mod demo;
mod page;
mod setup;
mod size;
mod test;

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;

/// What `cargo xtask` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the kernels' tests for 64-bit Arm under qemu; needs that rustup target, `aarch64-linux-gnu-gcc`, `qemu-aarch64-static`
    Aarch64,
    /// Measures Mote beside other runtimes: tract, rten, LiteRT, ONNX Runtime; natively, as wasm, in a browser
    BenchPeers(bench_peers::Arguments),
    /// Sets everything up, shows a model at work in the terminal, then serves the page
    Demo(demo::Arguments),
    /// Builds the page into the target folder: code, guest, zoo
    Page,
    /// Installs what is missing for building and testing; does nothing where nothing is missing
    Setup,
    /// Builds the guest and prints its sizes; fails when it is over its budget
    Size,
    /// Sets everything up and runs every check there is
    Test,
}

impl Command {
    pub(crate) fn run(&self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Aarch64 => aarch64::run(workspace),
            Self::BenchPeers(arguments) => bench_peers::run(workspace, arguments),
            Self::Demo(arguments) => demo::run(workspace, arguments),
            Self::Page => page::run(workspace),
            Self::Setup => setup::run(workspace),
            Self::Size => size::run(workspace),
            Self::Test => test::run(workspace),
        }
    }
}
