//! One cargo run inside another: from a build script (cargo holds its target folder's lock) or from xtask.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::compact::compact;
use crate::error::BuildError;
use crate::files::write_changed;
use crate::guest_target::GuestTarget;
use crate::toolchain::{TARGET, Toolchain};

/// Which instructions a module may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// 128-bit SIMD: every engine since 2021-2023.
    Simd128,
    /// Relaxed SIMD on top; engines without it cannot compile the module at all.
    RelaxedSimd,
}

impl Variant {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Simd128, Self::RelaxedSimd];

    /// Its name, as the guest's tests and figures give it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Simd128 => "simd128",
            Self::RelaxedSimd => "relaxed-simd",
        }
    }

    /// The name under which the guest of this variant is published.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Simd128 => "mote_runtime.wasm",
            Self::RelaxedSimd => "mote_runtime.relaxed.wasm",
        }
    }

    /// The target features; those beside SIMD are rustc's own defaults, written out for Debian's rustc too.
    pub(crate) fn features(self) -> &'static str {
        match self {
            Self::Simd128 => "+simd128,+bulk-memory,+nontrapping-fptoint,+sign-ext,+mutable-globals",
            Self::RelaxedSimd => "+simd128,+relaxed-simd,+bulk-memory,+nontrapping-fptoint,+sign-ext,+mutable-globals",
        }
    }
}

/// Builds members of the workspace for wasm.
#[derive(Debug, Clone)]
pub struct Builder {
    workspace: PathBuf,
    target: PathBuf,
    toolchain: Toolchain,
}

impl Builder {
    /// What the guest is compiled with beside its [`GuestTarget`].
    const GUEST_FLAGS: [&str; 12] = [
        "-Ctarget-feature=+multivalue",
        // The compiler's own calls of `__multi3` (128-bit products, 64-bit ones that are checked) do not know of the guest's ABI. The
        // linker only warns of it, and lets the call trap.
        "-Clink-arg=--fatal-warnings",
        // A panic traps at once: the guest has nobody to tell its words to.
        "-Zunstable-options",
        "-Cpanic=immediate-abort",
        // Inlining is LLVM's: rustc's own, which runs where the optimization is for speed, takes no heed of what is compiled for size
        // though it stands there. Without it the module is 0.5 % smaller, gzipped.
        "-Zinline-mir=no",
        // Kernels whose loops LLVM would write twice, for what may be 0 and what may not, check it in each turn.
        "-Cllvm-args=-unswitch-threshold=0",
        // What makes code like the guest's smaller and its kernels no slower, found by trying: 2 % together, gzipped. What is called
        // in a hot loop must say `#[inline]`: the threshold holds for the kernels, too, where it would be 225.
        "-Cllvm-args=-inline-threshold=15",
        "-Cllvm-args=-simplifycfg-sink-common=false",
        "-Cllvm-args=-enable-pre=false",
        "-Cllvm-args=-disable-lftr",
        "-Cllvm-args=-disable-phi-elim-edge-splitting",
        // The stack lies below the data, so that an overflow traps; at the usual 1 MiB every address would take a byte more.
        "-Clink-arg=-zstack-size=262144",
    ];

    /// For the workspace at `workspace`. `target` is the outer target folder; the nested cargo works in a folder of
    /// its own below it, because the outer one's lock is held while a build script runs.
    ///
    /// # Errors
    /// When no toolchain for wasm is found.
    pub fn new(workspace: impl Into<PathBuf>, target: impl AsRef<Path>) -> Result<Self, BuildError> {
        let target = target.as_ref().join("wasm-build");
        Ok(Self { workspace: workspace.into(), target, toolchain: Toolchain::find()? })
    }

