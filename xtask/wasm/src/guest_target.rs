//! The target that the guest is compiled for: the toolchain's own wasm target, but functions return two values as two values.
//!
//! A pair (a slice, a number or an error) is otherwise written to memory by the callee and read back by its caller, which made the
//! module 3 % larger. Every engine with SIMD has multi-value functions. Only `llvm-abiname` chooses them, and only the description of
//! a target can hold that; it is printed by the compiler that will read it, since its form changes with the compiler's version.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::BuildError;
use crate::files::write_changed;
use crate::toolchain::TARGET;

/// A target description on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestTarget(PathBuf);

impl GuestTarget {
    /// The target's name, after which cargo names a folder.
    pub const NAME: &str = "mote-wasm32";
    /// Names the linker of this target for cargo.
    pub(crate) const LINKER_VARIABLE: &str = "CARGO_TARGET_MOTE_WASM32_LINKER";

    /// Writes the description into `folder`.
    ///
    /// # Errors
    /// When `rustc` does not describe its wasm target, or the file cannot be written.
    pub fn write(rustc: &OsStr, folder: &Path) -> Result<Self, BuildError> {
        let described = Command::new(rustc)
            .args(["-Zunstable-options", "--print", "target-spec-json", "--target", TARGET])
            .env("RUSTC_BOOTSTRAP", "1")
            .output()
            .map_err(BuildError::io("run", rustc))?;
        let description = with_pairs(&String::from_utf8_lossy(&described.stdout))
            .ok_or_else(|| BuildError::TargetSpec { found: String::from_utf8_lossy(&described.stderr).into_owned() })?;
        let path = folder.join(format!("{}.json", Self::NAME));
        write_changed(&path, description.as_bytes())?;
        Ok(Self(path))
    }

    /// The description's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// A target's description with the ABI that returns pairs; none if it is no JSON object.
fn with_pairs(description: &str) -> Option<String> {
    let fields = description.trim_start().strip_prefix('{')?;
    Some(format!("{{\n  \"llvm-abiname\": \"experimental-mv\",{fields}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_keeps_its_fields_and_gains_the_abi() {
        let given = "{\n  \"arch\": \"wasm32\"\n}\n";
        let expected = "{\n  \"llvm-abiname\": \"experimental-mv\",\n  \"arch\": \"wasm32\"\n}\n";
        assert_eq!(with_pairs(given).as_deref(), Some(expected));
        assert_eq!(with_pairs("error: unknown option"), None);
    }
}
