//! What the page's tests share: where things are, a static server, a real browser.
//!
//! | variable | meaning | default |
//! | --- | --- | --- |
//! | `MOTE_PAGE_DIR` | the built page; without it the tests skip | |
//! | `MOTE_TESTDATA` | the shared test data; tests that need it skip without | `../shared/testdata` |
//! | `MOTE_CHROMEDRIVER` | ChromeDriver | `/usr/bin/chromedriver` |
//! | `MOTE_CHROMIUM` | Chromium | `/usr/bin/chromium` |

#![allow(dead_code, reason = "each test uses another part")]

pub(crate) mod browser;
pub(crate) mod command;
pub(crate) mod files;
pub(crate) mod golden;
pub(crate) mod pad;
pub(crate) mod page;
pub(crate) mod server;
pub(crate) mod workers;

use std::path::{Path, PathBuf};

use mote_models::data::Array;
use mote_playground::shrink::Split;

/// The built page; none, and told, when there is none to test.
pub(crate) fn page_dir() -> Option<PathBuf> {
    let dir = std::env::var_os("MOTE_PAGE_DIR").map(PathBuf::from);
    if dir.is_none() {
        println!("skipped: MOTE_PAGE_DIR does not say where the built page is (cargo xtask page builds it)");
    }
    dir
}

/// The page, once its first model is ready; none where there is no page to test.
pub(crate) async fn opened() -> Option<(server::Server, browser::Browser)> {
    let server = server::Server::start(&page_dir()?).await;
    let browser = browser::Browser::open(&server.page()).await;
    browser.wait_for_text("#status", "ready").await;
    Some((server, browser))
}

/// The shared test data; none, and told, when it is absent.
pub(crate) fn testdata() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/testdata");
    let dir = std::env::var_os("MOTE_TESTDATA").map_or_else(beside, PathBuf::from);
    if dir.is_dir() {
        Some(dir)
    } else {
        println!("skipped: the shared test data is not at {}", dir.display());
        None
    }
}

/// How the page divides the samples of the zoo's digits.
pub(crate) fn digits_split() -> Split {
    let classes = mote_models::zoo::DIGITS.test_set().unwrap().y;
    Split::new(classes.len(), Some(&classes)).unwrap()
}

/// The keyword samples as a float model takes them: what the folder has are codes, 83 for 0.
pub(crate) fn keyword_features(data: &Path) -> Array {
    const SCALE: f32 = 0.584_702_9;
    let stored = std::fs::read(data.join("samples/kws01/kws01_x.npy")).unwrap();
    let stored = mote_models::data::npy::read(&stored).unwrap();
    let real = |i: usize| (stored.elements().real(i).unwrap() as f32 - 83.0) * SCALE;
    Array::new(stored.shape(), (0..stored.elements().len()).map(real).collect::<Vec<_>>()).unwrap()
}

/// A file of the zoo, in the repository.
pub(crate) fn zoo(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/zoo").join(path)
}

/// The bytes of a file that is on its way.
pub(crate) async fn arrived(file: &Path) -> Vec<u8> {
    let deadline = tokio::time::Instant::now() + browser::PATIENCE;
    loop {
        // An empty file only holds the name, until the whole one is moved there.
        if let Ok(bytes) = std::fs::read(file)
            && !bytes.is_empty()
        {
            return bytes;
        }
        assert!(tokio::time::Instant::now() < deadline, "{} never came", file.display());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Waits until something is so.
pub(crate) async fn until(mut so: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + browser::PATIENCE;
    while !so().await {
        assert!(tokio::time::Instant::now() < deadline, "it never was so");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// A folder that is removed with its value.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    /// A fresh one.
    pub(crate) fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("mote-page-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    /// Writes a file in it.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // A browser that is still ending may hold files; what stays is in the system's own temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