    /// The toolchain that was found.
    #[must_use]
    pub fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Builds the guest, makes it compact and publishes it into `out` under [`Variant::file_name`].
    ///
    /// # Errors
    /// When cargo fails, the module is not what a guest is, or a file cannot be written.
    pub fn guest(&self, variant: Variant, out: &Path) -> Result<PathBuf, BuildError> {
        let target = GuestTarget::write(&self.toolchain.rustc(), &self.target)?;
        let mut cargo = self.nested("build", variant, &Self::GUEST_FLAGS);
        self.toolchain.configure_guest(&mut cargo, &target);
        let files = ["mote_guest.wasm".to_owned()];
        let modules = self.modules(cargo, ["--package=mote-guest", "--lib"], &files, variant, GuestTarget::NAME)?;
        let module = modules.first().expect("a module for each file");
        publish(out.join(variant.file_name()), &compact(module)?)
    }

    /// What the page is compiled with: a view's type is forgotten where it is done, so that no panel is compiled for each place that it
    /// stands in.
    const PAGE_FLAGS: [&str; 1] = ["--cfg=erase_components"];

    /// The page's bundles: what it shows, what runs a model, what makes others of it.
    pub const BUNDLES: [&str; 3] = ["mote_page", "mote_runner", "mote_workshop"];

    /// Builds the page's bundles, still without their JavaScript bindings, into `out` as `NAME.wasm`, in the order of
    /// [`Builder::BUNDLES`].
    ///
    /// # Errors
    /// When cargo fails, or a file cannot be written.
    pub fn playground(&self, out: &Path) -> Result<[PathBuf; 3], BuildError> {
        let variant = Variant::Simd128;
        let names = Self::BUNDLES.map(|name| format!("{name}.wasm"));
        let mut cargo = self.nested("build", variant, &Self::PAGE_FLAGS);
        self.toolchain.configure(&mut cargo);
        let modules = self.modules(cargo, ["--package=mote-playground", "--bins"], &names, variant, TARGET)?;
        for (name, module) in names.iter().zip(modules) {
            publish(out.join(name), &module)?;
        }
        Ok(names.map(|name| out.join(name)))
    }

    /// A nested cargo for `variant`, ready for a subcommand's further arguments.
    #[must_use]
    pub fn cargo(&self, subcommand: &str, variant: Variant) -> Command {
        let mut cargo = self.nested(subcommand, variant, &[]);
        self.toolchain.configure(&mut cargo);
        cargo
    }

    /// What every nested cargo has in common; its toolchain is still to be chosen.
    fn nested(&self, subcommand: &str, variant: Variant, flags: &[&str]) -> Command {
        let mut cargo = self.outside_cargo();
        cargo
            .current_dir(&self.workspace)
            .env("CARGO_ENCODED_RUSTFLAGS", self.rustflags(variant, flags))
            .arg(subcommand)
            .arg("--locked")
            .arg("--target-dir")
            .arg(self.variant_target(variant));
        cargo
    }

