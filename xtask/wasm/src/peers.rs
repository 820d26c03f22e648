//! Other runtimes, for the benches that run them beside ours: a crate in a workspace of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::builder::{Builder, Variant, by_hand};
use crate::error::BuildError;
use crate::files::write_changed;
use crate::toolchain::TARGET;

/// The crate, relative to our workspace.
const MANIFEST: &str = "benches/peers/Cargo.toml";

impl Builder {
    /// The runtimes that the crate knows, by its features' names.
    pub const PEERS: [&str; 2] = ["tract", "rten"];

    /// Builds the program with all peers, as cargo's release profile has it, into `out`.
    ///
    /// # Errors
    /// When cargo fails, or a file cannot be written.
    pub fn peers_program(&self, out: &Path) -> Result<PathBuf, BuildError> {
        let target = self.target("peers");
        let mut cargo = self.outside_cargo();
        cargo.args(["build", "--bin", "mote-peers", "--features", &Self::PEERS.join(",")]);
        let name = format!("mote-peers{}", std::env::consts::EXE_SUFFIX);
        self.peer(cargo, &target, &target.join("release").join(&name), &out.join(name))
    }

    /// Builds a peer as a module that speaks the guest's ABI, with relaxed SIMD, into `out`.
    ///
    /// # Errors
    /// When cargo fails, or a file cannot be written.
    pub fn peer_module(&self, peer: &str, out: &Path) -> Result<PathBuf, BuildError> {
        // A folder for each: cargo gives the module the same name whatever its features.
        let target = self.target(&format!("peer-{peer}"));
        let mut cargo = self.outside_cargo();
        cargo.args(["build", "--lib", "--features", peer]);
        self.toolchain().configure(&mut cargo);
        // Where random numbers come from is asked at build time; none of the models asks for any.
        let flags =
            format!("-Ctarget-feature={}\x1f--cfg=getrandom_backend=\"unsupported\"", Variant::RelaxedSimd.features());
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags);
        let module = target.join(TARGET).join("release/mote_peers.wasm");
        self.peer(cargo, &target, &module, &out.join(format!("{peer}.wasm")))
    }

    fn peer(
        &self,
        mut cargo: std::process::Command,
        target: &Path,
        built: &Path,
        published: &Path,
    ) -> Result<PathBuf, BuildError> {
        cargo.args(["--release", "--locked", "--manifest-path"]).arg(self.workspace().join(MANIFEST));
        cargo.arg("--target-dir").arg(target).stdout(Stdio::null());
        let status = cargo.status().map_err(BuildError::io("run", cargo.get_program()))?;
        if !status.success() {
            return Err(BuildError::Cargo { command: by_hand(&cargo), status });
        }
        write_changed(published, &fs::read(built).map_err(BuildError::io("read", built))?)?;
        // A program stays one.
        let permissions = fs::metadata(built).map_err(BuildError::io("read", built))?.permissions();
        fs::set_permissions(published, permissions).map_err(BuildError::io("change", published))?;
        Ok(published.to_owned())
    }
}
