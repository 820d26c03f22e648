//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mote_wasm_build::Builder;

use crate::shell::Run;

/// The workspace's folders.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Asks cargo, which knows of every way to move the target folder.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let metadata =
            Run::cargo().args(["metadata", "--no-deps", "--format-version=1"]).current_dir(manifest).output()?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
        let folder = |name: &str| -> Result<PathBuf> {
            let path = metadata[name].as_str().with_context(|| format!("cargo metadata has no `{name}`"))?;
            Ok(PathBuf::from(path))
        };
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// The repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path in the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path in the target folder.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// The page's folder, complete and ready for any static host.
    pub(crate) fn page(&self) -> PathBuf {
        self.target("page")
    }

    /// What builds for wasm; it shares its target folder with the host's build script.
    pub(crate) fn wasm(&self) -> Result<Builder> {
        Ok(Builder::new(&self.root, &self.target)?)
    }

    /// A cargo in the repository.
    pub(crate) fn cargo(&self) -> Run {
        Run::cargo().current_dir(&self.root)
    }
}
