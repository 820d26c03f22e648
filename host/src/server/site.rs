//! The files of a static site.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// Files by their path from the root, `assets/app.js`, say. What is not in the table does not exist: no request reaches
/// the file system.
#[derive(Debug, Default)]
pub struct Site(BTreeMap<String, Asset>);

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its contents.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub mime: &'static str,
    /// Names its contents, in quotes as the header wants it.
    pub etag: String,
}

/// Why a folder is not a site.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file or folder cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There is nothing to show.
    #[error("{path}: has no {INDEX}", path = path.display())]
    NoIndex {
        /// The folder.
        path: PathBuf,
    },
}

const INDEX: &str = "index.html";

impl Site {
    /// The page inside this binary; none in a build without feature `page`.
    #[must_use]
    pub fn embedded() -> Option<Self> {
        #[cfg(feature = "page")]
        {
            static PAGE: include_dir::Dir<'_> = include_dir::include_dir!("$MOTE_PAGE_DIR");
            let mut site = Self::default();
            site.embed(&PAGE);
            Some(site)
        }
        #[cfg(not(feature = "page"))]
        None
    }

    /// Reads all files of a folder. Links are followed; names that are no Unicode are passed over.
    pub fn read(folder: &Path) -> Result<Self, SiteError> {
        let mut site = Self::default();
        site.read_below(folder, "")?;
        if site.get("/").is_none() {
            return Err(SiteError::NoIndex { path: folder.to_owned() });
        }
        Ok(site)
    }

    /// The file that a request's path names: percent-encoded, from the root, a folder standing for its index.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Asset> {
        let path = percent_decode_str(path.strip_prefix('/')?).decode_utf8().ok()?;
        if path.is_empty() || path.ends_with('/') { self.0.get(&format!("{path}{INDEX}")) } else { self.0.get(&*path) }
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(feature = "page")]
    fn embed(&mut self, folder: &'static include_dir::Dir<'static>) {
        for file in folder.files() {
            // Built on Windows the paths have its separator.
            let path = file.path().to_string_lossy().replace('\\', "/");
            self.insert(path, file.contents().into());
        }
        folder.dirs().for_each(|inner| self.embed(inner));
    }

    fn read_below(&mut self, folder: &Path, prefix: &str) -> Result<(), SiteError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| SiteError::Io { path, source }
        };
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let path = entry.map_err(at(folder))?.path();
            let Some(name) = path.file_name().and_then(|n| n.to_str()) else { continue };
            let name = format!("{prefix}{name}");
            if fs::metadata(&path).map_err(at(&path))?.is_dir() {
                self.read_below(&path, &format!("{name}/"))?;
            } else {
                let bytes = fs::read(&path).map_err(at(&path))?;
                self.insert(name, bytes.into());
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: String, bytes: Cow<'static, [u8]>) {
        let etag = format!("\"{}\"", blake3::hash(&bytes).to_hex());
        let mime = media_type(&path);
        self.0.insert(path, Asset { bytes, mime, etag });
    }
}

/// Media types of what a page consists of; anything else is bytes to be saved.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("assets")).unwrap();
        fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
        fs::write(folder.path().join("assets/a b.wasm"), b"\0asm").unwrap();
        folder
    }

    #[test]
    fn paths_name_files_and_folders_their_index() {
        let site = Site::read(folder().path()).unwrap();
        assert_eq!(site.len(), 2);
        for (path, mime) in [
            ("/", Some("text/html; charset=utf-8")),
            ("/index.html", Some("text/html; charset=utf-8")),
            ("/assets/a%20b.wasm", Some("application/wasm")),
            ("/assets", None),
            ("/assets/", None),
            ("/assets/../index.html", None),
            ("/%2e%2e/index.html", None),
            ("//index.html", None),
            ("index.html", None),
            ("/%ff", None),
        ] {
            assert_eq!(site.get(path).map(|asset| asset.mime), mime, "{path}");
        }
    }

    #[test]
    fn contents_decide_the_etag() {
        let folder = folder();
        let etag = || Site::read(folder.path()).unwrap().get("/").unwrap().etag.clone();
        let before = etag();
        assert_eq!(before, etag());
        fs::write(folder.path().join("index.html"), "<!doctype html><p>").unwrap();
        assert_ne!(before, etag());
    }

    #[test]
    fn a_folder_without_index_is_no_site() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Site::read(folder.path()), Err(SiteError::NoIndex { .. })));
        let missing = folder.path().join("missing");
        assert!(matches!(Site::read(&missing), Err(SiteError::Io { path, .. }) if path == missing));
    }
}
