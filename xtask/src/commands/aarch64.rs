//! `cargo xtask aarch64`: the guest's kernels as a Cortex-A76 would run them, for their bits and their code, not for time.
//!
//! The tests of the kernels are built for 64-bit Arm and run by qemu: wasmtime compiles the guest there, for that processor. They
//! compare every kernel with the scalar one, the relaxed dot product's among them, and count the instructions of its loops.

use anyhow::Result;

use crate::workspace::Workspace;

const TARGET: &str = "aarch64-unknown-linux-gnu";

pub(super) fn run(workspace: &Workspace) -> Result<()> {
    workspace
        .cargo()
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc")
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
            "qemu-aarch64-static -cpu cortex-a76 -L /usr/aarch64-linux-gnu",
        )
        .args(["test", "--locked", "--target", TARGET, "-p", "mote", "--test", "kernels", "--", "--nocapture"])
        .run()
}