    /// A cargo that knows nothing of the one around it.
    pub(crate) fn outside_cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        for (name, _) in env::vars_os().filter(|(name, _)| belongs_to_outer_cargo(name)) {
            cargo.env_remove(name);
        }
        cargo
    }

    /// The workspace's folder.
    pub(crate) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// A target folder for what is built apart from all else.
    pub(crate) fn target(&self, name: &str) -> PathBuf {
        self.target.join(name)
    }

    /// A folder for each variant: cargo gives a cdylib the same file name whatever its flags, so that in one folder
    /// the variants would evict each other and every build would link both again.
    fn variant_target(&self, variant: Variant) -> PathBuf {
        self.target.join(variant.name())
    }

    /// Flags in cargo's encoding. Paths are cut off, so that a module's bytes do not depend on where it was built.
    fn rustflags(&self, variant: Variant, more: &[&str]) -> OsString {
        let mut flags = OsString::from("-Ctarget-feature=");
        flags.push(variant.features());
        // Without it every call and address keeps room for five bytes, though the linker knows that one or two do.
        flags.push("\x1f-Clink-arg=--compress-relocations");
        // LLVM's loop strength reduction makes each address of a loop a sum of its own, where wasm's loads have room for an
        // offset: without it the kernels are faster and everything is smaller.
        flags.push("\x1f-Cllvm-args=-disable-lsr");
        for flag in more {
            flags.push("\x1f");
            flags.push(flag);
        }
        // Of the workspace's own files cargo tells the compiler relative paths. Its folder must not stand in a flag: for
        // another checkout every dependency would then be another one, and compiled again.
        let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
        if let Some(home) = home {
            flags.push("\x1f--remap-path-prefix=");
            flags.push(home);
            flags.push("=cargo");
        }
        flags
    }

    /// Lets `cargo` build what is selected for the target of that name, and reads its files.
    fn modules(
        &self,
        mut cargo: Command,
        selection: [&str; 2],
        files: &[String],
        variant: Variant,
        target_name: &str,
    ) -> Result<Vec<Vec<u8>>, BuildError> {
        const PROFILE: &str = "wasm";
        let target = self.variant_target(variant);
        fs::create_dir_all(&target).map_err(BuildError::io("create", &target))?;
        // Between cargo's end and the reading another build (debug beside release, say) could replace the module.
        let lock = target.join("mote.lock");
        let lock_file = File::create(&lock).map_err(BuildError::io("create", &lock))?;
        lock_file.lock().map_err(BuildError::io("lock", &lock))?;

        // A build script's stdout is read by the outer cargo.
        cargo.args(selection).args(["--profile", PROFILE]).stdout(Stdio::null());
        let status = cargo.status().map_err(BuildError::io("run", cargo.get_program()))?;
        if !status.success() {
            return Err(BuildError::Cargo { command: by_hand(&cargo), status });
        }
        let read = |file: &String| {
            let module = target.join(target_name).join(PROFILE).join(file);
            fs::read(&module).map_err(BuildError::io("read", &module))
        };
        files.iter().map(read).collect()
    }
}

fn publish(path: PathBuf, module: &[u8]) -> Result<PathBuf, BuildError> {
    write_changed(&path, module)?;
    Ok(path)
}

/// Whether a variable was set by the outer cargo for its own build, and would steer the nested one. The user's own
/// settings (home, registries, network, terminal), the compiler and the job server stay.
fn belongs_to_outer_cargo(name: &OsStr) -> bool {
    const STAYS: [&str; 7] =
        ["CARGO_HOME", "CARGO_HTTP_", "CARGO_MAKEFLAGS", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_", "CARGO_TERM_"];
    const GOES: [&str; 3] = ["CARGO", "RUSTC", "RUSTDOC"];
    let name = name.to_string_lossy();
    if name == "RUSTC" {
        return false;
    }
    name == "RUSTFLAGS" || (GOES.iter().any(|p| name.starts_with(p)) && !STAYS.iter().any(|p| name.starts_with(p)))
}

/// The command as a person would type it.
pub(crate) fn by_hand(command: &Command) -> String {
    let words = command.get_args().map(OsStr::to_string_lossy);
    let variables = command.get_envs().filter_map(|(name, value)| {
        let value = value?.to_string_lossy().replace('\x1f', " ");
        let name = name.to_string_lossy().replace("CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS");
        Some(format!("{name}='{value}'"))
    });
    let program = std::iter::once("cargo".into());
    let all: Vec<_> = variables.map(Into::into).chain(program).chain(words).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outer_cargos_variables_do_not_reach_the_nested_one() {
        let cases = [
            ("CARGO_ENCODED_RUSTFLAGS", true),
            ("CARGO_MANIFEST_DIR", true),
            ("CARGO_CFG_TARGET_ARCH", true),
            ("CARGO_TARGET_DIR", true),
            ("CARGO_BUILD_TARGET", true),
            ("RUSTC_WRAPPER", true),
            ("RUSTC_WORKSPACE_WRAPPER", true),
            ("RUSTFLAGS", true),
            ("RUSTC", false),
            ("CARGO_HOME", false),
            ("CARGO_NET_OFFLINE", false),
            ("CARGO_REGISTRIES_CRATES_IO_PROTOCOL", false),
            ("CARGO_REGISTRY_DEFAULT", false),
            ("CARGO_MAKEFLAGS", false),
            ("RUSTUP_TOOLCHAIN", false),
            ("PATH", false),
        ];
        for (name, goes) in cases {
            assert_eq!(belongs_to_outer_cargo(OsStr::new(name)), goes, "{name}");
        }
    }
}
