//! rustfmt and clippy, which rustup's smallest profile leaves out.

use anyhow::{Result, bail};

use super::{installing, present};
use crate::shell::{Run, find_program};

pub(crate) fn ensure() -> Result<()> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if Run::cargo().args([subcommand, "--version"]).succeeds() {
            present(component, "comes with the toolchain");
        } else if find_program(&["rustup"]).is_some() {
            let add = ["component", "add", component];
            installing(component, &format!("rustup {}", add.join(" ")));
            Run::new("rustup").args(add).run()?;
        } else {
            bail!("{component}: not found, and there is no rustup; install it beside your Rust toolchain");
        }
    }
    Ok(())
}
