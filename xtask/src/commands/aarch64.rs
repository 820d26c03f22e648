//! `cargo xtask aarch64`: the guest's kernels as a Cortex-A76 would run them, for their bits and their code, not for time.
//!
//! The tests of the dot product are built for 64-bit Arm and run by qemu: wasmtime compiles the guest there, for that processor. They
//! compare its kernels with the scalar ones, and count the instructions of its loops. The other tests are left out: qemu keeps tables of
//! every instance's address space, and hundreds of them take all memory.

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
        .args([
            "test",
            "--locked",
            "--target",
            TARGET,
            "-p",
            "mote",
            "--test",
            "kernels",
            "--",
            "--nocapture",
            "exact_dot",
            "one_instruction",
        ])
        .run()
}
