//! `cargo xtask demo`: from a fresh clone to a model at work, in the terminal and in the browser.

use std::net::SocketAddr;

use anyhow::Result;
use clap::Args;

use super::{page, setup, size};
use crate::shell::Run;
use crate::steps::Steps;
use crate::workspace::Workspace;

/// How to show it.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where to serve the page
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Ends before the page is served
    #[arg(long)]
    no_serve: bool,
}

pub(super) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("set-up", setup::for_build)?;
    let guests = steps.step("guest", || size::guests(workspace))?;
    steps.step("page", || page::build(workspace, &guests))?;
    steps.step("mote, with the page inside", || {
        let build = ["build", "--release", "--locked", "--package=mote", "--features=page"];
        workspace.cargo().args(build).env("MOTE_PAGE_DIR", workspace.page()).run()
    })?;

    let mote = || {
        let program = format!("release/mote{}", std::env::consts::EXE_SUFFIX);
        Run::new(workspace.target(&program)).current_dir(workspace.root())
    };
    let model = "models/zoo/digits/digits_int8.tflite";
    let data = "models/zoo/digits/digits_test.npz";
    steps.step("mote inspect: what is in the model", || mote().args(["inspect", model]).run())?;
    steps.step("mote eval: the model on real data", || mote().args(["eval", model, data]).run())?;
    steps.step("mote bench: how fast it runs here", || mote().args(["bench", model]).run())?;
    steps.step("mote quantize: an int8 model made of the float one, and what that costs", || {
        mote().args(["quantize", "zoo:digits", "--output"]).arg(workspace.target("digits_int8.tflite")).run()
    })?;
    steps.summary();
    if arguments.no_serve {
        return Ok(());
    }
    println!("\nThe same module now serves the page: open http://{}  (Ctrl-C ends it)\n", arguments.listen);
    mote().args(["serve", "--listen", &arguments.listen.to_string()]).run()
}
